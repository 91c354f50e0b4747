"""What is offered for the next set within a visit, worked out again from the sets each time."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from programs.loads import DEFAULT_INVENTORY
from programs.progression import SetDone, offer
from programs.rules import DEFAULT_RULES, Rules
from tests.programs.engine import COARSE, started, target_after

TARGET = target_after("hinge", *started(hinge="50"), inventory=COARSE)


def next_set(*done, target=TARGET, rules=DEFAULT_RULES, inventory=COARSE, load_type="barbell"):
    return offer(target, done, rules=rules, inventory=inventory, load_type=load_type)


def made(number, load="50", reps=5, rpe=None, **rest):
    return SetDone(number, None if load is None else D(load), reps, rpe, **rest)


def test_the_first_set_is_as_prescribed():
    first = next_set()
    assert (first.load, first.reps, first.lowered, first.stopped) == (D(50), 5, False, False)
    assert first.reason.line == "As prescribed."


@pytest.mark.parametrize(
    ("done", "load", "line"),
    [
        ([made(1), made(2, rpe=18)], "50", "As prescribed."),
        ([made(1, reps=4)], "47.5", "Lower for the rest: 4 of 5 reps on set 1."),
        ([made(1), made(2, rpe=19)], "47.5", "Lower for the rest: RPE 19 on set 2."),
        ([made(1, reps=0)], "47.5", "Lower for the rest: 0 of 5 reps on set 1."),
        ([made(1, reps=4), made(2, "47.5", reps=4)], "45", None),
        ([made(1, reps=4), made(2, "47.5")], "47.5", None),
        ([made(1, reps=4), made(2, "50")], "47.5", None),  # not up again after a miss
        ([made(1), made(2, "40")], "40", "Same as the last set, which was lower."),
        ([made(1, "40"), made(2, "50")], "50", "As prescribed."),
        ([made(1, "60")], "50", "As prescribed."),  # never above the target
        ([made(1, None)], "50", "As prescribed."),
        ([made(1, reps=None)], "50", "As prescribed."),
    ],
)
def test_the_remaining_sets_follow_what_was_done(done, load, line):
    following = next_set(*done)
    assert following.load == D(load)
    assert following.lowered is (D(load) < 50)
    assert line is None or following.reason.line == line


def test_the_order_in_which_sets_are_handed_over_does_not_matter():
    done = [made(1, reps=4), made(2, "47.5"), made(3, "42.5", reps=4)]
    assert next_set(*reversed(done)) == next_set(*done)


def test_correcting_a_set_undoes_what_it_had_lowered():
    miss = made(1, reps=4)
    assert next_set(miss).load == D("47.5")
    assert next_set(replace(miss, reps=5)) == next_set(made(1))


@pytest.mark.parametrize(("pain", "stopped"), [(0, False), (5, False), (6, True), (10, True)])
def test_pain_above_five_stops_the_lift_for_today(pain, stopped):
    following = next_set(made(1, pain=pain), made(2))
    assert following.stopped is stopped
    assert (following.load is None) is stopped
    if stopped:
        assert following.reason.line == f"Stop this lift: pain {pain} of 10."


def test_where_pain_stops_is_the_clinics_own_number():
    assert next_set(made(1, pain=4), rules=Rules(pain_stop_over=3)).stopped


def test_the_lightest_load_cannot_be_lowered_and_says_so():
    lightest = replace(TARGET, load=D(20))
    following = next_set(made(1, "20", reps=3), target=lightest)
    assert (following.load, following.lowered) == (D(20), False)
    assert "lightest" in following.reason.line


def test_without_a_target_the_last_load_is_offered_again_and_lowered_after_a_miss():
    open_target = replace(TARGET, load=None)
    assert next_set(target=open_target).load is None
    assert next_set(made(1, "30"), target=open_target).load == D(30)
    following = next_set(made(1, "30", reps=3), target=open_target)
    assert (following.load, following.lowered) == (D("27.5"), True)


def test_a_load_that_nobody_confirmed_is_not_offered_again():
    open_target = replace(TARGET, load=None)
    done = [made(1, "30"), made(2, "130", confirmed=False)]
    assert next_set(*done, target=open_target).load == D(30)
    assert next_set(made(1, "130", confirmed=False), target=open_target).load is None


def test_body_weight_and_landings_have_no_load_to_lower():
    bodyweight = replace(TARGET, load=None)
    following = next_set(made(1, None, reps=2), target=bodyweight, load_type="bodyweight")
    assert (following.load, following.lowered, following.stopped) == (None, False, False)
    landings = replace(TARGET, load=None, reps=None, kind="impact", landings=5)
    done = SetDone(1, landings=3, level=1, rpe=19)
    assert next_set(done, target=landings, load_type="impact").stopped is False


def test_a_lowered_load_is_one_that_this_equipment_makes():
    fine = next_set(made(1, reps=4), inventory=DEFAULT_INVENTORY)
    assert fine.load == D("47.5")
    assert next_set(made(1, reps=4), rules=Rules(drop_percent=D(10))).load == D(45)
