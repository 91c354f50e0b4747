"""Shares, intervals, months and the picture of the weeks: no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from sessions.reports.forms import first_until, months_before
from sessions.reports.scope import Filters, Scope
from sessions.reports.stats import percent, wilson
from sessions.reports.strips import HEIGHT, MOST_WEEKS, WEEK, Mark, Weeks, legend, strip

MONDAY = date(2025, 3, 3)


@pytest.mark.parametrize(
    ("hits", "total", "places", "said"),
    [
        (31, 40, 1, "77.5"),
        (31, 38, 2, "81.58"),
        (31, 35, 2, "88.57"),
        (33, 35, 2, "94.29"),
        (20, 24, 1, "83.3"),
        (20, 70, 1, "28.6"),
        (2, 70, 3, "2.857"),
        (1, 2000, 1, "0.1"),  # exactly half way
        (9, 80, 1, "11.3"),  # 11.25 goes up, not to the even digit
        (0, 7, 1, "0.0"),
        (7, 7, 1, "100.0"),
        (2, 1, 1, "200.0"),
        (0, 0, 1, ""),
    ],
)
def test_percentages_are_exact_and_rounded_half_up(hits, total, places, said):
    assert percent(hits, total, places) == said


@pytest.mark.parametrize("wrong", [(-1, 2, 1), (1, -2, 1), (1, 2, -1)])
def test_a_share_of_less_than_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="zero or more"):
        percent(*wrong)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(31, 40, "62.5", "87.7"), (923, 1097, "81.9", "86.2"), (1, 1, "20.7", "100.0")],
)
def test_wilsons_interval(hits, total, low, high):
    """Its ends are the shares from which what was seen is just 1.96 standard errors away."""
    ends = wilson(hits, total)

    assert tuple(f"{100 * end:.1f}" for end in ends) == (low, high)
    for end in ends:
        away = (hits / total - end) ** 2
        assert away == pytest.approx(1.959964**2 * end * (1 - end) / total, abs=1e-6)


def test_wilsons_interval_ends_where_shares_end():
    assert wilson(0, 49)[0] == 0.0
    assert wilson(49, 49)[1] == 1.0
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="none and all"):
        wilson(3, 2)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 23), date(2026, 5, 24)),
        (date(2026, 3, 31), date(2025, 10, 1)),  # six months before is 30 September
        (date(2024, 8, 29), date(2024, 3, 1)),
        (date(2025, 8, 29), date(2025, 3, 1)),
    ],
)
def test_six_months_are_counted_in_months(day, first):
    assert first_until(day) == first


def test_months_before_can_be_months_after():
    assert months_before(date(2025, 12, 31), -2) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "hours"),
    [
        ("Australia/Brisbane", date(2026, 3, 5), datetime(2026, 3, 4, 14, tzinfo=UTC), 24),
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC), 23),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), 25),
        # In Santiago the clocks change at midnight: once there is no 0:00, once 23:00 comes twice.
        ("America/Santiago", date(2026, 9, 6), datetime(2026, 9, 6, 4, tzinfo=UTC), 23),
        ("America/Santiago", date(2026, 4, 4), datetime(2026, 4, 4, 3, tzinfo=UTC), 25),
    ],
)
def test_a_day_is_as_long_as_the_clinics_clock_makes_it(zone, day, begins, hours):
    scope = Scope(
        (Clinic(pk=1, timezone=zone),),
        Enrollment.objects.none(),
        Filters(day, day),
        as_at=begins + timedelta(days=30),
    )

    asked = scope.chosen()[1]

    assert (asked["begins"], asked["ends"]) == ([begins], [begins + timedelta(hours=hours)])


def test_any_six_months_fit_the_picture():
    for number in range(366 * 4):
        day = date(2024, 1, 1) + timedelta(days=number)
        first = first_until(day)
        assert Weeks.within(first, day).first <= first


def test_of_a_longer_time_the_last_weeks_are_shown():
    weeks = Weeks.within(date(2020, 1, 1), MONDAY + timedelta(days=6))

    assert weeks == Weeks(MONDAY - timedelta(weeks=MOST_WEEKS - 1), MOST_WEEKS)


def test_months_are_named_where_they_begin_and_never_over_each_other():
    weeks = Weeks.within(date(2025, 3, 24), date(2025, 6, 15))

    # March has one week left, too little for its name.
    named = [(x // WEEK, day.strftime("%b")) for x, day in weeks.months()]
    assert named == [(1, "Apr"), (5, "May"), (9, "Jun")]


def test_each_state_is_drawn_in_a_shape_of_its_own():
    shapes = {(path.css, path.d) for path in map(legend, Mark)}

    assert len(shapes) == len(Mark)
    # In grey there is no class: the shapes alone differ too.
    assert len({d for _, d in shapes}) == len(Mark)


def test_a_week_is_tinted_by_what_was_attended_in_it():
    def tints(*marks):
        drawn = strip(Weeks(MONDAY, 1), [(MONDAY, mark) for mark in marks])
        return {path.css for path in drawn.paths if path.css.startswith("wk-")}

    assert tints(Mark.ATTENDED, Mark.ATTENDED) == {"wk-all"}
    assert tints(Mark.ATTENDED, Mark.BESIDE) == {"wk-all"}
    assert tints(Mark.ATTENDED, Mark.NO_SHOW) == {"wk-some"}
    assert tints(Mark.NO_SHOW) == tints() == set()


def test_the_picture_tells_in_words_what_it_draws():
    sessions = [
        (MONDAY - timedelta(days=1), Mark.NO_SHOW),  # before the weeks on show
        (MONDAY, Mark.ATTENDED),
        (MONDAY + timedelta(days=3), Mark.LATE_CANCEL),
        (MONDAY + timedelta(days=7), Mark.ATTENDED),
        (MONDAY + timedelta(days=14), Mark.NO_SHOW),  # after them
    ]

    drawn = strip(Weeks(MONDAY, 2), sessions)

    assert drawn.label == "2 attended, 1 cancelled late"
    strokes = next(path.d for path in drawn.paths if path.css == "m-att")
    assert strokes.count("M") == 2
    assert strip(Weeks(MONDAY, 2), []).label == "no session"


def test_the_tint_lies_below_the_marks_and_fills_the_week():
    first, *_ = strip(Weeks(MONDAY, 1), [(MONDAY, Mark.ATTENDED)]).paths

    assert first.css == "wk-all"
    assert f"v{HEIGHT}" in first.d
