"""Rest between two sessions: bones and muscles need it (protocol sheet 1.2).

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def too_close(
    start: datetime, others: Iterable[datetime], *, tz: ZoneInfo, rest_hours: int
) -> datetime | None:
    """The start nearest to ``start`` that leaves less than ``rest_hours`` between; None if none.

    Hours are those of the clinic's clock, from start to start: when the clocks change, Monday 9:00
    to Wednesday 9:00 is 48 hours all the same.
    """
    rest = timedelta(hours=rest_hours)
    here = _on_the_wall(start, tz)
    near = [(abs(_on_the_wall(other, tz) - here), other) for other in others]
    close = [found for found in near if found[0] < rest]
    return min(close)[1] if close else None


def _on_the_wall(moment: datetime, tz: ZoneInfo) -> datetime:
    return moment.astimezone(tz).replace(tzinfo=None)
