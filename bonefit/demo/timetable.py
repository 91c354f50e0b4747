"""When the demo clinics hold their classes: always so that one is on the floor right now.

Standard library only. A day is laid out around the moment of seeding, so that somebody who looks
at night finds the same house as somebody who looks at noon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import combinations

from programs.calendar import consecutive_weekdays

DAY_MINUTES = 24 * 60
#: A class that begins later than this would end on the next day.
LAST_START = DAY_MINUTES - 30
#: How long the class that is on has been on, at least.
BEGUN_AT_LEAST = timedelta(minutes=5)
WEEKDAYS = range(5)


@dataclass(frozen=True, slots=True)
class Seat:
    """A class that meets twice a week: weekdays (Monday 0), wall time, room."""

    weekdays: tuple[int, int]
    at: time
    room: str


#: Minutes from the beginning of the class that is on now, and the room.
TODAY = {
    "earlier": (-75, "Room 1"),
    "now": (0, "Room 1"),
    "soon": (45, "Room 1"),
    "later": (120, "Room 1"),
    "newcomers": (240, "Room 2"),
}
#: Classes that do not meet today: wall time in minutes after midnight, and the room.
OTHER_DAYS = {"other": (9 * 60, "Room 3"), "another": (11 * 60, "Room 3")}


def seats(local_now: datetime) -> dict[str, Seat]:
    """All classes by name, for a clinic whose clock shows ``local_now``."""
    begun = local_now - BEGUN_AT_LEAST
    # Just after midnight the class that is on began with the day.
    day_began = begun.date() == local_now.date()
    anchor = (begun.hour * 60 + begun.minute) // 15 * 15 if day_began else 0
    weekday = local_now.weekday()
    days_today = (weekday, second_day(weekday))
    found = {
        name: Seat(days_today, _wall(_within_the_day(anchor, offset)), room)
        for name, (offset, room) in TODAY.items()
    }
    for (name, (minutes, room)), days in zip(
        OTHER_DAYS.items(), pairs_without(weekday), strict=False
    ):
        found[name] = Seat(days, _wall(minutes), room)
    return found


def _within_the_day(anchor: int, offset: int) -> int:
    """A class that would fall on another day is held on the other side of the one that is on."""
    start = anchor + offset
    return start if 0 <= start <= LAST_START else anchor - offset


def _wall(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def second_day(weekday: int) -> int:
    """The other day of a class that meets on ``weekday``: a working day, with rest between."""
    for gap in (3, 2, 4, 5):
        day = (weekday + gap) % 7
        if day in WEEKDAYS and not consecutive_weekdays([weekday, day]):
            return day
    raise ValueError("A weekday is 0 (Monday) to 6 (Sunday).")


def pairs_without(weekday: int) -> list[tuple[int, int]]:
    """Pairs of working days with rest between them, none of them ``weekday``."""
    return [
        pair
        for pair in combinations(WEEKDAYS, 2)
        if weekday not in pair and not consecutive_weekdays(pair)
    ]
