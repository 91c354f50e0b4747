"""Rules about a lift that stands still, and why: F06, F07 and F25 of protocol sheet 6.2.

Standard library only, and no clock. A lift stands still for one of six causes, and only the first
is the therapist's omission: underdosed, a plateau at effort, held for technique, held for pain,
capped by the equipment, or nobody came. Each suggests something else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from programs.rules import Rules, plain

from .finding import Asked, Finding, Severity
from .lifted import (
    HELD_DECIDED,
    HELD_EQUIPMENT,
    HELD_PAIN,
    HELD_TECHNIQUE,
    Lift,
    Lifted,
    LiftSession,
    as_json,
    first_of_stretch,
    held_since,
    lines_of,
    said_day,
)
from .rule import Action, Rule

# The version is part of every evidence key: a changed rule may raise a closed flag again.
STALLED_RULE = "F06.2"
PLATEAU_RULE = "F07.1"
HELD_RULE = "F25.1"

#: Sessions that the evidence of a long hold shows, the last ones.
MOST_LINES = 8


class Cause(StrEnum):
    """Why a lift stands still; the last two are holds with another reason."""

    UNDERDOSED = "underdosed"
    PLATEAU = "plateau"
    TECHNIQUE = "technique"
    PAIN = "pain"
    EQUIPMENT = "equipment"
    ABSENT = "absent"
    DECIDED = "decided"
    OTHER = "other"


#: What a hold is for, by the code of its reason; the first that is found counts.
HELD_FOR: tuple[tuple[Cause, frozenset[str]], ...] = (
    (Cause.PAIN, HELD_PAIN),
    (Cause.TECHNIQUE, HELD_TECHNIQUE),
    (Cause.EQUIPMENT, HELD_EQUIPMENT),
    (Cause.DECIDED, HELD_DECIDED),
)
WORDS = {
    Cause.TECHNIQUE: "technique",
    Cause.PAIN: "pain",
    Cause.EQUIPMENT: "the equipment",
    Cause.DECIDED: "a decision",
    Cause.OTHER: "the plan",
}
ACTIONS = {
    Cause.UNDERDOSED: (Action.ADJUST, Action.LATER),
    Cause.PLATEAU: (Action.ADJUST, Action.LATER),
    Cause.TECHNIQUE: (Action.ADJUST, Action.LATER),
    Cause.PAIN: (Action.REFER, Action.ADJUST, Action.LATER),
    Cause.EQUIPMENT: (Action.ADJUST, Action.LATER),
    Cause.ABSENT: (Action.CALL, Action.MAKE_UP, Action.LATER),
    Cause.DECIDED: (Action.ADJUST, Action.LATER),
    Cause.OTHER: (Action.ADJUST, Action.LATER),
}


@dataclass(frozen=True, slots=True)
class Still:
    """A lift without a raise: since which session, the sessions looked at, and why."""

    cause: Cause
    since: LiftSession
    window: tuple[LiftSession, ...]


def stands_still(sessions: Sequence[LiftSession], *, today: date, rules: Rules) -> Still | None:
    """Whether a lift (one rung, oldest first) stands still, and its cause; None: it does not.

    No increase in the prescribed load over ``stall_sessions`` attended visits or ``stall_days``.
    While it is held the cause is what it is held for. Too few visits in those days is nobody having
    come, also while her load steps back for it. Else with all reps done, and effort known in half
    of the sessions at least: its median under the band is too little, from ``plateau_effort`` on
    it is a plateau. Anything between moves by itself, or is another rule's matter.
    """
    return _stands_still(sessions[first_of_stretch(sessions) :], today, rules)


def _stands_still(stretch: Sequence[LiftSession], today: date, rules: Rules) -> Still | None:
    """The same, of the sessions without an increase."""
    if not stretch:
        return None
    by_visits = len(stretch) >= rules.stall_sessions
    by_days = (today - stretch[0].day).days >= rules.stall_days
    if not by_visits and not by_days:
        return None
    window = tuple(stretch[-rules.stall_sessions :])
    if any(one.load is None for one in window):
        return None
    if held_since(window) is not None:
        return Still(_held_for(window[-1]), stretch[0], window)
    if not by_visits and 2 * len(_within(stretch, today, rules)) < rules.stall_sessions:
        return Still(Cause.ABSENT, stretch[0], window)
    if any(one.holding for one in window) or not all(one.all_reps for one in window):
        return None
    efforts = [one.rpe for one in window if one.rpe is not None]
    low = window[-1].effort_low
    if low is None or not efforts or 2 * len(efforts) < len(window):
        return None
    if median(efforts) < low:
        return Still(Cause.UNDERDOSED, stretch[0], window)
    if median(efforts) >= rules.plateau_effort:
        return Still(Cause.PLATEAU, stretch[0], window)
    return None


def _within(sessions: Sequence[LiftSession], today: date, rules: Rules) -> list[LiftSession]:
    since = today - timedelta(days=rules.stall_days)
    return [one for one in sessions if one.day >= since]


def _held_for(one: LiftSession) -> Cause:
    codes = set(one.reasons)
    return next((cause for cause, known in HELD_FOR if codes & known), Cause.OTHER)


def stalled(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F06: lifts that could go up and do not; for information where she hardly came.

    A flag that was closed comes back only after as many visits again.
    """
    for lift, still in _still(facts, asked):
        if still.cause is Cause.UNDERDOSED:
            yield _finding(
                lift,
                still,
                STALLED_RULE,
                Severity.AMBER,
                f"{_done(still)}, {_felt(still)} where {still.window[-1].effort_low} is asked for, "
                "and nothing holds it.",
            )
        elif still.cause is Cause.ABSENT:
            yield _finding(
                lift,
                still,
                STALLED_RULE,
                Severity.INFO,
                f"No raise since {said_day(still.since.day)}: "
                f"{_counted(len(still.window), 'visit')} in that time. It had no chance to move.",
            )


