"""What the tests of the portal share."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from sessions import calendars
from sessions.models import CalendarFeed
from tests.cast import NOW, Cast
from tests.portal.pages import logged_in


@pytest.fixture
def feed(cast: Cast) -> CalendarFeed:
    return calendars.open_feed(client=cast.cal_client, now=NOW)


@pytest.fixture
def cal(cast: Cast) -> Browser:
    """Cal in front of his own pages."""
    return logged_in(cast.cal)


@pytest.fixture
def con(cast: Cast) -> Browser:
    """Con, his daughter, who may look at them."""
    return logged_in(cast.con)
