"""When the next check or scan is due: a day of the calendar, counted from the start."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.retests import STILL_NAMED, Due, months_after, next_due

START = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("start", "months", "day"),
    [
        (date(2026, 3, 5), 4, date(2026, 7, 5)),
        (date(2026, 3, 5), 12, date(2027, 3, 5)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_month_s_last(
    start: date, months: int, day: date
) -> None:
    assert months_after(start, months) == day


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (START, Due(date(2026, 7, 5), past=False)),
        (date(2026, 7, 5), Due(date(2026, 7, 5), past=False)),
        (date(2026, 7, 6), Due(date(2026, 7, 5), past=True)),
        (date(2026, 8, 2), Due(date(2026, 7, 5), past=True)),
        (date(2026, 8, 3), Due(date(2026, 11, 5), past=False)),
    ],
)
def test_a_day_that_has_passed_is_named_for_four_weeks_more(today: date, due: Due) -> None:
    assert next_due(START, every_months=4, today=today) == due


def test_what_is_never_asked_for_is_never_due() -> None:
    assert next_due(START, every_months=0, today=START) is None


def test_negative_months_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        next_due(START, every_months=-1, today=START)


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    every=st.integers(1, 36),
    later=st.integers(0, 4000),
)
def test_it_is_a_whole_number_of_steps_from_the_start_and_never_long_ago(
    start: date, every: int, later: int
) -> None:
    today = start + timedelta(days=later)

    due = next_due(start, every_months=every, today=today)

    assert due is not None
    assert due.on in {months_after(start, every * step) for step in range(1, 200)}
    assert due.on >= today - STILL_NAMED
    assert due.past == (due.on < today)
    steps = [months_after(start, every * step) for step in range(1, 200)]
    assert due.on == min(day for day in steps if day >= today - STILL_NAMED)
