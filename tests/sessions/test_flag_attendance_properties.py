"""What holds of the rules about who comes whatever became of the sessions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from programs.rules import DEFAULT_RULES
from sessions.flags.coming import Attendance
from sessions.flags.history import CAME, Session
from tests.sessions.attended import BASE, BEFORE, RULES, asked, history_of, known, sessions

SEVERITY = {"info": 1, "amber": 2, "red": 3}


KINDS = st.sampled_from("AAANNLCEXHOUR")


@st.composite
def histories(draw: st.DrawFn) -> list[Session]:
    """Up to 40 sessions with every ending, some of them make-ups of earlier ones."""
    rows = sessions("".join(draw(st.lists(KINDS, min_size=1, max_size=40))))
    for number, one in enumerate(rows):
        if draw(st.integers(0, 9)) == 0:
            rows[number] = one._replace(regular=False)
        elif one.state in ("no_show", "late_cancel", "cancelled_client") and draw(st.booleans()):
            rows[number] = one._replace(repaid=one.day + timedelta(days=draw(st.integers(-3, 20))))
    return rows


def severities(rows: Sequence[Session], day: date, **more: Any) -> dict[str, int]:
    facts = known(rows, day, **more)
    return {
        rule.id: max(
            (SEVERITY[str(one.severity)] for one in rule.judge(facts, asked(day))), default=0
        )
        for rule in RULES
        if rule.id != "G03"
    }


@given(histories(), st.data())
@settings(max_examples=300, deadline=None)
def test_more_attendance_never_raises_severity(rows, data):
    """For any session that comes to be attended, on any day.

    One that did not count for the share (excused, closed, unrecorded) adds one that was due: with
    it there may be enough of them for a share to say something at all.
    """
    number = data.draw(st.integers(0, len(rows) - 1))
    day = data.draw(st.dates(BASE, rows[-1].day + timedelta(days=70)))
    before = severities(rows, day)
    better = list(rows)
    better[number] = rows[number]._replace(state=CAME)
    after = severities(better, day)
    facts = known(rows, day)
    old = rows[number]
    counted = not old.regular or old.state == CAME or facts.missed(old, DEFAULT_RULES)
    for rule, was in before.items():
        if rule == "F03" and not counted and not facts.repaid(old, DEFAULT_RULES):
            since = day - timedelta(weeks=DEFAULT_RULES.attendance_weeks)
            due = [one for one in facts.backwards(since) if one.regular]
            enough = sum(
                one.state == CAME
                or facts.missed(one, DEFAULT_RULES)
                or facts.repaid(one, DEFAULT_RULES)
                for one in due
            )
            if enough < DEFAULT_RULES.attendance_due:
                continue
        assert after[rule] <= was, rule


@given(histories(), st.randoms(use_true_random=False), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_rows_does_not_matter(rows, chance: random.Random, days):
    day = BASE + timedelta(days=days)
    mixed = list(rows)
    chance.shuffle(mixed)
    for rule in RULES:
        one = list(rule.judge(known(rows, day), asked(day)))
        assert list(rule.judge(known(mixed, day), asked(day))) == one


@given(
    histories(),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 20)), max_size=2),
    st.integers(0, 6),
)
@settings(max_examples=100, deadline=None)
def test_looking_only_when_something_changed_or_time_may_change_it_gives_the_same(
    rows, pauses, ahead
):
    """Day by day for half a year: a session of that day is a change, if it was not known before."""
    days = [
        (BASE + timedelta(days=first), BASE + timedelta(days=first + length))
        for first, length in pauses
    ]
    # Some were cancelled days ahead: nothing is written any more when their day comes.
    early = {number for number in range(len(rows)) if number % 7 < ahead}
    rows = [
        one
        if number not in early or one.state in ("attended", "unrecorded", "no_show")
        else one._replace(freed_at=BEFORE)
        for number, one in enumerate(rows)
    ]
    changes = {one.day for one in rows if one.freed_at is None} | {one.repaid for one in rows}
    history = history_of(rows, pauses=days)
    held: dict[str, list[tuple[str, str]]] = {}
    due: date | None = BASE
    for number in range(190):
        day = BASE + timedelta(days=number)
        now = asked(day)
        facts = Attendance.of(history, BASE, now)
        true = {
            rule.id: [(one.key, str(one.severity)) for one in rule.judge(facts, now)]
            for rule in RULES
            if not rule.once
        }
        if day in changes or day == due:
            held = true
            due = facts.again(now) or day + timedelta(days=7)
        assert held == true, day
