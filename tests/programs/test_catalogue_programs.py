"""The four starter programs, as data: sound, sourced, and what each of them is known for."""

import json
from datetime import date, timedelta
from itertools import pairwise

import pytest

from programs.calendar import PlannedPhase, Schedule, planned_phase, week_number
from programs.catalogue import HERE, PROGRAMS
from programs.load_rules import RULES, rule_of

from .test_catalogue_data import BY_SLUG, SOURCES, TAGS

DATA = {name: json.loads((HERE / f"{name}.json").read_text()) for name in PROGRAMS}
HIRIT, GRADUATED, GENERAL, BALANCE = DATA.values()
MAIN = [name for name in PROGRAMS if DATA[name]["kind"] == "main"]
NUMBERS_OF_A_LINE = [
    "sets",
    "reps",
    "reps_top",
    "seconds",
    "landings",
    "drop_cm",
    "effort_low",
    "effort_high",
    "tempo",
    "rest_seconds",
    "gate",
]


@pytest.fixture(params=PROGRAMS)
def program(request):
    return DATA[request.param]


def grounded(data):
    """Everything that must say what it rests on: each number, and each load rule."""
    if isinstance(data, dict):
        if "value" in data or "basis" in data:
            yield data
        else:
            for value in data.values():
                yield from grounded(value)
    elif isinstance(data, list):
        for value in data:
            yield from grounded(value)


def lines(program, phase=None):
    return [
        line
        for item in program["phases"]
        if phase in (None, item["code"])
        for line in item["prescriptions"]
    ]


def value(cell):
    return None if cell is None else cell["value"]


def values(line, *names):
    return tuple(value(line[name]) for name in names)


def by_lift(program, phase):
    return {line["lift"]: line for line in lines(program, phase)}


# --- all four -------------------------------------------------------------------------------------
def test_every_number_has_a_tag_a_basis_and_a_source_that_exists(program):
    found = list(grounded(program))
    assert len(found) > 20
    for one in found:
        assert one["tag"] in TAGS
        assert len(one["basis"]) > 10
        assert one["source"] == "" or one["source"] in SOURCES
        assert one["source"] or one["tag"] in {"K", "U", "C", "D"}, "what was read names where"


def test_no_number_stands_outside_a_cell(program):
    cells = {"frequency", "minutes", "weeks", "sessions"}
    words = {"slug", "name", "kind", "summary", "lifts", "phases"}
    assert set(program) == cells | words
    for phase in program["phases"]:
        assert set(phase) == {
            "code", "name", "summary", "first_week", "last_week", "criteria", "prescriptions"
        }  # fmt: skip
    for line in lines(program):
        assert set(line) == {"lift", "kind", "rule", *NUMBERS_OF_A_LINE}


def test_the_phases_cover_every_week_once_and_each_change_has_its_criteria(program):
    phases = [
        PlannedPhase(item["code"], value(item["first_week"]), value(item["last_week"]))
        for item in program["phases"]
    ]
    assert phases[0].first_week == 1
    assert phases[-1].last_week is None
    for earlier, later in pairwise(phases):
        assert later.first_week == earlier.last_week + 1
    if len(phases) > 1:
        assert phases[-1].first_week == value(program["weeks"]) + 1
    assert len({phase.code for phase in phases}) == len(phases)
    for item in program["phases"][:-1]:
        assert 2 <= len(item["criteria"]) <= 5
        assert all(one["text"] and one["tag"] in TAGS for one in item["criteria"])
    assert program["phases"][-1]["criteria"] == []


def test_each_exercise_has_a_dose_a_band_of_effort_and_a_rule_that_fits(program):
    for line in lines(program):
        rule = line["rule"]
        assert rule["kind"] in RULES
        assert (
            (rule["kind"] == "impact") is (line["kind"] == "impact") is (line["lift"] == "impact")
        )
        doses = [name for name in ("reps", "seconds", "landings") if line[name] is not None]
        assert len(doses) == 1
        assert (doses == ["landings"]) is (line["kind"] == "impact")
        assert (rule["kind"] == "double") is (line["reps_top"] is not None)
        low, high = values(line, "effort_low", "effort_high")
        if rule["kind"] in {"impact", "fixed"}:
            assert (low, high) == (None, None)
        else:
            assert 6 <= low <= high <= 17, "above 17 the load is held at the least"


