"""A time zone written out for a calendar, so that a device needs to know none by its name.

RFC 5545, 3.6.5: each onset is given by the clock on the wall as it stood before it. (The library's
own are given by the clock after it, which is an hour late wherever clocks go forward.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Onset:
    """When an offset begins: ``wall`` is the clock before it, without a zone."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str
    daylight: bool


@lru_cache(maxsize=64)
def timezone_of(zone: str, first_year: int, last_year: int) -> icalendar.Timezone:
    """The VTIMEZONE of a zone, by its IANA name, for whole years, both included."""
    onsets = list(_onsets(ZoneInfo(zone), first_year, last_year))
    timezone = icalendar.Timezone()
    timezone.add("tzid", zone)
    alike: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for one in onsets:
        key = (one.before, one.after, one.name, one.daylight)
        alike.setdefault(key, []).append(one.wall)
    for (before, after, name, daylight), walls in alike.items():
        part = icalendar.TimezoneDaylight() if daylight else icalendar.TimezoneStandard()
        part.add("dtstart", walls[0])
        if walls[1:]:
            part.add("rdate", walls[1:])
        part.add("tzname", name)
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        timezone.add_component(part)
    return timezone


def _onsets(tz: ZoneInfo, first_year: int, last_year: int) -> Iterator[_Onset]:
    """The offset at the beginning, then each change of it."""
    moment = datetime(first_year, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    yield _onset(tz, moment, moment)
    while moment < end:
        if _offset(tz, moment) != _offset(tz, moment + _DAY):
            change = _change(tz, moment, moment + _DAY)
            yield _onset(tz, change - timedelta(seconds=1), change)
        moment += _DAY


def _change(tz: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second in which the offset changes between two moments."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(tz, middle) == _offset(tz, before):
            before = middle
        else:
            after = middle
    return after


def _onset(tz: ZoneInfo, before: datetime, at: datetime) -> _Onset:
    old, local = _offset(tz, before), at.astimezone(tz)
    return _Onset(
        wall=(at + old).replace(tzinfo=None),
        before=old,
        after=_offset(tz, at),
        name=local.tzname() or "",
        daylight=bool(local.dst()),
    )


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(tz).utcoffset() or timedelta(0)
