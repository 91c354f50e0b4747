"""The starter exercises, as data: complete, sourced, and ladders that begin with what anyone can
do."""

import json
from pathlib import Path

import pytest

import programs
from programs.loads import LOAD_TYPES
from programs.models import Lift
from programs.rules import SETTINGS

FOLDER = Path(programs.__file__).parent / "catalogue"
EXERCISES = json.loads((FOLDER / "exercises.json").read_text())
SOURCES = json.loads((FOLDER / "sources.json").read_text())
TAGS = {"V", "V2", "K", "U", "C", "D"}
BY_SLUG = {exercise["slug"]: exercise for exercise in EXERCISES}
LADDERS = {
    lift: [
        exercise
        for exercise in EXERCISES
        if exercise["pattern"] == lift and exercise["substitute_for"] is None
    ]
    for lift in Lift.values
}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise["slug"])
def test_every_exercise_is_complete_and_says_where_it_is_from(exercise):
    assert exercise["pattern"] in Lift.values
    assert exercise["load_type"] in LOAD_TYPES
    assert exercise["equipment"]
    assert exercise["tag"] in TAGS
    assert exercise["basis"]
    texts = [criterion["text"] for criterion in exercise["criteria"]]
    assert 3 <= len(set(texts)) == len(texts) <= 5
    assert all(text and not text.endswith((".", "?")) for text in texts)
    assert {criterion["tag"] for criterion in exercise["criteria"]} <= TAGS
    assert (exercise["load_type"] == "impact") is (exercise["impact_level"] is not None)
    assert exercise["source"] == "" or exercise["source"] in SOURCES
    assert exercise["source"] or exercise["tag"] in {"K", "D"}


def test_no_exercise_is_listed_twice():
    assert len(BY_SLUG) == len(EXERCISES)
    names = [exercise["name"] for exercise in EXERCISES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("lift", Lift.values)
def test_each_ladder_rises_from_what_anyone_can_do_and_has_one_base_rung(lift):
    ladder = LADDERS[lift]
    levels = [exercise["level"] for exercise in ladder]
    first = 0 if lift == Lift.IMPACT else 1
    assert levels == list(range(first, first + len(ladder)))
    assert 2 <= len(ladder) <= 6
    assert [exercise["base"] for exercise in ladder].count(True) == 1

    lightest = ladder[0]
    assert (lightest["load_type"], lightest["impact_level"]) in {
        ("bodyweight", None),
        ("impact", 0),
    }
    assert lightest["spine_flexion_risk"] is False
    assert lightest["impact_class"] in {"none", "low"}
    assert (lightest["impact_class"] == "low") is (lift == Lift.STEP)
    assert lightest["base"] is False


@pytest.mark.parametrize("lift", ["hinge", "squat", "press"])
def test_the_three_big_lifts_have_four_levels_and_the_barbell_last(lift):
    assert [exercise["load_type"] for exercise in LADDERS[lift]][-1] == "barbell"
    assert [exercise["base"] for exercise in LADDERS[lift]] == [False, False, False, True]


def test_the_impact_ladder_has_the_six_landing_levels_and_its_class_never_falls():
    assert [exercise["impact_level"] for exercise in LADDERS["impact"]] == [0, 1, 2, 3, 4, 5]
    classes = ["none", "low", "moderate", "high"]
    ranks = [classes.index(exercise["impact_class"]) for exercise in LADDERS["impact"]]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2, 3}


def test_only_steps_landings_and_a_quick_step_have_an_impact():
    harder = {exercise["pattern"] for exercise in EXERCISES if exercise["impact_class"] != "none"}
    assert harder == {"impact", "step", "shift"}


def test_the_substitutes_of_the_protocol_are_there_and_say_for_what():
    instead = {
        exercise["slug"]: exercise["substitute_for"]
        for exercise in EXERCISES
        if exercise["substitute_for"] is not None
    }
    assert (
        instead.items()
        >= {  # protocol sheet 1.7
            "trap-bar-deadlift": "Back is irritable",
            "hip-thrust": "Cannot hinge",
            "suitcase-deadlift": "One side only",
            "leg-press": "Cannot load spine or shoulders",
            "split-squat": "One side at a time",
            "belt-squat": "Cannot load spine or shoulders",
            "incline-dumbbell-press": "Shoulder",
            "floor-press": "Shoulder",
        }.items()
    )
    assert all(0 < len(why) <= 120 for why in instead.values())
    assert not any(BY_SLUG[slug]["base"] for slug in instead)
    assert not any(exercise["pattern"] == "impact" for exercise in map(BY_SLUG.get, instead))


def test_ankle_weights_are_added_to_body_weight():
    worn = [exercise for exercise in EXERCISES if "nkle weights" in exercise["equipment"]]
    assert {exercise["pattern"] for exercise in worn} == {"hip_side", "hip_back", "knee"}
    assert {exercise["load_type"] for exercise in worn} == {"bodyweight"}


def test_every_source_of_a_setting_can_be_looked_up():
    assert {entry.source for entry in SETTINGS if entry.source} <= set(SOURCES)
