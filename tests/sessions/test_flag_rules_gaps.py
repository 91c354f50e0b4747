"""Lapsed, and long away, at their limits: pure, from what became of sessions day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sessions.flags.gaps import away, lapsed
from sessions.flags.history import Session
from tests.sessions.attended import BASE, BEFORE, ask, asked, sessions


def test_no_gap_or_lapse_opens_in_a_pause_but_its_days_count():
    pause = [(date(2026, 3, 9), date(2026, 3, 29))]
    for judge in (away, lapsed):
        assert ask(judge, "A", date(2026, 3, 29), pauses=pause) is None
        after = ask(judge, "A", date(2026, 3, 30), pauses=pause)
        assert after.evidence["days"] == 28


# --- F04 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "there"), [(20, False), (21, True), (22, True)])
def test_lapsed_is_three_weeks_with_nothing_booked(days, there):
    found = ask(lapsed, "A", BASE + timedelta(days=days))
    assert (found is not None) == there
    if found:
        assert found.severity == "red"
        assert found.evidence["headline"] == f"has lapsed: {days} days without a session"
        assert found.evidence["detail"] == "Last here 2 March. Nothing booked."


def test_who_has_something_booked_has_not_lapsed():
    day = BASE + timedelta(days=30)
    seat = Session(9, day + timedelta(days=20), "planned", booked_at=BEFORE)
    noon = asked(day).now
    for coming, there in (
        (seat, False),
        (seat._replace(day=day), False),  # today, and nobody has said anything yet
        (seat._replace(day=day, state="no_show"), True),
        (seat._replace(state="cancelled_client", freed_at=noon - timedelta(days=1)), True),
        (seat._replace(state="cancelled_client", freed_at=noon + timedelta(days=1)), False),
        (seat._replace(booked_at=noon + timedelta(days=1)), True),
        (seat._replace(booked_at=None, state="holiday_closed"), True),
    ):
        assert (ask(lapsed, [*sessions("A"), coming], day) is not None) == there


def test_who_never_came_has_lapsed_three_weeks_after_her_first_day():
    assert ask(lapsed, "E", BASE + timedelta(days=20)) is None
    found = ask(lapsed, "E", BASE + timedelta(days=21))
    assert found.evidence["headline"] == "has not come yet, 21 days after her start"
    assert ask(lapsed, [], BASE - timedelta(days=40)) is None


def test_a_lapse_that_was_answered_comes_back_after_as_long_again():
    keys = [ask(lapsed, "A", BASE + timedelta(days=days)).key for days in (21, 41, 42)]
    assert keys == ["F04.1|0|1", "F04.1|0|1", "F04.1|0|2"]


# --- F05 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said", "asks"),
    [
        (7, None, ""),  # vector 8.22: none
        (8, "info", "10 % less, one gentle visit"),
        (10, "info", "10 % less, one gentle visit"),  # vector 8.22
        (14, "info", "10 % less, one gentle visit"),
        (15, "amber", "20 % less, two gentle visits"),
        (21, "amber", "20 % less, two gentle visits"),  # vector 8.22
        (28, "amber", "20 % less, two gentle visits"),
        (29, "amber", "re-screen first, 30 % less, two gentle visits"),
        (56, "amber", "re-screen first, 30 % less, two gentle visits"),
        (57, "amber", "re-screen first, then from the first phase on again"),
    ],
)
def test_days_away_and_what_the_next_visit_asks(days, said, asks):
    found = ask(away, "A", BASE + timedelta(days=days))
    assert (found and str(found.severity)) == said
    if found:
        assert found.evidence["detail"] == (
            f"Last here 2 March. Nothing booked. On her return: {asks}."
        )


def test_the_next_visit_asks_by_its_own_day():
    seat = Session(9, date(2026, 3, 17), "planned", booked_at=BEFORE)  # 15 days after the last
    found = ask(away, [*sessions("A"), seat], date(2026, 3, 12))
    assert found.severity == "info"
    assert found.evidence["detail"] == (
        "Last here 2 March. Next booked Tuesday 17 March: 20 % less, two gentle visits."
    )


def test_gap_days_count_for_any_reason():
    for letters in ("AEE", "AXX", "AHH", "ANN", "AUU"):
        assert ask(away, letters, date(2026, 3, 10)).evidence["days"] == 8


def test_who_never_came_is_away_since_her_first_day_and_nothing_is_asked_for_less():
    assert ask(away, "E", date(2026, 3, 9)) is None
    found = ask(away, "E", date(2026, 3, 10))
    assert found.evidence["headline"] == "has not come yet, 8 days after her start"
    assert found.evidence["detail"] == "Began on 2 March. Nothing booked."


def test_each_band_is_new_evidence_and_each_day_of_it_is_not():
    keys = [ask(away, "A", BASE + timedelta(days=days)).key for days in (8, 14, 15, 28, 29, 57)]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert len(set(keys)) == 4
