"""The words of flags about the client herself, from the values that were kept with them.

Standard library only. New evidence keeps its words beside its values ("headline", "detail",
"lines"); what was raised before has values alone, and is read by the same functions.
"""

from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

#: What follows the client's name; a sentence or two; a line for each thing.
Words = tuple[str, str, tuple[str, ...]]


def worded(kind: str, evidence: Mapping[str, object]) -> dict[str, object]:
    """Evidence of a kind with its words beside its values. KeyError for a kind without words."""
    headline, detail, lines = WORDS[kind](evidence)
    return {**evidence, "headline": headline, "detail": detail, "lines": list(lines)}


@lru_cache(maxsize=1024)
def day(iso: str) -> str:
    """``Thursday 5 March``, for what is lately."""
    on = date.fromisoformat(iso)
    return f"{on:%A} {on.day} {on:%B}"


def dated(on: date) -> str:
    """``5 March 2026``, for what may be long ago or far ahead."""
    return f"{on.day} {on:%B} {on.year}"


def when(evidence: Mapping[str, Any]) -> str:
    """``Thursday 5 March, 09:00``."""
    return f"{day(evidence['date'])}, {evidence['time']}"


def locked(evidence: Mapping[str, Any]) -> Words:
    """A lock, why and since when."""
    return (
        f"is locked: {evidence['why']}",
        f"{when(evidence)}. No loading and no impact until a named clinician releases her.",
        (),
    )


def intake(evidence: Mapping[str, Any]) -> Words:
    """What of an intake is missing or runs out."""
    lines = tuple(
        f"{one['words']}: {'until ' + day(one['until']) if one['until'] else 'missing'}"
        for one in evidence["missing"]
    )
    if evidence["severity"] == "red":
        return (
            "has no complete intake",
            "Nothing is prescribed, booked or checked in before it is complete.",
            lines,
        )
    return (
        "has an intake that runs out",
        f"She can be booked and checked in until {day(evidence['last_day'])}.",
        lines,
    )


def pain(evidence: Mapping[str, Any]) -> Words:
    """Pain that was strong during a visit, or rises from visit to visit."""
    scores = evidence.get("scores", ())
    lines = tuple(f"{day(one['date'])}: {one['score']} of 10" for one in scores)
    if "worst" in evidence:
        worst = evidence["worst"]
        return (
            f"had pain {worst['score']} of 10 during a session",
            f"{day(worst['date'])}, the worst of all sets. Over {evidence['stop_over']} an "
            "exercise is stopped. Look at her before she lifts again.",
            lines,
        )
    if "rise" in evidence:
        rise = evidence["rise"]
        return (
            f"has more pain after a session: {rise['before']} before, {rise['after']} after",
            f"Worst pain since the session before, as she said on {day(rise['date'])}.",
            lines,
        )
    return (
        f"has more pain the day after each time: {', '.join(str(one['score']) for one in scores)}",
        "Worst pain after the last three sessions, as she said at the next one.",
        lines,
    )


def fall(evidence: Mapping[str, Any]) -> Words:
    """A fall, or the falls of one answer. Its lines are there already."""
    number = evidence["falls"]
    times = "fell" if number == 1 else f"fell {number} times"
    return (
        f"{times}: {evidence['heard']}",
        "Ask how it happened, whether she is hurt, and look again at balance and loads.",
        tuple(evidence["lines"]),
    )


def outside_clearance(evidence: Mapping[str, Any]) -> Words:
    """Landings higher than is cleared, or sets while locked or without a complete intake.

    ``cleared`` is None where what she was cleared for then is not known any more.
    """
    numbers = [str(one["number"]) for one in evidence["sets"]]
    levels = [one["level"] for one in evidence["sets"] if one["level"] is not None]
    level, cleared = max(levels, default=0), evidence["cleared"]
    which = f"set {numbers[0]}" if len(numbers) == 1 else f"sets {', '.join(numbers)}"
    if cleared is None:
        return (
            f"landed at level {level}, above what she was cleared for",
            f"{when(evidence)}, {which}. It is recorded as it happened.",
            (),
        )
    if level <= cleared and "intake" in evidence:
        missing = ", ".join(words.lower() for words in evidence["intake"])
        return (
            "was loaded without a complete intake",
            f"{when(evidence)}, {which}. Missing: {missing}. It is recorded as it happened.",
            (),
        )
    if level <= cleared:
        return (
            "was loaded while locked",
            f"{when(evidence)}, {which}. It is recorded as it happened.",
            (),
        )
    return (
        f"landed at level {level}, cleared for level {cleared}",
        f"{when(evidence)}, {which}. It is recorded as it happened.",
        (),
    )


WORDS: Mapping[str, Callable[[Mapping[str, Any]], Words]] = MappingProxyType(
    {
        "locked": locked,
        "intake": intake,
        "pain_rising": pain,
        "fall": fall,
        "outside_clearance": outside_clearance,
    }
)
