"""This class and all that follow it: one row of the timetable ends, another begins.

The later classes move, and the seats in them; the standing places of those who stand there end and
begin anew on the new weekday, at the new time, in the new room. A class that was changed alone
stays where it is, and counts as that week's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from bonefit.acting import because_of
from bonefit.clinics.models import Clinic, Membership
from programs.calendar import too_close_in_a_week
from programs.plans import rules_at

from . import closures, rooms, seasons, whole_classes
from .clashes import Clash
from .models import Slot, SlotChange, StandingPlace, Visit, Weekday, WeeklySlot
from .slot_making import days_of, make_slots
from .timetable import As, first_occurrence, name_supervisors, names_of
from .whole_classes import Move, Word


@because_of("why")
def change_following(
    *, slot: Slot, weekday: int, wanted: As, by: Membership, why: str, now: datetime
) -> WeeklySlot:
    """Change this class of the timetable and all that follow it; the row that holds from then on.

    Raises Clash as ``change_weekly`` does, and where the class is not one of the timetable.
    """
    if slot.weekly is None or slot.weekly_on is None:
        raise Clash("", "This class is not one of the timetable. It can be changed alone.")
    return change_weekly(
        weekly=slot.weekly,
        first=slot.weekly_on,
        weekday=weekday,
        wanted=wanted,
        by=by,
        why=why,
        now=now,
    )


@because_of("why")
@transaction.atomic
def change_weekly(
    *,
    weekly: WeeklySlot,
    first: date,
    weekday: int,
    wanted: As,
    by: Membership,
    why: str,
    now: datetime,
) -> WeeklySlot:
    """Change a row of the timetable from its first class on or after ``first``.

    Each class goes to the new weekday of its own week, Monday to Sunday. Where another change was
    said before for later on, it holds from then on all the same. Raises Clash where that
    class has begun or is past the row's end, where the new time is over or outside the season, and
    where room, supervisors or clients are in the way.
    """
    clinic, word = by.clinic, Word(by, now, why)
    held = whole_classes.held(clinic, Slot.objects.filter(weekly=weekly))
    old = WeeklySlot.objects.select_related("season").get(pk=weekly.pk)
    begins, ends = days_of(old)
    day = first_occurrence(old, max(first, begins))
    shift = timedelta(days=weekday - old.weekday)
    _possible(old, day, day + shift, wanted, clinic, now)
    rooms.ensure(clinic, [wanted.room])
    seasons.refuse_clash(clinic, _as_row(old, weekday, wanted, day + shift), wanted, but=old)
    kept = _state(old)
    new = _begin(old, weekday, wanted, day=day, begins=begins, starts_on=day + shift)
    _move_slots(
        clinic, [slot for slot in held if (slot.weekly_on or day) >= day], new, shift, wanted, word
    )
    _move_places(clinic, kept, new, (day, ends), shift, wanted, now)
    SlotChange.objects.create(
        clinic=clinic,
        weekly=new,
        kind=SlotChange.Kind.CHANGED,
        at=now,
        by=by,
        why=why[:200],
        before=kept,
        after=_state(new),
    )
    make_slots(clinic=clinic, now=now)
    return new


def _possible(
    old: WeeklySlot, day: date, new_day: date, wanted: As, clinic: Clinic, now: datetime
) -> None:
    _, ends = days_of(old)
    if day > ends:
        raise Clash("first", f"The last day of this class is {_say(ends)}.")
    as_it_is = As(old.at, old.minutes, old.room, None, ())
    if as_it_is.span(clinic, day).starts_at <= now:
        raise Clash("first", f"The class of {_say(day)} has begun. Choose a later one.")
    if wanted.span(clinic, new_day).starts_at <= now:
        raise Clash(
            "weekday", f"{_say(new_day)} at {wanted.at:%H:%M} is over. Begin with a later class."
        )
    if not old.season.starts_on <= new_day <= old.season.ends_on:
        raise Clash("weekday", f"{_say(new_day)} is outside the season {old.season.name}.")


def _as_row(old: WeeklySlot, weekday: int, wanted: As, starts_on: date) -> WeeklySlot:
    shift = timedelta(days=weekday - old.weekday)
    return WeeklySlot(
        clinic_id=old.clinic_id,
        season=old.season,
        weekday=weekday,
        at=wanted.at,
        minutes=wanted.minutes,
        room=wanted.room,
        most=wanted.most,
        starts_on=starts_on,
        ends_on=old.ends_on and old.ends_on + shift,
    )


def _begin(
    old: WeeklySlot, weekday: int, wanted: As, *, day: date, begins: date, starts_on: date
) -> WeeklySlot:
    """The row from that day on; the old one ends the day before, or is it where it never held."""
    new = _as_row(old, weekday, wanted, starts_on)
    if day <= first_occurrence(old, begins):
        new.pk = old.pk
    else:
        old.ends_on = day - timedelta(days=1)
        old.save(update_fields=["ends_on"])
    new.save()
    seasons.set_supervisors(new, wanted.supervisors)
    return new


def _move_slots(
    clinic: Clinic,
    slots: Sequence[Slot],
    new: WeeklySlot,
    shift: timedelta,
    wanted: As,
    word: Word,
) -> None:
    before = {
        slot.pk: whole_classes.state_of(slot) | names
        for slot, names in zip(slots, names_of(slots), strict=True)
    }
    moves = []
    for slot in slots:
        assert slot.weekly_on is not None
        slot.weekly, slot.weekly_on = new, slot.weekly_on + shift
        if not slot.detached:
            slot.capacity = wanted.most
            moves.append(Move(slot, wanted.span(clinic, slot.weekly_on)))
    alone = [slot for slot in slots if slot.detached]
    Slot.objects.bulk_update(alone, ["weekly", "weekly_on"])
    whole_classes.move(clinic, moves, word)
    going = [move.slot for move in moves]
    name_supervisors(clinic, going, wanted.supervisors)
    names = sorted(str(one) for one in wanted.supervisors)
    whole_classes.write_slots(
        going,
        before,
        SlotChange.Kind.CHANGED,
        word,
        supervisors={slot.pk: names for slot in going},
    )
    closures.keep_closed(clinic, going, word)


# --- the standing places of those who stand there -------------------------------------------------


def _move_places(
    clinic: Clinic,
    old: dict[str, Any],
    new: WeeklySlot,
    days: tuple[date, date],
    shift: timedelta,
    wanted: As,
    now: datetime,
) -> None:
    if old == _state(new):
        return
    day, ends = days
    # A later row of the series may stand at the same time again: its places are not this one's.
    holders = list(seasons.holders(clinic, old, day).filter(starts_on__lte=ends))
    if text := _not_rested(clinic, holders, new, rest_hours=rules_at(clinic, now).rules.rest_hours):
        raise Clash("weekday", text)
    was = [place.pk for place in holders]
    begun = [_begin_anew(place, new, day, shift, wanted) for place in holders]
    anew = dict(zip(was, begun, strict=True))
    visits = list(Visit.objects.filter(place__in=anew, place_on__gte=day))
    for visit in visits:
        assert visit.place_id is not None
        assert visit.place_on is not None
        visit.place = anew[visit.place_id]
        visit.place_on += shift
    Visit.objects.bulk_update(visits, ["place", "place_on"], batch_size=500)


def _begin_anew(
    place: StandingPlace, new: WeeklySlot, day: date, shift: timedelta, wanted: As
) -> StandingPlace:
    """The place from that day on; one that has not begun by then is the same row."""
    begun = place.starts_on < day
    ends_on = place.ends_on and place.ends_on + shift
    if begun:
        StandingPlace.objects.filter(pk=place.pk).update(ends_on=day - timedelta(days=1))
        place.pk = None
        place.starts_on = new.starts_on
    else:
        place.starts_on += shift
    place.weekday, place.at, place.minutes = new.weekday, new.at, new.minutes
    place.room, place.ends_on = new.room, ends_on
    if wanted.supervisors and place.supervisor_id not in {one.pk for one in wanted.supervisors}:
        place.supervisor = wanted.supervisors[0]
    place.save()
    return place


def _not_rested(
    clinic: Clinic, holders: Sequence[StandingPlace], new: WeeklySlot, *, rest_hours: int
) -> str:
    """Who would have two places too near each other by it, as a sentence; "" if nobody."""
    others = StandingPlace.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=new.starts_on),
        clinic=clinic,
        enrollment__in={place.enrollment_id for place in holders},
    ).exclude(pk__in=[place.pk for place in holders])
    of: dict[int, list[StandingPlace]] = {}
    for other in others:
        of.setdefault(other.enrollment_id, []).append(other)
    for place in holders:
        for other in of.get(place.enrollment_id, ()):
            if place.ends_on is not None and other.starts_on > place.ends_on:
                continue  # the one has ended before the other begins
            week = [(new.weekday, new.at), (other.weekday, other.at)]
            was = [(place.weekday, place.at), (other.weekday, other.at)]
            if too_close_in_a_week(was, rest_hours) is not None:
                continue
            if too_close_in_a_week(week, rest_hours) is not None:
                name = place.enrollment.client.name
                when = f"{Weekday(other.weekday).label} at {other.at:%H:%M}"
                return (
                    f"{name} also comes on {when}: that leaves less than {rest_hours} hours "
                    "between. Move her place first."
                )
    return ""


def _state(weekly: WeeklySlot) -> dict[str, Any]:
    return seasons.state_of(weekly)


def _say(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
