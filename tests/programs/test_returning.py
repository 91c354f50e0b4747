"""The way back after days away, and after pain: protocol sheet 6.4, 6.5, 8.22 and 8.29."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D

import pytest

from programs.load_rules import Effort
from programs.pain import ALL_WELL, Answers, Pain, Verdict, judge_pain, rising, rose
from programs.progression import Arrived, SetDone, advance, targets
from programs.returning import band_of
from programs.rules import DEFAULT_RULES
from tests.programs.engine import COARSE, PLAN, day, decided, sets, started, state_after, visited


def back(days, *events, load="60", inventory=COARSE, answers=ALL_WELL):
    """The deadlift's target on the day of a return, and the state, after one visit at ``load``."""
    state = state_after(
        *started(hinge=load), visited(0, hinge=sets(load, rpe=17)), *events, inventory=inventory
    )
    here = Arrived(day(days), "here", day(days).date(), answers)
    state = advance(state, here)
    return targets(state)["hinge"], state


def with_entry(percent):
    phase = PLAN.phases[0]
    lines = tuple(
        replace(line, rule=Effort(entry_percent=percent)) if line.lift == "hinge" else line
        for line in phase.prescriptions
    )
    return replace(PLAN, phases=(replace(phase, prescriptions=lines), *PLAN.phases[1:]))


@pytest.mark.parametrize(
    ("days", "load", "line"),
    [
        (7, "60", "Same again: clean at RPE 17, visit 1 of 2 before a raise."),
        (8, "52.5", "52.5 kg after 8 days away: 10 % less than 60 kg."),
        (10, "52.5", "52.5 kg after 10 days away: 10 % less than 60 kg."),  # 54.0, at or below
        (14, "52.5", "52.5 kg after 14 days away: 10 % less than 60 kg."),
        (15, "47.5", "47.5 kg after 15 days away: 20 % less than 60 kg."),
        (21, "47.5", "47.5 kg after 21 days away: 20 % less than 60 kg."),  # 48.0, at or below
        (28, "47.5", "47.5 kg after 28 days away: 20 % less than 60 kg."),
    ],
)
def test_vector_8_22_the_step_down_after_days_away(days, load, line):
    target, state = back(days)
    assert (target.load, target.reason.line) == (D(load), line)
    assert target.effort_high == (17 if days <= 7 else 15)
    assert state.capped_visits == (0 if days <= 7 else 1 if days <= 14 else 2)


@pytest.mark.parametrize("days", [29, 56])
def test_after_four_weeks_somebody_looks_first_and_then_it_is_thirty_percent_less(days):
    target, state = back(days)
    assert (target.available, target.load) == (False, None)
    assert target.reason.line == f"Re-screen first: {days} days away."
    screened = advance(state, decided(days, "rescreen", reason="Fit."))
    assert targets(screened)["hinge"].load == D(40)  # 42.0, at or below


def test_after_eight_weeks_the_program_starts_again_without_a_load():
    _, state = back(57, decided(1, "promote", phase="MAINTAIN"))
    assert state.phase == "LOAD"  # the first one of this plan
    screened = targets(advance(state, decided(57, "rescreen", reason="Fit.")))["hinge"]
    assert (screened.load, screened.reason.line) == (
        None,
        "No load yet. 57 days away: watch a technique set first.",
    )


def test_the_reduction_never_applies_to_a_load_that_is_reduced_already():
    first = visited(10, hinge=sets("52.5", rpe=15))
    target, _ = back(20, first)
    assert target.load == D("52.5")  # 10 % less than 60 again, and not than 52.5


def test_a_therapists_word_since_the_last_visit_stands():
    target, _ = back(21, decided(18, "set_load", "hinge", load="55", reason="Trained elsewhere."))
    assert (target.load, target.reason.line) == (
        D(55),
        "55 kg after 21 days away, as decided since.",
    )


def test_a_word_of_weeks_ago_does_not_stand_against_the_weeks_since():
    target, _ = back(21, decided(1, "set_load", "hinge", load="55", reason="A step down."))
    assert (target.load, target.reason.code) == (D("47.5"), "away_down")


