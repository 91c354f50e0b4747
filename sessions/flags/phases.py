"""The rule about the plan's weeks: a phase that goes on long after the next one was due.

Standard library only, and no clock. Weeks are only the plan: a therapist promotes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from .days import day_words
from .finding import Asked, Finding, Severity
from .rule import Action, Rule


class PhaseWeeks(NamedTuple):
    """A phase of a version, and the week that it begins with by the plan."""

    code: str
    name: str
    first_week: int


class Followed(NamedTuple):
    """The main program from a day on: its phases, the first one first."""

    since: date
    phases: tuple[PhaseWeeks, ...]


class Promoted(NamedTuple):
    """A therapist's word: go to a phase, or (``revokes``) take an earlier word back."""

    key: int
    at: datetime
    phase: str
    revokes: int | None = None


@dataclass(frozen=True, slots=True)
class Phases:
    """What decides in which phase somebody is: her first day, programs and words, oldest first."""

    starts_on: date
    followed: tuple[Followed, ...]
    words: tuple[Promoted, ...]
    now: datetime
    today: date
    ended_on: date | None = None

    def at(self, asked: Asked) -> Self:
        """The same as far as it was so at an earlier moment."""
        return replace(self, now=asked.known, today=asked.today)

    def phases(self) -> tuple[PhaseWeeks, ...]:
        """The phases of the program that is followed on the day; none before its start."""
        for one in reversed(self.followed):
            if one.since <= self.today:
                return one.phases
        return ()

    def actual(self) -> PhaseWeeks | None:
        """The phase of the last word that stands, else the first one."""
        phases = self.phases()
        if not phases:
            return None
        by_code = {one.code: one for one in phases}
        revoked: set[int] = set()
        for word in reversed(self.words):
            if word.at > self.now or word.key in revoked:
                continue
            if word.revokes is not None:
                revoked.add(word.revokes)
            else:
                return by_code.get(word.phase, phases[0])
        return phases[0]

    def next_due(self) -> tuple[PhaseWeeks, PhaseWeeks, date] | None:
        """The phase that goes on, the one after it, and the day that the plan begins that one."""
        actual = self.actual()
        if actual is None:
            return None
        later = [one for one in self.phases() if one.first_week > actual.first_week]
        if not later:
            return None
        following = min(later, key=lambda one: one.first_week)
        return actual, following, self.starts_on + timedelta(weeks=following.first_week - 1)

    def again(self, asked: Asked) -> date | None:
        """The next day on which time alone may change what the rule says."""
        due = self.next_due()
        days = [one.since for one in self.followed]
        if due is not None:
            days.append(due[2] + timedelta(weeks=asked.rules.phase_lag_weeks, days=1))
        return min((day for day in days if day > self.today), default=None)

    def recorded_on(self) -> frozenset[date]:
        """The days on which something of it was recorded, and those beside them: a moment has a
        day of its own in each clinic.
        """
        near = (timedelta(days=-1), timedelta(0), timedelta(days=1))
        said = {word.at.date() + days for word in self.words for days in near}
        ended = {self.ended_on} if self.ended_on else set()
        return frozenset({*said, *ended, *(one.since for one in self.followed)})


def phase_lag(facts: Phases, asked: Asked) -> Iterator[Finding]:
    """F24: the next phase was due more than ``phase_lag_weeks`` ago, and she is not in it."""
    if facts.ended_on is not None and asked.today >= facts.ended_on:
        return
    due = facts.next_due()
    if due is None:
        return
    actual, following, since = due
    days = (asked.today - since).days
    if days <= 7 * asked.rules.phase_lag_weeks:
        return
    yield Finding(
        "",
        {
            "headline": f"is still in {actual.name}, {days // 7} weeks behind the plan",
            "detail": f"{following.name} was planned from {day_words(since, asked.today)}, week "
            f"{following.first_week}. Weeks are only the plan: nothing changes by itself.",
            "lines": [],
            "phase": actual.code,
            "planned": following.code,
            "since": since.isoformat(),
        },
        f"F24.1|{actual.code}|{following.code}|{since.isoformat()}",
        Severity.INFO,
    )


RULES: tuple[Rule, ...] = (
    Rule(
        id="F24",
        version=1,
        kind="phase_lag",
        name="Phase behind",
        says="The plan began the next phase more than {phase_lag_weeks} weeks ago, and she is "
        "still in the one before.",
        severities=(Severity.INFO,),
        mark="hold",
        family="phases",
        judge=phase_lag,
        actions=(Action.ADJUST, Action.LATER),
        settings=("phase_lag_weeks",),
        basis="More than four weeks (design default).",
    ),
)
