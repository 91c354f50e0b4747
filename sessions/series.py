"""Places that come back every week: moved from one session on, ended, paused.

The seats that are planned already go with their place: the same visits, so that calendars move
them. Whoever changes a place holds the clinic, like the planner, and then the client.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from bonefit.acting import because_of
from bonefit.clinics.models import Membership
from programs.calendar import consecutive_weekdays, wall_time
from programs.plans import rules_at

from . import booking, changing, seats
from .booking import NoSeat
from .may_come import Speaker, day_in_words, may_come, staff_only, when
from .models import Slot, StandingPlace, Supervision, Visit
from .pausing import pause, resume
from .planning import places_taken, slots_for

__all__ = ["end_place", "move_following", "pause", "resume"]

#: So many days are named where a series clashes; the others are counted.
NAMED = 3


@because_of("why")
def move_following(
    *,
    visit: Visit,
    weekday: int,
    at: time,
    room: str,
    supervisor: Membership,
    minutes: int,
    by: Membership,
    why: str,
    now: datetime,
) -> StandingPlace:
    """Move this session and all that follow it to another weekly place; the new place.

    The place ends the day before, a new one begins, and the seat of each week moves within its
    week. What was cancelled, missed or excused stays as it is, and counts as that week's. A seat
    behind the last day of the place is released. NoSeat names what it clashes with, and then
    nothing has moved.
    """
    who = staff_only(by, visit.client)
    with booking.words_for_clashes(), transaction.atomic():
        enrollment = booking.hold_clinic(visit.enrollment)
        held = booking.hold_visit(visit)
        old = _place_of(held, now)
        wanted = StandingPlace(
            clinic_id=old.clinic_id,
            enrollment=enrollment,
            weekday=weekday,
            at=at,
            minutes=minutes,
            room=room.strip(),
            supervisor=supervisor,
            ends_on=_last_day(old, weekday),
        )
        assert held.place_on is not None
        wanted.starts_on = _in_its_week(held.place_on, weekday)
        _possible(old, wanted, now)
        rows = list(_rows_from(old, held.place_on))
        old.ends_on = held.place_on - timedelta(days=1)
        old.save(update_fields=["ends_on"])
        wanted.save()
        _move(rows, wanted, who=who, by=by, why=why.strip(), now=now)
    return wanted


@because_of("why")
@transaction.atomic
def end_place(
    *, place: StandingPlace, on: date, why: str, by: Membership, now: datetime
) -> StandingPlace:
    """End a weekly place; ``on`` is its last day. Seats planned behind it are released."""
    staff_only(by, place.enrollment.client)
    booking.hold_clinic(place.enrollment)
    held = StandingPlace.objects.select_for_update().get(pk=place.pk)
    if held.ends_on is not None and held.ends_on <= on:
        raise NoSeat(f"This place ends on {day_in_words(held.ends_on)} already.")
    held.ends_on = on
    held.save(update_fields=["ends_on"])
    for visit in _rows_from(held, on + timedelta(days=1)):
        if _goes(visit, now):
            booking.free(visit, Visit.Status.RELEASED, why=why, by=by, now=now)
    return held


# --- what is asked first -------------------------------------------------------------------------


def _place_of(visit: Visit, now: datetime) -> StandingPlace:
    if visit.place_id is None:
        raise NoSeat("This session belongs to no weekly place. Move it alone.")
    if visit.status in Visit.FREED:
        raise NoSeat("This seat is cancelled. Start with a session that is still to come.")
    booking.still_to_come(visit, now)
    return StandingPlace.objects.select_for_update().get(pk=visit.place_id)


def _possible(old: StandingPlace, wanted: StandingPlace, now: datetime) -> None:
    """NoSeat where the new place cannot be, whatever its classes are like."""
    enrollment = wanted.enrollment
    tz, rules = enrollment.clinic.tz, rules_at(enrollment.clinic, now).rules
    member = wanted.supervisor
    if not (member.is_active and member.supervises and member.clinic_id == wanted.clinic_id):
        raise NoSeat("Only therapists who work in this clinic can supervise.")
    first = wall_time(wanted.starts_on, wanted.at, tz)
    if first <= now:
        raise NoSeat(f"{when(first, tz)} is over. Start with the session after this one.")
    if wanted.starts_on < enrollment.starts_on:
        raise NoSeat(f"The program begins on {day_in_words(enrollment.starts_on)}.")
    others = StandingPlace.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=wanted.starts_on), enrollment=enrollment
    ).exclude(pk=old.pk)
    if wanted.ends_on is not None:
        others = others.filter(starts_on__lte=wanted.ends_on)
    for other in others:
        name = wanted.Weekday(wanted.weekday).label
        if other.weekday == wanted.weekday:
            raise NoSeat(f"This client has a place on {name} already.")
        if consecutive_weekdays([other.weekday, wanted.weekday]):
            raise NoSeat(
                f"{name} and {other.get_weekday_display()} follow each other. "
                "Leave a day of rest between two sessions."
            )
        if _apart(wanted, other) < timedelta(hours=rules.rest_hours):
            raise NoSeat(
                f"Less than {rules.rest_hours} hours from the place on "
                f"{other.get_weekday_display()}, {other.at:%H:%M}."
            )


def _apart(one: StandingPlace, other: StandingPlace) -> timedelta:
    """The least time between two weekly starts on the clinic's clock."""
    week = timedelta(days=7)
    starts = [
        timedelta(days=place.weekday, hours=place.at.hour, minutes=place.at.minute)
        for place in (one, other)
    ]
    apart = abs(starts[0] - starts[1])
    return min(apart, week - apart)


