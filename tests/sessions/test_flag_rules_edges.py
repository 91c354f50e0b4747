"""Rules at the very edge of a number, a day or a moment: where "more than" is not "or more"."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest

from programs.rules import DEFAULT_RULES
from sessions.flags import Asked
from sessions.flags.attendance import attendance_run, interrupted, low_attendance, no_show
from sessions.flags.coming import Session
from sessions.flags.floor import ClassFacts, NoteOf, NotesFacts
from sessions.flags.health import (
    Answered,
    Fell,
    IntakeFacts,
    LockHeld,
    PainFacts,
    SafetyFacts,
    SetOutside,
    VisitOutside,
    Worst,
)
from sessions.flags.measured import ChecksFacts, HeightFacts
from tests.sessions import attended
from tests.sessions.test_flag_rules_floor import ASKED, DAY, NOW, TODAY, papers, says

SECOND = timedelta(seconds=1)


def then(moment: datetime) -> Asked:
    return Asked(moment, moment.date(), DEFAULT_RULES)


# --- F01 to F03, G03 ------------------------------------------------------------------------------


def test_who_came_later_on_the_day_of_her_no_show_is_here_again():
    day = date(2026, 3, 9)
    gone = Session(1, day, "no_show", starts=1)
    came = Session(2, day, "attended", regular=False, starts=2)
    assert attended.ask(no_show, [gone], day)
    assert attended.ask(no_show, [gone, came], day) is None


def test_an_interruption_is_about_the_newest_visit_that_was_missed():
    flag = attended.ask(interrupted, "ANNN")
    assert flag is not None
    assert flag.about == {"visit_id": 3}


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        ("AAANNN", 5),  # three of five are not under 60 %, three of six are
        ("AAAAANNENN", 8),  # what is four weeks before a session is not counted with it
    ],
)
def test_a_low_share_is_known_by_the_session_with_which_it_fell(letters: str, first: int):
    flag = attended.ask(low_attendance, letters)
    assert flag is not None
    assert flag.key.split("|")[2] == str(first)


def test_there_is_no_news_of_who_has_ended():
    last = attended.sessions("A" * 8)[-1].day
    assert attended.ask(attendance_run, "A" * 8)
    assert attended.ask(attendance_run, "A" * 8, ended_on=last) is None


# --- F12, F17 -------------------------------------------------------------------------------------


def test_a_scan_is_due_and_then_overdue_in_words():
    facts = ChecksFacts(date(2026, 1, 5), scans=(date(2026, 2, 9),))
    words = [
        says("F12", facts, then(datetime(2027, 3, day, tzinfo=UTC)))[0].evidence["headline"]
        for day in (8, 9)
    ]
    assert words == ["is due for a bone scan", "is overdue for a bone scan"]


def test_what_she_recalled_counts_from_the_day_on_which_she_said_it():
    facts = HeightFacts((), (TODAY, D(4)))
    assert facts.recorded_on() == {TODAY}
    assert says("F17", facts.at(ASKED))
    assert says("F17", facts.at(then(NOW - DAY))) == []
    assert HeightFacts(((TODAY, 1_640_000),)).at(ASKED).recorded_on() == {TODAY}


# --- F14, F15, F16, F22, F23 ----------------------------------------------------------------------


def answered(*scores: int | None) -> PainFacts:
    return PainFacts(
        tuple(Answered(TODAY, f"{n}" * 36, n, score, 0) for n, score in enumerate(scores))
    )


@pytest.mark.parametrize(
    ("scores", "visit"),
    [
        ((9, 2, 3, 4), 3),  # the last three, whatever was before
        ((2, None, None, 3, None, 4), 5),  # among the last six visits
        ((2, None, None, None, 3, None, 4), None),
    ],
)
def test_pain_rises_over_the_last_three_scores_of_six_visits(
    scores: tuple[int | None, ...], visit: int | None
):
    rising = [flag for flag in says("F14", answered(*scores)) if "scores" in flag.evidence]
    assert [flag.about for flag in rising] == ([] if visit is None else [{"visit_id": visit}])


def test_a_rise_from_nothing_says_so():
    (flag,) = says("F14", PainFacts((*answered(0).answered, *answered(0, 2).answered[1:])))
    assert flag.evidence["headline"] == "has more pain after a session: 0 before, 2 after"


def test_of_health_what_happened_at_the_very_moment_is_known():
    lock = LockHeld("pain", "a", "Pain", NOW, NOW, None, 7)
    fall = Fell("hand|1", "said by phone", ("a fall",), NOW, NOW, 7)
    outside = VisitOutside("v", 7, NOW, (SetOutside(1, 2, ""),))
    facts = SafetyFacts((lock,), (fall,), (outside,), 1)
    assert facts.at(ASKED) == facts
    assert facts.at(then(NOW - SECOND)) == SafetyFacts(cleared=1)
    strong = PainFacts((), (Worst(TODAY, "v", 7, 6),))
    assert strong.at(ASKED) == strong
    assert strong.at(then(NOW - DAY)) == PainFacts()
    abouts = [says(rule, facts)[0].about for rule in ("F15", "F16", "F23")]
    assert abouts == [{"visit_id": 7}] * 3
    assert says("F15", SafetyFacts((replace(lock, visit=None),)))[0].about == {}
    assert says("F16", SafetyFacts(falls=(replace(fall, visit=None),)))[0].about == {}


@pytest.mark.parametrize(
    ("until", "again"),
    [
        (TODAY + 40 * DAY, TODAY + 10 * DAY),
        (TODAY, TODAY + DAY),
        (TODAY - DAY, None),
        (date.max, None),
        (None, None),
    ],
)
def test_an_intake_without_papers_to_wait_for(until: date | None, again: date | None):
    assert IntakeFacts(until, ()).again(ASKED) == again


def test_a_paper_without_an_end_is_waited_for_to_no_day():
    paper = {"code": "a", "words": "A", "until": date.max.isoformat()}
    assert IntakeFacts(None, (paper,)).again(ASKED) == date.max - 30 * DAY


# --- F19, F20, F21 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clients", "supervisors", "who", "bound"),
    [
        (7, 1, "7 clients, one supervisor", 6),
        (9, 1, "9 clients, one supervisor", 8),
        (13, 2, "13 clients, 2 supervisors", 6),
        (1, 0, "1 client, nobody named as supervisor", 8),
    ],
)
def test_a_group_says_how_many_and_which_bound(
    clients: int, supervisors: int, who: str, bound: int
):
    (flag,) = says("F19", ClassFacts(3, NOW, "Room 1", clients, supervisors))
    assert flag.evidence["headline"] == f"Room 1, Thursday 5 March, 02:00: {who}"
    assert str(flag.evidence["detail"]).startswith(f"More than {bound} for each supervisor.")


def test_a_paper_on_its_last_day_runs_out_before_the_class_of_tomorrow():
    facts = papers(licence_until=TODAY, classes=(TODAY, TODAY + DAY))
    (flag,) = says("F20", facts)
    assert flag.severity == "amber"
    assert flag.evidence["lines"] == ["The licence runs out on 5 March 2026."]
    assert flag.key == "F20.1|amber|licence 2026-03-05"


def test_what_is_missing_of_papers_is_named():
    (flag,) = says("F20", papers(trained_on=None))
    assert (flag.evidence["lines"], flag.key) == (
        ["No training in the program."],
        "F20.1|amber|training",
    )
    (flag,) = says("F20", papers(licence_until=TODAY - DAY))
    assert (flag.evidence["lines"], flag.key) == (
        ["The licence ran out on 4 March 2026."],
        "F20.1|red|licence 2026-03-04",
    )


def test_of_notes_what_happened_at_the_very_moment_is_known():
    signed = NotesFacts((NoteOf("a", NOW - 2 * DAY, NOW),))
    assert signed.at(ASKED) == signed
    assert signed.at(then(NOW - SECOND)).visits[0].signed_at is None
    assert NotesFacts((NoteOf("a", NOW),)).at(ASKED).visits
    assert NotesFacts((NoteOf("a", NOW - DAY),)).at(ASKED).visits[0].signed_at is None
    (flag,) = says("F21", NotesFacts((NoteOf("a", NOW - 2 * DAY),)))
    assert flag.evidence["headline"] == "has 1 session without a signed note"


def test_asked_again_on_the_first_day_on_which_an_old_note_is_forgotten():
    facts = NotesFacts((NoteOf("a", NOW),))
    assert facts.again(then(NOW + 2 * DAY)) == TODAY + 91 * DAY
    assert facts.again(then(NOW + 91 * DAY)) is None
