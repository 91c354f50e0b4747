"""A client's log as the engine's own events, lifted as a client lifts: no database, no clock."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from programs.load_rules import Effort, ImpactLadder, LoadRule, Percent
from programs.loads import DEFAULT_INVENTORY
from programs.pain import ALL_WELL
from programs.progression import (
    Arrived,
    Cleared,
    Decided,
    Event,
    LiftDone,
    Plan,
    PlanChanged,
    PlanPhase,
    Prescribed,
    RulesChanged,
    Rung,
    SetDone,
    State,
    Target,
    Visited,
    advance,
    replay,
    targets,
)
from programs.rules import DEFAULT_RULES

SETS = 5
LIFTS = 4
#: A quarter of a year before the first visit, so that nothing of the log comes before its rules.
BEFORE = datetime(2025, 12, 1, 9, tzinfo=UTC)
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SLOT = timedelta(minutes=30)
#: Visits before a phase begins, at two a week.
PROMOTED_AFTER = {8: "BUILD", 24: "LOAD"}
#: Where a lift starts: its exercise, and the least and the most that is on the bar then, in kg.
STARTS = {
    "hinge": ("deadlift", 30, 60),
    "squat": ("back-squat", 20, 40),
    "press": ("overhead-press", 20, 25),
}

RUNGS = (
    Rung("dowel-hip-hinge", "hinge", 1, "Hip hinge with dowel", "bodyweight"),
    Rung("deadlift", "hinge", 4, "Deadlift", "barbell", base=True),
    Rung("sit-to-stand", "squat", 1, "Sit to stand", "bodyweight"),
    Rung("back-squat", "squat", 4, "Back squat", "barbell", base=True),
    Rung("wall-slide", "press", 1, "Wall slide", "bodyweight"),
    Rung("overhead-press", "press", 4, "Overhead press", "barbell", base=True),
    Rung("heel-raise", "impact", 0, "Heel raise", "impact", 0),
    Rung("stomp", "impact", 2, "Stomp", "impact", 2),
)


def _phase(
    code: str, weeks: tuple[int, int | None], rule: LoadRule, low: int, high: int
) -> PlanPhase:
    working = (Prescribed(lift, "working", SETS, 5, rule, low, high) for lift in STARTS)
    impact = Prescribed("impact", "impact", SETS, None, ImpactLadder(), landings=5)
    return PlanPhase(code, code.title(), *weeks, (*working, impact))


#: The shape of the starter program: three ways for a load to move, one after the other.
PLAN = Plan(
    frequency=2,
    weeks=35,
    minutes=30,
    phases=(
        _phase("INTRO", (1, 4), Effort(), 9, 13),
        _phase("BUILD", (5, 12), Percent(), 13, 16),
        _phase("LOAD", (13, None), Effort(entry_percent=80), 16, 17),
    ),
    rungs={rung.slug: rung for rung in RUNGS},
)


def history(visits: int, *, seed: int) -> list[Event]:
    """The log of one client who came ``visits`` times, and lifted what she was told or a bit less.

    The events stand kind by kind, as they are read from the database, and not in their order.
    """
    draw = random.Random(seed)
    events = list(_begun(draw))
    state = replay(events)
    for number in range(visits):
        for event in _visit(number, state, draw):
            state = advance(state, event)
            events.append(event)
    return sorted(events, key=lambda event: type(event).__name__)


def _begun(draw: random.Random) -> Iterator[Event]:
    yield PlanChanged(BEFORE, "plan", PLAN)
    yield RulesChanged(BEFORE, "rules", DEFAULT_RULES, DEFAULT_INVENTORY)
    yield Cleared(BEFORE, "clearance", 1)
    for lift, (exercise, least, most) in STARTS.items():
        load = Decimal(draw.randrange(least, most + 1, 5))
        yield Decided(BEFORE, f"start {lift}", "start", lift, exercise, load)


def _visit(number: int, state: State, draw: random.Random) -> Iterator[Event]:
    """What is said and done from one visit to the next. The targets are those of the arrival."""
    at = FIRST + timedelta(weeks=number // 2, days=3 * (number % 2))
    if number in PROMOTED_AFTER:
        phase = PROMOTED_AFTER[number]
        decision = Decided(at - timedelta(hours=1), f"to {phase}", "promote", phase=phase)
        state = advance(state, decision)
        yield decision
    arrived = Arrived(at, f"visit {number}", at.date(), ALL_WELL)
    yield arrived
    told = targets(advance(state, arrived)).values()
    done = tuple(LiftDone(one.lift, one.exercise, tuple(_sets(one, draw))) for one in told)
    yield Visited(at + SLOT, arrived.key, at.date(), done)


def _sets(told: Target, draw: random.Random) -> Iterator[SetDone]:
    """As told; now and then a rep less, unclean or with a knee that hurts. Effort on the last."""
    low, high = told.effort_low or 6, told.effort_high or 20
    for number in range(1, told.sets + 1):
        last = number == told.sets
        hurts = last and draw.random() < 0.03
        impact = told.kind == "impact"
        yield SetDone(
            number,
            told.load,
            None if told.reps is None else told.reps - (draw.random() < 0.01),
            rpe=draw.randint(low - 1, high) if last and not impact else None,
            clean=draw.random() > 0.03 if last else None,
            pain=(2 if hurts else 0) if last else None,
            target_load=told.load,
            target_reps=told.reps,
            landings=told.landings,
            level=told.level,
            pain_site="knee" if hurts else "",
            pain_kind="known" if hurts else "",
        )
