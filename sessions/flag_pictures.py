"""Small pictures beside a flag: a lift's loads and efforts, a client's last weeks.

Each says the same in words: what cannot be seen can be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from bonefit.clinics.models import Clinic

from .models import Flag, Visit
from .reports.attendance_strips import MARKS
from .reports.strips import Mark, Strip, Weeks, strip

WEEKS = 8
MOST_DOTS = 12
#: Pixels: between two dots, before the first, and of one figure of a label.
STEP, LEFT, FIGURE = 30, 20, 9
TOP, BOTTOM, HEIGHT = 18, 34, 56
FEWEST = 2  # one load is no picture

#: Where the weeks before tell more than a sentence.
ABOUT_COMING = frozenset(
    {
        *(Flag.Kind.NO_SHOW, Flag.Kind.INTERRUPTED, Flag.Kind.LOW_ATTENDANCE),
        *(Flag.Kind.LAPSED, Flag.Kind.AWAY, Flag.Kind.ATTENDANCE_RUN),
    }
)


@dataclass(frozen=True, slots=True)
class Dot:
    """One visit of a lift: where it stands, its load in kg and its effort as they are printed.

    ``label`` is the load where it is another than before; a line that goes on says the rest.
    """

    x: int
    y: int
    load: str
    effort: str
    label: str


@dataclass(frozen=True, slots=True)
class Loads:
    """The loads of a lift's last visits as a stepped line, the efforts below it."""

    dots: tuple[Dot, ...]
    line: str
    width: int
    label: str
    height: int = HEIGHT
    foot: int = HEIGHT - 4


def loads_of(evidence: Mapping[str, Any]) -> Loads | None:
    """The picture of a flag's evidence ("sessions": load, rpe), as it was on the day; or None.

    None too where a load is no number: then the words say it alone.
    """
    sessions = evidence.get("sessions")
    if not isinstance(sessions, list):
        return None
    found = [one for one in sessions if isinstance(one, dict) and one.get("load") is not None]
    found = found[-MOST_DOTS:]
    try:
        loads = [Decimal(str(one["load"])) for one in found]
    except InvalidOperation:
        return None
    if len(loads) < FEWEST:
        return None
    low, span = min(loads), max(loads) - min(loads)
    efforts = ["" if one.get("rpe") is None else str(one["rpe"]) for one in found]
    words = [f"{load.normalize():f}" for load in loads]
    labels = [words[0], *("" if then == before else then for before, then in pairwise(words))]
    step = _step(labels)
    dots = tuple(
        Dot(
            LEFT + step * number,
            int(BOTTOM - (BOTTOM - TOP) * (loads[number] - low) / span)
            if span
            else (TOP + BOTTOM) // 2,
            words[number],
            efforts[number],
            labels[number],
        )
        for number in range(len(found))
    )
    said = ", ".join(words)
    felt = ", ".join(one or "none" for one in efforts)
    return Loads(
        dots,
        f"M{dots[0].x} {dots[0].y}" + "".join(f"H{one.x}V{one.y}" for one in dots[1:]),
        2 * LEFT + step * (len(dots) - 1),
        f"Loads in kg: {said}. RPE: {felt}.",
    )


def _step(labels: Sequence[str]) -> int:
    """Pixels from dot to dot, so that no load is printed over the one beside it."""
    beside = (max(len(one), len(then)) for one, then in pairwise(labels) if one and then)
    return max(STEP, FIGURE * max(beside, default=0) + 6)


def weeks_of(flags: Iterable[Flag], *, clinic: Clinic, today: date) -> dict[int, Strip]:
    """The last weeks of those enrollments whose flag is about coming; one query, none for none."""
    wanted = {flag.enrollment_id for flag in flags if flag.kind in ABOUT_COMING}
    wanted.discard(None)
    if not wanted:
        return {}
    weeks = Weeks.within(today - timedelta(weeks=WEEKS - 1), today)
    sessions = _sessions(wanted, weeks, clinic, today)
    return {enrollment: strip(weeks, found) for enrollment, found in sessions.items()}


def _sessions(
    enrollments: Collection[int | None], weeks: Weeks, clinic: Clinic, today: date
) -> dict[int, list[tuple[date, Mark]]]:
    rows = (
        Visit.objects.filter(
            clinic=clinic,
            enrollment__in=enrollments,
            slot__starts_at__date__gte=weeks.first - timedelta(days=1),
            slot__starts_at__date__lte=today + timedelta(days=1),
        )
        .order_by("during", "pk")
        .values_list("enrollment", "slot__starts_at", "status", "purpose")
    )
    found: dict[int, list[tuple[date, Mark]]] = {}
    for enrollment, starts_at, status, purpose in rows:
        mark = MARKS.get(status)
        if mark is None or (purpose != Visit.Purpose.REGULAR and mark is not Mark.ATTENDED):
            continue
        if purpose != Visit.Purpose.REGULAR:
            mark = Mark.BESIDE
        day = starts_at.astimezone(clinic.tz).date()
        found.setdefault(enrollment, []).append((day, mark))
    return found
