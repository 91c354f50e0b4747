"""Sets made at random with what the engine offers after them, for the tablet to work out too."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from programs.loads import DEFAULT_INVENTORY, loadable, lowered
from programs.progression import Reason, SetDone, Target, offer
from programs.rules import DEFAULT_RULES
from programs.setting import plain


def offered_by_the_engine(count: int, seed: int = 1) -> tuple[list[Any], list[Any]]:
    """``count`` cases as a lane has them, and [load, stopped] of each by ``programs.offers``."""
    draw = Random(seed)
    loads = loadable(DEFAULT_INVENTORY, "barbell")
    cases, expected = [], []
    for _ in range(count):
        at = draw.choice([None, *loads[:60]])
        target = _target(at)
        near = [load for load in loads if at is None or abs(load - at) <= 10]
        sets = [_set(draw, number, near) for number in range(1, draw.randint(1, 6))]
        said = offer(
            target,
            sets,
            rules=DEFAULT_RULES,
            inventory=DEFAULT_INVENTORY,
            load_type="barbell",
        )
        cases.append(
            {
                "lift": {
                    "load": None if at is None else plain(at),
                    "counts": "reps",
                    "asked": target.reps,
                    "below": {plain(load): _below(load) for load in loads},
                },
                "sets": [_as_lane(one) for one in sets],
                "limits": {
                    "too_hard": DEFAULT_RULES.effort_too_high,
                    "pain_stop_over": DEFAULT_RULES.pain_stop_over,
                },
            }
        )
        expected.append([None if said.load is None else float(said.load), said.stopped])
    return cases, expected


def _target(load: Decimal | None) -> Target:
    return Target(
        lift="hinge",
        exercise="deadlift",
        kind="working",
        load=load,
        sets=5,
        reps=5,
        effort_low=14,
        effort_high=17,
        landings=None,
        level=None,
        reason=Reason("start"),
        available=True,
    )


def _below(load: Decimal) -> str | None:
    below = lowered(load, DEFAULT_INVENTORY, "barbell", DEFAULT_RULES)
    return None if below is None else plain(below)


def _set(draw: Random, number: int, near: list[Decimal]) -> SetDone:
    return SetDone(
        number,
        draw.choice([None, *near]) if draw.random() < 0.4 else near[len(near) // 2],
        draw.choice([5, 5, 5, 4, 0, 6, None]),
        draw.choice([None, 14, 17, 19]),
        None,
        draw.choice([None, None, 0, 2, 6]),
        draw.random() > 0.1,
        None,
        5,
        pain_site="knee",
    )


def _as_lane(one: SetDone) -> dict[str, Any]:
    return {
        "number": one.number,
        "load": None if one.load is None else plain(one.load),
        "reps": one.reps,
        "rpe": one.rpe,
        "pain": one.pain,
        "to_confirm": not one.confirmed,
    }
