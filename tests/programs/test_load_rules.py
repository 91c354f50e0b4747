"""How each load rule moves a load once the gate is passed, and what no rule ever does."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest

from programs.load_rules import RULES, Double, Effort, Fixed, ImpactLadder, Percent, rule_of
from programs.progression import SetDone
from programs.rules import DEFAULT_RULES
from tests.programs.engine import PLAN, day, decided, sets, started, state_after, visited


def plan_with(rule, **changes):
    """The small plan with another rule for every working lift of its first phase."""
    first, *rest = PLAN.phases
    lines = tuple(
        replace(line, rule=rule, **changes) if line.kind == "working" else line
        for line in first.prescriptions
    )
    return replace(PLAN, phases=(replace(first, prescriptions=lines), *rest))


def hinge(plan, *events, **settings):
    return state_after(*events, plan=plan, **settings).lifts["hinge"]


@pytest.mark.parametrize(
    ("stored", "kind", "rule"),
    [
        ({}, "working", Effort()),
        ({}, "impact", ImpactLadder()),
        ({"kind": "effort", "entry_percent": 80}, "working", Effort(80)),
        ({"kind": "percent", "from": 60, "to": 80, "step": 5}, "working", Percent(60, 80, 5)),
        ({"kind": "double"}, "working", Double()),
        ({"kind": "fixed"}, "working", Fixed()),
    ],
)
def test_a_stored_prescription_names_its_rule(stored, kind, rule):
    assert rule_of(stored, kind=kind) == rule


def test_a_rule_that_is_not_in_the_registry_is_refused():
    assert set(RULES) == {"effort", "percent", "double", "fixed", "impact"}
    with pytest.raises(ValueError, match="There is no load rule 'linear'"):
        rule_of({"kind": "linear"}, kind="working")


def five_rm(number, load):
    return decided(number, "estimate", "hinge", load=load, reps=5)


def test_percent_climbs_by_five_points_at_most_to_its_top():
    plan = plan_with(Percent(60, 80, 5), effort_low=13, effort_high=16)
    # 5RM of 60 kg: 64.8 kg by Kemmler; 60 % is 38.9, 80 % is 51.8.
    events = [*started(hinge="38"), five_rm(1, "60")]
    loads = []
    for number in range(1, 10):
        known = hinge(plan, *events)
        loads.append(known.load)
        events.append(visited(3 * number, hinge=sets(str(known.load), rpe=14)))
    one_rm = D("64.812")
    steps = [after - before for before, after in pairwise(loads)]
    assert all(step <= one_rm * 5 / 100 for step in steps)
    assert all(after <= before * D("1.1") for before, after in pairwise(loads))
    assert loads[-1] <= one_rm * 80 / 100 < loads[-1] + 1
    assert hinge(plan, *events).reason.code == "top_percent"


def test_percent_without_an_estimate_goes_by_effort():
    plan = plan_with(Percent(60, 80, 5), effort_low=13, effort_high=16)
    known = hinge(plan, *started(hinge="40"), visited(1, hinge=sets("40", rpe=12)))
    assert (known.load, known.reason.code) == (D("42.5"), "raised")


def test_double_progression_adds_reps_first_and_then_load():
    plan = plan_with(Double(), reps=8, reps_top=10, effort_low=13, effort_high=16)
    begun = started(hinge="40")
    nine = visited(1, hinge=sets("40", 10, 10, 9, 10, 10, rpe=14))
    assert hinge(plan, *begun, nine).reason.line == (
        "Same load at 40 kg: 4 of 5 sets at 10 reps before a raise."
    )
    ten = visited(4, hinge=sets("40", 10, 10, 10, 10, 10, rpe=14))
    known = hinge(plan, *begun, nine, ten)
    assert (known.load, known.reason.line) == (
        D("42.5"),
        "Up 2.5 kg: 10 reps in every set, clean, RPE 14.",
    )


def test_a_fixed_load_moves_by_decision_only():
    events = [*started(hinge="40"), *(visited(n, hinge=sets("40", rpe=8)) for n in (1, 4, 8))]
    known = hinge(plan_with(Fixed()), *events)
    assert (known.load, known.reason.line) == (
        40,
        "Same again at 40 kg. Only a decision changes it.",
    )


def test_a_timed_set_is_judged_by_its_seconds():
    plan = plan_with(Effort(), reps=None, seconds=30, effort_low=13, effort_high=16)
    made = tuple(SetDone(n, D(16), None, 12, True, 0, seconds=30) for n in range(1, 6))
    known = hinge(plan, *started(hinge="16"), visited(1, hinge=made))
    assert known.reason.line == "Up 1.5 kg: all 150 seconds, clean, RPE 12."
    short = (*made[:4], replace(made[4], seconds=20))
    known = hinge(plan, *started(hinge="16"), visited(1, hinge=short))
    assert known.reason.line == "Held at 16 kg: 140 of 150 seconds."


@pytest.mark.parametrize(("gate", "visits"), [(1, 1), (2, 2), (3, 3)])
def test_the_gate_asks_for_clean_visits_in_a_row(gate, visits):
    plan = plan_with(Effort(), gate=gate)
    events = started(hinge="50")
    for number in range(1, visits + 1):
        assert hinge(plan, *events).load == 50
        events.append(visited(3 * number, hinge=sets("50", rpe=14)))
    assert hinge(plan, *events).load == D("52.5")


def test_a_failed_criterion_starts_the_count_of_clean_visits_again():
    plan = plan_with(Effort(), gate=2)
    events = [
        *started(hinge="50"),
        visited(1, hinge=sets("50", rpe=14)),
        visited(4, hinge=sets("50", rpe=14, clean=False)),
        visited(8, hinge=sets("50", rpe=14)),
    ]
    assert hinge(plan, *events).reason.line == ("Held at 50 kg: clean visit 1 of 2 before a raise.")


def test_an_override_passes_the_gate_of_one_visit_and_says_why():
    plan = plan_with(Effort(), gate=2)
    word = decided(1, "override", "hinge", reason="Seen twice in the other class.")
    events = [*started(hinge="50"), word, visited(1, hinge=sets("50", rpe=14))]
    assert hinge(plan, *events).reason.line == (
        "Up 2.5 kg, past the technique gate: Seen twice in the other class."
    )
    assert hinge(plan, *events).override is None


def test_a_load_never_passes_the_ceiling_of_a_fresh_estimate():
    rules = replace(DEFAULT_RULES, ceiling_percent=D(90))
    plan = plan_with(Effort())
    test = five_rm(1, "50")  # 54 kg by Kemmler, and 90 % of it is 48.6
    begun = [*started(hinge="47.5"), test, visited(1, hinge=sets("47.5", rpe=14))]
    known = hinge(plan, *begun, rules=rules)
    assert (known.load, known.reason.code) == (D("47.5"), "held_ceiling")
    # After eight weeks the estimate says nothing any more.
    late = [visited(1 + 7 * n, hinge=sets("47.5", rpe=14)) for n in range(1, 10)]
    assert hinge(plan, *begun, *late, rules=rules).load > D("47.5")


def test_impact_is_ready_after_clean_visits_and_rises_by_decision_only():
    landed = tuple(
        SetDone(n, landings=5, level=0, clean=True if n == 5 else None, pain=0) for n in range(1, 6)
    )
    events = [visited(n, impact=("heel-raise", landed)) for n in (1, 4, 8)]
    known = state_after(*events).lifts["impact"]
    assert known.exercise == "heel-raise"
    assert known.reason.line == "Level 0 of 5, 3 clean visits. A higher level by decision."


def test_load_and_impact_level_never_rise_together():
    events = [
        *started(hinge="50"),
        visited(1, hinge=sets("50", rpe=14)),
        decided(4, "change_rung", "impact", exercise="stomp"),
    ]
    assert state_after(*events[:-1]).lifts["hinge"].load == D("52.5")
    known = state_after(*events).lifts["hinge"]
    assert (known.load, known.reason.code) == (D(50), "held_impact")


@pytest.mark.parametrize(
    ("until", "on", "visits", "load"),
    [
        ("date", 3, (4,), "52.5"),  # it has ended when she comes
        ("date", 9, (4,), "50"),
        ("clean", None, (4,), "50"),  # the clean visit ends it and raises nothing
        ("clean", None, (4, 8), "52.5"),
        ("review", None, (4, 8), "50"),
    ],
)
def test_a_hold_ends_on_its_date_or_after_a_clean_visit_or_by_a_word(until, on, visits, load):
    day_on = None if on is None else (day(0) + timedelta(days=on)).date()
    hold = decided(1, "hold", "hinge", reason="Wait.", until=until, until_on=day_on)
    events = [*started(hinge="50"), hold, *(visited(n, hinge=sets("50", rpe=14)) for n in visits)]
    assert hinge(PLAN, *events).load == D(load)
