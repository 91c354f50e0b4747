"""Rules about the clinic's floor: at their threshold, one under, one over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from programs.rules import DEFAULT_RULES
from sessions.flags import BY_ID, Asked, Finding, Rule
from sessions.flags.floor import ClassFacts, NoteOf, NotesFacts, PapersFacts
from sessions.flags.registry import RULES

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
TODAY = NOW.date()
ASKED = Asked(NOW, TODAY, DEFAULT_RULES)
DAY = timedelta(days=1)


def says(rule: str, facts: object, asked: Asked = ASKED) -> list[Finding]:
    return list(BY_ID[rule].judge(facts, asked))


def severity(rule: str, facts: object, asked: Asked = ASKED) -> str | None:
    found = says(rule, facts, asked)
    assert len(found) <= 1
    return str(found[0].severity) if found else None


# --- F19: the group -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clients", "supervisors", "said"),
    [
        (6, 1, None),  # vector 8.30
        (7, 1, "amber"),
        (8, 1, "amber"),
        (9, 1, "red"),
        (9, 2, None),
        (12, 2, None),
        (13, 2, "amber"),
        (16, 2, "amber"),
        (17, 2, "red"),
        (1, 0, "red"),
        (0, 0, None),
    ],
)
def test_more_than_six_for_each_supervisor_warn_and_more_than_eight_are_red(
    clients: int, supervisors: int, said: str | None
):
    assert severity("F19", ClassFacts(3, NOW, "Room 1", clients, supervisors)) == said


def test_a_group_is_about_its_class_and_an_event():
    (found,) = says("F19", ClassFacts(3, NOW, "Room 1", 7, 1))
    assert (found.subject, found.about, BY_ID["F19"].once) == ("3", {"slot_id": 3}, True)


# --- F20: papers ----------------------------------------------------------------------------------


def papers(**more: object) -> PapersFacts:
    usual = PapersFacts(
        member=5,
        name="Ana T.",
        licence_until=TODAY + 100 * DAY,
        first_aid_until=TODAY + 100 * DAY,
        trained_on=TODAY - 100 * DAY,
        classes=(TODAY,),
    )
    return replace(usual, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("paper", ["licence_until", "first_aid_until"])
@pytest.mark.parametrize(("last", "said"), [(1, None), (0, None), (-1, "red"), (-2, "red")])
def test_a_paper_is_out_of_date_from_the_day_after_its_last(
    paper: str, last: int, said: str | None
):
    assert severity("F20", papers(**{paper: TODAY + last * DAY})) == said


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ((TODAY + 14 * DAY,), "red"),
        ((TODAY + 15 * DAY,), None),
        ((TODAY - 14 * DAY,), "red"),
        ((TODAY - 15 * DAY,), None),
        ((), None),
    ],
)
def test_only_of_who_is_named_in_a_class_within_fourteen_days(
    classes: tuple[date, ...], said: str | None
):
    assert severity("F20", papers(licence_until=TODAY - DAY, classes=classes)) == said


@pytest.mark.parametrize(("last", "said"), [(3, "amber"), (4, None), (5, None)])
def test_papers_that_run_out_before_a_class_of_hers_are_amber(last: int, said: str | None):
    facts = papers(licence_until=TODAY + last * DAY, classes=(TODAY, TODAY + 4 * DAY))
    assert severity("F20", facts) == said


def test_no_training_on_record_is_amber_and_no_first_aid_on_record_is_nothing():
    assert severity("F20", papers(trained_on=None)) == "amber"
    assert severity("F20", papers(first_aid_until=None)) is None


# --- F21: notes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(hours=24) - timedelta(seconds=1), None),
        (timedelta(hours=24), None),
        (timedelta(hours=24) + timedelta(seconds=1), "amber"),
        (timedelta(days=90), "amber"),
        (timedelta(days=90, seconds=1), None),
    ],
)
def test_a_note_is_late_after_more_than_24_hours_and_forgotten_after_90_days(
    ago: timedelta, said: str | None
):
    assert severity("F21", NotesFacts((NoteOf("a", NOW - ago),))) == said


def test_many_late_notes_are_one_flag_that_keeps_its_key():
    visits = tuple(NoteOf(f"v{number}", NOW - (9 - number) * DAY) for number in range(4))
    (found,) = says("F21", NotesFacts(visits))
    assert found.evidence["headline"] == "has 4 sessions without a signed note"
    assert len(found.evidence["lines"]) == 4  # type: ignore[arg-type]
    (fewer,) = says("F21", NotesFacts(visits[:2]))
    assert fewer.key == found.key
    signed = replace(visits[0], signed_at=NOW)
    (other,) = says("F21", NotesFacts((signed, *visits[1:])))
    assert other.key != found.key


def test_a_note_signed_later_was_late_then():
    facts = NotesFacts((NoteOf("a", NOW - 4 * DAY, NOW - DAY),))
    assert severity("F21", facts) is None
    then = Asked(NOW - 2 * DAY, TODAY - 2 * DAY, DEFAULT_RULES)
    assert severity("F21", facts.at(then), then) == "amber"
    before = Asked(NOW - 5 * DAY, TODAY - 5 * DAY, DEFAULT_RULES)
    assert facts.at(before) == NotesFacts(())


def test_asked_again_on_the_first_day_on_which_a_note_is_late():
    facts = NotesFacts((NoteOf("a", NOW),))
    assert facts.again(ASKED) == TODAY + 2 * DAY
    assert NotesFacts(()).again(ASKED) is None


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_sentence_of_a_rule_names_settings_that_there_are(rule: Rule):
    rule.says.format(**DEFAULT_RULES.values())
    assert set(rule.settings) <= DEFAULT_RULES.values().keys()
