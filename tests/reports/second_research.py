"""The research export once more, in plain Python from the words of its dictionary.

Rows in, the tables out with the numbers of enrollments and visits where the export has pseudonyms.
Nothing of sessions.reports is used.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bonefit.clients.models import Consent
from programs.models import Enrollment
from sessions.models import SetEntry, Visit

CAME = {"attended", "attended_partial"}
OPEN = {"planned", "checked_in"}
MISSED = {"no_show", "late_cancel", "cancelled_client"}
CLOSED = {"clinic_cancelled", "holiday_closed"}
DAY = timedelta(days=1)
#: Fewer people than this could be recognised.
SMALL = 5


@dataclass
class Person:
    """One enrollment of somebody who agreed, with the rows of each table."""

    enrollment: int
    client: int
    sex: str
    age: str
    status: str
    days: int
    sessions: list[dict[str, Any]] = field(default_factory=list)
    sets: list[dict[str, Any]] = field(default_factory=list)
    months: dict[int, dict[str, Any]] = field(default_factory=dict)


def people(clinic: Any, first: date, last: date, as_at: datetime) -> tuple[list[Person], int]:
    """Who is in the export, and how many people are left out because they did not agree."""
    zone = ZoneInfo(clinic.timezone)
    today = as_at.astimezone(zone).date()
    found, refused = [], set()
    for one in Enrollment.objects.filter(clinic=clinic).select_related("client"):
        rows = list(_visits(one, zone, first, last, as_at))
        enrolled = one.starts_on <= min(last, today) and (
            one.ended_on is None or one.ended_on >= max(first, one.starts_on)
        )
        if not enrolled and not any(status not in OPEN for _, _, status in rows):
            continue
        if not _agreed(one.client_id, as_at):
            refused.add(one.client_id)
            continue
        until = min(today, one.ended_on or today)
        person = Person(
            one.pk, one.client_id, one.client.sex, _band(one.client.born_on, one.starts_on),
            one.status, max(0, (until - one.starts_on).days + 1),
        )  # fmt: skip
        _fill(person, one.starts_on, rows, as_at)
        day = max(first, one.starts_on)
        while day <= min(until, last):
            person.months.setdefault(whole_months(one.starts_on, day), Counter())
            day += DAY
        found.append(person)
    _call_other(found)
    return found, len(refused)


def _visits(one: Any, zone: ZoneInfo, first: date, last: date, as_at: datetime) -> Iterable[Any]:
    for visit in Visit.objects.filter(enrollment=one).order_by("id"):
        day = visit.during.lower.astimezone(zone).date()
        if first <= day <= last and visit.during.lower < as_at and visit.status != "released":
            yield visit, day, visit.status


def _agreed(client: int, as_at: datetime) -> bool:
    """The newest thing she signed about research by then, unless she took it back by then."""
    signed = [
        one
        for one in Consent.objects.filter(client=client).select_related("text").order_by("id")
        if one.text.kind == "research" and one.recorded_at <= as_at
    ]
    if not signed or "study" not in signed[-1].agreed:
        return False
    back = signed[-1].withdrawn_at
    return back is None or back > as_at


def _band(born: date, day: date) -> str:
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return f"{age - age % 5} to {age - age % 5 + 4}"


def whole_months(start: date, day: date) -> int:
    """How often the day of the month of the start has come back; before the start it is below 0."""
    return 12 * (day.year - start.year) + day.month - start.month - (day.day < start.day)


def _fill(person: Person, start: date, rows: list[Any], as_at: datetime) -> None:
    for visit, day, status in rows:
        if status in OPEN:
            if visit.missed_after > as_at:
                continue
            status = "unrecorded"
        number = (day - start).days
        together = Visit.objects.filter(slot=visit.slot_id, status__in=CAME).count()
        person.sessions.append(
            {
                "session": visit.pk,
                "day": number,
                "week": number // 7 + 1 if number >= 0 else None,
                "purpose": visit.purpose,
                "state": status,
                "makes_up": visit.makes_up_id,
                "group": together,
            }
        )
        month = person.months.setdefault(whole_months(start, day), Counter())
        _count(month, visit.purpose, status)
        for one in SetEntry.objects.filter(visit=visit).select_related("exercise"):
            if not one.voided:
                _set(person, month, visit.pk, number, one)


def _count(month: Counter[str], purpose: str, status: str) -> None:
    if purpose == "regular":
        month["attended"] += status in CAME
        month["unrecorded"] += status == "unrecorded"
        month["missed"] += status in MISSED
        month["excused"] += status == "excused"
        month["clinic"] += status in CLOSED
    month["make_ups"] += purpose == "make_up" and status in CAME
    month["extras"] += purpose == "extra" and status in CAME


def _set(person: Person, month: Any, visit: int, day: int, one: SetEntry) -> None:
    as_it_is = (
        "kind", "number", "prescribed_load", "load", "prescribed_reps", "reps", "rpe", "pain",
        "prescribed_landings", "landings", "landing_level", "prescribed_level",
        "prescribed_seconds", "seconds",
    )  # fmt: skip
    person.sets.append(
        {
            "session": visit,
            "day": day,
            "lift": one.lift,
            "exercise": one.exercise.slug,
            **{name: getattr(one, name) for name in as_it_is},
            "clean": {True: "yes", False: "no", None: None}[one.clean],
            "drop": one.drop_cm,
        }
    )
    if one.kind == "working":
        month["sets"] += 1
        month["volume"] += (one.reps or 0) * (one.load or Decimal(0))
    if one.kind == "impact":
        month["landings"] += one.landings or 0


def _call_other(found: list[Person]) -> None:
    """A movement or an exercise that fewer than five people did has no name."""
    for name in ("lift", "exercise"):
        did = defaultdict(set)
        for person in found:
            for one in person.sets:
                did[one[name]].add(person.client)
        for person in found:
            for one in person.sets:
                if len(did[one[name]]) < SMALL:
                    one[name] = "other"


def printed(value: Any) -> str:
    """As it stands in a CSV; a blank is nothing."""
    return "" if value is None else str(value)


def one_place(value: Any) -> str:
    """Half up."""
    return str(Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP))
