"""A program's content: what an edit leaves of a number's basis, what differs, what is wrong."""

import copy
from datetime import date

import pytest

from programs.content import (
    Difference,
    differences,
    dose_words,
    edited,
    edited_rule,
    published,
    rule_words,
    typed,
    weeks_words,
    with_keys,
)
from programs.problems import OnLadder, problems
from tests.programs.contents import LADDERS, cell, content, landing, line, phase, put

DAY = date(2026, 11, 23)
WORDS = "Set by the clinic on 23 November 2026."


# --- one number -----------------------------------------------------------------------------------
def test_the_same_number_typed_again_is_no_edit():
    assert edited(cell(5), 5, on=DAY) == cell(5)
    assert edited(None, None, on=DAY) is None


def test_an_edited_number_is_the_clinics_and_keeps_what_it_rested_on_before():
    now = edited(cell(5, "V", "5 sets"), 4, on=DAY)
    assert now == {
        "value": 4,
        "source": "",
        "tag": "D",
        "basis": WORDS,
        "was": cell(5, "V", "5 sets"),
    }
    again = edited(now, 3, on=DAY)
    assert again["was"] == cell(5, "V", "5 sets")
    assert edited(again, 5, on=DAY) == cell(5, "V", "5 sets")


def test_a_number_made_blank_still_knows_its_basis_until_it_is_published():
    blank = edited(cell(5), None, on=DAY)
    assert (blank["value"], blank["was"]) == (None, cell(5))
    assert edited(blank, 5, on=DAY) == cell(5)
    draft = content()
    draft["phases"][0]["prescriptions"][0]["rest_seconds"] = blank
    assert published(with_keys(draft))["phases"][0]["prescriptions"][0]["rest_seconds"] is None


def test_a_number_that_only_the_clinic_has_set_has_no_basis_to_keep():
    first = edited(None, 4, on=DAY)
    assert first == cell(4, "D", WORDS)
    assert "was" not in edited(first, 3, on=DAY)
    assert edited(first, None, on=DAY) is None


def test_a_rule_is_edited_as_a_whole():
    before = {"kind": "percent", "from": 60, "to": 80, "step": 5, "basis": "BUILD", "tag": "D"}
    same = {"from": 60, "to": 80, "step": 5}
    assert edited_rule(before, "percent", same, on=DAY) == before
    now = edited_rule(before, "percent", {**same, "to": 75}, on=DAY)
    assert (now["to"], now["tag"], now["basis"], now["was"]) == (75, "D", WORDS, before)
    other = edited_rule(now, "effort", {"entry_percent": None}, on=DAY)
    assert {name: other[name] for name in other if name != "was"} == {
        "kind": "effort",
        "source": "",
        "tag": "D",
        "basis": WORDS,
    }
    assert edited_rule(other, "percent", same, on=DAY) == before


@pytest.mark.parametrize(
    ("text", "value"),
    [(" 5 ", 5), ("", None), ("05", 5), ("five", "five"), ("-3", "-3"), ("4.5", "4.5")],
)
def test_what_is_typed_for_a_number_is_kept_as_it_is(text, value):
    assert typed(text) == value


def test_keys_are_in_a_draft_only():
    draft = with_keys(content())
    keys = [one["key"] for phase in draft["phases"] for one in (phase, *phase["prescriptions"])]
    assert keys == ["p1", "p1l1", "p1l2", "p2", "p2l1"]
    assert published(draft) == content()


# --- in words -------------------------------------------------------------------------------------
def test_what_is_done_in_words():
    assert dose_words(line()) == "5 × 5"
    assert dose_words(line(reps=8, reps_top=10, sets=2)) == "2 × 8 to 10"
    assert dose_words(line(reps=None, seconds=30)) == "5 × 30 s"
    assert dose_words(landing(drop_cm=10)) == "5 × 5 landings from 10 cm"
    assert dose_words(line(sets=None, reps=None)) == "? × ?"
    assert rule_words({"kind": "percent", "from": 60, "to": 80, "step": 5}) == (
        "60 to 80 % of the estimated 1RM, 5 % at a time"
    )
    assert rule_words({"kind": "effort", "entry_percent": 80}) == (
        "By effort, entry at 80 % of the estimated 1RM"
    )
    assert weeks_words(phase("A", 3, 3)) == "week 3"
    assert weeks_words(phase("A", 3, None)) == "from week 3 on"


# --- differences ----------------------------------------------------------------------------------
PERCENT = {"kind": "percent", "from": 60, "to": 80, "step": 5}
BUILT = "60 to 80 % of the estimated 1RM, 5 % at a time"

