"""Days, times and names as people say them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from sessions.portal import clock, day_words, days_until, names, span_words

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((9, 0), (9, 30), "9:00 to 9:30 in the morning"),
        ((11, 45), (12, 15), "11:45 in the morning to 12:15 in the afternoon"),
        ((12, 0), (12, 30), "12:00 to 12:30 in the afternoon"),
        ((14, 5), (14, 35), "2:05 to 2:35 in the afternoon"),
        ((16, 45), (17, 15), "4:45 in the afternoon to 5:15 in the evening"),
        ((18, 30), (19, 0), "6:30 to 7:00 in the evening"),
    ],
)
def test_a_time_is_said_with_its_part_of_the_day(
    start: tuple[int, int], end: tuple[int, int], said: str
) -> None:
    assert span_words(datetime(2026, 3, 9, *start), datetime(2026, 3, 9, *end)) == said  # noqa: DTZ001 - a wall clock


def test_midnight_is_twelve_on_the_clock_s_face() -> None:
    assert clock(datetime(2026, 3, 9, 0, 5)) == "12:05"  # noqa: DTZ001 - a wall clock


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 23), "today"),
        (date(2026, 11, 24), "tomorrow"),
        (date(2026, 11, 25), "in 2 days"),
        (date(2026, 11, 22), "today"),  # it began before midnight and is still on
    ],
)
def test_how_far_a_day_is(day: date, said: str) -> None:
    assert days_until(day, today=TODAY) == said


def test_a_day_has_its_year_only_when_it_is_another_one() -> None:
    assert day_words(date(2026, 11, 26), today=TODAY) == "Thursday 26 November"
    assert day_words(date(2027, 1, 4), today=TODAY) == "Monday 4 January 2027"


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([], ""),
        (["Ana T."], "Ana T."),
        (["Ana T.", "Tess T."], "Ana T. and Tess T."),
        (["A", "B", "C"], "A, B and C"),
    ],
)
def test_names_are_joined_as_in_a_sentence(people: list[str], said: str) -> None:
    assert names(people) == said
