"""A timetable for the tests: a season of Northside, and weekly classes in it."""

from __future__ import annotations

from datetime import date, datetime, time

from bonefit.clinics.models import Clinic, Membership
from sessions import seasons
from sessions.models import Season, Slot, WeeklySlot
from sessions.timetable import As
from tests.cast import NOW

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)


def season(
    by: Membership,
    *,
    starts_on: date = date(2026, 3, 2),
    ends_on: date = date(2026, 12, 20),
    name: str = "Autumn",
) -> Season:
    return seasons.add_season(name=name, starts_on=starts_on, ends_on=ends_on, by=by)


def as_(
    *supervisors: Membership,
    at: time = time(9),
    minutes: int = 30,
    room: str = "Room 1",
    most: int | None = None,
) -> As:
    """How a class shall be: 9:00 for 30 minutes in Room 1 unless said otherwise."""
    return As(at, minutes, room, most, supervisors)


def weekly(
    of: Season,
    weekday: int,
    wanted: As,
    *,
    by: Membership,
    now: datetime = NOW,
    starts_on: date | None = None,
) -> WeeklySlot:
    return seasons.add_weekly(
        season=of, weekday=weekday, wanted=wanted, starts_on=starts_on, by=by, now=now
    )


def local_starts(clinic: Clinic, row: WeeklySlot) -> list[datetime]:
    """The slots of a row of the timetable on the clinic's clock, soonest first."""
    slots = Slot.objects.filter(weekly=row).order_by("starts_at")
    return [slot.starts_at.astimezone(clinic.tz) for slot in slots]
