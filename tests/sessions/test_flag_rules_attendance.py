"""The rules about who comes, at their limits: pure, from what became of sessions day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from programs.rules import DEFAULT_RULES, Rules
from sessions.flags.attendance import (
    attendance_run,
    interrupted,
    low_attendance,
    no_show,
    unrecorded,
)
from sessions.flags.history import CAME, Session, Silent
from tests.sessions.attended import BASE, BEFORE, RULES, ask, asked, known, sessions, severity

# --- F02 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "run"),
    [
        ("ANNANNN", 3),  # vector 8.24, before she is back
        ("ANNANNNA", 0),  # vector 8.24: back, and over
        ("ANENA", 0),  # vector 8.24
        ("ANEN", 0),  # vector 8.24: one missed, and one missed
        ("ANN", 0),  # one under
        ("ANNNN", 4),  # one over
        ("ANLC", 3),  # whatever the client's own cause
        ("NNN", 3),  # also who never came
        ("ANNNE", 0),
        ("ANNXN", 0),
        ("ANNHN", 0),
        ("ANNON", 0),
        ("ANNNU", 3),  # nobody has said how it ended: not over, and no more
        ("ANNNP", 3),
        ("ANUNN", 0),  # absent is not unrecorded
        ("ANNNUN", 3),
        ("ANUNNN", 3),
    ],
)
def test_an_interruption_is_three_sessions_missed_in_a_row(letters, run):
    found = ask(interrupted, letters)
    assert (found.evidence["headline"] if found else "") == (
        f"missed {run} in a row" if run else ""
    )
    assert found is None or found.severity == "red"


def test_how_many_are_an_interruption_is_the_clinics_own_number():
    assert ask(interrupted, "ANN", rules=Rules(interrupted_after=2))
    assert not ask(interrupted, "ANNN", rules=Rules(interrupted_after=4))


def test_a_run_says_what_was_missed_when_she_was_here_and_what_comes():
    rows = [*sessions("ANLN"), Session(9, date(2026, 3, 23), "planned", booked_at=BEFORE)]
    assert ask(interrupted, rows, date(2026, 3, 13)).evidence["detail"] == (
        "No-show on 5 and 12 March; cancelled late on 9 March. Last here 2 March. "
        "Next booked Monday 23 March."
    )
    assert ask(interrupted, "NNN").evidence["detail"].endswith("Not here yet. Nothing booked.")


def test_a_run_keeps_its_key_from_day_to_day_and_comes_back_after_as_many_again():
    keys = [ask(interrupted, "A" + "N" * number).key for number in range(3, 8)]
    assert keys == ["F02.1|1|1"] * 3 + ["F02.1|1|2"] * 2
    later = ask(interrupted, "ANNN", date(2026, 4, 30)).key
    assert later == keys[0]


def test_make_ups_and_extras_are_no_misses_and_end_a_run_where_she_came():
    rows = sessions("ANNN")
    missed_extra = Session(9, date(2026, 3, 13), "no_show", regular=False)
    here = Session(9, date(2026, 3, 13), CAME, regular=False)
    assert len(ask(interrupted, [*rows, missed_extra]).evidence["missed"]) == 3
    assert ask(interrupted, [*rows, here]) is None


# --- made up, paused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "counts"),
    [(13, False), (14, False), (15, True), (-2, False)],
)
def test_a_session_made_up_within_fourteen_days_was_not_missed(days, counts):
    rows = sessions("ANNN")
    repaid = rows[2].day + timedelta(days=days)
    rows[2] = rows[2]._replace(repaid=repaid)
    # The make-up itself is left out here: by its day alone it ends no run.
    assert (ask(interrupted, rows, date(2026, 4, 1)) is not None) == counts


def test_a_make_up_to_come_repays_nothing_yet():
    rows = sessions("ANNN")
    rows[2] = rows[2]._replace(repaid=date(2026, 3, 16))
    assert ask(interrupted, rows, date(2026, 3, 15)) is not None
    assert ask(interrupted, rows, date(2026, 3, 16)) is None
    assert ask(interrupted, rows, date(2026, 3, 16), Rules(makeup_days=5)) is not None


def test_what_falls_into_a_pause_was_agreed_on():
    pause = (date(2026, 3, 9), date(2026, 3, 9))
    assert ask(interrupted, "ANNN", pauses=[pause]) is None
    assert ask(no_show, "AN", pauses=[(date(2026, 3, 5), date(2026, 3, 5))]) is None
    assert ask(low_attendance, "ANNNN") is not None
    assert ask(low_attendance, "ANNNN", pauses=[(date(2026, 3, 5), date(2026, 3, 9))]) is None


# --- F01 -----------------------------------------------------------------------------------------


def test_a_no_show_is_for_information_until_she_is_here_again():
    found = ask(no_show, "AN")
    assert (found.severity, found.evidence["headline"]) == ("info", "did not come")
    assert found.about == {"visit_id": 1}
    assert ask(no_show, "ANA") is None


@pytest.mark.parametrize(("days", "there"), [(13, True), (14, False)])
def test_a_no_show_is_forgotten_after_its_days(days, there):
    day = date(2026, 3, 5) + timedelta(days=days)
    assert (ask(no_show, "AN", day) is not None) == there


@pytest.mark.parametrize(
    ("apart", "said"), [(13, "amber"), (14, "info"), (15, "info"), (1, "amber")]
)
def test_two_no_shows_within_fourteen_days_are_amber(apart, said):
    rows = [
        Session(1, BASE, "no_show"),
        Session(2, BASE + timedelta(days=apart), "no_show"),
    ]
    assert severity(no_show, rows) == said


def test_two_no_shows_stay_amber_when_she_has_been_here_since():
    assert severity(no_show, "NNA") == "amber"
    assert ask(no_show, "NNA").evidence["headline"] == "did not come two times within 14 days"


def test_a_cancelled_session_is_no_no_show():
    for letter in "LCEXHUPRO":
        assert ask(no_show, f"A{letter}{letter}") is None


def test_another_no_show_is_new_evidence():
    assert ask(no_show, "NN").key != ask(no_show, "NNN").key
    assert ask(no_show, "NN").key == ask(no_show, "NN", date(2026, 3, 9)).key


# --- F03 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("AANN", "amber"),  # 50 %
        ("ANNN", "red"),  # 25 %
        ("ANN", None),  # three are too few to say
        ("AAANN", None),  # 60 % is not below 60 %
        ("AANNN", "amber"),  # 40 % is not below 40 %
        ("AAANNNNN", "red"),  # 37.5 %
        ("NNNN", "red"),
        ("AANNE", "amber"),  # excused, closed and unrecorded ones are in neither number
        ("AAXHUNN", "amber"),
        ("ANNE", None),
        ("ANNU", None),
    ],
)
def test_at_risk_is_a_share_of_enough_sessions(letters, said):
    assert severity(low_attendance, letters) == said


def test_the_share_is_of_the_last_four_weeks():
    rows = sessions("NNNNAAAAAAAA")
    assert ask(low_attendance, rows, rows[7].day).evidence["headline"] == (
        "came to 4 of 8 sessions in 4 weeks"
    )
    eighth = rows[0].day + timedelta(days=27)
    assert ask(low_attendance, rows[:8], eighth).evidence["due"] == 8
    assert ask(low_attendance, rows[:8], eighth + timedelta(days=1)).evidence["due"] == 7


def test_a_share_says_itself_and_its_limit():
    detail = ask(low_attendance, "AAANNNNN").evidence["detail"]
    assert detail.startswith("38 %, below 40 %. No-show on 12, 16, 19, 23 and 26 March.")


def test_low_attendance_that_goes_on_keeps_its_key_for_its_weeks():
    rows = sessions("NA" * 8)
    keys = [
        ask(low_attendance, rows[: number + 1], rows[number].day).key for number in range(3, 16)
    ]
    assert len(set(keys)) == 2
    assert keys[0] == "F03.1|amber|3|0"
    assert keys[-1] == "F03.1|amber|3|1"


def test_a_session_that_was_made_up_counts_as_attended():
    rows = sessions("AANN")
    rows[2] = rows[2]._replace(repaid=date(2026, 3, 12))
    assert ask(low_attendance, rows) is None


# --- G03, F00 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "there"),
    [
        ("AAAAAAA", False),
        ("AAAAAAAA", True),
        ("AAAAEAXAAA", True),  # excused and closed neither count nor end it
        ("AAAANAAAA", False),
        ("AAAAUAAAA", False),
        ("AAAAAAAAP", True),  # the next one is today
        ("A" * 9 + "N" + "A" * 9, False),  # as often as before
        ("A" * 9 + "N" + "A" * 10, True),
        ("A" * 11, True),
        ("A" * 12, False),  # told two weeks ago
        ("A" * 8 + "N", False),
    ],
)
def test_the_longest_run_so_far_is_good_news(letters, there):
    found = ask(attendance_run, letters)
    assert (found is not None) == there
    assert found is None or found.severity == "good"


def test_a_run_is_told_once_and_names_its_beginning():
    assert ask(attendance_run, "NAAAAAAAA").key == ask(attendance_run, "NAAAAAAAAA").key
    assert ask(attendance_run, "A" * 8).evidence["detail"] == (
        "Her longest run so far, since 2 March."
    )


def test_a_silent_visit_is_its_own_subject_and_a_new_deadline_is_new_evidence():
    one = Silent(7, "uid-7", BASE, "09:00", "Room 1", "Ana T.", False, "2026-03-02T01:00:00")
    found = ask(unrecorded, "U", silent=[one])
    assert (found.subject, found.key) == ("uid-7", "F00.1|uid-7|2026-03-02T01:00:00")
    assert found.about == {"visit_id": 7}
    assert found.evidence["headline"] == "Monday 2 March, 09:00 has nothing in it"
    assert (
        "Checked in, no sets."
        in (ask(unrecorded, "U", silent=[one._replace(checked_in=True)]).evidence["detail"])
    )
    assert ask(unrecorded, [], BASE - timedelta(days=1), silent=[one]) is None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_nothing_is_said_once_training_has_ended(rule):
    day = BASE + timedelta(days=40)
    silent = [Silent(7, "uid-7", BASE, "09:00", "Room 1", "Ana T.", False, "")]
    for letters in ("ANNNNNNNNN", "A" * 12):
        facts = known(letters, day, silent=silent, ended_on=day)
        assert list(rule.judge(facts, asked(day))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_has_words_a_basis_and_names_its_numbers(rule):
    numbers = DEFAULT_RULES.values()
    said = rule.says.format(**{key: numbers[key] for key in rule.settings})
    assert "{" not in said
    assert rule.basis
