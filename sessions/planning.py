"""Visits as rows, planned ahead from standing places: every occurrence can be changed alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from bonefit.clinics.models import Clinic, Membership
from bonefit.clinics.rows import clinics_in_sight
from programs.calendar import WeeklyPlace, consecutive_weekdays, occurrences
from programs.models import Enrollment
from programs.plans import rules_at

from . import changing, rooms
from .models import Pause, SeatChange, Slot, StandingPlace, Visit, WeeklySlot
from .slot_making import closed_by, closures_from, days_of, make_slots, plan_supervisors, running
from .whole_classes import Word, mark_called_off, paused_on, pauses_of


class NotTwoInARow(ValueError):
    """Two standing places on consecutive days; the text says which and why that is not done."""


@dataclass(frozen=True, slots=True)
class Place:
    """A weekly place as chosen: weekday 0 (Monday) to 6, wall time, length, where, with whom."""

    weekday: int
    at: time
    minutes: int
    room: str
    supervisor: Membership


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One visit that a standing place asks for."""

    place: StandingPlace
    day: date
    starts_at: datetime
    ends_at: datetime

    @property
    def slot_key(self) -> tuple[str, datetime]:
        return self.place.room, self.starts_at

    @property
    def key(self) -> tuple[str, time, date]:
        """What the occurrences that share a slot have in common."""
        return self.place.room, self.place.at, self.day


@transaction.atomic
def take_places(*, enrollment: Enrollment, places: Sequence[Place]) -> list[StandingPlace]:
    """Give an enrollment its weekly places from its first day on.

    Raises NotTwoInARow for consecutive days: the usual reading of twice a week (protocol.md 1.2).
    """
    clash = consecutive_weekdays([place.weekday for place in places])
    if clash:
        first, second = (StandingPlace.Weekday(day).label for day in clash)
        raise NotTwoInARow(
            f"{first} and {second} follow each other. Leave a day of rest between two sessions."
        )
    return StandingPlace.objects.bulk_create(
        StandingPlace(
            clinic_id=enrollment.clinic_id,
            enrollment=enrollment,
            weekday=place.weekday,
            at=place.at,
            minutes=place.minutes,
            room=place.room,
            supervisor=place.supervisor,
            starts_on=enrollment.starts_on,
        )
        for place in places
    )


def plan_visits(*, now: datetime, clinic: Clinic | None = None) -> int:
    """Plan the visits of all standing places for the weeks ahead; return how many were new.

    Twice, late or in parallel is harmless: what is there is left as it is, whatever became of it.
    """
    clinics = [clinic] if clinic else clinics_in_sight().order_by("pk")
    return sum(_plan_clinic(one, now) for one in clinics)


@transaction.atomic
def _plan_clinic(clinic: Clinic, now: datetime) -> int:
    # One planner a clinic at a time, so that the count is true. Readers are not held up.
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    make_slots(clinic=clinic, now=now)
    rules = rules_at(clinic, now)
    wanted = list(_wanted(clinic, now, weeks=rules.rules.weeks_ahead))
    missing = _without_existing(clinic, wanted)
    if not missing:
        return 0
    slots = _slots(clinic, missing, now)
    grace = timedelta(minutes=rules.rules.missed_grace_minutes)
    before = Visit.objects.filter(clinic=clinic).count()
    visits = [_visit(clinic, item, slots[item.key], grace, now) for item in missing]
    away = pauses_of(clinic, {visit.enrollment_id for visit in visits})
    changes = [
        change
        for visit in visits
        if (change := _not_held(visit, away.get(visit.enrollment_id, ()), now)) is not None
    ]
    # A visit that overlaps another one of the same client is left out by the constraint.
    Visit.objects.bulk_create(visits, ignore_conflicts=True, batch_size=500)
    _keep_history(clinic, changes)
    return Visit.objects.filter(clinic=clinic).count() - before


