"""When a client's next tests and her next bone scan are due, by what was really measured.

Standard library only; the days and the rules are arguments. Source: protocol.md 3.3 and F12 (design
defaults, all settings of the clinic): first tests and first scan by week 4, tests every 4 months
from the start, a scan 12 months after the last one (or the start), overdue at 13.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from bonefit.clinics.months import months_after

#: A round of tests up to this early answers for its due day, but never more than half a round.
EARLY = timedelta(days=28)
HALF_A_MONTH = timedelta(days=15)


class DueRules(Protocol):
    """The clinic's settings that due days follow: in weeks and in months."""

    @property
    def baseline_by_weeks(self) -> int: ...
    @property
    def scan_baseline_months(self) -> int: ...
    @property
    def scan_after_months(self) -> int: ...
    @property
    def scan_overdue_months(self) -> int: ...
    @property
    def test_every_months(self) -> int: ...


class Check(StrEnum):
    """What is due."""

    TESTS = "tests"
    SCAN = "scan"


@dataclass(frozen=True, slots=True)
class CheckDue:
    """What is due on which day, from which day it is overdue; ``first`` where it is a baseline."""

    check: Check
    on: date
    overdue_from: date
    first: bool

    def overdue(self, today: date) -> bool:
        """Whether it is overdue on that day."""
        return today >= self.overdue_from


def scan_due(start: date, scans: Iterable[date], rules: DueRules) -> CheckDue:
    """The next scan by the days of those taken.

    A scan from up to ``scan_baseline_months`` before ``start`` counts as the first one; the year of
    training that the next one looks back on then begins with the start.
    """
    oldest = months_after(start, -rules.scan_baseline_months)
    last = max((day for day in scans if day >= oldest), default=None)
    if last is None:
        return _first(Check.SCAN, start, rules)
    since = max(last, start)
    return CheckDue(
        Check.SCAN,
        months_after(since, rules.scan_after_months),
        months_after(since, rules.scan_overdue_months),
        first=False,
    )


def battery_due(start: date, batteries: Iterable[date], rules: DueRules) -> CheckDue:
    """The next round of tests by the days of those done.

    Rounds are counted from ``start``, so a late one does not move those after it. One from up to a
    round before ``start`` counts as the first. ValueError where a round is shorter than a month.
    """
    every = rules.test_every_months
    if every < 1:
        raise ValueError("Tests are at least a month apart.")
    oldest = months_after(start, -every)
    last = max((day for day in batteries if day >= oldest), default=None)
    if last is None:
        return _first(Check.TESTS, start, rules)
    early = min(EARLY, HALF_A_MONTH * every)
    times = 1
    while (on := months_after(start, every * times)) - early <= last:
        times += 1
    return CheckDue(Check.TESTS, on, on + timedelta(days=1), first=False)


def _first(check: Check, start: date, rules: DueRules) -> CheckDue:
    """A baseline: due by the last day of its week, overdue from the day after."""
    overdue_from = start + timedelta(weeks=rules.baseline_by_weeks)
    return CheckDue(check, overdue_from - timedelta(days=1), overdue_from, first=True)