def _in_its_week(day: date, weekday: int) -> date:
    """The weekday in the week of a day, Monday to Sunday."""
    return day + timedelta(days=weekday - day.weekday())


def _last_day(old: StandingPlace, weekday: int) -> date | None:
    """The last day of what follows a place: in the week of its last session, and not behind it.

    The week after that may have its session in a place that follows this one already.
    """
    if old.ends_on is None:
        return None
    last = old.ends_on - timedelta(days=(old.ends_on.weekday() - old.weekday) % 7)
    return min(old.ends_on, _in_its_week(last, weekday))


# --- the seats of a place ------------------------------------------------------------------------


def _rows_from(place: StandingPlace, day: date) -> QuerySet[Visit]:
    """The visits that stand for the days of a place from one day on, locked."""
    return (
        Visit.objects.select_for_update(of=("self",))
        .select_related("slot", "clinic", "client")
        .filter(place=place, place_on__gte=day)
        .order_by("place_on")
    )


def _goes(visit: Visit, now: datetime) -> bool:
    """Whether a seat goes with its place: planned, or closed on its day, and still to come."""
    with_it = (Visit.Status.PLANNED, Visit.Status.HOLIDAY_CLOSED)
    return visit.status in with_it and visit.starts_at > now


def _move(
    rows: Sequence[Visit],
    place: StandingPlace,
    *,
    who: Speaker,
    by: Membership,
    why: str,
    now: datetime,
) -> None:
    """Every row stands for its week in the new place from now on; the seats among them go there."""
    made_up = set(
        Visit.objects.filter(makes_up__in=rows)
        .exclude(status__in=Visit.FREED)
        .values_list("makes_up", flat=True)
    )
    days = {row.pk: _in_its_week(row.place_on or place.starts_on, place.weekday) for row in rows}
    going = [row for row in rows if _goes(row, now) and row.pk not in made_up]
    kept = [row for row in going if place.ends_on is None or days[row.pk] <= place.ends_on]
    seen = {row.pk: changing.state_of(row) for row in going}
    slots = slots_for(place, [days[row.pk] for row in kept], now=now)
    list(Slot.objects.select_for_update().filter(pk__in=_pks(slots.values())).order_by("pk"))
    # In this transaction they hold no seat until they sit again: two may change places.
    Visit.objects.filter(pk__in=seen).update(status=Visit.Status.RELEASED)
    off = _refuse_clashes([(row, slots[days[row.pk]]) for row in kept], place, who=who, now=now)
    for row in rows:
        row.place, row.place_on = place, days[row.pk]
        row.save(update_fields=["place", "place_on"])
    for row in kept:
        slot = slots[days[row.pk]]
        booking.put(row, slot, by=by, why=why, now=now, seen=seen[row.pk], off=off.get(slot.pk, ""))
    for row in going:
        if row not in kept:
            booking.free(row, Visit.Status.RELEASED, why=why, by=by, now=now, seen=seen[row.pk])


