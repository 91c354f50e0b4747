"""The demo clinics' week: rooms, a season's timetable with free places, closed days, leave.

It fits the standing places that are there, so that the week looks like one that has been run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bonefit.clinics.models import Clinic, Membership
from bonefit.demo.incidents import incidents
from bonefit.demo.outcomes import being_screened, outcomes
from bonefit.demo.timetable import Seat
from sessions import closures, rooms, seasons
from sessions.clashes import Clash
from sessions.models import Room, Season, StandingPlace
from sessions.timetable import As

#: How many people and racks each room holds.
ROOMS = {"Room 1": (8, 4), "Room 2": (6, 3), "Room 3": (4, 2)}
SEASON_WEEKS = 20
MINUTES = 30


def lay_out_week(
    *,
    clinic: Clinic,
    seats: Mapping[str, Seat],
    staff: Sequence[Membership],
    by: Membership,
    now: datetime,
) -> None:
    """Rooms, timetable, closed days and leave as of ``now``, by this member of the clinic.

    And what was told beside the training until now: months asked about, a fall, an event.
    """
    today = now.astimezone(clinic.tz).date()
    monday = today - timedelta(days=today.weekday())
    for room in Room.objects.filter(clinic=clinic):
        places, racks = ROOMS.get(room.name, (None, None))
        rooms.change_room(room=room, name=room.name, places=places, racks=racks, by=by, now=now)
    season = seasons.add_season(
        name="This season",
        starts_on=monday,
        ends_on=monday + timedelta(weeks=SEASON_WEEKS, days=-1),
        by=by,
    )
    supervisors = [member for member in staff if member.supervises]
    for seat in seats.values():
        for weekday in seat.weekdays:
            _every_week(season, weekday, seat, _who(clinic, weekday, seat, supervisors), by, now)
    _away_and_closed(monday, supervisors[-1], by, now)
    incidents(clinic, now=now)
    outcomes(clinic, until=now, now=now)
    being_screened(clinic, now=now)


def _who(
    clinic: Clinic, weekday: int, seat: Seat, supervisors: Sequence[Membership]
) -> list[Membership]:
    """Those with whom clients stand there first, then everybody else."""
    standing = set(
        StandingPlace.objects.filter(
            clinic=clinic, weekday=weekday, at=seat.at, room=seat.room, ends_on=None
        ).values_list("supervisor", flat=True)
    )
    return sorted(supervisors, key=lambda member: member.pk not in standing)


def _every_week(
    season: Season,
    weekday: int,
    seat: Seat,
    supervisors: Sequence[Membership],
    by: Membership,
    now: datetime,
) -> None:
    """A class every week with the first of these who has time then; else there is none."""
    for member in supervisors:
        wanted = As(at=seat.at, minutes=MINUTES, room=seat.room, most=None, supervisors=(member,))
        try:
            seasons.add_weekly(season=season, weekday=weekday, wanted=wanted, by=by, now=now)
        except Clash:
            continue
        return


def _away_and_closed(monday: date, away: Membership, by: Membership, now: datetime) -> None:
    """A room is painted next week, a holiday is ahead, and somebody is on leave next week."""
    next_week = monday + timedelta(weeks=1)
    closures.close(
        name="Room 3 is painted",
        room="Room 3",
        starts_on=next_week,
        ends_on=next_week + timedelta(days=1),
        by=by,
        now=now,
    )
    holiday = monday + timedelta(weeks=6)
    closures.close(name="Public holiday", starts_on=holiday, ends_on=holiday, by=by, now=now)
    closures.leave(
        member=away,
        starts_on=next_week,
        ends_on=next_week + timedelta(days=4),
        why="Course",
        by=by,
        now=now,
    )