CHANGES = [
    ("name", "Larger", ("", "", "Name", "Small", "Larger")),
    ("summary", "", ("", "", "Summary", "Short.", "")),
    ("weeks", 9, ("", "", "Weeks", "8", "9")),
    ("phases.0.last_week", 3, ("Learn", "", "Last week", "4", "3")),
    ("phases.1.last_week", 8, ("Build", "", "Last week", "none", "8")),
    ("phases.0.name", "Begin", ("Begin", "", "Name", "Learn", "Begin")),
    ("phases.0.prescriptions.0.sets", 4, ("Learn", "Hinge", "Sets", "5", "4")),
    ("phases.0.prescriptions.0.rest_seconds", 90, ("Learn", "Hinge", "Rest", "none", "90 s")),
    ("phases.0.prescriptions.0.reps", None, ("Learn", "Hinge", "Reps", "5", "none")),
    ("phases.0.prescriptions.0.tempo", "4-0-4", ("Learn", "Hinge", "Tempo", "none", "4-0-4")),
    ("phases.0.prescriptions.0.rule", PERCENT, ("Learn", "Hinge", "Load rule", "By effort", BUILT)),
    ("phases.0.criteria", [], ("Learn", "", "Before the next phase", "Technique is clean", "none")),
]


def changed(old, new):
    return [
        (one.phase, one.lift, one.field, one.was, one.becomes)
        for one in differences(old, new, names={"hinge": "Hinge"})
    ]


@pytest.mark.parametrize(("path", "value", "difference"), CHANGES, ids=[one[0] for one in CHANGES])
def test_one_change_is_one_line(path, value, difference):
    assert changed(content(), put(content(), path, value)) == [difference]


def test_nothing_differs_from_itself_and_a_new_basis_alone_is_no_difference():
    assert differences(content(), content()) == []
    assert differences(content(), put(content(), "weeks", 8)) == []
    assert differences(content(), with_keys(content())) == []


def test_what_is_added_and_removed_is_named_with_what_it_was():
    more = content()
    more["phases"][1]["prescriptions"].append(line("squat", sets=3))
    added = Difference("Build", "squat", "Exercise", "", "3 × 5, By effort")
    assert differences(content(), more) == [added]
    assert added.kind == "added"
    [removed] = differences(more, content())
    assert (removed.kind, removed.was, removed.becomes) == ("removed", "3 × 5, By effort", "")

    longer = content()
    longer["phases"].append(phase("STAY", 9, None, line()))
    assert changed(content(), longer) == [
        ("Stay", "", "Phase", "", "Stay, from week 9 on"),
        ("Stay", "Hinge", "Exercise", "", "5 × 5, By effort"),
    ]
    assert [one.kind for one in differences(longer, content())] == ["removed", "removed"]


def test_another_order_is_one_line():
    other = content()
    other["phases"][0]["prescriptions"].reverse()
    assert changed(content(), other) == [
        ("Learn", "", "Order of the exercises", "Hinge, impact", "impact, Hinge")
    ]
    other = content()
    other["phases"].reverse()
    assert changed(content(), other) == [
        ("", "", "Order of the phases", "Learn, Build", "Build, Learn")
    ]


