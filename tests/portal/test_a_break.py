"""A break: said once with its days, added at the end, and held against nobody."""

from __future__ import annotations

from datetime import date

import time_machine
from django.test import Client as Browser

from sessions import pausing
from sessions.models import Pause
from tests.cast import NOW, Cast
from tests.portal.pages import page


def pause(cast: Cast, first: date, last: date) -> Pause:
    pausing.pause(
        enrollment=cast.enrollment,
        starts_on=first,
        ends_on=last,
        why="On holiday",
        by=cast.dee,
        now=NOW,
    )
    return Pause.objects.get()


def test_a_break_is_said_once_and_its_sessions_are_not_listed(cast: Cast, cal: Browser) -> None:
    pause(cast, date(2026, 3, 9), date(2026, 3, 22))

    text = page(cal)

    assert text.startswith("Your first session is in 18 days Monday 23 March")
    assert "You have a break from Monday 9 March to Sunday 22 March." in text
    for day in ("Thursday 12 March", "Monday 16 March", "Thursday 19 March"):
        assert day not in text
    assert "Thursday 26 March 9:00 am" in text
    assert "holiday" not in text
    assert "make up" not in text


def test_its_days_are_added_at_the_end(cast: Cast, cal: Browser) -> None:
    """The program runs from 5 March for 35 weeks: to 4 November without a break."""
    assert "The program runs until about November 2026." in page(cal)
    pause(cast, date(2026, 3, 9), date(2026, 4, 12))

    text = page(cal)

    assert "The program runs until about December 2026." in text
    assert "The days of your break are added at the end. They are not counted as missed." in text


def test_who_resumes_early_has_had_a_shorter_one(cast: Cast, cal: Browser) -> None:
    held = pause(cast, date(2026, 3, 9), date(2026, 3, 22))
    pausing.resume(pause=held, on=date(2026, 3, 16), by=cast.dee, now=NOW)

    text = page(cal)

    assert "You have a break from Monday 9 March to Sunday 15 March." in text
    assert text.startswith("Your first session is in 11 days Monday 16 March")


def test_a_break_that_is_over_is_not_announced(cast: Cast, cal: Browser) -> None:
    pause(cast, date(2026, 3, 9), date(2026, 3, 15))

    with time_machine.travel("2026-03-16T02:00:00Z"):
        assert "break from" not in page(cal)


def test_a_break_of_one_day_is_named_by_its_day(cast: Cast, cal: Browser) -> None:
    pause(cast, date(2026, 3, 9), date(2026, 3, 9))

    assert "You have a break on Monday 9 March." in page(cal)
