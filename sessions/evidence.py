"""What a flag says, in words, from the evidence that was kept when it was raised.

Nothing is looked up here: the words say what was true then, also when the facts have changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .flags import BY_KIND, said
from .models import Flag

_MARKS = {
    Flag.Kind.MISSED: "late",
    Flag.Kind.STALLED: "stalled",
    Flag.Kind.OUTSIDE_CLEARANCE: "stop",
    Flag.Kind.LOCKED: "stop",
    Flag.Kind.PAIN_RISING: "hold",
    Flag.Kind.FALL: "hold",
    Flag.Kind.INTAKE: "late",
}
_AGES = (
    (timedelta(weeks=2), timedelta(weeks=1), "week"),
    (timedelta(days=1), timedelta(days=1), "day"),
    (timedelta(hours=1), timedelta(hours=1), "hour"),
    (timedelta(minutes=1), timedelta(minutes=1), "minute"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """A flag as it is read: its rule's ``name`` (Flags, Rules: the same words on every page).

    ``headline`` follows the client's name; ``sets`` has a line a visit.
    """

    name: str
    mark: str
    headline: str
    detail: str
    sets: tuple[str, ...] = ()


def words_of(flag: Flag) -> Words:
    """The words of a flag of any kind."""
    evidence: dict[str, Any] = flag.evidence
    name = name_of(flag)
    if "headline" in evidence:  # in words already, as it was shown on the day
        rule = BY_KIND.get(flag.kind)
        mark = rule.mark if rule else _MARKS.get(Flag.Kind(flag.kind), "hold")
        return Words(name, mark, evidence["headline"], evidence["detail"], tuple(evidence["lines"]))
    match flag.kind:
        case Flag.Kind.MISSED:
            headline, detail, sets = _missed(evidence)
        case Flag.Kind.STALLED:
            headline, detail, sets = _stalled(evidence)
        case _:
            headline, detail, sets = said.WORDS[flag.kind](evidence)
    return Words(name, _MARKS[Flag.Kind(flag.kind)], headline, detail, sets)


def name_of(flag: Flag) -> str:
    """What its rule is called."""
    rule = BY_KIND.get(flag.kind)
    return rule.name if rule else flag.get_kind_display()


def _missed(evidence: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    came = "Checked in, no sets. " if evidence.get("checked_in") else ""
    return (
        f"{said.when(evidence)} has nothing in it",
        f"With {evidence['therapist']} in {evidence['room']}. {came}Nobody has said what happened.",
        (),
    )


def _stalled(evidence: dict[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    sessions = evidence["sessions"]
    reps = sum(sum(one["reps"]) for one in sessions)
    efforts = sorted(one["rpe"] for one in sessions if one["rpe"] is not None)
    low, high = efforts[0], efforts[-1]
    felt = f"RPE {low}" if low == high else f"RPE {low} to {high}"
    return (
        f"{evidence['exercise_name'].lower()} still at {sessions[-1]['load']} kg",
        f"{len(sessions)} visits, all {reps} reps done, {felt} where "
        f"{evidence['effort_low']} is asked for, and nothing holds it.",
        tuple(_visit_line(one) for one in sessions),
    )


def _visit_line(one: dict[str, Any]) -> str:
    effort = "no RPE" if one["rpe"] is None else f"RPE {one['rpe']}"
    reps = ", ".join(str(number) for number in one["reps"])
    return f"{said.day(one['date'])}: {one['load']} kg × {reps}; {effort} on the last set"


def age(opened_at: datetime, now: datetime) -> str:
    """How long something is open, in the one unit that says enough: "4 days", "just now"."""
    passed = now - opened_at
    for least, unit, word in _AGES:
        if passed >= least:
            number = passed // unit
            return f"{number} {word}" if number == 1 else f"{number} {word}s"
    return "less than a minute"
