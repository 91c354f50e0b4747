"""Where it is day now: the demo clinic of the browser's tests stands there.

Its classes lie around the moment at which it is made, so that late in its evening those to come
would be over. A test must not fail by the hour at which it runs.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONES = ("Australia/Brisbane", "Europe/London", "America/New_York")
#: Hours of the clinic's clock from which on a run of the tests ends well before the evening.
DAY = range(7, 17)


def day_at(moment: datetime) -> ZoneInfo:
    """The first of the zones in which it is day."""
    return next(zone for zone in map(ZoneInfo, ZONES) if moment.astimezone(zone).hour in DAY)


def daylight() -> ZoneInfo:
    """The zone of this run, the same in each of its processes: they inherit the first one's."""
    return ZoneInfo(os.environ.setdefault("DAYLIGHT", str(day_at(datetime.now(UTC)))))