def _wanted(clinic: Clinic, now: datetime, *, weeks: int) -> Iterable[_Wanted]:
    today = now.astimezone(clinic.tz).date()
    window = timedelta(weeks=weeks)
    live = StandingPlace.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today),
        clinic=clinic,
        enrollment__status=Enrollment.Status.ACTIVE,
    ).select_related("enrollment")
    for place in live:
        first = max(place.starts_on, today - window)
        last = min(place.ends_on or date.max, today + window)
        weekly = [WeeklyPlace(place.weekday, place.at, place.minutes)]
        for starts_at, ends_at in occurrences(weekly, tz=clinic.tz, first=first, last=last):
            day = starts_at.astimezone(clinic.tz).date()
            yield _Wanted(place, day, starts_at, ends_at)


def _without_existing(clinic: Clinic, wanted: Sequence[_Wanted]) -> list[_Wanted]:
    if not wanted:
        return []
    enrollments = {item.place.enrollment_id for item in wanted}
    hers = Visit.objects.filter(clinic=clinic, enrollment__in=enrollments).order_by()
    earliest = min(item.starts_at for item in wanted)
    # What was planned before visits knew their place stands for the occurrence at its time.
    at = set(
        hers.filter(
            place=None, purpose=Visit.Purpose.REGULAR, slot__starts_at__gte=earliest
        ).values_list("enrollment_id", "slot__starts_at")
    )
    # A visit that was moved is still its occurrence: it is not planned a second time.
    first = min(item.day for item in wanted)
    planned = set(hers.filter(place_on__gte=first).values_list("place_id", "place_on"))
    return [
        item
        for item in wanted
        if (item.place.enrollment_id, item.starts_at) not in at
        and (item.place.pk, item.day) not in planned
    ]


# --- the slots of these visits --------------------------------------------------------------------


def _slots(
    clinic: Clinic, missing: Sequence[_Wanted], now: datetime
) -> dict[tuple[str, time, date], Slot]:
    """The slot of each occurrence: the timetable's, wherever it went, or the one at its start.

    Where there is none it is made, with the supervisors of those who stand there.
    """
    found = _of_the_timetable(clinic, missing)
    rest = [item for item in missing if item.key not in found]
    there = _at_their_start(clinic, rest)
    new = {item.slot_key: item for item in reversed(rest) if item.slot_key not in there}
    rooms.ensure(clinic, {room for room, _ in new})
    closures = closures_from(clinic, min(item.day for item in missing))
    made = []
    for (room, starts_at), item in new.items():
        slot = Slot(clinic=clinic, room=room, starts_at=starts_at, ends_at=item.ends_at)
        closure = closed_by(closures, room, item.day)
        if closure is not None and starts_at > now:
            mark_called_off(slot, Word(closure.added_by, now, closure.name), closure=closure)
        made.append(slot)
    Slot.objects.bulk_create(made, batch_size=500)
    there |= {(slot.room, slot.starts_at): slot for slot in made}
    found |= {item.key: there[item.slot_key] for item in rest}
    # The timetable says who supervises its slots; elsewhere it is those whom clients stand with.
    plan_supervisors(
        clinic,
        [
            (there[item.slot_key], item.place.supervisor_id)
            for item in rest
            if there[item.slot_key].weekly_id is None
        ],
    )
    return found


def _of_the_timetable(
    clinic: Clinic, missing: Sequence[_Wanted]
) -> dict[tuple[str, time, date], Slot]:
    days = [item.day for item in missing]
    rows: dict[tuple[int, time, str], list[WeeklySlot]] = {}
    for row in running(clinic, min(days), max(days)):
        rows.setdefault((row.weekday, row.at, row.room), []).append(row)
    slots = {
        (slot.weekly_id, slot.weekly_on): slot
        for slot in Slot.objects.filter(
            clinic=clinic, weekly__isnull=False, weekly_on__gte=min(days), weekly_on__lte=max(days)
        ).select_related("called_off_by", "closure")
    }
    found = {}
    for item in missing:
        place = item.place
        for row in rows.get((place.weekday, place.at, place.room), ()):
            begins, ends = days_of(row)
            slot = slots.get((row.pk, item.day))
            if begins <= item.day <= ends and slot is not None:
                found[item.key] = slot
    return found