def test_an_estimate_stays_stale_after_a_long_absence_until_a_new_one_is_made():
    hard = visited(0, hinge=sets("60", rpe=17))
    again = visited(23, hinge=sets("47.5", rpe=14))
    plan = with_entry(80)
    before = state_after(*started(hinge="60"), hard, plan=plan)
    assert (targets(before)["hinge"].retest, targets(before)["hinge"].percent) == (False, 92)
    after = targets(state_after(*started(hinge="60"), hard, again, plan=plan))["hinge"]
    assert (after.retest, after.percent) == (True, None)
    test = decided(24, "estimate", "hinge", load="55", reps=5, reserve=1, reason="Technical 5RM.")
    anew = targets(state_after(*started(hinge="60"), hard, again, test, plan=plan))["hinge"]
    assert anew.retest is False
    assert anew.percent is not None


def test_impact_goes_down_a_level_after_two_weeks_and_comes_back_by_decision():
    landed = tuple(SetDone(n, landings=5, level=2) for n in range(1, 6))
    stomp = decided(-1, "change_rung", "impact", exercise="stomp")
    _, state = back(20, stomp, visited(0, impact=("stomp", landed)))
    assert state.lifts["impact"].exercise == "heel-raise"
    assert state.lifts["impact"].reason.line == (
        "Level 0 after 20 days away. A higher level only by decision."
    )


@pytest.mark.parametrize("what", ["fall", "illness", "hospital"])
def test_after_a_fall_or_an_illness_somebody_looks_first_whatever_the_gap(what):
    target, _ = back(3, answers=Answers(Pain(0), Pain(0), what))
    assert (target.available, target.reason.line) == (False, f"Re-screen first, after {what}.")


def test_a_re_screen_since_the_last_visit_is_not_asked_for_again():
    target, _ = back(30, decided(28, "rescreen", reason="Seen on Monday."))
    assert target.available


# --- pain ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pain", "verdict"),
    [
        (Pain(2, "knee"), Verdict.PROCEED),
        (Pain(3, "knee"), Verdict.MODIFY),
        (Pain(5, "knee"), Verdict.MODIFY),
        (Pain(6, "knee"), Verdict.STOP),
        (Pain(0), Verdict.PROCEED),
        (Pain(), Verdict.BLANK),
        (Pain(2), Verdict.WHERE),
        (Pain(1, "lower_back", "new"), Verdict.LOCK),
        (Pain(1, "ribs", ""), Verdict.LOCK),
        (Pain(1, "groin", "new"), Verdict.LOCK),
        (Pain(1, "knee", "night"), Verdict.LOCK),
        (Pain(1, "shoulder", "radiating"), Verdict.LOCK),
        (Pain(1, "upper_back", "known"), Verdict.MODIFY),
        (Pain(6, "upper_back", "known"), Verdict.STOP),
    ],
)
def test_vector_8_29_what_a_report_of_pain_asks_for(pain, verdict):
    assert judge_pain(pain, DEFAULT_RULES) is verdict


def test_vector_8_29_next_day_pain():
    assert rose(4, 2, DEFAULT_RULES)
    assert not rose(3, 2, DEFAULT_RULES)
    assert rose(2, None, DEFAULT_RULES)
    assert not rose(None, 2, DEFAULT_RULES)
    assert rising([2, 3, 4])
    assert not rising([2, 3, 3])
    assert not rising([2, None, 4])
    assert not rising([3, 4])


def raised_to(*events, answers):
    state = state_after(*started(hinge="50"), visited(1, hinge=sets("50", rpe=14)), *events)
    here = Arrived(day(4), "here", day(4).date(), answers)
    return targets(advance(state, here))["hinge"]


