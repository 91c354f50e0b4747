"""A small plan and short ways to write what happened, for the tests of the engine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

from programs.load_rules import Effort, ImpactLadder
from programs.loads import DEFAULT_INVENTORY, Bar, Inventory
from programs.pain import ALL_WELL
from programs.progression import (
    Cleared,
    Decided,
    LiftDone,
    Plan,
    PlanChanged,
    PlanPhase,
    Prescribed,
    RulesChanged,
    Rung,
    SetDone,
    Visited,
    replay,
    targets,
)
from programs.rules import DEFAULT_RULES

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)

RUNGS = {
    rung.slug: rung
    for rung in (
        Rung("dowel-hip-hinge", "hinge", 1, "Hip hinge with dowel", "bodyweight"),
        Rung("kettlebell-deadlift", "hinge", 2, "Kettlebell deadlift", "per_hand"),
        Rung("deadlift", "hinge", 4, "Deadlift", "barbell", base=True),
        Rung("sit-to-stand", "squat", 1, "Sit to stand", "bodyweight"),
        Rung("back-squat", "squat", 4, "Back squat", "barbell", base=True),
        Rung("overhead-press", "press", 4, "Overhead press", "barbell", base=True),
        Rung("heel-raise", "impact", 0, "Heel raise", "impact", 0),
        Rung("stomp", "impact", 2, "Stomp", "impact", 2, base=False),
    )
}


def _prescribed(sets, low, high):
    return (
        *(
            Prescribed(lift, "working", sets, 5, Effort(), low, high)
            for lift in ("hinge", "squat", "press")
        ),
        Prescribed("impact", "impact", 5, None, ImpactLadder(), landings=5),
    )


PLAN = Plan(
    frequency=2,
    weeks=35,
    minutes=30,
    phases=(
        PlanPhase("LOAD", "Lift heavy", 1, 35, _prescribed(5, 16, 17)),
        PlanPhase("MAINTAIN", "Keep it", 36, None, _prescribed(3, 13, 16)),
    ),
    rungs=RUNGS,
)

# No plate below 1.25 kg: loads go in steps of 2.5 kg.
COARSE = Inventory(
    bars=(Bar("20 kg bar", D(20)),),
    plates=tuple((D(kg), 4) for kg in ("20", "10", "5", "2.5", "1.25")),
    dumbbells=tuple(D(kg) for kg in range(1, 21)),
    stack_step=D(5),
)


def day(number):
    """The start of the slot on that day of the program, from 0."""
    return FIRST + timedelta(days=number)


def sets(load, *reps, rpe=15, clean=True, pain=0, **last):
    """Sets at one load, 5 x 5 unless said; effort, technique and pain on the last one only."""
    reps = reps or (5, 5, 5, 5, 5)
    value = None if load is None else D(load)
    observed = {"rpe": rpe, "clean": clean, "pain": pain, **last}
    return tuple(
        SetDone(number, value, count, **(observed if number == len(reps) else {}))
        for number, count in enumerate(reps, start=1)
    )


def visited(number, *, answers=ALL_WELL, **lifts):
    """One visit on that day: lift=sets, or lift=(exercise, sets). All was well on arrival."""
    base = {"hinge": "deadlift", "squat": "back-squat", "press": "overhead-press"}
    done = []
    for lift, value in lifts.items():
        exercise, made = value if isinstance(value[0], str) else (base[lift], value)
        done.append(LiftDone(lift, exercise, made))
    return Visited(day(number), f"visit-{number}", day(number).date(), tuple(done), answers)


def decided(number, kind, lift=None, *, key=None, load=None, **rest):
    """A decision taken an hour before the slot of that day."""
    at = day(number) - timedelta(hours=1)
    value = None if load is None else D(load)
    return Decided(at, key or f"{kind}-{lift}-{number}", kind, lift, load=value, **rest)


def started(**loads):
    """The starting decisions: lift=load on its base rung."""
    slugs = {"hinge": "deadlift", "squat": "back-squat", "press": "overhead-press"}
    return [
        decided(0, "start", lift, load=load, exercise=slugs[lift]) for lift, load in loads.items()
    ]


# A rack with few small plates, so that steps are uneven.
RACK = replace(
    DEFAULT_INVENTORY,
    plates=(*DEFAULT_INVENTORY.plates[:-1], (DEFAULT_INVENTORY.plates[-1][0], 1)),
)


def begun(plan=PLAN, rules=DEFAULT_RULES, inventory=RACK):
    """The plan and the rules that a log begins with."""
    before = FIRST - timedelta(days=90)
    return [
        PlanChanged(before, "plan", plan),
        RulesChanged(before, "rules", rules, inventory),
    ]


def state_after(*events, plan=PLAN, rules=DEFAULT_RULES, inventory=RACK):
    return replay([*begun(plan, rules, inventory), *events])


def target_after(lift, *events, cleared_impact=5, **settings):
    cleared = Cleared(FIRST + timedelta(days=9999), "cleared", cleared_impact)
    return targets(state_after(*events, cleared, **settings))[lift]