def _at_their_start(clinic: Clinic, items: Sequence[_Wanted]) -> dict[tuple[str, datetime], Slot]:
    found = Slot.objects.filter(
        clinic=clinic,
        room__in={item.place.room for item in items},
        starts_at__in={item.starts_at for item in items},
    ).select_related("called_off_by", "closure")
    return {(slot.room, slot.starts_at): slot for slot in found}


# --- the visits -----------------------------------------------------------------------------------


def _visit(clinic: Clinic, item: _Wanted, slot: Slot, grace: timedelta, now: datetime) -> Visit:
    """The occurrence as a visit. She knows of it by her standing place, so nothing is told."""
    return Visit(
        clinic=clinic,
        enrollment_id=item.place.enrollment_id,
        client_id=item.place.enrollment.client_id,
        slot=slot,
        place=item.place,
        place_on=item.day,
        during=DateTimeTZRange(slot.starts_at, slot.ends_at),
        missed_after=slot.ends_at + grace,
        created_at=now,
    )


def _not_held(visit: Visit, pauses: Iterable[Pause], now: datetime) -> SeatChange | None:
    """Where she is away or the class is called off, say so on the visit.

    That she is away she has said herself. Of a class that is called off she has heard nothing
    yet: her visit was not planned when it was, so it is told as a change of what she expects.
    """
    slot, day = visit.slot, visit.place_on
    pause = paused_on(pauses, day)
    if slot.called_off_at is not None and slot.called_off_by is not None:
        seen = changing.state_of(visit)
        closed = Visit.Status.HOLIDAY_CLOSED
        visit.status = closed if slot.closure_id else Visit.Status.CLINIC_CANCELLED
        visit.said_at, visit.said_by = now, slot.called_off_by
        visit.said_why = slot.called_off_why
        if slot.starts_at > now and pause is None:
            return changing.touched(
                visit,
                seen,
                kind=SeatChange.Kind.CANCELLED,
                by=slot.called_off_by,
                now=now,
                why=slot.called_off_why,
            )
    elif pause is not None:
        visit.status = Visit.Status.EXCUSED
        visit.said_at, visit.said_by, visit.said_why = now, pause.added_by, pause.why
    return None


def _keep_history(clinic: Clinic, changes: Sequence[SeatChange]) -> None:
    """Keep what was written of visits that are new: their keys are known only now."""
    if not changes:
        return
    uids = [change.visit.uid for change in changes]
    made = dict(Visit.objects.filter(clinic=clinic, uid__in=uids).values_list("uid", "pk"))
    kept = [change for change in changes if change.visit.uid in made]
    for change in kept:
        change.visit_id = made[change.visit.uid]
    SeatChange.objects.bulk_create(kept)


def slots_for(place: StandingPlace, days: Iterable[date], *, now: datetime) -> dict[date, Slot]:
    """The slots in which a standing place is held on these days of its, made where there are none.

    The caller holds the clinic, and the place comes with its enrollment and clinic.
    """
    clinic = place.enrollment.clinic
    weekly = [WeeklyPlace(place.weekday, place.at, place.minutes)]
    items = [
        _Wanted(place, day, *moment)
        for day in days
        for moment in occurrences(weekly, tz=clinic.tz, first=day, last=day)
    ]
    if not items:
        return {}
    slots = _slots(clinic, items, now)
    return {item.day: slots[item.key] for item in items}


def places_taken(clinic: Clinic, *, weekday: int, at: time, room: str, on: date) -> tuple[int, int]:
    """How many clients hold a weekly place, and how many supervisors stand there."""
    holders = StandingPlace.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=on),
        clinic=clinic,
        weekday=weekday,
        at=at,
        room=room,
        enrollment__status=Enrollment.Status.ACTIVE,
    )
    supervisors = holders.order_by().values("supervisor").distinct().count()
    return holders.count(), supervisors
