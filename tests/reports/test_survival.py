"""Kaplan and Meier's curve by itself: the vector of the protocol sheet, and what always holds."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.reports.survival import MARKS, Watched, curve, in_percent

#: Protocol sheet 8.19.
SHEET = [
    *((4, True), (9, True), (12, False), (16, True), (20, False), (26, True)),
    *[(35, False)] * 4,
]
#: A slow machine is not a failure.
SLOWLY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
HISTORIES = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=40)


def of(*history):
    return curve(Watched(week, left) for week, left in history)


def test_the_vector_of_the_protocol_sheet_holds_to_the_digit():
    one = of(*SHEET)
    steps = [(step.week, step.at_risk, round(float(step.share), 4)) for step in one.steps]
    assert steps == [(4, 10, 0.9), (9, 9, 0.8), (16, 7, 0.6857), (26, 5, 0.5486)]
    assert one.share(26) == Fraction(96, 175)
    assert one.share(35) == one.share(26) != Fraction(6, 10)
    assert one.marked() == (
        *((0, 10), (4, 10), (8, 9), (12, 8), (16, 7)),
        *((20, 6), (24, 5), (28, 4), (32, 4), (35, 4)),
    )
    assert [one.left_by(week) for week in MARKS] == [0, 1, 1, 2, 3, 3, 3, 4, 4, 4]


def test_the_interval_is_greenwoods_on_the_log_log_scale():
    # By hand: 1/90 + 1/72 + 1/42 + 1/20 = 0.0988095; sqrt ÷ |ln 0.548571| = 0.5236016;
    # exp(1.959964 × 0.5236016) = 2.7906; 0.548571^2.7906 and 0.548571^(1/2.7906).
    low, high = of(*SHEET).interval(26)
    assert (round(low, 4), round(high, 4)) == (0.1873, 0.8064)


def test_there_is_no_interval_before_the_first_dropout_and_none_when_all_have_left():
    one = of((4, True), (8, False))
    assert one.interval(3) is None
    assert one.interval(4) is not None
    everybody = of((4, True), (4, True))
    assert everybody.share(4) == 0
    assert everybody.share(35) == 0, "nobody is left, and that stays known"
    assert everybody.interval(4) is None


def test_nothing_is_said_of_weeks_that_nobody_was_watched_for():
    one = of((4, True), (9, False))
    assert one.share(9) == Fraction(1, 2)
    assert one.share(10) is None
    assert one.interval(10) is None
    assert one.drawn() == ((0.0, 1.0), (4.0, 0.5), (9.0, 0.5))


def test_who_is_taken_out_in_the_week_of_a_dropout_was_still_at_risk_in_it():
    assert of((4, True), (4, False)).share(4) == Fraction(1, 2)


def test_a_week_before_the_first_is_refused():
    with pytest.raises(ValueError, match="counted from 1"):
        of((0, True))


def test_a_curve_is_drawn_to_week_35_at_most_and_nothing_of_nobody():
    assert of((50, True), (60, False)).drawn() == ((0.0, 1.0), (35.0, 1.0))
    assert curve([]).drawn() == ()
    assert curve([]).share(4) is None


def test_percentages_are_rounded_half_up_and_what_is_not_known_stays_blank():
    assert str(in_percent(Fraction(96, 175))) == "54.9"
    assert str(in_percent(Fraction(1, 16))) == "6.3"
    assert in_percent(None) is None


@SLOWLY
@given(HISTORIES)
def test_it_is_the_plain_product_over_the_weeks(history):
    one = of(*history)
    share = Fraction(1)
    for week in range(1, 61):
        here = sum(until >= week for until, _ in history)
        gone = sum(until == week and left for until, left in history)
        if here:
            share *= 1 - Fraction(gone, here)
            assert one.share(week) == share
        else:
            assert one.share(week) == (None if share else 0)
        assert one.at_risk(week) == here


@SLOWLY
@given(HISTORIES)
def test_shares_fall_and_intervals_hold_them(history):
    one = of(*history)
    shares = [one.share(week) for week in range(61)]
    known = [share for share in shares if share is not None]
    assert known == sorted(known, reverse=True)
    for week, share in enumerate(shares):
        ends = one.interval(week)
        if ends and share is not None:
            assert 0 <= ends[0] <= share <= ends[1] <= 1


@SLOWLY
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_where_nobody_is_taken_out_it_is_the_plain_share(weeks):
    one = of(*((week, True) for week in weeks))
    for week in range(41):
        assert one.share(week) == Fraction(sum(until > week for until in weeks), len(weeks))
