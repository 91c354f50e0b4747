"""When a backup is due, and which ones are kept. Pure: moments in, moments out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

#: A site whose last good backup is older has lost a night and half a day of another.
TOO_OLD = timedelta(hours=36)
VERIFY_EVERY = timedelta(days=7)


def due(now: datetime, last: datetime | None, hour: int) -> bool:
    """Whether the night of ``hour`` (0 to 23, UTC) has begun since the last good backup.

    A site without any is due at once.
    """
    if last is None:
        return True
    begins = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if begins > now:
        begins -= timedelta(days=1)
    return last < begins


def verification_due(now: datetime, verified: datetime | None) -> bool:
    """Whether the next backup is restored for a test: once a week, half a day early at most."""
    return verified is None or now - verified > VERIFY_EVERY - timedelta(hours=12)


def kept(
    moments: Iterable[datetime], *, daily: int, weekly: int, monthly: int
) -> frozenset[datetime]:
    """The newest of each of the last days, weeks (from Monday) and months that have any, in UTC.

    The newest of all is always kept.
    """
    newest_first = sorted(moments, reverse=True)
    keep = set(newest_first[:1])
    keep |= _newest_of(newest_first, daily, lambda at: at.date())
    keep |= _newest_of(newest_first, weekly, lambda at: at.isocalendar()[:2])
    keep |= _newest_of(newest_first, monthly, lambda at: (at.year, at.month))
    return frozenset(keep)


def _newest_of(
    newest_first: list[datetime], number: int, period: Callable[[datetime], Any]
) -> set[datetime]:
    found: dict[Any, datetime] = {}
    for at in newest_first:
        found.setdefault(period(at), at)
    return set(list(found.values())[:number])