@pytest.mark.parametrize(
    ("answers", "load", "code"),
    [
        (ALL_WELL, "52.5", "raised"),
        (Answers(), "50", "held_next_day"),
        (Answers(Pain(1, "knee"), Pain(0)), "52.5", "raised"),
        (Answers(Pain(2, "knee"), Pain(0)), "45", "dropped_next_day"),
        (Answers(Pain(0), Pain(3, "knee")), "50", "held_pain"),
    ],
)
def test_the_next_arrival_confirms_a_raise_or_takes_it_back(answers, load, code):
    target = raised_to(answers=answers)
    assert (target.load, target.reason.code) == (D(load), code)


def test_next_day_pain_takes_the_landings_down_a_level_too():
    landed = tuple(SetDone(n, landings=5, level=2) for n in range(1, 6))
    stomp = decided(-1, "change_rung", "impact", exercise="stomp")
    state = state_after(*started(hinge="50"), stomp, visited(1, impact=("stomp", landed)))
    here = Arrived(day(4), "here", day(4).date(), Answers(Pain(3, "knee"), Pain(0)))
    once = advance(state, here)
    assert once.lifts["impact"].exercise == "heel-raise"
    assert once.lifts["impact"].reason.line == (
        "Level 0: next-day pain rose by 3. Back by decision."
    )
    assert advance(once, here).lifts["impact"].exercise == "heel-raise"


@pytest.mark.parametrize(
    ("hurts", "load", "code"),
    [
        (SetDone(2, D(50), 5, pain=1, pain_site="lower_back", pain_kind="known"), "50", "spine"),
        (SetDone(2, D(50), 5, pain=1), "50", "site"),
        (SetDone(2, D(50), 5, pain_site="knee"), "50", "score"),
        (SetDone(2, D(50), 5, pain=1, pain_site="hip"), "52.5", ""),
    ],
    ids=["the back", "nowhere", "no score", "a limb"],
)
def test_the_gravest_report_of_a_visit_counts_and_not_the_highest_score(hurts, load, code):
    first, _, *others = sets("50", rpe=14, pain=2, pain_site="knee")
    done = (first, hurts, *others)
    state = state_after(*started(hinge="50"), visited(1, hinge=done))
    target = targets(state)["hinge"]
    assert target.load == D(load)
    assert target.reason.code == (f"held_pain_{code}" if code else "raised")


@pytest.mark.parametrize("kind", ["", "new"])
def test_pain_in_the_back_locks_also_where_nobody_gave_it_a_number(kind):
    hurts = sets("50", rpe=14, pain=None, pain_site="lower_back", pain_kind=kind)
    state = state_after(*started(hinge="50"), visited(1, hinge=hurts))
    assert targets(state)["hinge"].reason.code == "locked"


def test_pain_that_locks_ends_everything_until_it_is_released():
    hurts = sets("50", rpe=14, pain=1, pain_site="lower_back", pain_kind="new")
    state = state_after(*started(hinge="50", squat="40"), visited(1, hinge=hurts))
    assert {target.reason.code for target in targets(state).values()} == {"locked"}


@pytest.mark.parametrize("days", range(0, 90, 3))
def test_a_longer_absence_never_asks_for_less_care(days):
    now, later = band_of(days, DEFAULT_RULES), band_of(days + 1, DEFAULT_RULES)
    assert later.drop_percent >= now.drop_percent
    assert later.capped_visits >= now.capped_visits
    assert (later.rescreen, later.restart) >= (now.rescreen, now.restart)


def test_the_way_back_is_at_most_a_tenth_a_visit_and_ends_at_the_load_before():
    events = [*started(hinge="60"), visited(0, hinge=sets("60", rpe=17))]
    loads = []
    for number in (25, 28, 32, 35, 39):
        state = state_after(*events, inventory=COARSE)
        here = Arrived(day(number), f"visit-{number}", day(number).date(), ALL_WELL)
        load = targets(advance(state, here))["hinge"].load
        loads.append(load)
        events.append(visited(number, hinge=sets(str(load), rpe=15)))
    assert loads == [D(x) for x in ("47.5", "50", "55", "60", "62.5")]
    assert (day(28) - day(25)) == timedelta(days=3)
