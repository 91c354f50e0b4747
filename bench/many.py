"""What a large site is made of: its day, its clinics and its clients (``bench.many_clients``)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

#: Weeks of visits back, and to come with the one that runs.
WEEKS, AHEAD = 32, 4
NOW = datetime(2026, 9, 4, 3, 0, tzinfo=UTC)  # a Friday, before the first class
TODAY = NOW.date()
#: The Monday with which the visits begin.
FIRST = TODAY - timedelta(days=TODAY.weekday(), weeks=WEEKS)
NULL = "\\N"

#: How likely somebody comes, and how many are like that: 77 of 100 visits on the whole.
COMERS = ((0.9, 0.35), (0.8, 0.35), (0.65, 0.2), (0.45, 0.1))
#: How a lift goes, and how many go like that.
GOES = (
    ("up", 0.94),
    ("easy", 0.02),  # not raised for long, and light
    ("hard", 0.01),  # not raised for long, and at effort
    ("held", 0.01),  # for pain, for weeks
    ("old", 0.01),  # no set for weeks that says what a best single is
    ("over", 0.01),  # too hard, the last times
)
#: What stays at its first load, and since when by a therapist's word.
SAME, SAME_SINCE = frozenset({"easy", "hard"}), timedelta(days=40)
#: From this week of the plan on its last phase is due; some are still in the one before.
LAST_PHASE = 36


@dataclass(frozen=True, slots=True)
class Made:
    """One clinic, and the ids of what its rows name."""

    clinic: int
    therapist: int
    version: int
    rule_set: int
    scanner: int


@dataclass(frozen=True, slots=True)
class Person:
    """One client and her one enrollment, which have one id: since when, and how she trains."""

    id: int
    start: date
    phase: str
    comes: float
    goes: tuple[str, ...]
    #: Attended visits from raise to raise of each lift.
    raises: tuple[int, ...]
    signs_late: bool


def people_of(ids: range, lifts: int, chance: random.Random) -> Iterator[Person]:
    """Clients of one clinic; two thirds of them trained there before the visits begin."""
    for one in ids:
        start = FIRST - timedelta(weeks=max(0, chance.randint(-10, 20)))
        plan_week = (TODAY - start).days // 7 + 1
        moved = plan_week >= LAST_PHASE and chance.random() < 0.97
        yield Person(
            id=one,
            start=start,
            phase="MAINTAIN" if moved else "LOAD",
            comes=chance.choices([how for how, _ in COMERS], [share for _, share in COMERS])[0],
            goes=tuple(
                chance.choices([how for how, _ in GOES], [share for _, share in GOES], k=lifts)
            ),
            raises=tuple(chance.choices((2, 3, 3, 4, 4, 5), k=lifts)),
            signs_late=chance.random() < 0.02,
        )
