"""Writes about outcomes: a battery of tests, scans, a correction.

A value is kept as it was typed and, beside that, in whole ten-thousandths of its unit.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.models import Membership

from .measures import MEASURES, PARTS, Measure
from .models import Battery, Client, Measurement


class OutOfRange(Exception):
    """A value that cannot be, in words; nothing was written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One measure as it was taken: trials as typed with their values in parts, or why not.

    ``scan``: side, region, device, T-score of a scan.
    """

    measure: Measure
    typed: Sequence[str] = ()
    trials: Sequence[int] = ()
    unit: str = ""
    not_done: str = ""
    taken_on: date | None = None
    scan: dict[str, Any] = field(default_factory=dict)


def value_of(measure: Measure, typed: str, unit: str = "") -> int:
    """What was typed, in parts of the measure's unit; a comma or a dot. ValueError in words."""
    text = typed.strip().replace(",", ".").replace("−", "-")
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise ValueError("Write a number.") from None
    if not number.is_finite():
        raise ValueError("Write a number.")
    try:
        return measure.parts(number, unit)
    except ArithmeticError:  # more digits than a number here ever has
        raise ValueError("Write a number.") from None


def read_t_score(typed: str) -> Decimal | None:
    """A T-score as the report has it; None for a blank. ValueError in words."""
    text = typed.strip().replace(",", ".").replace("−", "-")
    if not text:
        return None
    try:
        score = Decimal(text)
    except ArithmeticError:
        raise ValueError("Write a number such as −2.4, as the report has it.") from None
    if not score.is_finite() or not -8 <= score <= 5 or score != round(score, 1):
        raise ValueError("A T-score lies between −8.0 and 5.0, with one decimal.")
    return score


def outside(measure: Measure, parts: int, numbers: dict[str, Decimal], which: str) -> str:
    """What is wrong with a value outside a range (``hard`` or ``plausible``), "" where nothing."""
    low, high = numbers[f"{which}_low"], numbers[f"{which}_high"]
    if low * PARTS <= parts <= high * PARTS:
        return ""
    said = f"{measure.shown(parts)} {measure.unit}"
    usual = f"{low.normalize():f} to {high.normalize():f} {measure.unit}"
    if which == "hard":
        return f"{said} cannot be. It is between {usual}."
    return f"{said} is unusual: {usual} is usual. Check it, then confirm below."


@transaction.atomic
def record_battery(
    *,
    client: Client,
    uid: uuid.UUID,
    taken_on: date,
    taken: Iterable[Taken],
    assessor: Membership,
    treating: bool | None,
    note: str,
    by: Membership,
    now: datetime,
) -> tuple[Battery, bool]:
    """Tests and scans of one day; the same ``uid`` again writes nothing (False then)."""
    battery, made = Battery.objects.get_or_create(
        clinic_id=client.clinic_id,
        uid=uid,
        defaults={
            "client": client,
            "taken_on": taken_on,
            "assessor": assessor,
            "treating": treating,
            "note": note,
            "recorded_by": by,
            "recorded_at": now,
        },
    )
    if made:
        rows = [_row(client, battery, one, assessor, by, now) for one in taken]
        Measurement.objects.bulk_create(rows)
    return battery, made


def _row(
    client: Client,
    battery: Battery,
    taken: Taken,
    assessor: Membership,
    by: Membership,
    now: datetime,
) -> Measurement:
    measure = taken.measure
    done = bool(taken.trials)
    return Measurement(
        clinic_id=client.clinic_id,
        client=client,
        battery=battery,
        measure=measure.slug,
        taken_on=taken.taken_on or battery.taken_on,
        amount=measure.derive(taken.trials) if done else None,
        not_done="" if done else taken.not_done,
        entered="; ".join(taken.typed)[:40] if done else "",
        entered_unit=(taken.unit or measure.unit) if done else "",
        trials=list(taken.typed) if done else [],
        site=measure.site,
        assessor=assessor,
        recorded_by=by,
        recorded_at=now,
        **taken.scan,
    )


@because_of("why")
@transaction.atomic
def correct(
    *,
    measurement: Measurement,
    typed: str,
    amount: int | None,
    taken_on: date,
    why: str,
    by: Membership,
    now: datetime,
    unit: str = "",
    not_done: str = "",
    scan: Mapping[str, Any] | None = None,
) -> Measurement:
    """A further row that replaces a measurement, with the reason; the first stays readable.

    ``typed`` in ``unit``, the measure's own where that is blank; ``amount`` is the same in parts.
    ``scan``: side, region, device and T-score as corrected; as they were where it says nothing.
    OutOfRange where somebody else has corrected it meanwhile.
    """
    before = Measurement.objects.select_for_update(of=("self",)).get(pk=measurement.pk)
    if Measurement.objects.filter(replaces=before).exists():
        raise OutOfRange("Somebody else has corrected this value meanwhile. Look at it again.")
    compared = {name: getattr(before, name) for name in ("side", "region", "device", "t_score")}
    return Measurement.objects.create(
        clinic_id=before.clinic_id,
        client_id=before.client_id,
        battery_id=before.battery_id,
        measure=before.measure,
        taken_on=taken_on,
        amount=amount,
        not_done="" if amount is not None else not_done,
        entered=typed if amount is not None else "",
        entered_unit=(unit or MEASURES[before.measure].unit) if amount is not None else "",
        trials=[typed] if amount is not None else [],
        site=before.site,
        detail=before.detail,
        assessor_id=before.assessor_id,
        recorded_by=by,
        recorded_at=now,
        replaces=before,
        replaced_why=why,
        **{**compared, **(scan or {})},
    )