def plateau(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F07: the same, but it is hard: look at technique, recovery and smaller steps."""
    for lift, still in _still(facts, asked):
        if still.cause is Cause.PLATEAU:
            yield _finding(
                lift,
                still,
                PLATEAU_RULE,
                Severity.INFO,
                f"{_done(still)}, {_felt(still)}: as much as she can. Look at technique, recovery "
                "and smaller steps.",
            )


def held_long(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """F25: a lift that is held for longer than the clinic's limit, with what it is held for."""
    for lift in facts.trained(asked):
        rung = lift.rung
        first = held_since(rung)
        if first is None or lift.settled:
            continue
        days = (asked.today - first.day).days
        if days <= asked.rules.hold_limit_days:
            continue
        cause = _held_for(rung[-1])
        held = rung[rung.index(first) :]
        yield Finding(
            rung[-1].exercise,
            {
                "headline": f"{rung[-1].name.lower()} held for {WORDS[cause]}{_at(rung[-1])}",
                "detail": f"Since {said_day(first.day)}, {days} days and "
                f"{_counted(len(held), 'visit')}. {_ADVICE[cause]}",
                "lines": lines_of(held[-MOST_LINES:]),
                "cause": cause,
                "exercise": rung[-1].exercise,
                "lift": lift.lift,
                "sessions": as_json(held[-MOST_LINES:]),
                "actions": list(ACTIONS[cause]),
            },
            f"{HELD_RULE}|{rung[-1].exercise}|{cause}",
            since=asked.now - timedelta(days=asked.rules.hold_limit_days),
        )


_ADVICE = {
    Cause.TECHNIQUE: "Watch a set together, or choose an easier rung.",
    Cause.PAIN: "Look at it again, or ask her doctor.",
    Cause.EQUIPMENT: "Smaller plates, or another rung.",
    Cause.DECIDED: "Is it still right?",
    Cause.OTHER: "Is that still what is wanted?",
}


def _still(facts: Lifted, asked: Asked) -> Iterator[tuple[Lift, Still]]:
    for lift in facts.trained(asked):
        # A therapist's word since the last visit settles the matter.
        if lift.settled:
            continue
        still = _stands_still(lift.stretch, asked.today, asked.rules)
        if still is not None and not _gone(still, asked):
            yield lift, still


def _gone(still: Still, asked: Asked) -> bool:
    """Nobody at all for longer than a gap that steps down: that is said of her, not of a lift."""
    return (asked.today - still.window[-1].day).days > asked.rules.gap_medium_days


def _finding(lift: Lift, still: Still, rule: str, severity: Severity, detail: str) -> Finding:
    last = still.window[-1]
    efforts = [one.rpe for one in still.window if one.rpe is not None]
    return Finding(
        last.exercise,
        {
            "headline": f"{last.name.lower()} still{_at(last)}",
            "detail": detail,
            "lines": lines_of(still.window),
            "cause": still.cause,
            "rule": rule,
            "exercise": last.exercise,
            "exercise_name": last.name,
            "lift": lift.lift,
            "median_rpe": f"{median(efforts):g}" if efforts else "",
            "effort_low": last.effort_low,
            "sessions": as_json(still.window),
            "actions": list(ACTIONS[still.cause]),
        },
        f"{rule}|{last.exercise}|{plain(last.load) if last.load is not None else ''}|{severity}",
        severity,
        since=still.window[0].at,
    )


def _at(one: LiftSession) -> str:
    return "" if one.load is None else f" at {plain(one.load)} kg"


def _done(still: Still) -> str:
    reps = sum(number or 0 for one in still.window for number in one.reps)
    return f"{_counted(len(still.window), 'visit')}, all {reps} reps done"


def _felt(still: Still) -> str:
    efforts = sorted(one.rpe for one in still.window if one.rpe is not None)
    low, high = efforts[0], efforts[-1]
    return f"RPE {low}" if low == high else f"RPE {low} to {high}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


RULES: tuple[Rule, ...] = (
    Rule(
        "F06",
        2,
        "stalled",
        "Stalled",
        "A lift had no raise over {stall_sessions} attended visits or {stall_days} days, all reps "
        "were done, the effort stayed under its band, and nothing holds it.",
        (Severity.AMBER, Severity.INFO),
        "stalled",
        "lifts",
        stalled,
        (Action.ADJUST, Action.LATER),
        ("stall_sessions", "stall_days", "plateau_effort", "gap_medium_days"),
        "Visits, days and effort are a design default.",
    ),
    Rule(
        "F07",
        1,
        "plateau",
        "Plateau at effort",
        "The same, but the median effort is {plateau_effort} or more: technique, recovery, smaller "
        "steps.",
        (Severity.INFO,),
        "stalled",
        "lifts",
        plateau,
        (Action.ADJUST, Action.LATER),
        ("stall_sessions", "stall_days", "plateau_effort"),
        "The effort is a design default.",
    ),
    Rule(
        "F25",
        1,
        "held_long",
        "Held for long",
        "A lift has been held for more than {hold_limit_days} days, with its cause: technique, "
        "pain, the equipment, a decision, or the plan.",
        (Severity.AMBER,),
        "hold",
        "lifts",
        held_long,
        (Action.ADJUST, Action.REFER, Action.LATER),
        ("hold_limit_days",),
        "The limit is a design default.",
    ),
)
