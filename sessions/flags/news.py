"""Good news of lifts: a first squat under a bar, weeks of clean technique.

Standard library only, and no clock.
"""

from collections.abc import Iterator

from programs.rules import plain

from .finding import Asked, Finding, Severity
from .lifted import (
    NEWS_DAYS,
    TRAINED_WITHIN,
    Lifted,
    LiftSession,
    first_under_a_bar,
    said_day,
)
from .rule import Rule

UNASSISTED_RULE = "G01.1"
CLEAN_RULE = "G02.1"


def first_unassisted(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """G01: the first squat under a bar, without a box or a machine; news for four weeks."""
    for lift in facts.trained(asked):
        first = first_under_a_bar(lift)
        if first is None or first.clean is False:
            continue
        if asked.today - first.day > TRAINED_WITHIN:
            continue
        yield Finding(
            "",
            {
                "headline": "squatted under a bar for the first time",
                "detail": f"{said_day(first.day)}: {first.name.lower()}{_at(first)}.",
                "lines": [],
                "exercise": first.exercise,
            },
            f"{UNASSISTED_RULE}|{first.key}",
            Severity.GOOD,
        )


def clean_weeks(facts: Lifted, asked: Asked) -> Iterator[Finding]:
    """G02: so many weeks in a row in which technique was seen, and never not clean."""
    weeks = asked.rules.clean_weeks
    sessions = sorted((one for lift in facts.lifts for one in lift.sessions), key=_moment)
    if not sessions:
        return
    unclean = [one for one in sessions if one.clean is False]
    after = unclean[-1].day if unclean else None
    since = after or facts.begun
    if since is None:
        return  # she was clean before the window too: it has been said
    streak = [one for one in sessions if one.day > since or (after is None and one.day >= since)]
    days = (asked.today - since).days
    if not streak or not 7 * weeks <= days < 7 * weeks + NEWS_DAYS:
        return
    seen = {(one.day - since).days // 7 for one in streak if one.clean}
    if not seen >= set(range(weeks)):
        return
    yield Finding(
        "",
        {
            "headline": f"lifted with clean technique for {weeks} weeks",
            "detail": f"Every set since {said_day(since)} whose technique was noted.",
            "lines": [],
            "since": since.isoformat(),
        },
        f"{CLEAN_RULE}|{since.isoformat()}",
        Severity.GOOD,
    )


def _moment(one: LiftSession) -> tuple[object, str]:
    return one.at, one.key


def _at(one: LiftSession) -> str:
    return "" if one.load is None else f" at {plain(one.load)} kg"


RULES: tuple[Rule, ...] = (
    Rule(
        "G01",
        1,
        "first_unassisted",
        "First unassisted squat",
        "The first squat under a bar, without a box or a machine.",
        (Severity.GOOD,),
        "tick",
        "lifts",
        first_unassisted,
        (),
        once=True,
    ),
    Rule(
        "G02",
        1,
        "clean_weeks",
        "Clean weeks",
        "{clean_weeks} weeks in a row in which technique was seen every week, and never not clean.",
        (Severity.GOOD,),
        "tick",
        "lifts",
        clean_weeks,
        (),
        ("clean_weeks",),
        "The weeks are a design default.",
        once=True,
    ),
)
