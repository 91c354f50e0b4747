"""What a therapist's word, new rules and sold plates do to the next target."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from programs.loads import DEFAULT_INVENTORY
from programs.progression import HOLDING_CODES, RulesChanged
from programs.reasons import TEMPLATES, because
from programs.rules import DEFAULT_RULES, Rules
from tests.programs.engine import (
    COARSE,
    day,
    decided,
    sets,
    started,
    state_after,
    target_after,
    visited,
)


def test_a_hold_holds_until_it_is_released_and_its_words_are_the_reason():
    hold = decided(0, "hold", "hinge", reason="sore back")
    events = [*started(hinge="57.5"), hold, visited(1, hinge=sets("57.5", rpe=14))]
    target = target_after("hinge", *events)
    assert (target.load, target.reason.line) == (D("57.5"), "Held at 57.5 kg: sore back")
    assert target.reason.holding
    events += [decided(3, "release", "hinge"), visited(4, hinge=sets("57.5", rpe=14))]
    assert target_after("hinge", *events).load == D(60)


def test_a_hold_without_a_lift_holds_every_lift():
    hold = decided(0, "hold", reason="after the flu")
    made = visited(1, hinge=sets("57.5", rpe=14), squat=sets("50", rpe=14))
    lifts = state_after(*started(hinge="57.5", squat="50"), hold, made).lifts
    assert (lifts["hinge"].load, lifts["squat"].load) == (D("57.5"), D(50))
    assert {known.held for known in lifts.values()} == {"after the flu"}


def test_a_set_load_is_the_next_target_and_starts_the_counts_again():
    events = [
        *started(hinge="57.5"),
        visited(1, hinge=sets("57.5", rpe=16)),
        decided(3, "set_load", "hinge", load="50", reason="back from holiday"),
        visited(4, hinge=sets("50", rpe=16)),
    ]
    assert target_after("hinge", *events[:3]).reason.line == "Set to 50 kg: back from holiday"
    assert target_after("hinge", *events).load == D(50)


def test_another_rung_takes_its_own_load_and_drops_the_old_one():
    change = decided(
        3, "change_rung", "hinge", exercise="kettlebell-deadlift", load="12", reason="knee"
    )
    target = target_after("hinge", *started(hinge="57.5"), change)
    assert (target.exercise, target.load) == ("kettlebell-deadlift", D(12))
    assert target.reason.line == "Kettlebell deadlift from now on at 12 kg: knee"
    without = replace(change, load=None)
    assert target_after("hinge", *started(hinge="57.5"), without).reason.code == "no_load"


def test_promotion_changes_the_sets_and_the_band_and_keeps_the_load():
    promote = decided(3, "promote", phase="MAINTAIN")
    target = target_after("hinge", *started(hinge="57.5"), promote)
    assert (target.sets, target.effort_low, target.load) == (3, 13, D("57.5"))


def test_promotion_starts_the_count_of_clean_visits_again():
    events = [
        *started(hinge="57.5"),
        visited(1, hinge=sets("57.5", rpe=16)),
        decided(3, "promote", phase="MAINTAIN"),
        visited(4, hinge=sets("57.5", 5, 5, 5, rpe=16)),
    ]
    assert target_after("hinge", *events).reason.code == "in_band"


@pytest.mark.parametrize(
    ("decision", "named"),
    [
        (decided(0, "promote", phase="PEAK"), "no phase 'PEAK'"),
        (decided(0, "change_rung", "hinge", exercise="clean"), "no exercise 'clean'"),
        (decided(0, "change_rung", "hinge", exercise="back-squat"), "Back squat is not"),
        (decided(0, "start", "impact", exercise="deadlift"), "Deadlift is not"),
        (decided(0, "hold", "bench"), "no lift 'bench'"),
        (decided(0, "applaud", "hinge"), "no decision 'applaud'"),
    ],
)
def test_a_decision_on_what_the_program_does_not_have_is_refused(decision, named):
    with pytest.raises(ValueError, match=named):
        state_after(decision)


def test_revoking_a_revocation_restores_the_decision():
    events = [
        *started(hinge="57.5"),
        decided(1, "set_load", "hinge", key="a", load="50"),
        decided(2, "revoke", key="b", revokes="a"),
    ]
    assert target_after("hinge", *events).load == D("57.5")
    events.append(decided(3, "revoke", key="c", revokes="b"))
    assert target_after("hinge", *events).load == D(50)


# --- rules and equipment ---------------------------------------------------------------------


def test_new_rules_count_from_their_moment_and_leave_what_was_before():
    visit = visited(1, hinge=sets("57.5", rpe=16))
    eager = Rules(raise_after_sessions=1)
    tomorrow = RulesChanged(day(2), "2", eager, DEFAULT_INVENTORY)
    yesterday = RulesChanged(day(0), "2", eager, DEFAULT_INVENTORY)
    assert target_after("hinge", *started(hinge="57.5"), visit, tomorrow).load == D("57.5")
    assert target_after("hinge", *started(hinge="57.5"), visit, yesterday).load == D(60)


def test_sold_plates_lower_the_target_to_what_can_be_made_and_say_so():
    sold = RulesChanged(day(2), "2", DEFAULT_RULES, COARSE)
    target = target_after("hinge", *started(hinge="58.5"), sold)
    assert target.load == D("57.5")
    assert target.reason.line == "57.5 kg is the nearest below 58.5 kg that this equipment makes."
    raised = visited(3, hinge=sets("57.5", rpe=14))
    assert target_after("hinge", *started(hinge="58.5"), sold, raised).load == D(60)


def test_plates_that_come_back_bring_no_more_than_a_raise():
    sold = RulesChanged(day(2), "2", DEFAULT_RULES, replace(COARSE, plates=()))
    bought = RulesChanged(day(9), "3", DEFAULT_RULES, COARSE)
    light = visited(3, hinge=sets("20", rpe=16))
    assert target_after("hinge", *started(hinge="40"), sold, bought).load == D(40)
    assert target_after("hinge", *started(hinge="40"), sold, light, bought).load == D(20)


def test_a_load_lighter_than_all_equipment_has_no_target_and_says_so():
    target = target_after("hinge", *started(hinge="8"))
    assert (target.load, target.reason.code) == (None, "not_loadable")


# --- reasons ---------------------------------------------------------------------------------


def test_a_line_is_never_longer_than_ninety_characters_and_keeps_its_beginning():
    reason = because("held_by_therapist", load=D("57.5"), why="knee " * 40)
    assert len(reason.line) <= 90
    assert reason.line.startswith("Held at 57.5 kg: knee knee")
    assert reason.line.endswith("…")


def test_the_codes_that_hold_are_real_codes_and_none_of_them_is_a_blank():
    assert set(TEMPLATES) >= HOLDING_CODES
    assert not {code for code in HOLDING_CODES if "blank" in code or "lighter" in code}
