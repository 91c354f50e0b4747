"""What became of sessions, a letter each, as the rules of attendance are asked with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from programs.rules import DEFAULT_RULES, Rules
from sessions.flags import Asked, Finding
from sessions.flags.coming import Attendance
from sessions.flags.history import LETTERS, Detail, History, Session
from sessions.flags.registry import rules_of

RULES = rules_of("attendance")
BASE = date(2026, 3, 2)  # a Monday
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {
    "A": "attended",
    "N": "no_show",
    "L": "late_cancel",
    "C": "cancelled_client",
    "E": "excused",
    "X": "clinic_cancelled",
    "H": "holiday_closed",
    "O": "called_off",
    "R": "released",
    "U": "unrecorded",
    "P": "planned",
}


def asked(day: date, rules: Rules = DEFAULT_RULES) -> Asked:
    return Asked(datetime.combine(day, time(12), tzinfo=UTC), day, rules)


def sessions(letters: str, first: date = BASE, **more: Any) -> list[Session]:
    """One session after the other on Mondays and Thursdays; a letter each, spaces for the eye."""
    days, day = [], first
    while len(days) < len(letters):
        if day.weekday() in (0, 3):
            days.append(day)
        day += timedelta(days=1)
    return [
        Session(number, day, WORDS[letter], booked_at=BEFORE, **more)
        for number, (letter, day) in enumerate(zip(letters.replace(" ", ""), days, strict=False))
    ]


def history_of(rows: Sequence[Session], **more: Any) -> History:
    """The history that these sessions are."""
    made = sorted(rows, key=lambda one: (one.day, one.starts, one.key))
    letters = {state: letter for letter, state in LETTERS.items()}
    letters |= {"called_off": "c"} | dict.fromkeys(
        ("clinic_cancelled", "holiday_closed", "released"), "x"
    )
    said = [letters[one.state] for one in made]
    return History(
        [one.key for one in made],
        [noon(one.day) for one in made],
        "".join(a if one.regular else a.upper() for a, one in zip(said, made, strict=True)),
        tz=UTC,
        details={
            one.key: Detail(
                one.repaid and noon(one.repaid),
                one.booked_at and int(one.booked_at.timestamp()),
                one.freed_at and int(one.freed_at.timestamp()),
                one.state == "called_off",
            )
            for one in made
        },
        **more,
    )


def noon(day: date) -> int:
    return int(asked(day).now.timestamp())


def known(
    rows: str | Sequence[Session],
    day: date | None = None,
    rules: Rules = DEFAULT_RULES,
    **more: Any,
) -> Attendance:
    """What is known on a day: of the last session unless said otherwise."""
    made = sessions(rows) if isinstance(rows, str) else list(rows)
    return Attendance.of(history_of(made, **more), BASE, asked(day or made[-1].day, rules))


def ask(
    judge: Any,
    rows: str | Sequence[Session],
    day: date | None = None,
    rules: Rules = DEFAULT_RULES,
    **more: Any,
) -> Finding | None:
    facts = known(rows, day, rules, **more)
    found = list(judge(facts, asked(facts.today, rules)))
    assert len(found) < 2
    return found[0] if found else None


def severity(*args: Any, **more: Any) -> str | None:
    found = ask(*args, **more)
    return None if found is None else str(found.severity)
