"""The six questions of an arrival as values: what they ask for, and how two of them are one."""

from itertools import product

import pytest

from programs.pain import ALL_WELL, NOTHING_ASKED, Answers, Pain, more_cautious
from programs.progression import Arrived, advance, targets
from programs.reasons import LINE_LENGTH
from programs.rules import DEFAULT_RULES
from tests.programs.engine import day, decided, sets, started, state_after, visited

KNEE, RIBS = Pain(4, "knee", "known"), Pain(1, "ribs", "new")


def arrived(answers):
    """The state at an arrival three days after a good visit, and its targets."""
    state = state_after(*started(hinge="60"), visited(0, hinge=sets("60", rpe=15)))
    state = advance(state, Arrived(day(3), "here", day(3).date(), answers))
    return state, targets(state)["hinge"]


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        (Answers(away="fall"), "Re-screen first, after fall."),
        (Answers(away="illness"), "Re-screen first, after illness."),
        (
            Answers(medicine=True),
            "Re-screen first, after a new medicine, diagnosis or procedure.",
        ),
        (
            Answers(away="hospital", medicine=True),
            "Re-screen first, after hospital, and a new medicine, diagnosis or procedure.",
        ),
        (Answers(fracture=True), "Locked: a new fracture. A named clinician releases it."),
        (Answers(dizzy=True), "Locked: dizzy on arrival. A named clinician releases it."),
        (
            Answers(now=RIBS),
            "Locked: pain that ends all loading. A named clinician releases it.",
        ),
        # Worse than a re-screen, a lock comes first.
        (
            Answers(away="fall", fracture=True),
            "Locked: a new fracture. A named clinician releases it.",
        ),
    ],
)
def test_a_yes_asks_for_nothing_more_until_somebody_has_looked(answers, line):
    _, target = arrived(answers)
    assert (target.available, target.load, target.sets) == (False, None, 0)
    assert target.reason.line == line
    assert target.reason.holding
    assert len(line) < LINE_LENGTH


@pytest.mark.parametrize(
    "answers",
    [ALL_WELL, Answers(Pain(0), Pain(0), "none"), Answers(Pain(0), Pain(0)), NOTHING_ASKED],
)
def test_a_no_and_a_question_that_nobody_asked_stop_nothing(answers):
    state, target = arrived(answers)
    assert target.available
    assert (state.rescreen, state.locked) == (None, None)


def test_a_re_screen_ends_what_a_new_medicine_asked_for():
    state, _ = arrived(Answers(Pain(0), Pain(0), medicine=True))
    looked_at = advance(state, decided(3, "rescreen", reason="Vitamin D only."))
    assert targets(looked_at)["hinge"].load is not None


@pytest.mark.parametrize(
    "answers",
    [
        NOTHING_ASKED,
        ALL_WELL,
        Answers(KNEE, RIBS, "fall", fracture=True, medicine=False),
        Answers(dizzy=False),
    ],
)
def test_answers_are_read_back_as_they_were_kept(answers):
    assert Answers.from_json(answers.to_json()) == answers


def test_answers_of_an_older_form_say_that_the_rest_was_not_asked():
    old = {"next_day": [2, "knee", "known"], "now": [0, "", ""], "away": "", "at": "2026-03-05"}
    said = Answers.from_json(old)
    assert said == Answers(Pain(2, "knee", "known"), Pain(0))
    assert (said.fracture, said.medicine, said.dizzy, said.rescreen_after) == (None, None, None, "")


def test_what_nobody_asked_is_not_kept_as_a_no():
    assert Answers(Pain(0)).to_json().keys() == {"next_day", "now", "away"}


PAINS = (Pain(), Pain(0), Pain(2, "knee", "known"), Pain(7, "knee", "known"), RIBS)


@pytest.mark.parametrize(("one", "other"), [*product(PAINS, PAINS)])
def test_of_two_pains_the_one_that_asks_for_more_counts(one, other):
    both = more_cautious(Answers(now=one), Answers(now=other), DEFAULT_RULES)
    assert both.now == PAINS[max(PAINS.index(one), PAINS.index(other))]


MILDEST_FIRST = (None, False, True)


@pytest.mark.parametrize("name", ["fracture", "medicine", "dizzy"])
@pytest.mark.parametrize(("one", "other"), [*product(MILDEST_FIRST, MILDEST_FIRST)])
def test_of_two_answers_a_yes_wins_over_a_no_and_a_no_over_a_blank(name, one, other):
    both = more_cautious(Answers(**{name: one}), Answers(**{name: other}), DEFAULT_RULES)
    worse = MILDEST_FIRST[max(MILDEST_FIRST.index(one), MILDEST_FIRST.index(other))]
    assert getattr(both, name) is worse


@pytest.mark.parametrize(("one", "other"), [("fall", "none"), ("none", "fall"), ("fall", "")])
def test_a_fall_that_one_of_two_was_told_of_counts(one, other):
    assert more_cautious(Answers(away=one), Answers(away=other), DEFAULT_RULES).away == "fall"
