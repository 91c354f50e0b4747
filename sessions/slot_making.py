"""The slots of the weeks ahead, made from the timetable: each occurrence a row, made once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from bonefit.clinics.models import Clinic
from programs.calendar import WeeklyPlace, occurrences
from programs.plans import rules_at

from .clashes import Span, busy
from .models import Closure, Slot, Supervision, WeeklySlot, WeeklySupervisor
from .whole_classes import Word, mark_called_off


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One class that a row of the timetable asks for."""

    weekly: WeeklySlot
    day: date
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> tuple[int, date]:
        return self.weekly.pk, self.day

    @property
    def place(self) -> tuple[str, datetime]:
        return self.weekly.room, self.starts_at


@transaction.atomic
def make_slots(*, clinic: Clinic, now: datetime) -> int:
    """Make the slots of the weeks ahead that are not there yet; return how many were new.

    Twice, late or in parallel is harmless: an occurrence that was moved, called off or changed is
    left as it is. A class that stands in the same room from the same moment on becomes the
    timetable's. On days that are closed the slot is made as called off.
    """
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    weeks = rules_at(clinic, now).rules.weeks_ahead
    wanted = _wanted(clinic, now, weeks=weeks)
    made = {
        (weekly, day)
        for weekly, day in Slot.objects.filter(
            clinic=clinic, weekly__in={one.weekly.pk for one in wanted}
        ).values_list("weekly_id", "weekly_on")
    }
    missing = [one for one in wanted if one.key not in made]
    if not missing:
        return 0
    closures = closures_from(clinic, min(one.day for one in missing))
    there = _there(clinic, missing)
    adopted = [(there[one.place], one) for one in missing if one.place in there]
    _adopt([(slot, one) for slot, one in adopted if slot.weekly_id is None])
    fresh = _distinct(one for one in missing if one.place not in there)
    slots = [_slot(clinic, one, closures, now) for one in fresh]
    Slot.objects.bulk_create(slots, batch_size=500)
    of = {(slot.weekly_id, slot.weekly_on): slot for slot in slots}
    of |= {one.key: slot for slot, one in adopted if slot.weekly_id == one.weekly.pk}
    _supervise(clinic, of, missing)
    return len(slots)


def closures_from(clinic: Clinic, day: date) -> list[Closure]:
    """The closures that stand and end on ``day`` or later."""
    standing = Closure.objects.standing().filter(clinic=clinic, ends_on__gte=day)
    return list(standing.select_related("added_by"))


def closed_by(closures: Iterable[Closure], room: str, day: date) -> Closure | None:
    """The closure that a room is closed by on a day, the first that was added."""
    for closure in closures:
        if closure.room in ("", room) and closure.starts_on <= day <= closure.ends_on:
            return closure
    return None


def running(clinic: Clinic, first: date, last: date) -> list[WeeklySlot]:
    """The rows of the timetable that have an occurrence from ``first`` to ``last``, with season."""
    return list(
        WeeklySlot.objects.filter(
            Q(ends_on=None) | Q(ends_on__gte=first),
            Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            clinic=clinic,
            starts_on__lte=last,
            season__starts_on__lte=last,
            season__ends_on__gte=first,
        )
        .select_related("season")
        .order_by("pk")
    )


def days_of(weekly: WeeklySlot) -> tuple[date, date]:
    """The first and the last day of a row of the timetable, kept inside its season."""
    season = weekly.season
    last = season.ends_on if weekly.ends_on is None else min(weekly.ends_on, season.ends_on)
    return max(weekly.starts_on, season.starts_on), last


def _wanted(clinic: Clinic, now: datetime, *, weeks: int) -> list[_Occurrence]:
    today = now.astimezone(clinic.tz).date()
    until = today + timedelta(weeks=weeks)
    found = []
    for weekly in running(clinic, today, until):
        begins, ends = days_of(weekly)
        place = WeeklyPlace(weekly.weekday, weekly.at, weekly.minutes)
        span = occurrences([place], tz=clinic.tz, first=max(begins, today), last=min(ends, until))
        for starts_at, ends_at in span:
            if ends_at > now:
                day = starts_at.astimezone(clinic.tz).date()
                found.append(_Occurrence(weekly, day, starts_at, ends_at))
    return found


def _there(clinic: Clinic, missing: Sequence[_Occurrence]) -> dict[tuple[str, datetime], Slot]:
    rows = Slot.objects.filter(
        clinic=clinic,
        room__in={one.weekly.room for one in missing},
        starts_at__in={one.starts_at for one in missing},
    )
    return {(slot.room, slot.starts_at): slot for slot in rows}


def _distinct(missing: Iterable[_Occurrence]) -> list[_Occurrence]:
    """One class a room and moment: where the timetable names two, the first row has it."""
    first: dict[tuple[str, datetime], _Occurrence] = {}
    for one in missing:
        first.setdefault(one.place, one)
    return list(first.values())


def _adopt(adopted: Sequence[tuple[Slot, _Occurrence]]) -> None:
    for slot, one in adopted:
        slot.weekly, slot.weekly_on, slot.capacity = one.weekly, one.day, one.weekly.most
    Slot.objects.bulk_update([slot for slot, _ in adopted], ["weekly", "weekly_on", "capacity"])


def _slot(clinic: Clinic, one: _Occurrence, closures: Sequence[Closure], now: datetime) -> Slot:
    slot = Slot(
        clinic=clinic,
        room=one.weekly.room,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        capacity=one.weekly.most,
        weekly=one.weekly,
        weekly_on=one.day,
    )
    closure = closed_by(closures, slot.room, one.day)
    if closure is not None:
        mark_called_off(slot, Word(closure.added_by, now, closure.name), closure=closure)
    return slot


def _supervise(
    clinic: Clinic, slots: dict[tuple[int | None, date | None], Slot], wanted: Sequence[_Occurrence]
) -> None:
    """Plan the timetable's supervisors; one who is planned elsewhere then is left out."""
    members: dict[int, list[int]] = defaultdict(list)
    for row in WeeklySupervisor.objects.filter(
        weekly__in={one.weekly.pk for one in wanted}
    ).order_by("pk"):
        members[row.weekly_id].append(row.member_id)
    plan_supervisors(
        clinic,
        [
            (slots[one.key], member)
            for one in wanted
            if one.key in slots
            for member in members[one.weekly.pk]
        ],
    )


def plan_supervisors(clinic: Clinic, wanted: Sequence[tuple[Slot, int]]) -> None:
    """Plan members for slots, each with her own time. Who has no time then is left out.

    The callers hold the clinic. For a slot that is called off she is named without her time.
    """
    held = [(slot, member) for slot, member in wanted if slot.called_off_at is None]
    spans = [Span(slot.room, slot.starts_at, slot.ends_at) for slot, _ in held]
    taken = busy(clinic, {member for _, member in held}, spans)
    rows = []
    for slot, member in wanted:
        during = (slot.starts_at, slot.ends_at)
        hers = taken.setdefault(member, [])
        if slot.called_off_at is not None:
            rows.append(Supervision(clinic=clinic, slot=slot, member_id=member))
        elif all(slot.ends_at <= start or end <= slot.starts_at for start, end in hers):
            hers.append(during)
            rows.append(Supervision(clinic=clinic, slot=slot, member_id=member, during=during))
    Supervision.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