def _pks(slots: Iterable[Slot]) -> list[int]:
    return [slot.pk for slot in slots]


def _refuse_clashes(
    going: Sequence[tuple[Visit, Slot]], place: StandingPlace, *, who: Speaker, now: datetime
) -> dict[int, str]:
    """NoSeat where a seat finds no room, or no rest; the status of those in classes that are off.

    A seat that stays in its class needs neither.
    """
    if not going:
        return {}
    enrollment = place.enrollment
    _supervisor_elsewhere([slot for _, slot in going], place)
    rooms, newcomer = seats.room_for([slot for _, slot in going], enrollment, now=now)
    days = [slot.starts_at.astimezone(enrollment.clinic.tz).date() for _, slot in going]
    hers = may_come(
        enrollment, now=now, first=min(days), last=max(days), who=who, anew=False, intake=False
    )
    off, found = {}, []
    for row, slot in going:
        room = rooms[slot.pk]
        if room.off:
            off[slot.pk] = room.off
        elif row.slot_id != slot.pk:
            why_not = room.why_not(newcomer=newcomer) or hers.why_not(slot)
            if why_not:
                found.append(f"{when(slot.starts_at, enrollment.clinic.tz)}: {why_not}")
    if found:
        raise NoSeat(_some(found))
    held = [room.places for room in rooms.values() if not room.shut]
    if held and {row.slot_id for row, _ in going} != {slot.pk for _, slot in going}:
        _full_every_week(place, max(held))
    return off


def _some(found: Sequence[str]) -> str:
    """What was found, the first in full and the others counted."""
    more = len(found) - NAMED
    words = " ".join(found[:NAMED])
    return words if more <= 0 else f"{words} So it is on {more} more days."


def _full_every_week(place: StandingPlace, places: int) -> None:
    """NoSeat where more clients would stand there than the class has places, some away or not."""
    holders, _ = places_taken(
        place.enrollment.clinic,
        weekday=place.weekday,
        at=place.at,
        room=place.room,
        on=place.starts_on,
    )
    if holders > places:
        raise NoSeat(
            f"This class is full every week: {holders - 1} clients have this place, "
            f"and there is room for {places}."
        )


def _supervisor_elsewhere(slots: Sequence[Slot], place: StandingPlace) -> None:
    """NoSeat where the supervisor of the place is planned for another class at one of its times.

    Who supervises a slot of the timetable is said there.
    """
    tz = place.enrollment.clinic.tz
    hers = Supervision.objects.filter(
        slot__in=slots, member=place.supervisor, during__isnull=False
    ).values_list("slot_id", flat=True)
    known = set(hers)
    without = [slot for slot in slots if slot.pk not in known and slot.weekly_id is None]
    if not without:
        return
    first = min(slot.starts_at for slot in without)
    last = max(slot.ends_at for slot in without)
    busy = Supervision.objects.filter(
        clinic=place.clinic_id, member=place.supervisor, during__overlap=(first, last)
    ).select_related("slot")
    for row in busy.order_by("during"):
        for slot in without:
            if row.during.lower < slot.ends_at and slot.starts_at < row.during.upper:
                raise NoSeat(
                    f"{place.supervisor} supervises {row.slot.room} at that time: "
                    f"{when(row.during.lower, tz)}."
                )
