"""How invented people get stronger, and how hard a load is for them. Standard library only.

A simple model that makes believable logs, and nothing more: no published value, no use for anybody
who exists. Effort is Borg RPE 6 to 20; loads are kilograms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from programs.events import Rung, SetDone, Target
from programs.loads import Inventory
from programs.offers import offer
from programs.rules import Rules

#: Weeks until the best has come about two thirds of its way, and the weeks of a program.
HALFWAY, WHOLE = 14.0, 35.0
#: A dumbbell in each hand or a stack, against a barbell of the same effort.
AGAINST_BARBELL = {"barbell": 1.0, "per_hand": 0.4, "stack": 1.2}
REPS_FAIL_FROM = 19.4


@dataclass(frozen=True, slots=True)
class Strength:
    """What somebody could lift once, in kg on a bar, in the first week and in the last."""

    hinge: tuple[float, float] = (42, 78)
    squat: tuple[float, float] = (36, 66)
    press: tuple[float, float] = (20, 33)

    def once(self, lift: str, week: float) -> float:
        """The most for one repetition in a week of the program: quick gains first, then slower."""
        first, last = getattr(self, lift)
        gained = (1 - math.exp(-week / HALFWAY)) / (1 - math.exp(-WHOLE / HALFWAY))
        return float(first + (last - first) * min(gained, 1.1))


def effort(load: float, once: float, number: int) -> float:
    """Borg RPE of a set of five: about 13 at 60 % of the best, 16.5 at 80 %, more set by set."""
    return 6 + 14 * (load / once) ** 1.3 + 0.25 * (number - 1)


@dataclass(frozen=True, slots=True)
class Noted:
    """What the therapist notes of a lift beside load and reps: on its last set, as on the floor.

    ``pain`` is the score that the client says when asked; None is not asked.
    """

    effort: bool = True
    technique: bool | None = True
    pain: int | None = 0


@dataclass(frozen=True, slots=True)
class Lifter:
    """Somebody on a day: how strong, how she feels (RPE added), under which rules and iron."""

    strength: Strength
    week: float
    feels: float
    rules: Rules
    inventory: Inventory

    def sets(
        self, target: Target, rung: Rung, noted: Noted, rng: Random
    ) -> Iterator[dict[str, Any]]:
        """Every set of a lift as a therapist would log it, each at the load that is offered."""
        if target.kind == "impact":
            yield from _landings(target)
            return
        done: list[SetDone] = []
        for number in range(1, target.sets + 1):
            offered = offer(
                target,
                done,
                rules=self.rules,
                inventory=self.inventory,
                load_type=rung.load_type,
            )
            if offered.stopped:
                return
            felt = self._felt(offered.load, rung, number) + rng.gauss(0, 0.25)
            reps = (target.reps or 5) - (felt > REPS_FAIL_FROM)
            last = number == target.sets
            rpe = max(6, min(20, round(felt)))
            # Too hard is noted at once, because the sets after it get lighter by it.
            tells = noted.effort and (last or rpe >= self.rules.effort_too_high)
            payload: dict[str, Any] = {"lift": target.lift, "number": number, "reps": reps}
            if offered.load is not None:
                payload["load"] = f"{offered.load.normalize():f}"
            if tells:
                payload["rpe"] = rpe
            if last and noted.technique is not None:
                payload["technique"] = "clean" if noted.technique else "not_clean"
            if last and noted.pain is not None:
                payload["pain"] = noted.pain
                if noted.pain:
                    payload |= {"pain_site": "knee", "pain_kind": "known"}
            done.append(SetDone(number, load=offered.load, reps=reps, rpe=rpe if tells else None))
            yield payload

    def _felt(self, load: Decimal | None, rung: Rung, number: int) -> float:
        if load is None:
            return 9.5 + 0.25 * (number - 1) + self.feels
        best = self.strength.once(rung.lift, self.week) * AGAINST_BARBELL.get(rung.load_type, 1.0)
        return effort(float(load), best, number) + self.feels


def _landings(target: Target) -> Sequence[dict[str, Any]]:
    return [
        {
            "lift": target.lift,
            "number": number,
            "landings": target.landings,
            "level": target.level,
            **({"pain": 0, "technique": "clean"} if number == target.sets else {}),
        }
        for number in range(1, target.sets + 1)
    ]
