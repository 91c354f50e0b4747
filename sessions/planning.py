"""Visits as rows, planned ahead from standing places: every occurrence can be changed alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from bonefit.clinics.models import Clinic, Membership
from programs.calendar import WeeklyPlace, consecutive_weekdays, occurrences
from programs.models import Enrollment
from programs.plans import rules_at

from .models import Slot, StandingPlace, Supervision, Visit


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
    starts_at: datetime
    ends_at: datetime

    @property
    def slot_key(self) -> tuple[str, datetime]:
        return self.place.room, self.starts_at

    def day(self, clinic: Clinic) -> date:
        """The occurrence of the place: its day in the clinic."""
        return self.starts_at.astimezone(clinic.tz).date()


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
    clinics = [clinic] if clinic else Clinic.objects.order_by("pk")
    return sum(_plan_clinic(one, now) for one in clinics)


@transaction.atomic
def _plan_clinic(clinic: Clinic, now: datetime) -> int:
    # One planner a clinic at a time, so that the count is true. Readers are not held up.
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    rules = rules_at(clinic, now)
    wanted = list(_wanted(clinic, now, weeks=rules.rules.weeks_ahead))
    missing = _without_existing(clinic, wanted)
    if not missing:
        return 0
    slots = _slots(clinic, missing)
    grace = timedelta(minutes=rules.rules.missed_grace_minutes)
    before = Visit.objects.filter(clinic=clinic).count()
    # A visit that overlaps another one of the same client is left out by the constraint.
    Visit.objects.bulk_create(
        (
            Visit(
                clinic=clinic,
                enrollment_id=item.place.enrollment_id,
                client_id=item.place.enrollment.client_id,
                slot=slots[item.slot_key],
                place=item.place,
                place_on=item.day(clinic),
                during=(item.starts_at, item.ends_at),
                missed_after=item.ends_at + grace,
                created_at=now,
            )
            for item in missing
        ),
        ignore_conflicts=True,
    )
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
            yield _Wanted(place, starts_at, ends_at)


def _without_existing(clinic: Clinic, wanted: Sequence[_Wanted]) -> list[_Wanted]:
    if not wanted:
        return []
    enrollments = {item.place.enrollment_id for item in wanted}
    hers = Visit.objects.filter(clinic=clinic, enrollment__in=enrollments).order_by()
    earliest = min(item.starts_at for item in wanted)
    at = set(
        hers.filter(slot__starts_at__gte=earliest).values_list("enrollment_id", "slot__starts_at")
    )
    # A visit that was moved is still its occurrence: it is not planned a second time.
    first = min(item.day(clinic) for item in wanted)
    planned = set(hers.filter(place_on__gte=first).values_list("place_id", "place_on"))
    return [
        item
        for item in wanted
        if (item.place.enrollment_id, item.starts_at) not in at
        and (item.place.pk, item.day(clinic)) not in planned
    ]


def _slots(clinic: Clinic, missing: Sequence[_Wanted]) -> dict[tuple[str, datetime], Slot]:
    """The slots of these visits, made where there are none yet, with their supervisors."""
    first_of = {item.slot_key: item for item in reversed(missing)}
    Slot.objects.bulk_create(
        (
            Slot(
                clinic=clinic,
                room=room,
                starts_at=starts_at,
                ends_at=item.ends_at,
            )
            for (room, starts_at), item in first_of.items()
        ),
        ignore_conflicts=True,
    )
    found = Slot.objects.filter(
        clinic=clinic,
        room__in={room for room, _ in first_of},
        starts_at__in={starts_at for _, starts_at in first_of},
    )
    slots = {(slot.room, slot.starts_at): slot for slot in found}
    Supervision.objects.bulk_create(
        (
            Supervision(
                clinic=clinic,
                slot=slots[item.slot_key],
                member_id=item.place.supervisor_id,
                during=(item.starts_at, item.ends_at),
            )
            for item in missing
        ),
        ignore_conflicts=True,
    )
    return slots


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
