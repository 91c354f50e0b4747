"""What the SQL of the adherence report is asked with, and of whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from programs.calendar import wall_time
from programs.plans import rules_at

from . import attendance_sql as sql
from .attendance_counts import WORD
from .scope import By, Scope, months


def phased(scope: Scope) -> bool:
    """Whether sessions are told apart by planned phase."""
    return scope.filters.by == By.PHASE or bool(scope.filters.phase)


def parameters(scope: Scope, **more: Any) -> dict[str, Any]:
    """What the SQL of this report is asked with, beside what every report's is."""
    calendars: dict[str, Any] = {}
    for number, zone in enumerate(_zones(scope)):
        midnights, weeks = _calendar(zone, scope.filters.first, _days(scope))
        calendars[f"zone_{number}"] = zone.key
        calendars[f"midnights_{number}"] = midnights
        calendars[f"months_{number}"] = _months(zone, scope.filters.first, _days(scope))
        calendars |= {f"weeks_{number}_{turn}": said for turn, said in enumerate(weeks)}
    return {
        **calendars,
        "makeup_days": [
            rules_at(clinic, scope.as_at).rules.makeup_days for clinic in scope.clinics
        ],
        "phase": scope.filters.phase or None,
        **more,
    }


def enrolled(scope: Scope, which: str = "true") -> str:
    """The SQL of one row c for each enrollment of a scope, or for those of whom this holds."""
    return sql.enrolled(len(_zones(scope)), which)


def words(scope: Scope) -> int:
    """How many times 64 weeks of a program the days touch."""
    return (_days(scope) // 7 + 1) // WORD + 1


def _days(scope: Scope) -> int:
    """The days that were asked for, as far as they have begun anywhere."""
    filters = scope.filters
    today = max((scope.today(clinic) for clinic in scope.clinics), default=filters.last)
    return max(0, (min(filters.last, today) - filters.first).days + 1)


@lru_cache(maxsize=64)
def _calendar(zone: ZoneInfo, first: date, days: int) -> tuple[str, tuple[str, ...]]:
    """The midnights of so many days as an array of SQL, and those with which weeks of a program
    begin, by its turn: on which of seven days it does.
    """
    midnights = [
        wall_time(first + timedelta(days=day), time.min, zone).isoformat() for day in range(days)
    ]
    return _array(midnights), tuple(_array(midnights[6 - turn :: 7]) for turn in range(7))


@lru_cache(maxsize=64)
def _months(zone: ZoneInfo, first: date, days: int) -> str:
    """The same of the months that these days touch."""
    last = first + timedelta(days=days - 1)
    return _array([wall_time(one, time.min, zone).isoformat() for one in months(first, last)])


def _array(instants: Sequence[str]) -> str:
    return f"{{{','.join(instants)}}}"


def _zones(scope: Scope) -> Sequence[ZoneInfo]:
    return list(dict.fromkeys(clinic.tz for clinic in scope.clinics))
