"""The starter exercises and program, as data: complete, sourced, and true to each other."""

import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import programs
from programs.calendar import PlannedPhase, planned_phase, week_number
from programs.loads import LOAD_TYPES
from programs.rules import SETTINGS

FOLDER = Path(programs.__file__).parent / "catalogue"
EXERCISES = json.loads((FOLDER / "exercises.json").read_text())
PROGRAM = json.loads((FOLDER / "hirit_liftmor.json").read_text())
SOURCES = json.loads((FOLDER / "sources.json").read_text())
TAGS = {"V", "V2", "K", "U", "C", "D"}
BY_SLUG = {exercise["slug"]: exercise for exercise in EXERCISES}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise["slug"])
def test_every_exercise_is_complete_and_says_where_it_is_from(exercise):
    assert exercise["pattern"] in {"hinge", "squat", "press", "impact"}
    assert exercise["load_type"] in LOAD_TYPES
    assert exercise["tag"] in TAGS
    assert exercise["basis"]
    assert 3 <= len(exercise["criteria"]) <= 5
    assert all(criterion["text"] and criterion["tag"] in TAGS for criterion in exercise["criteria"])
    assert (exercise["load_type"] == "impact") is (exercise["impact_level"] is not None)
    assert exercise["source"] == "" or exercise["source"] in SOURCES


def test_no_exercise_is_listed_twice():
    assert len(BY_SLUG) == len(EXERCISES)


@pytest.mark.parametrize("pattern", ["hinge", "squat", "press"])
def test_each_ladder_has_four_levels_and_one_base_exercise(pattern):
    ladder = [
        exercise
        for exercise in EXERCISES
        if exercise["pattern"] == pattern and exercise["substitute_for"] is None
    ]
    assert [exercise["level"] for exercise in ladder] == [1, 2, 3, 4]
    assert [exercise["base"] for exercise in ladder] == [False, False, False, True]


def test_the_impact_ladder_has_the_six_landing_levels():
    ladder = [exercise for exercise in EXERCISES if exercise["pattern"] == "impact"]
    assert [exercise["impact_level"] for exercise in ladder] == [0, 1, 2, 3, 4, 5]


def numbers(data):
    """Every number of the program, with its source, tag and basis."""
    if isinstance(data, dict):
        if "value" in data:
            yield data
        else:
            for value in data.values():
                yield from numbers(value)
    elif isinstance(data, list):
        for value in data:
            yield from numbers(value)


def test_every_number_of_the_program_has_a_tag_a_basis_and_a_source_that_exists():
    found = list(numbers(PROGRAM))
    assert len(found) > 60
    for number in found:
        assert number["tag"] in TAGS
        assert number["basis"]
        assert number["source"] in SOURCES or (number["source"] == "" and number["tag"] == "D")


def test_every_source_of_a_setting_can_be_looked_up():
    assert {entry.source for entry in SETTINGS if entry.source} <= set(SOURCES)


def test_the_program_is_seventy_visits_of_thirty_minutes_with_the_four_exercises():
    assert PROGRAM["frequency"]["value"] * PROGRAM["weeks"]["value"] == 70
    assert PROGRAM["sessions"]["value"] == 70  # vector 8.15
    assert PROGRAM["minutes"]["value"] == 30
    lifted = [BY_SLUG[lift["exercise"]] for lift in PROGRAM["lifts"]]
    assert [exercise["name"] for exercise in lifted] == [
        "Deadlift",
        "Back squat",
        "Overhead press",
        "Jumping chin-up with drop landing",
    ]
    assert all(exercise["base"] for exercise in lifted)


def test_the_phases_cover_every_week_once_from_the_first():
    phases = [
        PlannedPhase(
            phase["code"],
            phase["first_week"]["value"],
            phase["last_week"] and phase["last_week"]["value"],
        )
        for phase in PROGRAM["phases"]
    ]
    assert [phase.code for phase in phases] == ["INTRO", "BUILD", "LOAD", "MAINTAIN"]
    assert phases[0].first_week == 1
    assert phases[-1].last_week is None
    for earlier, later in pairwise(phases):
        assert later.first_week == earlier.last_week + 1
    assert planned_phase(phases, *_first_day_and_day_of_week(36)) == "MAINTAIN"


def _first_day_and_day_of_week(week):
    start = date(2025, 3, 3)
    day = start + timedelta(weeks=week - 1)
    assert week_number(start, day) == week
    return start, day


def test_every_phase_is_five_by_five_and_the_introduction_is_lighter_and_without_a_test():
    for phase in PROGRAM["phases"]:
        working = [line for line in phase["prescriptions"] if line["kind"] == "working"]
        (impact,) = (line for line in phase["prescriptions"] if line["kind"] == "impact")
        dose = {(line["sets"]["value"], line["reps"]["value"]) for line in working}
        assert dose == {(5, 5)}
        assert (impact["sets"]["value"], impact["landings"]["value"]) == (5, 5)
        assert len(working) == 3
