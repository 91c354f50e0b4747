"""When a flag is true, decided from facts alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from programs.rules import DEFAULT_RULES, Rules
from sessions.flags import (
    Asked,
    Finding,
    group_size,
    missed,
    missed_runs,
    reconcile,
)
from sessions.flags.lifted import Lift, Lifted, LiftSession
from sessions.flags.lifts import stalled

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)


def lifted(*rpes, load="50", **rest):
    """Attended visits half a week apart, one for each RPE, all as prescribed."""
    return [
        LiftSession(
            at=FIRST + timedelta(days=number * 3.5),
            key=f"visit-{number}",
            load=D(load),
            all_reps=True,
            rpe=rpe,
            effort_low=16,
            holding=False,
            **rest,
        )
        for number, rpe in enumerate(rpes)
    ]


UNDERDOSED = lifted(14, 15, 15, 14, 15, 15)


def finding(sessions, rules=DEFAULT_RULES, rule=stalled):
    """What a rule says of one lift on the day of its last session."""
    if not sessions:
        return None
    named = tuple(replace(one, exercise="deadlift", name="Deadlift") for one in sessions)
    facts = Lifted((Lift("hinge", named),))
    now = sessions[-1].at
    return next(rule(facts, Asked(now, now.date(), rules)), None)


def test_six_visits_with_all_reps_under_the_effort_and_no_raise_are_a_stall():  # vector 8.23
    found = finding(UNDERDOSED)
    assert found.subject == "deadlift"
    assert found.evidence["median_rpe"] == "15"
    assert found.evidence["sessions"][0] == {
        "date": "2026-03-02",
        "key": "visit-0",
        "load": "50",
        "rpe": 14,
        "reps": [],
    }
    assert len(found.evidence["sessions"]) == 6


def changed(index, **change):
    return [
        replace(one, **change) if number == index else one for number, one in enumerate(UNDERDOSED)
    ]


@pytest.mark.parametrize(
    "sessions",
    [
        lifted(17, 17, 18, 17, 17, 17),  # vector 8.23: a plateau at effort, not a stall
        lifted(16, 16, 16, 16, 16, 16),
        UNDERDOSED[:5],
        [],
        changed(3, holding=True),  # vector 8.23: held on purpose
        changed(5, holding=True),
        changed(2, all_reps=False),
        changed(5, load=D("52.5")),
        changed(0, load=D("47.5")),
        changed(4, load=None),
        changed(5, effort_low=None),
        lifted(14, 15, None, None, None, None),
        lifted(None, None, None, None, None, None),
    ],
)
def test_it_is_not_a_stall(sessions):
    assert finding(sessions) is None


def test_effort_known_in_half_of_the_visits_is_enough():
    assert finding(lifted(14, None, 15, None, 15, None)) is not None


def test_a_load_that_went_down_and_stayed_there_is_a_stall_too():
    assert finding([*lifted(17, 17, load="55"), *lifted(14, 14, 14, 14)]) is not None


def test_how_many_visits_is_the_clinics_own_number():
    assert finding(UNDERDOSED, rules=Rules(stall_sessions=8)) is None
    assert finding(UNDERDOSED[:4], rules=Rules(stall_sessions=4)) is not None


def test_a_closed_stall_comes_back_only_after_as_many_visits_again():
    found = [finding(lifted(*[15] * count)) for count in range(6, 13)]
    closed = {found[0].key: FIRST + timedelta(days=5 * 3.5, hours=1)}
    comes_back = [bool(reconcile([one], (), closed_keys=closed).to_open) for one in found]
    assert comes_back == [False] * 6 + [True]


def test_a_stall_at_another_load_is_another_stall():
    at_50 = finding(UNDERDOSED)
    later = [replace(one, key=f"later-{one.key}", load=D(55)) for one in UNDERDOSED]
    assert finding([*UNDERDOSED, *later]).key != at_50.key


@pytest.mark.parametrize(
    ("states", "longest"),
    [
        ("A N N A N N N A", 3),  # vector 8.24
        ("A N E N A", 1),  # vector 8.24
        ("N L C", 3),
        ("N U N", 1),  # nobody has said that she was absent
        ("A A A", 0),
        ("", 0),
    ],
)
def test_the_longest_run_of_missed_visits(states, longest):
    words = {
        "A": "attended",
        "N": "no_show",
        "L": "late_cancel",
        "C": "cancelled_client",
        "E": "excused",
        "U": "unrecorded",
    }
    assert missed_runs(words[letter] for letter in states.split()) == longest


@pytest.mark.parametrize(
    ("clients", "supervisors", "said"),
    [
        (6, 1, "ok"),  # vector 8.30
        (7, 1, "warn"),
        (8, 1, "warn"),
        (9, 1, "block"),
        (9, 2, "ok"),
        (0, 0, "ok"),
        (1, 0, "block"),
    ],
)
def test_clients_for_each_supervisor(clients, supervisors, said):
    assert group_size(clients=clients, supervisors=supervisors, rules=DEFAULT_RULES) == said


def found(subject, key=None):
    return Finding(subject, {}, key or f"key-{subject}")


def test_reconciling_opens_what_is_new_keeps_what_is_true_and_resolves_the_rest():
    changes = reconcile([found("a"), found("b")], {"b", "c"})
    assert [one.subject for one in changes.to_open] == ["a"]
    assert [one.subject for one in changes.to_keep] == ["b"]
    assert changes.to_resolve == ("c",)


def test_reconciling_again_after_the_changes_changes_nothing():
    changes = reconcile([found("a"), found("b")], {"a", "b"})
    assert (changes.to_open, changes.to_resolve) == ((), ())


def test_what_was_closed_on_the_same_evidence_is_not_opened_again():
    assert reconcile([found("a", "k1")], set(), closed_keys={"k1"}).to_open == ()
    assert len(reconcile([found("a", "k2")], set(), closed_keys={"k1"}).to_open) == 1


@pytest.mark.parametrize(("later", "opened"), [(-1, 0), (0, 0), (1, 1)])
def test_an_answer_holds_for_evidence_until_its_moment(later: int, opened: int):
    answered = FIRST
    again = replace(found("a", "k1"), since=answered + timedelta(seconds=later))
    assert len(reconcile([again], (), closed_keys={"k1": answered}).to_open) == opened


def test_a_key_is_kept_whole_as_long_as_its_column():
    assert found("a", "k" * 200).key == "k" * 200
    cut = found("a", "k" * 201).key
    assert (len(cut), cut[:168]) == (200, "k" * 167 + "|")
    assert cut != found("a", "k" * 202).key


def test_a_missed_visit_is_its_own_subject_and_its_key_names_the_rule():
    one = missed("visit-7", {"ended": "2026-03-02"})
    assert (one.subject, one.key) == ("visit-7", "F00.1|visit-7")
