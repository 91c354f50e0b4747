"""Rules about lifts at the very edge of a number, a day or a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from programs.rules import DEFAULT_RULES, Rules
from sessions.flags import Asked
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.lifts import held_long, plateau, stalled
from sessions.flags.loads import estimate_stale, low_intensity, regression, too_hard
from sessions.flags.news import clean_weeks, first_unassisted
from tests.sessions.test_flag_rules_lifts import (
    HARD,
    LOADING,
    MONDAY,
    UNDERDOSED,
    asked,
    found,
    of,
    one,
    session,
)

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def then(moment: datetime) -> Asked:
    return Asked(moment, moment.date(), DEFAULT_RULES)


# --- F06 to F11, F25, G01, G02 --------------------------------------------------------------------


@pytest.mark.parametrize(("days", "raised"), [(14, True), (15, False)])
def test_a_stall_is_said_of_a_lift_until_a_gap_that_steps_down(days: int, raised: bool):
    assert bool(found(stalled, UNDERDOSED, 21 + days)) is raised


@pytest.mark.parametrize(("days", "raised"), [(28, True), (29, False)])
def test_what_was_lifted_four_weeks_ago_is_still_being_trained(days: int, raised: bool):
    rows = [session(0, rpe=19), session(4, rpe=19)]
    assert bool(found(too_hard, rows, 4 + days)) is raised


def test_a_long_hold_shows_its_last_eight_visits():
    rows = [session(7 * n, reasons=("held_pain",), holding=True) for n in range(10)]
    evidence: dict[str, Any] = one(held_long, rows).evidence
    assert len(evidence["lines"]) == len(evidence["sessions"]) == 8
    assert evidence["sessions"][-1]["date"] == rows[-1].day.isoformat()


def test_a_fall_of_the_load_is_named_by_its_first_visit_under_the_limit():
    rows = [session(n, load=D(load)) for n, load in ((0, 50), (4, 45), (8, 40), (12, 40))]
    assert one(regression, rows).key == "F08.1|deadlift|50|visit-8"


@pytest.mark.parametrize(("gap", "raised"), [(21, True), (22, False)])
def test_an_estimate_stands_after_an_absence_of_three_weeks(gap: int, raised: bool):
    rows = [session(0, **HARD), *(session(gap + 3 * n, load=D(60)) for n in range(4))]
    assert bool(found(low_intensity, rows, phases=LOADING)) is raised


def hard_again(day: int, kg: int) -> list[LiftSession]:
    """100 kg on the first day, another estimate so many days later, and four visits at 70 kg."""
    between = [session(n, load=D(70)) for n in range(7, day, 7)]
    after = [session(day + n, load=D(70)) for n in range(1, 5)]
    return [session(0, **HARD), *between, session(day, load=D(70), rpe=17, estimate=D(kg)), *after]


@pytest.mark.parametrize(("more", "raised"), [(0, True), (1, False)])
def test_a_lower_estimate_counts_when_the_best_one_is_old(more: int, raised: bool):
    days = DEFAULT_RULES.estimate_window_days + more
    assert bool(found(low_intensity, hard_again(days, 80), phases=LOADING)) is raised


def test_the_same_estimate_again_is_a_new_one():
    rows = hard_again(10, 100)
    later = [session(n, load=D(70)) for n in range(20, 63, 7)]
    assert found(low_intensity, [*rows, *later], 10 + 56, phases=LOADING)
    assert found(low_intensity, [*rows, *later], 10 + 57, phases=LOADING) == []


def test_a_technical_five_counts_also_where_it_says_less():
    rows = [session(0, **HARD), *(session(4 + 4 * n, load=D(70)) for n in range(4))]
    assert found(low_intensity, rows, phases=LOADING)
    test = ((rows[0].at + timedelta(hours=1), "deadlift", D(80)),)
    assert found(low_intensity, rows, phases=LOADING, tested=test) == []


def test_the_effort_that_is_too_high_is_said_from_its_limit_on():
    hard = [session(0, rpe=19), session(4, rpe=19)]
    assert one(too_hard, hard).evidence["detail"] == (
        "2 visits in a row: RPE up to 19. Hold the load."
    )


@pytest.mark.parametrize(("gap", "raised"), [(21, False), (22, True)])
def test_an_absence_counts_from_an_estimate_before_what_was_read(gap: int, raised: bool):
    flags = found(estimate_stale, [session(gap)], estimated_before=MONDAY.date())
    assert bool(flags) is raised


@pytest.mark.parametrize(("days", "raised"), [(28, True), (29, False)])
def test_a_first_squat_is_news_for_four_weeks(days: int, raised: bool):
    rows = [session(0, load_type="per_hand", exercise="goblet")]
    rows += [session(4 + n, exercise="squat") for n in (0, 10, 20, 27)]
    facts = Lifted((Lift("squat", tuple(rows)),))
    assert bool(list(first_unassisted(facts, asked(4 + days)))) is raised


@pytest.mark.parametrize(("days", "raised"), [(48, True), (49, False)])
def test_clean_weeks_are_news_for_two_weeks(days: int, raised: bool):
    rows = [session(0, clean=False), *(session(day, clean=True) for day in range(1, days, 3))]
    assert bool(found(clean_weeks, rows, days)) is raised


def test_the_very_first_visit_counts_for_its_week():
    rows = [session(7 * week, clean=True) for week in range(6)]
    assert found(clean_weeks, rows, 35, begun=MONDAY.date())
    assert found(clean_weeks, rows[1:], 35, begun=MONDAY.date()) == []


def test_a_clean_lift_on_the_day_of_an_unclean_one_begins_no_week():
    unclean = [session(0, clean=False)]
    weeks = [session(day, clean=True) for day in (8, 15, 22, 29)]
    clean = [session(0, clean=True), *weeks]
    assert list(clean_weeks(of(unclean, clean), asked(36))) == []
    assert list(clean_weeks(of(unclean, [session(1, clean=True), *weeks]), asked(36)))


def test_a_rung_is_what_was_lifted_since_the_last_change():
    names = ("goblet", "squat", "squat", "squat")
    for number in range(1, 5):
        rows = tuple(session(n, exercise=name) for n, name in enumerate(names[:number]))
        assert len(Lift("squat", rows).rung) == max(1, number - 1)


def test_what_happened_at_the_very_moment_is_known():
    row = session(0)
    test = ((row.at, "deadlift", D(50)),)
    lift = Lift("hinge", (row,), decided=(row.at,), tested=test)
    facts = Lifted((lift,), phases=((row.at, "LOAD"),))
    assert not lift.settled  # a word at the visit's start is no word since
    assert facts.at(then(row.at)) == facts
    assert facts.at(then(row.at - SECOND)) == Lifted(())


@pytest.mark.parametrize(
    ("judges", "facts", "rules"),
    [
        ((stalled, plateau), of([session(5 * n, rpe=15) for n in range(5)]), {}),
        (
            (held_long,),
            of([session(0, reasons=("held_pain",)), session(9, reasons=("held_top",))]),
            {"hold_limit_days": 17},
        ),
        ((too_hard,), of([session(0, rpe=19), session(4, rpe=19)]), {"stall_days": 20}),
        ((estimate_stale,), of([session(0, **HARD), session(20), session(40)]), {}),
        (
            (estimate_stale,),
            of([session(20), session(40)], estimated_before=MONDAY.date()),
            {},
        ),
        (
            (estimate_stale, low_intensity),
            of(
                [session(4 * n, load=D(60)) for n in range(5)],
                phases=LOADING,
                tested=((MONDAY + 3 * DAY, "deadlift", D(100)),),
            ),
            {},
        ),
        (
            (clean_weeks,),
            of([session(0, clean=False), *(session(n, clean=True) for n in range(1, 48, 5))]),
            {},
        ),
    ],
)
def test_time_alone_changes_an_answer_only_on_a_day_that_was_named(
    judges: tuple[Any, ...], facts: Lifted, rules: dict[str, int]
):
    """To the day, and not one later: a review that waits is never late."""

    numbers = Rules(**rules)

    def said(day: int) -> list[list[str]]:
        when = asked(day, numbers)
        return [[flag.key for flag in judge(facts, when)] for judge in judges]

    first = max(row.day for lift in facts.lifts for row in lift.sessions)
    day = (first - MONDAY.date()).days
    changes = {one for one in range(day + 1, 130) if said(one) != said(one - 1)}
    assert changes
    named = set()
    while (again := facts.again(asked(day, numbers))) is not None:
        day = (again - MONDAY.date()).days
        named.add(day)
    assert changes <= named
