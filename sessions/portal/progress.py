"""How far a client is in her own program: sessions attended, breaks, the end, the next checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from programs.checks_due import DueRules, battery_due, scan_due

from .words import around, month_words


@dataclass(frozen=True, slots=True)
class Break:
    """A break: its first and last day, both included; ``last`` is the day before she resumed."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it lasts; 0 where she resumed at once."""
        return max(0, (self.last - self.first).days + 1)


@dataclass(frozen=True, slots=True)
class SoFar:
    """How often she came, of as many sessions as her program version has, and until when."""

    came: int
    of: int
    extra: int
    until: str
    breaks: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A check that is due, as one sentence."""

    what: str
    words: str


def days_off(breaks: Sequence[Break]) -> int:
    """Days in any of the breaks; a day in two of them is one day."""
    days = {one.first + timedelta(days=n) for one in breaks for n in range(one.days)}
    return len(days)


def ends_about(starts_on: date, *, weeks: int, breaks: Sequence[Break]) -> date:
    """The last day of a program of so many weeks; days of breaks come on top."""
    return starts_on + timedelta(days=7 * weeks + days_off(breaks) - 1)


def so_far(
    *,
    starts_on: date,
    weeks: int,
    sessions: int,
    came: int,
    extra: int,
    breaks: Sequence[Break],
    today: date,
) -> SoFar:
    """What is said of the sessions so far; the end is said only while it lies ahead."""
    end = ends_about(starts_on, weeks=weeks, breaks=breaks)
    until = month_words(end) if end >= today and came < sessions else ""
    return SoFar(came, sessions, extra, until, days_off(breaks) > 0)


def checks(
    starts_on: date,
    *,
    tests: Iterable[date],
    scans: Iterable[date],
    rules: DueRules,
    today: date,
) -> tuple[Check, ...]:
    """The next check of strength and balance, and the next scan, the sooner first.

    They follow from the days on which she was tested and scanned.
    """
    known = (
        (battery_due(starts_on, tests, rules), "check of strength and balance"),
        (scan_due(starts_on, scans, rules), "scan (DXA)"),
    )
    return tuple(
        Check(
            f"{'first' if due.first else 'next'} {what}",
            f"{'was' if due.on < today else 'is'} due around {around(due.on, today=today)}",
        )
        for due, what in sorted(known, key=lambda one: (one[0].on, one[1]))
    )
