"""Good news of lifts, and what holds for every history of them, whatever it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.flags import Asked
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.lifts import held_long, plateau, stalled
from sessions.flags.loads import estimate_stale, low_intensity, regression, too_hard
from sessions.flags.news import clean_weeks, first_unassisted
from tests.sessions.test_flag_rules_lifts import LOADING, MONDAY, asked, found, of, session

# --- good news ------------------------------------------------------------------------------------


def squats(*types: str) -> Lifted:
    rows = tuple(session(4 * n, exercise=kind, load_type=kind) for n, kind in enumerate(types))
    return Lifted((Lift("squat", rows),))


@pytest.mark.parametrize(
    ("types", "raised"),
    [
        (["per_hand", "barbell"], True),
        (["bodyweight", "per_hand", "barbell", "barbell"], True),
        (["barbell", "barbell"], False),  # began with it
        (["per_hand", "per_hand"], False),
    ],
)
def test_the_first_unassisted_squat(types: list[str], raised: bool):
    assert bool(list(first_unassisted(squats(*types), asked(20)))) is raised


def test_an_unassisted_squat_is_no_first_one_if_there_was_one_before():
    facts = squats("per_hand", "barbell")
    before = replace(facts.lifts[0], rungs_before=frozenset({"back-squat"}))
    assert list(first_unassisted(replace(facts, lifts=(before,)), asked(20))) == []


@pytest.mark.parametrize(("days", "raised"), [(34, False), (35, True), (36, True)])
def test_weeks_of_clean_technique(days: int, raised: bool):
    unclean = session(0, clean=False)
    rows = [unclean, *(session(day, clean=True) for day in range(1, days, 3))]
    assert bool(found(clean_weeks, rows, days)) is raised


@pytest.mark.parametrize(
    "change",
    [
        lambda one_, day: replace(one_, clean=False) if day == 20 else one_,
        lambda one_, day: replace(one_, clean=None) if 14 <= day <= 21 else one_,
    ],
)
def test_a_week_that_was_not_clean_or_not_looked_at_is_no_clean_week(change: Any):
    days = [0, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 32, 35]
    rows = [session(day, clean=True) for day in days]
    begun = {"begun": MONDAY.date()}
    assert found(clean_weeks, rows, 36, **begun)
    rows = [change(row, day) for row, day in zip(rows, days, strict=True)]
    assert found(clean_weeks, rows, 36, **begun) == []


# --- properties -----------------------------------------------------------------------------------

JUDGES = (
    stalled,
    plateau,
    held_long,
    regression,
    low_intensity,
    too_hard,
    estimate_stale,
    first_unassisted,
    clean_weeks,
)
CODES = ["", "held_technique", "held_pain", "held_top", "climbing", "set_load", "reps_first"]


@st.composite
def histories(draw: st.DrawFn) -> list[LiftSession]:
    days = sorted(draw(st.sets(st.integers(0, 90), min_size=1, max_size=24)))
    rows = []
    for day in days:
        code = draw(st.sampled_from(CODES))
        rpe = draw(st.sampled_from([None, 14, 15, 16, 17, 19]))
        load = draw(st.sampled_from([D(40), D(50), D("52.5")]))
        rows.append(
            session(
                day,
                load=load,
                rpe=rpe,
                estimate=load if rpe and rpe >= 17 else None,
                reasons=(code,) if code else (),
                holding=bool(code) and code != "set_load",
                missed=draw(st.booleans()),
                all_reps=draw(st.booleans()),
                clean=draw(st.sampled_from([None, True, False])),
            )
        )
    return rows


def everything(facts: Lifted, when: Asked) -> list[tuple[str, str, str]]:
    return [
        (flag.key, flag.subject, flag.severity) for judge in JUDGES for flag in judge(facts, when)
    ]


@settings(max_examples=150, deadline=None)
@given(histories(), st.integers(0, 100))
def test_what_comes_later_changes_nothing_of_an_earlier_day(rows: list[LiftSession], day: int):
    when = asked(day)
    known = [one_ for one_ in rows if one_.at <= when.now]
    whole = of(rows, phases=LOADING).at(when)
    fresh = of(known, phases=LOADING) if known else Lifted((), phases=LOADING)
    assert everything(whole, when) == everything(fresh, when)


@settings(max_examples=60, deadline=None)
@given(histories(), histories(), st.integers(0, 100))
def test_the_order_of_the_lifts_does_not_matter(
    first: list[LiftSession], second: list[LiftSession], day: int
):
    when = asked(day)
    one_way = of(first, second, phases=LOADING).at(when)
    other = Lifted(tuple(reversed(one_way.lifts)), one_way.phases)
    assert sorted(everything(one_way, when)) == sorted(everything(other, when))


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_lift_stands_still_for_one_cause_only(rows: list[LiftSession]):
    when = asked((rows[-1].at - MONDAY).days + 1)
    facts = of(rows, phases=LOADING)
    kinds = [judge for judge in (stalled, plateau, held_long) if list(judge(facts, when))]
    assert len(kinds) <= 1


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(0, 95))
def test_nothing_changes_by_time_alone_before_the_day_that_was_named(
    rows: list[LiftSession], day: int
):
    when = asked(day)
    facts = of(rows, phases=LOADING).at(when)
    if not facts.lifts:
        return
    named = facts.again(when) or when.today + timedelta(days=7)
    now = everything(facts, when)
    for ahead in range(1, 7):
        then = when.today + timedelta(days=ahead)
        if then >= named or any(one_.at > when.now and one_.day <= then for one_ in rows):
            break
        later = Asked(datetime.combine(then, time(11), tzinfo=UTC), then, when.rules)
        assert everything(facts.at(later), later) == now


def test_the_days_are_those_of_the_clinic():
    assert session(0).day == date(2026, 3, 2)
