"""What a client sees of a session she missed: that she can make up for it, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from sessions import unrecorded
from sessions.answers import answer_missed
from sessions.models import Flag
from tests.cast import NOW, Cast
from tests.portal.pages import logged_in, make_up, page, with_rules
from tests.sessions.flagged import raise_flag

OFFERED = "Sessions you can make up for"


@pytest.fixture
def no_show(cast: Cast) -> Flag:
    """Nobody knew what became of Cal this morning, until Ana said that he did not come."""
    unrecorded.flag_missed(NOW)
    flag = Flag.objects.get(visit=cast.visit)
    answer_missed(flag=flag, status="no_show", by=cast.ana, now=NOW)
    return flag


def test_a_missed_session_is_offered_to_be_made_up(cast: Cast, no_show: Flag) -> None:
    browser = logged_in(cast.cal)
    assert OFFERED in page(browser)
    assert make_up(cast.visit) in browser.get("/c/north/my/").text


def test_not_before_somebody_has_said_that_it_was_missed(cast: Cast) -> None:
    unrecorded.flag_missed(NOW)
    assert OFFERED not in page(logged_in(cast.cal))


def test_where_the_clinic_makes_nothing_up_nothing_is_offered(cast: Cast, no_show: Flag) -> None:
    with_rules(cast.ada, makeup_days=0)
    assert OFFERED not in page(logged_in(cast.cal))


def test_of_the_flags_themselves_she_sees_nothing(cast: Cast, no_show: Flag) -> None:
    raise_flag(cast.enrollment, "interrupted", "red", headline="missed 3 in a row")
    with time_machine.travel(NOW + timedelta(hours=1)):
        text = page(logged_in(cast.cal))
    assert "missed 3 in a row" not in text
    assert "Interrupted" not in text
    assert "flag" not in text.lower()
