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


def test_the_sooner_check_comes_first() -> None:
    told = [(one.what, one.words) for one in checks(START, rules=DEFAULT_RULES, today=START)]

    assert told == [
        ("check of strength and balance", "is due around 5 July"),
        ("scan (DXA)", "is due around 5 March 2027"),
    ]


def test_one_that_has_just_passed_is_said_to_have_been_due() -> None:
    first = checks(START, rules=DEFAULT_RULES, today=date(2026, 7, 20))[0]

    assert first.words == "was due around 5 July"