def test_no_percent_is_over_a_hundred_and_no_step_over_five_points(program):
    for line in lines(program):
        rule = rule_of(line["rule"], kind=line["kind"])
        assert rule.entry_percent is None or 0 < rule.entry_percent <= 85
        if rule.kind == "percent":
            assert 60 <= rule.start <= rule.top <= 85
            assert 1 <= rule.step <= 5


def test_each_lift_aims_at_a_rung_of_its_own_ladder(program):
    aims = {aim["lift"]: aim for aim in program["lifts"]}
    kinds = {line["lift"]: line["kind"] for line in lines(program)}
    assert len(aims) == len(program["lifts"])
    assert {lift: aim["kind"] for lift, aim in aims.items()} == kinds
    for lift, aim in aims.items():
        assert BY_SLUG[aim["exercise"]]["pattern"] == lift
        assert BY_SLUG[aim["exercise"]]["substitute_for"] is None
    for phase in program["phases"]:
        lifts = [line["lift"] for line in phase["prescriptions"]]
        assert len(set(lifts)) == len(lifts)


def test_the_number_of_sessions_is_weeks_times_frequency(program):
    assert value(program["sessions"]) == value(program["weeks"]) * value(program["frequency"])


@pytest.mark.parametrize("name", MAIN)
def test_a_program_begins_with_low_effort_and_two_clean_visits_before_a_raise(name):
    first, *later = DATA[name]["phases"]
    for line in first["prescriptions"]:
        assert value(line["gate"]) == 2
        if line["kind"] == "working":
            assert values(line, "effort_low", "effort_high") == (9, 13)
            assert line["rule"]["kind"] in {"effort", "double"}, "no estimate before the lift"
            assert "entry_percent" not in line["rule"]
    for phase in later:
        assert all(
            value(line["gate"]) is None for line in phase["prescriptions"] if line["reps"]
        ), "the clinic's own setting"


def test_the_programs_are_told_apart():
    assert [program["slug"] for program in DATA.values()] == [
        "hirit-liftmor", "graduated-strength", "general-strength", "balance-falls"
    ]  # fmt: skip
    assert [program["kind"] for program in DATA.values()] == ["main", "main", "main", "block"]


# --- each of them ---------------------------------------------------------------------------------
def test_hirit_is_seventy_visits_of_thirty_minutes_with_the_four_exercises():
    assert value(HIRIT["frequency"]) * value(HIRIT["weeks"]) == 70
    assert value(HIRIT["sessions"]) == 70  # vector 8.15
    assert value(HIRIT["minutes"]) == 30
    lifted = [BY_SLUG[aim["exercise"]] for aim in HIRIT["lifts"]]
    assert [exercise["name"] for exercise in lifted] == [
        "Deadlift",
        "Back squat",
        "Overhead press",
        "Jumping chin-up with drop landing",
    ]
    assert all(exercise["base"] for exercise in lifted)
    for item in HIRIT["phases"]:
        working = [line for line in item["prescriptions"] if line["kind"] == "working"]
        (impact,) = (line for line in item["prescriptions"] if line["kind"] == "impact")
        assert {values(line, "sets", "reps") for line in working} == {(5, 5)}
        assert values(impact, "sets", "landings") == (5, 5)
        assert len(working) == 3


def test_hirit_is_planned_by_the_weeks_of_the_protocol():
    phases = [
        PlannedPhase(item["code"], value(item["first_week"]), value(item["last_week"]))
        for item in HIRIT["phases"]
    ]
    assert [phase.code for phase in phases] == ["INTRO", "BUILD", "LOAD", "MAINTAIN"]
    start = date(2025, 3, 3)
    day = start + timedelta(weeks=35)
    assert week_number(start, day) == 36
    assert planned_phase(Schedule(tuple(phases)), start, day) == "MAINTAIN"


