"""When the next tests and the next scan are due, by what was measured."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from types import SimpleNamespace

import pytest

from programs.checks_due import battery_due, scan_due
from programs.rules import Rules

RULES = Rules()
START = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("scans", "on", "overdue_from", "first"),
    [
        ([], date(2026, 4, 1), date(2026, 4, 2), True),
        ([date(2025, 3, 4)], date(2026, 4, 1), date(2026, 4, 2), True),
        ([date(2025, 3, 5)], date(2027, 3, 5), date(2027, 4, 5), False),
        ([date(2026, 3, 20)], date(2027, 3, 20), date(2027, 4, 20), False),
        ([date(2027, 3, 1), date(2026, 3, 20)], date(2028, 3, 1), date(2028, 4, 1), False),
        ([date(2028, 2, 29)], date(2029, 2, 28), date(2029, 3, 29), False),
        ([date(2027, 1, 31)], date(2028, 1, 31), date(2028, 2, 29), False),
    ],
)
def test_a_scan_is_due_a_year_after_the_last_that_counts(
    scans: list[date], on: date, overdue_from: date, first: bool
) -> None:
    due = scan_due(START, scans, RULES)
    assert (due.on, due.overdue_from, due.first) == (on, overdue_from, first)


@pytest.mark.parametrize(
    ("batteries", "on", "first"),
    [
        ([], date(2026, 4, 1), True),
        ([date(2025, 11, 4)], date(2026, 4, 1), True),
        ([date(2025, 11, 5)], date(2026, 7, 5), False),
        ([START], date(2026, 7, 5), False),
        ([START, date(2026, 6, 6)], date(2026, 7, 5), False),
        ([START, date(2026, 6, 7)], date(2026, 11, 5), False),
        ([START, date(2026, 9, 1)], date(2026, 11, 5), False),
        ([START, date(2026, 11, 5)], date(2027, 3, 5), False),
    ],
)
def test_tests_are_due_every_four_months_of_the_program(
    batteries: list[date], on: date, first: bool
) -> None:
    due = battery_due(START, batteries, RULES)
    assert (due.on, due.first) == (on, first)


def test_a_round_every_month_is_not_answered_by_the_one_before() -> None:
    due = battery_due(START, [date(2026, 4, 8)], replace(RULES, test_every_months=1))
    assert due.on == date(2026, 5, 5)


def test_a_due_day_itself_is_not_overdue_and_a_scan_has_a_month_more() -> None:
    tests, scan = battery_due(START, [START], RULES), scan_due(START, [START], RULES)
    assert [tests.overdue(date(2026, 7, day)) for day in (5, 6)] == [False, True]
    assert [scan.overdue(date(2027, 4, day)) for day in (4, 5)] == [False, True]


def test_rounds_shorter_than_a_month_are_refused() -> None:
    rules = SimpleNamespace(**{**asdict(RULES), "test_every_months": 0})
    with pytest.raises(ValueError, match="a month apart"):
        battery_due(START, [START], rules)