# --- problems -------------------------------------------------------------------------------------
FIRST = "phases.0.prescriptions.0"
AT = "phases-0-prescriptions-0"
WRONG = [
    ("name", "", "name", "Write a name."),
    ("phases", [], "phases", "A program needs at least one phase. Add one."),
    ("weeks", None, "weeks", "Write a whole number from 1 to 260."),
    ("weeks", "eight", "weeks", "Write a whole number from 1 to 260."),
    ("frequency", 0, "frequency", "Write a whole number from 1 to 7."),
    ("kind", "block", "phases", "A block has one phase only. Remove the others."),
    ("phases.1.first_week", 4, "phases-1-first_week", "The phase before ends in week 4. Begin"),
    ("phases.1.first_week", 6, "phases-1-first_week", "Week 5 belongs to no phase. Begin"),
    ("phases.1.first_week", 8, "phases-1-first_week", "Weeks 5 to 7 belong to no phase. Begin"),
    ("phases.0.first_week", 2, "phases-0-first_week", "The first phase begins in week 1."),
    ("phases.1.last_week", 9, "phases-1-last_week", "The program has 8 weeks."),
    ("phases.1.last_week", 7, "phases-1-last_week", "Week 8 belongs to no phase."),
    ("phases.1.last_week", 4, "phases-1-last_week", "The phase begins in week 5."),
    ("phases.0.last_week", None, "phases-0-last_week", "Only the last phase may be without"),
    ("phases.0.last_week", 12, "phases-0-last_week", "The program has 8 weeks."),
    ("phases.1.code", "learn", "phases-1-code", "Another phase has this code already."),
    ("phases.1.code", "", "phases-1-code", "Write a code of 1 to 16 letters and digits"),
    ("phases.1.code", "ON TOP", "phases-1-code", "Write a code of 1 to 16 letters and digits"),
    ("phases.0.name", " ", "phases-0-name", "Write a name."),
    ("phases.0.criteria", [], "phases-0-criteria", "Write what allows the next phase"),
    ("phases.0.prescriptions", [], "phases-0-prescriptions", "A phase needs at least one exercise"),
    (f"{FIRST}.lift", "swim", f"{AT}-lift", "Choose an exercise from the list."),
    (f"{FIRST}.lift", "", f"{AT}-lift", "Choose an exercise from the list."),
    (f"{FIRST}.lift", "impact", f"{AT}-kind", "Drop landing is counted in landings: choose"),
    (f"{FIRST}.kind", "impact", f"{AT}-kind", "Deadlift is lifted: choose working sets."),
    (f"{FIRST}.kind", "warm", f"{AT}-kind", "Choose working sets or impact sets."),
    (f"{FIRST}.sets", None, f"{AT}-sets", "Write a whole number from 1 to 20."),
    (f"{FIRST}.sets", 21, f"{AT}-sets", "Write a whole number from 1 to 20."),
    (f"{FIRST}.reps", None, f"{AT}-reps", "Write reps, or the seconds of a set."),
    (f"{FIRST}.seconds", 30, f"{AT}-seconds", "Reps or seconds, not both."),
    (f"{FIRST}.landings", 5, f"{AT}-landings", "Working sets have no landings of a set."),
    (f"{FIRST}.reps_top", 4, f"{AT}-reps_top", "At least 5, where the range begins."),
    (f"{FIRST}.reps_top", 8, f"{AT}-rule", "A range of reps goes with double progression."),
    (f"{FIRST}.effort_low", 17, f"{AT}-effort_high", "At least 17, where the band begins."),
    (f"{FIRST}.effort_low", 5, f"{AT}-effort_low", "Write a whole number from 6 to 20."),
    (f"{FIRST}.effort_high", 21, f"{AT}-effort_high", "Write a whole number from 6 to 20."),
    (f"{FIRST}.effort_high", None, f"{AT}-effort_high", "Write both ends of the band, or none."),
    (f"{FIRST}.tempo", "slow", f"{AT}-tempo", "Write the seconds up, held and down, as 4-0-4."),
    (f"{FIRST}.rest_seconds", 901, f"{AT}-rest_seconds", "Write a whole number from 0 to 900."),
    (f"{FIRST}.rule", {"kind": "magic"}, f"{AT}-rule", "Choose a load rule from the list."),
    (f"{FIRST}.rule", {"kind": "impact"}, f"{AT}-rule", "Impact sets follow the impact ladder"),
    (f"{FIRST}.rule", {"kind": "double"}, f"{AT}-reps_top", "Double progression needs the upper"),
    (f"{FIRST}.rule", {**PERCENT, "to": 101}, f"{AT}-to", "Write a whole number from 1 to 100 %."),
    (f"{FIRST}.rule", {**PERCENT, "step": 6}, f"{AT}-step", "Write a whole number from 1 to 5 %."),
    (f"{FIRST}.rule", {**PERCENT, "from": 85}, f"{AT}-to", "At least 85 %, where the band begins."),
    (f"{FIRST}.rule", {"kind": "percent"}, f"{AT}-from", "Write a whole number from 1 to 100 %."),
    (
        f"{FIRST}.rule",
        {"kind": "effort", "entry_percent": 120},
        f"{AT}-entry_percent",
        "Write a whole number from 1 to 100 %.",
    ),
    ("phases.0.prescriptions.1.landings", None, "phases-0-prescriptions-1-landings", "Write how"),
    ("phases.0.prescriptions.1.reps", 5, "phases-0-prescriptions-1-reps", "Impact sets have no"),
    (
        "lifts",
        [{"lift": "hinge", "kind": "working", "exercise": "snatch"}],
        "lifts-0-exercise",
        "There is no exercise “snatch” on the ladder.",
    ),
]


def test_nothing_is_wrong_with_what_can_be_published():
    assert problems(content(), LADDERS) == {}
    closed = put(content(), "phases.1.last_week", 8)
    stays_on = copy.deepcopy(closed)
    stays_on["phases"].append(phase("STAY", 9, None, line()))
    block = content(
        kind="block", phases=[phase("ONLY", 1, 8, line("carry", reps=None, seconds=30))]
    )
    assert [problems(one, LADDERS) for one in (closed, stays_on, block)] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("path", "value", "where", "words"), WRONG, ids=[f"{one[0]}={one[1]}" for one in WRONG]
)
def test_what_is_wrong_is_said_at_its_field(path, value, where, words):
    found = problems(put(content(), path, value), LADDERS)
    assert found.get(where, "").startswith(words), found


def test_the_same_exercise_twice_in_a_phase_is_said_at_the_second():
    twice = content()
    twice["phases"][1]["prescriptions"].append(line())
    assert list(problems(twice, LADDERS)) == ["phases-1-prescriptions-1-lift"]


def test_a_gate_needs_criteria_on_every_rung():
    carried = line("carry", reps=None, seconds=30, gate=2)
    gated = content(phases=[phase("ONLY", 1, None, carried)])
    assert list(problems(gated, LADDERS)) == ["phases-0-prescriptions-0-gate"]
    seen = [OnLadder("farmer-walk", "carry", "Loaded carry", False, 3)]
    assert problems(gated, [*LADDERS[:-1], *seen]) == {}
    gated["phases"][0]["prescriptions"][0]["gate"] = None
    assert problems(gated, LADDERS) == {}
