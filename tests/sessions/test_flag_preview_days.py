"""Whatever a history of lifts is: the days that a preview leaves out would have changed nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules import DEFAULT_RULES, Rules
from sessions.flag_preview import DAYS, replayed
from sessions.flags import Asked, Finding, Rule
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.registry import rules_of
from tests.sessions.test_flag_rules_lifts import LOADING, MONDAY, session

RULES = rules_of("lifts")
#: Days of the histories before the first one that is asked about.
BEFORE = 60
LOADS = [D(40), D(50), D("52.5"), None]
CODES = ["", "", "held_technique", "held_pain", "climbing", "set_load"]
OTHERS = replace(
    DEFAULT_RULES,
    stall_sessions=4,
    stall_days=21,
    hold_limit_days=21,
    gap_medium_days=10,
    estimate_stale_days=30,
    estimate_gap_days=12,
    clean_weeks=4,
)


@st.composite
def lifts(draw: st.DrawFn, name: str) -> Lift:
    """Weeks of one lift: mostly the same from visit to visit, with absences and changes."""
    rows: list[LiftSession] = []
    day = draw(st.integers(0, 80))
    load, rpe, code = D(50), 15, ""
    rungs = draw(st.sampled_from([("barbell",), ("per_hand", "barbell")]))
    while day < BEFORE + DAYS and len(rows) < 40:
        if draw(st.integers(0, 4)) == 0:
            load = draw(st.sampled_from(LOADS))
            rpe = draw(st.sampled_from([None, 14, 15, 16, 17, 17, 19]))
            code = draw(st.sampled_from(CODES))
        rung = rungs[-1] if day > 90 else rungs[0]
        rows.append(
            session(
                day,
                load=load,
                rpe=rpe,
                hardest=rpe,
                exercise=rung,
                load_type=rung,
                estimate=load if rpe and rpe >= 17 else None,
                reasons=(code,) if code else (),
                holding=bool(code) and code != "set_load",
                missed=draw(st.integers(0, 5)) == 0,
                clean=draw(st.sampled_from([True, True, True, True, None, None, False])),
            )
        )
        day += draw(st.sampled_from([2, 3, 4, 4, 4, 8, 13, 25, 35]))
    at = st.builds(lambda days: MONDAY + timedelta(days=days, hours=3), st.integers(0, 150))
    decided = draw(st.lists(at, max_size=1))
    tested = [(one, rungs[-1], D(60)) for one in draw(st.lists(at, max_size=1))]
    return Lift(name, tuple(rows), decided=tuple(decided), tested=tuple(tested))


@st.composite
def histories(draw: st.DrawFn) -> Lifted:
    made = tuple(draw(lifts(name)) for name in ("hinge", "squat"))
    begun = draw(st.sampled_from([None, MONDAY.date() + timedelta(days=70)]))
    return Lifted(made, LOADING, begun)


def days(rules: Rules, only: frozenset[str]) -> list[Asked]:
    """The ends of the days of a preview, and the morning of the last one."""
    first = MONDAY.date() + timedelta(days=BEFORE)
    on = [first + timedelta(days=number) for number in range(DAYS + 1)]
    ends = [datetime.combine(day, time(23, 59), tzinfo=UTC) for day in on[:-1]]
    ends.append(datetime.combine(on[-1], time(8), tzinfo=UTC))
    return [Asked(end, day, rules, only) for end, day in zip(ends, on, strict=True)]


def said(rule: Rule, facts: Any, asked: Asked) -> list[tuple[str, str]]:
    return [(one.subject, one.key) for one in rule.judge(facts.at(asked), asked)]


@settings(max_examples=25, deadline=None)
@given(facts=histories())
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_days_between_change_nothing(rule: Rule, facts: Lifted):
    for rules in (DEFAULT_RULES, OTHERS):
        asked = days(rules, frozenset({rule.id}))
        heard: dict[date, list[tuple[str, str]]] = {}

        def judge(then: Any, one: Asked, known: dict[date, Any] = heard) -> list[Finding]:
            found = list(rule.judge(then, one))
            known[one.today] = [(each.subject, each.key) for each in found]
            return found

        replayed(facts, [replace(rule, judge=judge)], [(one,) for one in asked])
        last = None
        for one in asked:
            last = heard.get(one.today, last)
            assert said(rule, facts, one) == last, one.today


def test_the_day_on_which_a_higher_estimate_is_too_old_is_waited_for():
    """A lower one that was made shortly after it did not take its place."""
    light = [session(day, load=D(60)) for day in (20, 28, 35, 42)]
    hard = [session(day, load=D(kg), estimate=D(kg)) for day, kg in ((0, 100), (10, 90))]
    facts = Lifted((Lift("hinge", (*hard, *light)),), LOADING)

    def asked(day: int) -> Asked:
        now = MONDAY + timedelta(days=day, hours=1)
        return Asked(now, now.date(), DEFAULT_RULES, frozenset({"F09"}))

    (rule,) = (one for one in RULES if one.id == "F09")
    assert facts.again(asked(42)) == asked(57).today
    assert said(rule, facts, asked(56))
    assert not said(rule, facts, asked(57))
