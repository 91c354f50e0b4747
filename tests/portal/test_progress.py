"""How far she is: breaks are added at the end, and the next check is named, and nothing more."""

from __future__ import annotations

from datetime import date

import pytest

from programs.rules import DEFAULT_RULES
from sessions.portal.progress import Break, SoFar, checks, days_off, ends_about, so_far

START = date(2026, 3, 5)
JULY = Break(date(2026, 7, 6), date(2026, 7, 19))


def said(breaks: list[Break], *, today: date = START, came: int = 41) -> SoFar:
    return so_far(
        starts_on=START, weeks=35, sessions=70, came=came, extra=0, breaks=breaks, today=today
    )


def test_a_program_of_35_weeks_ends_on_its_last_day() -> None:
    assert ends_about(START, weeks=35, breaks=[]) == date(2026, 11, 4)


def test_the_days_of_a_break_come_on_top() -> None:
    assert ends_about(START, weeks=35, breaks=[JULY]) == date(2026, 11, 18)


def test_a_day_in_two_breaks_is_one_day() -> None:
    assert days_off([JULY, Break(date(2026, 7, 10), date(2026, 7, 22))]) == 17


def test_who_resumed_before_the_break_began_had_none() -> None:
    assert days_off([Break(date(2026, 7, 6), date(2026, 7, 5))]) == 0


@pytest.mark.parametrize(
    ("breaks", "until", "mentioned"),
    [([], "November 2026", False), ([JULY, Break(date(2026, 9, 1), date(2026, 9, 30))],
     "December 2026", True)],
)  # fmt: skip
def test_the_month_of_the_end_is_said(breaks: list[Break], until: str, mentioned: bool) -> None:
    told = said(breaks)

    assert (told.until, told.breaks) == (until, mentioned)


@pytest.mark.parametrize(("today", "came"), [(date(2026, 12, 1), 41), (START, 70)])
def test_an_end_that_has_passed_or_a_full_count_is_not_announced(today: date, came: int) -> None:
    assert said([], today=today, came=came).until == ""


def due(tests: list[date], scans: list[date], *, today: date = START) -> list[tuple[str, str]]:
    found = checks(START, tests=tests, scans=scans, rules=DEFAULT_RULES, today=today)
    return [(one.what, one.words) for one in found]


def test_before_anything_was_measured_the_first_of_both_is_due_by_week_4() -> None:
    assert due([], []) == [
        ("first check of strength and balance", "is due around 1 April"),
        ("first scan (DXA)", "is due around 1 April"),
    ]


def test_the_next_follow_from_the_days_on_which_she_was_measured_the_sooner_first() -> None:
    assert due([date(2026, 3, 9)], [date(2026, 3, 20)]) == [
        ("next check of strength and balance", "is due around 5 July"),
        ("next scan (DXA)", "is due around 20 March 2027"),
    ]


def test_one_that_was_not_done_is_said_to_have_been_due_until_it_is() -> None:
    measured = {"scans": [date(2026, 3, 20)], "today": date(2026, 7, 20)}
    assert due([date(2026, 3, 9)], **measured)[0][1] == "was due around 5 July"
    assert due([date(2026, 7, 20)], **measured)[0][1] == "is due around 5 November"