@pytest.mark.parametrize(
    ("phase", "rule", "band"),
    [
        ("INTRO", {"kind": "effort"}, (9, 13)),
        ("BUILD", {"kind": "percent", "from": 60, "to": 80, "step": 5}, (13, 16)),
        ("LOAD", {"kind": "effort", "entry_percent": 80}, (16, 17)),
        ("MAINTAIN", {"kind": "effort", "entry_percent": 80}, (16, 17)),
    ],
)
def test_hirit_goes_from_effort_by_percent_to_effort(phase, rule, band):
    for lift in ("hinge", "squat", "press"):
        line = by_lift(HIRIT, phase)[lift]
        said = {key: line["rule"][key] for key in line["rule"].keys() - {"tag", "source", "basis"}}
        assert said == rule
        assert values(line, "effort_low", "effort_high") == band
    assert by_lift(HIRIT, phase)["impact"]["rule"]["kind"] == "impact"


def test_graduated_strength_climbs_from_seventy_to_eighty_five_percent():
    assert [aim["lift"] for aim in GRADUATED["lifts"]] == [
        "squat", "hinge", "press", "step", "carry", "impact"
    ]  # fmt: skip
    for phase, low, top in (("BUILD", 60, 70), ("HEAVY", 70, 85), ("KEEP", 70, 85)):
        for lift in ("squat", "hinge", "press"):
            rule = by_lift(GRADUATED, phase)[lift]["rule"]
            assert (rule["kind"], rule["from"], rule["to"], rule["step"]) == (
                "percent",
                low,
                top,
                5,
            )
    for line in lines(GRADUATED):
        assert (line["seconds"] is not None) is (line["lift"] == "carry")


def test_general_strength_is_eight_to_twelve_slow_exercises_in_one_or_two_sets():
    for item in GENERAL["phases"]:
        assert 8 <= len(item["prescriptions"]) <= 12
        assert {"hip_side", "hip_back", "back"} <= {line["lift"] for line in item["prescriptions"]}
    for line in lines(GENERAL):
        assert values(line, "reps", "reps_top", "tempo") == (8, 10, "4-0-4")
        assert line["rule"]["kind"] == "double"
    sets = [
        {value(line["sets"]) for line in lines(GENERAL, item["code"])} for item in GENERAL["phases"]
    ]
    assert sets == [{1}, {2}, {2}]
    aims = {aim["lift"]: BY_SLUG[aim["exercise"]] for aim in GENERAL["lifts"]}
    assert all("Ankle weights" in aims[lift]["equipment"] for lift in ("hip_side", "hip_back"))


def test_balance_and_falls_is_a_block_of_one_phase_held_for_seconds():
    (phase,) = BALANCE["phases"]
    assert [line["lift"] for line in phase["prescriptions"]] == [
        "one_leg", "tandem", "soft", "shift"
    ]  # fmt: skip
    for line in phase["prescriptions"]:
        assert line["rule"]["kind"] == "fixed"
        assert 10 <= value(line["seconds"]) <= 60
    assert {BY_SLUG[aim["exercise"]]["load_type"] for aim in BALANCE["lifts"]} == {"bodyweight"}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_visit_fits_into_its_minutes(name):
    """Work and rest of all sets, without warm-ups and walking: HiRIT needs a rotating group."""
    program = DATA[name]
    for item in program["phases"]:
        seconds = 0
        for line in item["prescriptions"]:
            sets, rest = values(line, "sets", "rest_seconds")
            up = 8 if value(line["tempo"]) == "4-0-4" else 4
            reps, hold, landings = values(line, "reps", "seconds", "landings")
            top = value(line["reps_top"]) or reps
            sides = 2 if line["lift"] in {"one_leg", "tandem"} else 1
            work = (top or 0) * up + (hold or 0) * sides + (landings or 0) * 3
            seconds += sets * (work + rest)
        assert seconds <= value(program["minutes"]) * 60
