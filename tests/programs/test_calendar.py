"""Weeks, phases and visits' times, by the vectors of the protocol sheet and across DST."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.calendar import (
    PlannedPhase,
    Schedule,
    WeeklyPlace,
    consecutive_weekdays,
    occurrences,
    planned_phase,
    prescribed_to_date,
    week_number,
)

START = date(2025, 3, 3)
PHASES = (
    PlannedPhase("INTRO", 1, 4),
    PlannedPhase("BUILD", 5, 8),
    PlannedPhase("LOAD", 9, 35),
    PlannedPhase("MAINTAIN", 36, None),
)
VERSION = Schedule(PHASES)


# Vector 8.13 in full: every day that it names, with its number of days since the start, and the
# day on the other side of each change.
@pytest.mark.parametrize(
    ("day", "days", "week", "phase"),
    [
        (date(2024, 3, 3), -365, None, None),
        (date(2025, 2, 24), -7, None, None),
        (date(2025, 3, 2), -1, None, None),  # before the start: null, not week 0
        (date(2025, 3, 3), 0, 1, "INTRO"),
        (date(2025, 3, 9), 6, 1, "INTRO"),
        (date(2025, 3, 10), 7, 2, "INTRO"),
        (date(2025, 3, 30), 27, 4, "INTRO"),
        (date(2025, 3, 31), 28, 5, "BUILD"),
        (date(2025, 4, 27), 55, 8, "BUILD"),
        (date(2025, 4, 28), 56, 9, "LOAD"),
        (date(2025, 11, 2), 244, 35, "LOAD"),
        (date(2025, 11, 3), 245, 36, "MAINTAIN"),
        (date(2027, 11, 3), 975, 140, "MAINTAIN"),
    ],
)
def test_week_and_planned_phase_of_a_day(day, days, week, phase):
    assert (day - START).days == days
    assert week_number(START, day) == week
    assert planned_phase(VERSION, START, day) == phase


def test_eight_calendar_months_from_that_start_are_thirty_five_weeks():
    assert START.replace(month=START.month + 8) == START + timedelta(weeks=35)
    assert week_number(START, START + timedelta(weeks=35)) == 36


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-1000, 3000))
def test_a_week_has_seven_days_and_none_is_week_zero(start, days):
    day = start + timedelta(days=days)
    week = week_number(start, day)
    assert (week is None) == (day < start)
    if week is not None:
        assert timedelta(weeks=week - 1) <= day - start < timedelta(weeks=week)


def test_a_week_that_no_phase_covers_has_no_planned_phase():
    assert planned_phase(Schedule(PHASES[:1]), START, START + timedelta(weeks=4)) is None


def starts(zone, *places, first, last):
    tz = ZoneInfo(zone)
    return [begin for begin, _ in occurrences(places, tz=tz, first=first, last=last)]


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "first", "expected"),
    [
        # Clocks go forward on 29 March 2026 in Berlin: 10:00 is 09:00 UTC before, 08:00 after.
        ("Europe/Berlin", date(2026, 3, 23), [utc(2026, 3, 23, 9), utc(2026, 3, 30, 8)]),
        ("Europe/Berlin", date(2026, 10, 19), [utc(2026, 10, 19, 8), utc(2026, 10, 26, 9)]),
        # The other hemisphere: Sydney's clocks go back on 5 April and forward on 4 October.
        ("Australia/Sydney", date(2026, 3, 30), [utc(2026, 3, 29, 23), utc(2026, 4, 6, 0)]),
        ("Australia/Sydney", date(2026, 9, 28), [utc(2026, 9, 28, 0), utc(2026, 10, 4, 23)]),
    ],
)
def test_a_weekly_place_keeps_its_wall_time_when_the_clocks_change(zone, first, expected):
    place = WeeklyPlace(0, time(10), 30)
    assert starts(zone, place, first=first, last=first + timedelta(days=13)) == expected


def test_a_wall_time_that_the_clocks_skip_is_moved_forward_by_the_gap():
    place = WeeklyPlace(6, time(2, 30), 30)
    day = date(2026, 3, 29)
    (begin,) = starts("Europe/Berlin", place, first=day, last=day)
    assert begin == utc(2026, 3, 29, 1, 30)
    assert begin.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 30)


def test_a_wall_time_that_happens_twice_is_its_first_occurrence():
    place = WeeklyPlace(6, time(2, 30), 30)
    day = date(2026, 10, 25)
    assert starts("Europe/Berlin", place, first=day, last=day) == [utc(2026, 10, 25, 0, 30)]


def test_a_visit_over_the_change_still_lasts_its_minutes():
    place = WeeklyPlace(6, time(1, 45), 30)
    day = date(2026, 3, 29)
    ((begin, end),) = occurrences([place], tz=ZoneInfo("Europe/Berlin"), first=day, last=day)
    assert end - begin == timedelta(minutes=30)
    assert end.astimezone(ZoneInfo("Europe/Berlin")).time() == time(3, 15)


def test_occurrences_are_ascending_and_include_the_first_and_the_last_day():
    thursday, monday = WeeklyPlace(3, time(9), 30), WeeklyPlace(0, time(17), 45)
    found = starts("UTC", thursday, monday, first=date(2026, 6, 1), last=date(2026, 6, 11))
    assert found == [
        utc(2026, 6, 1, 17),
        utc(2026, 6, 4, 9),
        utc(2026, 6, 8, 17),
        utc(2026, 6, 11, 9),
    ]


def test_a_span_that_ends_before_it_begins_has_no_occurrences():
    assert starts("UTC", WeeklyPlace(0, time(9), 30), first=START, last=date(2025, 3, 2)) == []


@pytest.mark.parametrize(
    ("weekday", "at", "minutes"),
    [(7, time(9), 30), (-1, time(9), 30), (0, time(9, tzinfo=UTC), 30), (0, time(9), 0)],
)
def test_a_place_that_cannot_be_is_refused(weekday, at, minutes):
    with pytest.raises(ValueError):
        WeeklyPlace(weekday, at, minutes)


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        ((0, 3), None),
        ((0, 2, 4), None),
        ((0, 1), (0, 1)),
        ((3, 2), (2, 3)),
        ((0, 6), (6, 0)),
        ((6,), None),
        ((), None),
        ((2, 2), None),
    ],
)
def test_consecutive_weekdays_are_named_and_sunday_is_followed_by_monday(weekdays, expected):
    assert consecutive_weekdays(weekdays) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, 0),
        (-5, 0),
        (1, 0),
        (3, 0),
        (4, 1),
        (7, 2),
        (20 * 7, 40),  # vector 8.14
        (12 * 7, 24),  # vector 8.15
        (35 * 7, 70),
        (52 * 7, 70),
    ],
)
def test_visits_prescribed_to_date_stop_at_the_end_of_the_program(days, expected):
    until = START + timedelta(days=days - 1)
    assert prescribed_to_date(start=START, until=until, frequency=2, weeks=35) == expected
