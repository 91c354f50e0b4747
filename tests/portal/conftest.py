"""What the tests of the portal share."""

from __future__ import annotations

import pytest

from sessions import calendars
from sessions.models import CalendarFeed
from tests.cast import NOW, Cast


@pytest.fixture
def feed(cast: Cast) -> CalendarFeed:
    return calendars.open_feed(client=cast.cal_client, now=NOW)
