"""Seasons and their weekly classes: added, copied, ended. What holds from a day on is in
``following``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet

from bonefit.acting import because_of
from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment

from . import rooms, whole_classes
from .clashes import Clash
from .models import (
    Season,
    Slot,
    SlotChange,
    StandingPlace,
    Supervision,
    Visit,
    Waiting,
    Weekday,
    WeeklySlot,
    WeeklySupervisor,
)
from .slot_making import days_of, make_slots
from .timetable import As
from .whole_classes import Word

# --- seasons --------------------------------------------------------------------------------------


@transaction.atomic
def add_season(*, name: str, starts_on: date, ends_on: date, by: Membership) -> Season:
    """A stretch of weeks, both days included. Raises Clash where they are the wrong way round."""
    _right_way_round(starts_on, ends_on)
    return Season.objects.create(clinic=by.clinic, name=name, starts_on=starts_on, ends_on=ends_on)


@transaction.atomic
def change_season(
    *, season: Season, name: str, starts_on: date, ends_on: date, by: Membership, now: datetime
) -> Season:
    """Another name or other days. Classes that fall out of it and are empty go.

    Raises Clash where somebody is booked or stands in a class that would fall out.
    """
    _right_way_round(starts_on, ends_on)
    clinic = by.clinic
    whole_classes.held(clinic, Slot.objects.filter(weekly__season=season))
    found = Season.objects.get(pk=season.pk)
    word = Word(by, now, f"{found.name} now lasts from {_say(starts_on)} to {_say(ends_on)}")
    out = Slot.objects.filter(weekly__season=found, starts_at__gt=now).filter(
        Q(weekly_on__lt=starts_on) | Q(weekly_on__gt=ends_on)
    )
    _drop(clinic, out, word, "ends_on" if ends_on < found.ends_on else "starts_on")
    found.name, found.starts_on, found.ends_on = name, starts_on, ends_on
    found.save(update_fields=["name", "starts_on", "ends_on"])
    make_slots(clinic=clinic, now=now)
    return found


@transaction.atomic
def copy_season(
    *, season: Season, name: str, starts_on: date, ends_on: date, by: Membership, now: datetime
) -> Season:
    """A new season with the weekly classes that the other one ended with, and their supervisors.

    Raises Clash where a class of it would meet one that is there.
    """
    _right_way_round(starts_on, ends_on)
    clinic = by.clinic
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    clashes = clashes_of_copy(season, starts_on, ends_on)
    if clashes:
        raise Clash("starts_on", clashes[0])
    made = Season.objects.create(clinic=clinic, name=name, starts_on=starts_on, ends_on=ends_on)
    for row in _last_rows(season):
        members = [one.member for one in row.supervisors.all()]
        row.pk, row.season, row.starts_on, row.ends_on = None, made, starts_on, None
        row.save()
        set_supervisors(row, members)
    make_slots(clinic=clinic, now=now)
    return made


def clashes_of_copy(season: Season, starts_on: date, ends_on: date) -> list[str]:
    """What a copy of a season on these days would meet, in sentences, each once."""
    there = rows_with_supervisors(WeeklySlot.objects.filter(clinic=season.clinic_id))
    copies = []
    for row in _last_rows(season):
        copy = WeeklySlot(
            clinic_id=row.clinic_id,
            season=Season(name=season.name, starts_on=starts_on, ends_on=ends_on),
            weekday=row.weekday,
            at=row.at,
            minutes=row.minutes,
            room=row.room,
            starts_on=starts_on,
        )
        copies.append((copy, [one.member for one in row.supervisors.all()]))
    found = [
        clash.text
        for copy, members in copies
        for other in there
        if (clash := clash_between(copy, members, other)) is not None
    ]
    return list(dict.fromkeys(found))


def _last_rows(season: Season) -> list[WeeklySlot]:
    rows = season.weekly_slots.filter(Q(ends_on=None) | Q(ends_on__gte=season.ends_on))
    return rows_with_supervisors(rows)


def _right_way_round(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Clash("ends_on", "The last day is before the first.")


# --- weekly classes -------------------------------------------------------------------------------


@because_of("why")
@transaction.atomic
def add_weekly(
    *,
    season: Season,
    weekday: int,
    wanted: As,
    starts_on: date | None = None,
    by: Membership,
    now: datetime,
    why: str = "",
) -> WeeklySlot:
    """A class every week of a season, from ``starts_on`` or the season's first day on.

    Raises Clash where the room has a class then, or one of its supervisors is elsewhere.
    """
    clinic = by.clinic
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    begins = max(starts_on or season.starts_on, season.starts_on)
    if begins > season.ends_on:
        raise Clash("starts_on", f"{_say(begins)} is outside the season {season.name}.")
    row = WeeklySlot(
        clinic=clinic,
        season=season,
        weekday=weekday,
        at=wanted.at,
        minutes=wanted.minutes,
        room=wanted.room,
        most=wanted.most,
        starts_on=begins,
    )
    refuse_clash(clinic, row, wanted)
    rooms.ensure(clinic, [wanted.room])
    row.save()
    set_supervisors(row, wanted.supervisors)
    _history(row, SlotChange.Kind.ADDED, None, Word(by, now, why))
    make_slots(clinic=clinic, now=now)
    return row


@because_of("why")
@transaction.atomic
def end_weekly(
    *, weekly: WeeklySlot, last_day: date, by: Membership, why: str, now: datetime
) -> WeeklySlot:
    """The class is held until ``last_day``, and not after it. Later classes of it go.

    Raises Clash where somebody stands in it after that day, or is booked: they are moved first.
    """
    clinic, word = by.clinic, Word(by, now, why)
    whole_classes.held(clinic, Slot.objects.filter(weekly=weekly))
    found = WeeklySlot.objects.select_related("season").get(pk=weekly.pk)
    if last_day < now.astimezone(clinic.tz).date():
        raise Clash("last_day", "That day is over. Choose today or a later day.")
    before = state_of(found)
    after = last_day + timedelta(days=1)
    names = sorted({one.enrollment.client.name for one in holders(clinic, before, after)})
    if names:
        raise Clash("last_day", f"{_people(names)} after that day. Move their places first.")
    later = Slot.objects.filter(weekly=found, weekly_on__gte=after, starts_at__gt=now)
    _drop(clinic, later, word, "last_day")
    found.ends_on = last_day
    found.save(update_fields=["ends_on"])
    _history(found, SlotChange.Kind.ENDED, before, word)
    make_slots(clinic=clinic, now=now)
    return found


def _drop(clinic: Clinic, slots: QuerySet[Slot], word: Word, field: str) -> None:
    """Later classes go: empty ones leave nothing behind, others stay as called off."""
    booked = (
        Visit.objects.filter(slot__in=slots)
        .exclude(status__in=Visit.FREED)
        .select_related("client")
        .order_by("during")
    )
    seated = list(booked[:20])
    if seated:
        names = sorted({visit.client.name for visit in seated})
        raise Clash(field, f"{_people(names, 'is booked', 'are booked')} after that day.")
    with_past = (
        Q(pk__in=Visit.objects.filter(slot__in=slots).values("slot"))
        | Q(pk__in=Waiting.objects.filter(slot__in=slots).values("slot"))
        | Q(pk__in=SlotChange.objects.filter(slot__in=slots).values("slot"))
        | Q(
            pk__in=Supervision.objects.filter(slot__in=slots, named_at__isnull=False).values("slot")
        )
    )
    kept = whole_classes.held(clinic, slots.filter(with_past, called_off_at=None))
    whole_classes.call_off(kept, word)
    gone = list(slots.exclude(with_past).values_list("pk", flat=True))
    Supervision.objects.filter(slot__in=gone).delete()
    Slot.objects.filter(pk__in=gone).delete()


def holders(clinic: Clinic, weekly: dict[str, Any], day: date) -> QuerySet[StandingPlace]:
    """The standing places in a row of the timetable (its ``state_of``) that hold on or after a day,
    with enrollment and client."""
    return StandingPlace.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        clinic=clinic,
        weekday=weekly["weekday"],
        at=time.fromisoformat(weekly["at"]),
        room=weekly["room"],
        enrollment__status=Enrollment.Status.ACTIVE,
    ).select_related("enrollment__client", "supervisor")


def set_supervisors(weekly: WeeklySlot, members: Iterable[Membership]) -> None:
    """These members, and no others, supervise a row of the timetable."""
    wanted = {member.pk for member in members}
    weekly.supervisors.exclude(member__in=wanted).delete()
    WeeklySupervisor.objects.bulk_create(
        (
            WeeklySupervisor(clinic_id=weekly.clinic_id, weekly=weekly, member_id=member)
            for member in sorted(wanted)
        ),
        ignore_conflicts=True,
    )


def state_of(weekly: WeeklySlot) -> dict[str, Any]:
    """What is kept of a row of the timetable in its history."""
    rows = weekly.supervisors.select_related("member__user")
    return {
        "weekday": weekly.weekday,
        "at": weekly.at.isoformat(),
        "minutes": weekly.minutes,
        "room": weekly.room,
        "most": weekly.most,
        "starts_on": weekly.starts_on.isoformat(),
        "ends_on": weekly.ends_on and weekly.ends_on.isoformat(),
        "supervisors": sorted(str(row.member) for row in rows),
    }


def _history(weekly: WeeklySlot, kind: str, before: dict[str, Any] | None, word: Word) -> None:
    SlotChange.objects.create(
        clinic_id=weekly.clinic_id,
        weekly=weekly,
        kind=kind,
        at=word.now,
        by=word.by,
        why=word.why[:200],
        before=before,
        after=state_of(weekly),
    )


# --- clashes of weekly classes --------------------------------------------------------------------


def rows_with_supervisors(rows: QuerySet[WeeklySlot]) -> list[WeeklySlot]:
    """These rows with season and supervisors, in a fixed number of queries."""
    named = WeeklySupervisor.objects.select_related("member__user").order_by("member__user__name")
    return list(
        rows.select_related("season").prefetch_related(Prefetch("supervisors", queryset=named))
    )


def refuse_clash(
    clinic: Clinic, row: WeeklySlot, wanted: As, *, but: WeeklySlot | None = None
) -> None:
    """Clash where a row, not saved yet, would meet another row of the timetable than ``but``."""
    others = WeeklySlot.objects.filter(clinic=clinic, weekday=row.weekday)
    if but is not None:
        others = others.exclude(pk=but.pk)
    for other in rows_with_supervisors(others):
        clash = clash_between(row, wanted.supervisors, other)
        if clash is not None:
            raise clash


def clash_between(
    row: WeeklySlot, members: Sequence[Membership], other: WeeklySlot
) -> Clash | None:
    """What two rows cannot share: one start in one room, one supervisor at a time."""
    (begins, ends), (other_begins, other_ends) = _minutes(row), _minutes(other)
    apart = ends <= other_begins or other_ends <= begins
    if row.weekday != other.weekday or apart or not _same_weeks(row, other):
        return None
    when = f"{Weekday(other.weekday).label}s from {other.at:%H:%M} to {_clock(other_ends)}"
    if row.room == other.room and begins == other_begins:
        return Clash("at", f"{other.room} has a class on {when} already ({other.season.name}).")
    there = {one.member_id for one in other.supervisors.all()}
    for member in members:
        if member.pk in there:
            return Clash("supervisors", f"{member} supervises {other.room} on {when}.")
    return None


def clashes_in(rows: Sequence[WeeklySlot]) -> list[str]:
    """What rows of the timetable share that they cannot, or hardly can, in sentences."""
    found = []
    before: dict[int, list[WeeklySlot]] = {}
    for row in rows:
        members = [one.member for one in row.supervisors.all()]
        of_day = before.setdefault(row.weekday, [])
        of_day.append(row)
        for other in of_day[:-1]:
            clash = clash_between(row, members, other)
            if clash is not None:
                found.append(clash.text)
            elif _share_a_room(row, other):
                found.append(
                    f"Two classes meet in {row.room} on {Weekday(row.weekday).label}s: "
                    f"{other.at:%H:%M} and {row.at:%H:%M}."
                )
    return list(dict.fromkeys(found))


def _share_a_room(row: WeeklySlot, other: WeeklySlot) -> bool:
    (begins, ends), (other_begins, other_ends) = _minutes(row), _minutes(other)
    meet = begins < other_ends and other_begins < ends
    return row.room == other.room and meet and _same_weeks(row, other)


def _same_weeks(row: WeeklySlot, other: WeeklySlot) -> bool:
    """Whether both have a class on some one day."""
    (begins, ends), (other_begins, other_ends) = days_of(row), days_of(other)
    first, last = max(begins, other_begins), min(ends, other_ends)
    first += timedelta(days=(row.weekday - first.weekday()) % 7)
    return first <= last


def _minutes(row: WeeklySlot) -> tuple[int, int]:
    begins = row.at.hour * 60 + row.at.minute
    return begins, begins + row.minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def _people(names: Sequence[str], one: str = "stands there", more: str = "stand there") -> str:
    if len(names) == 1:
        return f"{names[0]} {one}"
    if len(names) == 2:
        return f"{names[0]} and {names[1]} {more}"
    return f"{names[0]}, {names[1]} and {len(names) - 2} more {more}"


def _say(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
