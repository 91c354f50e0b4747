"""What was measured of a client, for a letter: first, latest, and what may be said of the change.

The labels are those of ``bonefit.clients.outcomes``. A value is compared with her own earlier one,
never with what a trial's mean would be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from bonefit.clients.measured import Lscs, Numbers, change_between, lsc_of, numbers_of
from bonefit.clients.measures import MEASURES, PARTS, Measure
from bonefit.clients.models import Measurement
from bonefit.clients.outcomes import MICRO, WORDS, Change
from programs.models import Enrollment

#: A first value may be this much older than the start (protocol sheet 3.3: 12 months).
OLDEST = timedelta(days=366)
#: So many measures are told of.
MOST = 8
_ORDER = {slug: place for place, slug in enumerate(MEASURES)}


def outcomes_of(enrollment: Enrollment, *, last: date) -> list[dict[str, Any]]:
    """Each measure with a value until ``last``, in the order of a battery; four queries at most.

    The first value is the oldest that is not more than a year older than the start.
    """
    rows = [
        row
        for row in Measurement.objects.standing()
        .filter(client=enrollment.client_id, amount__isnull=False, taken_on__lte=last)
        .order_by("taken_on", "id")
        if row.measure in MEASURES
    ]
    if not rows:
        return []
    lsc, numbers = lsc_of(enrollment.clinic), numbers_of(enrollment.clinic)
    rows.sort(key=_place)
    found = [
        _outcome(list(alike), enrollment.starts_on, lsc, numbers)
        for _, alike in groupby(rows, key=lambda row: (row.measure, row.side))
    ]
    return found[:MOST]


def _place(row: Measurement) -> tuple[int, str, date, int]:
    return (_ORDER[row.measure], row.side, row.taken_on, row.pk)


def _outcome(
    rows: list[Measurement],
    starts_on: date,
    lsc: Lscs,
    numbers: Numbers,
) -> dict[str, Any]:
    measure = MEASURES[rows[0].measure]
    young = [row for row in rows if row.taken_on >= starts_on - OLDEST]
    before = young[0] if young else rows[-1]
    after = rows[-1] if rows[-1].taken_on > before.taken_on else None
    own = numbers[measure.slug]
    change = change_between(measure, before, after, lsc, own) if after else None
    points = rows[rows.index(before) :]
    return {
        "name": f"{measure.label}, {before.side}" if before.side else measure.label,
        "unit": measure.unit,
        "before": measure.shown(before.amount or 0),
        "before_on": before.taken_on.isoformat(),
        "after": measure.shown(after.amount or 0) if after else "",
        "after_on": after.taken_on.isoformat() if after else "",
        "change": _change_words(measure, change),
        "label": _label(change),
        "band": _band(measure, before, lsc, own),
        "points": [[row.taken_on.isoformat(), measure.shown(row.amount or 0)] for row in points],
    }


def _band(
    measure: Measure,
    before: Measurement,
    lsc: Lscs,
    numbers: Mapping[str, Decimal],
) -> list[str]:
    """From and to: within it a value does not differ from the first one beyond measurement error.

    Empty where that error is not known.
    """
    value = Decimal(before.amount or 0) / PARTS
    if measure.kind == "scan":
        device = before.device_id
        micro = None if device is None else lsc.get((device, measure.site))
        error = None if micro is None else Decimal(micro) / (PARTS * MICRO)
    else:
        error = numbers.get("mdc")
    return [] if error is None else [f"{value - error:f}", f"{value + error:f}"]


def _change_words(measure: Measure, change: Change | None) -> str:
    """``+0.0240 g/cm² (+3.4 %)``."""
    if change is None:
        return ""
    sign = "−" if change.parts < 0 else "+" if change.parts else "±"
    words = f"{sign}{measure.shown(abs(change.parts))} {measure.unit}".strip()
    if change.percent is None:
        return words
    return f"{words} ({sign}{abs(change.percent):.1f} %)"


def _label(change: Change | None) -> str:
    """The label with what it was held against: "no significant change (LSC 0.0277 g/cm²)"."""
    if change is None:
        return ""
    words = WORDS[change.label]
    return f"{words} ({change.because})" if change.because else words
