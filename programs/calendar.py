"""Weeks, planned phases and the wall-clock times of standing places.

Standard library only; no clock: every day and every time zone is an argument.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """A phase and the weeks it is planned for, both included; ``last_week`` None is open-ended."""

    code: str
    first_week: int
    last_week: int | None


class Weeks(Protocol):
    """A phase as the calendar sees it: a PlannedPhase, or a phase of a Plan."""

    @property
    def code(self) -> str: ...

    @property
    def first_week(self) -> int: ...

    @property
    def last_week(self) -> int | None: ...


class Phased(Protocol):
    """A version of a program as the calendar sees it: a Plan, or a Schedule."""

    @property
    def phases(self) -> Iterable[Weeks]: ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """The phases of a version by their weeks, where nothing else of it is known."""

    phases: tuple[PlannedPhase, ...]


@dataclass(frozen=True, slots=True)
class WeeklyPlace:
    """A weekly place: weekday (Monday 0 to Sunday 6), local wall-clock time, length in minutes."""

    weekday: int
    at: time
    minutes: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("A weekday is 0 (Monday) to 6 (Sunday).")
        if self.at.tzinfo is not None:
            raise ValueError("A weekly place has a wall-clock time, without a time zone.")
        if self.minutes <= 0:
            raise ValueError("A visit lasts at least one minute.")


def week_number(start: date, day: date) -> int | None:
    """Week of the program on ``day`` in the clinic's calendar: floor(days / 7) + 1.

    None before the start: there is no week 0. Protocol sheet 1.3 (design default).
    """
    days = (day - start).days
    return days // 7 + 1 if days >= 0 else None


def planned_phase(version: Phased, start: date, day: date) -> str | None:
    """Code of the phase planned for ``day``; None before the start and in weeks without one."""
    week = week_number(start, day)
    if week is None:
        return None
    # A stored version answers with a manager of its phases, a plan with the phases themselves.
    phases = getattr(version.phases, "all", lambda: version.phases)()
    for phase in phases:
        if phase.first_week <= week and (phase.last_week is None or week <= phase.last_week):
            return phase.code
    return None


def occurrences(
    places: Iterable[WeeklyPlace], *, tz: ZoneInfo, first: date, last: date
) -> list[tuple[datetime, datetime]]:
    """Start and end in UTC of each place on each local day from ``first`` to ``last``, ascending.

    The start keeps its local wall-clock time across daylight-saving changes. A wall time that the
    clocks skip is moved forward by the skipped span; one that happens twice is its first
    occurrence. The end is ``minutes`` of real time later.
    """
    by_weekday: dict[int, list[WeeklyPlace]] = {}
    for place in places:
        by_weekday.setdefault(place.weekday, []).append(place)
    found: list[tuple[datetime, datetime]] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        for place in by_weekday.get(day.weekday(), ()):
            begin = wall_time(day, place.at, tz)
            found.append((begin, begin + timedelta(minutes=place.minutes)))
    return sorted(found)


def wall_time(day: date, at: time, tz: ZoneInfo) -> datetime:
    """The UTC instant at which the clinic's clock shows ``at`` on ``day``.

    With fold=0 Python reads a skipped time with the offset before the gap, which is the same
    instant as that time moved forward by the gap, and a repeated time as its first occurrence.
    """
    return datetime.combine(day, at.replace(fold=0), tzinfo=tz).astimezone(UTC)


def consecutive_weekdays(weekdays: Sequence[int]) -> tuple[int, int] | None:
    """The first two of these weekdays that follow each other, Sunday to Monday too; else None.

    A lift needs a rest day between visits (protocol sheet 1.2).
    """
    chosen = set(weekdays)
    for weekday in sorted(chosen):
        following = (weekday + 1) % 7
        if following in chosen:
            return weekday, following
    return None


def too_close_in_a_week(
    places: Sequence[tuple[int, time]], rest_hours: int
) -> tuple[int, int] | None:
    """Positions of the first two weekly places with less than ``rest_hours`` between; else None.

    Each place is a weekday (Monday 0) and a wall-clock time. Hours are those of the clinic's
    clock, from start to start, also over the end of the week.
    """
    week = 7 * 24 * 60
    starts = [weekday * 24 * 60 + at.hour * 60 + at.minute for weekday, at in places]
    for second, later in enumerate(starts):
        for first, earlier in enumerate(starts[:second]):
            apart = abs(later - earlier)
            if min(apart, week - apart) < rest_hours * 60:
                return first, second
    return None


def prescribed_to_date(*, start: date, until: date, frequency: int, weeks: int) -> int:
    """Visits prescribed from ``start`` to ``until``, both days included: the A1 denominator.

    floor(days x frequency / 7), at most frequency x weeks; 0 before the start. Protocol 5.3.
    """
    days = (until - start).days + 1
    if days <= 0:
        return 0
    return min(days * frequency // 7, frequency * weeks)
