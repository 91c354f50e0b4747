"""The progress letter as a rule drafts it, part by part, from its frozen figures.

Standard library only. Plain clinical English for the doctor who referred the client: what was done
and what was seen, never what will be. A therapist reads it, changes it, and signs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

PARTS: tuple[tuple[str, str], ...] = (
    ("opening", "Why I write"),
    ("attendance", "Attendance"),
    ("training", "Training"),
    ("outcomes", "Outcomes"),
    ("events", "Adverse events and falls"),
    ("plan", "Plan"),
)
TITLES = dict(PARTS)
#: Characters of one part: six of them fit on two pages beside the tables.
LONGEST = 1200
ATTENDANCE_DEFINITION = (
    "Attended sessions divided by planned sessions, without those that were excused or that the "
    "clinic cancelled (accountable attendance). Make-up and extra sessions are in neither number."
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def say(day: str | date) -> str:
    """``3 March 2026``, of a day or of its ISO form."""
    one = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{one.day} {_MONTHS[one.month - 1]} {one.year}"


def number(count: int, word: str, many: str = "") -> str:
    """``1 session``, ``no session``, ``3 sessions``."""
    plural = many or f"{word}s"
    return f"{count or 'no'} {plural if count > 1 else word}"


def drafts(figures: Mapping[str, Any]) -> dict[str, str]:
    """Every part as the rules write it; "" where there is nothing to say."""
    return {
        "opening": _opening(figures),
        "attendance": _attendance(figures["attendance"]),
        "training": _training(figures["loads"], figures["landings"]),
        "outcomes": _outcomes(figures["outcomes"]),
        "events": f"{_events(figures['events'])}\n\n{_falls(figures['falls'])}",
        "plan": _plan(figures["plan"]),
    }


def _opening(figures: Mapping[str, Any]) -> str:
    first, last = say(figures["first"]), say(figures["last"])
    program = figures["program"]
    named = f" ({program})" if program else ""
    return (
        f"{figures['client']['name']} takes part in supervised high-intensity resistance and "
        f"impact training{named} at {figures['clinic']['name']}, since "
        f"{say(figures['started'])}. This letter is about {first} to {last}."
    )


def _attendance(counts: Mapping[str, Any]) -> str:
    if not counts["counted"]:
        return "No session that could be attended is over in this period."
    beside = [
        f"{number(counts[key], 'session')} {words}"
        for key, words in (("excused", "excused"), ("clinic", "cancelled by the clinic"))
        if counts[key]
    ]
    extra = counts["make_up"] + counts["extra"]
    if extra:
        beside.append(f"{number(extra, 'make-up or extra session')} attended besides")
    low, high = counts["interval"]
    lines = [
        f"Attended {counts['attended']} of {counts['counted']} sessions that could be attended: "
        f"{counts['share']} % (95 % interval {low} to {high} %)."
    ]
    if beside:
        lines.append(f"Not in this figure: {'; '.join(beside)}.")
    run = counts["longest_missed"]
    if run > 1:
        lines.append(f"The longest run of missed sessions was {run}.")
    if counts["unrecorded"]:
        lines.append(
            f"Of {number(counts['unrecorded'], 'session')} it is not recorded what happened."
        )
    return " ".join(lines)


def _training(loads: Sequence[Mapping[str, Any]], landings: Mapping[str, Any]) -> str:
    if not loads and not landings["sets"]:
        return "Nothing was lifted with a load in this period."
    lines = []
    if loads:
        grown = [
            f"{one['exercise'].lower()} from {one['first']['load']} to {one['latest']['load']}"
            for one in loads
            if one["visits"] > 1
        ]
        what = "; ".join(grown) if grown else "see the table"
        lines.append(f"Heaviest working set, from the first session to the latest: {what}.")
    if landings["sets"]:
        lines.append(
            f"Impact: {number(landings['sets'], 'set')} of landings, highest level "
            f"{landings['highest']} of 5."
        )
    return " ".join(lines)


def _outcomes(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Each measure with its label. What training did for one person nobody knows."""
    if not outcomes:
        return ""
    lines = [f"{one['name']}: {one['change']}, {one['label']}." for one in outcomes if one["after"]]
    if once := [one["name"] for one in outcomes if not one["after"]]:
        lines.append(f"Measured once so far: {'; '.join(once)}.")
    return "\n".join(lines)


def _events(events: Mapping[str, Any]) -> str:
    if not events["count"]:
        return "Adverse events: none was reported in this period."
    told = []
    for one in events["told"]:
        said = (one[key].strip().rstrip(".") for key in ("serious", "related", "outcome"))
        more = [one["words"], *filter(None, said)]
        missed = one["missed"]
        if missed:
            more.append(f"{number(missed, 'session')} missed after it")
        told.append(f"{say(one['day'])}: {', '.join(more)}.")
    rest = events["count"] - len(events["told"])
    if rest > 0:
        told.append(f"And {rest} more.")
    return f"Adverse events: {number(events['count'], 'event')}. {' '.join(told)}"


def _falls(falls: Mapping[str, Any]) -> str:
    known = number(falls["known"], "fall")
    hurt = f", {number(falls['injured'], 'time')} with an injury" if falls["injured"] else ""
    broken = f", {number(falls['fractures'], 'fracture')} told of" if falls["fractures"] else ""
    heard = f"Falls: {known} {'are' if falls['known'] > 1 else 'is'} known of{hurt}{broken}."
    if not falls["asked"]:
        return f"{heard} No monthly question was asked in this period."
    return (
        f"{heard} The monthly question about falls was answered for {falls['answered']} of "
        f"{number(falls['asked'], 'month')}."
    )


def _plan(plan: Mapping[str, Any]) -> str:
    if plan["ended"]:
        return f"The program ended on {say(plan['ended'])}."
    a_week = f"{number(plan['weekly'], 'supervised session')} a week"
    lines = [f"We continue the program with {a_week}."]
    if plan["locked"]:
        lines = ["Loading and impact are stopped at present, until a named clinician ends that."]
    lines.append(
        "Loads rise only while sets are complete and the technique is sound. Please tell us of a "
        "new fracture, a new medicine or anything that speaks against heavy loading."
    )
    return " ".join(lines)
