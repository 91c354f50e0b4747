"""What a client was told, as it is kept on the visit, and as it is read back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bonefit.clients.intake import barred
from programs.progression import Reason, State, Target
from programs.reasons import INTAKE
from programs.setting import plain

from .facts import Standing, told_already
from .models import Visit


def last_line(state: State, lift: str) -> str:
    """Last time in a few signs, as "55 × 5 @ 15"; empty where there was none."""
    known = state.lifts.get(lift)
    if known is None or known.last is None or not known.last.sets:
        return ""
    last = max(known.last.sets, key=lambda one: one.number)
    if last.landings is not None:
        felt = {True: ", tolerated", False: ", not tolerated", None: ""}[last.tolerated]
        return f"{len(known.last.sets)} × {last.landings} landings at level {last.level}{felt}"
    load = "" if last.load is None else f"{last.load.normalize():f} kg "
    effort = "" if last.rpe is None else f" @ {last.rpe}"
    made = f"{last.seconds} s" if last.reps is None else str(last.reps)
    return f"{load}× {made}{effort}"


def dump(standing: Standing, *, cleared: int) -> dict[str, Any]:
    """The prescription of a visit as JSON: what the client was told, and by which rules."""
    return {
        "rule_set": standing.rules.id,
        "versions": list(standing.versions),
        "cleared": cleared,
        "phase": standing.state.phase,
        "targets": [
            {
                "lift": target.lift,
                "exercise": target.exercise,
                "kind": target.kind,
                "load": None if target.load is None else f"{target.load.normalize():f}",
                "sets": target.sets,
                "reps": target.reps,
                "effort_low": target.effort_low,
                "effort_high": target.effort_high,
                "landings": target.landings,
                "level": target.level,
                "available": target.available,
                "reason": [
                    target.reason.code,
                    [[name, plain(value)] for name, value in target.reason.args],
                ],
                **{name: getattr(target, name) for name in _MORE if getattr(target, name)},
                "last": last_line(standing.state, target.lift),
            }
            for target in standing.targets.values()
        ],
    }


#: Kept only where there is something to say.
_MORE = ("reps_top", "seconds", "drop_cm", "percent", "light", "retest")


def outdated(visit: Visit) -> bool:
    """Whether her intake bars her by now, or bars her no more, unlike when she was told; or lets
    her land less high.

    Only while the visit is not over: what was told of one that took place stays as it was.
    """
    told = visit.prescription
    if told is None or visit.took_place or not told["targets"]:
        return False
    was = any(item["reason"][0] == INTAKE for item in told["targets"])
    locked = any(item["reason"][0] == "locked" for item in told["targets"])
    is_ = barred(visit.client, visit.starts_at.astimezone(visit.clinic.tz).date()) is not None
    lower = told["cleared"] > visit.client.impact_cleared
    return lower or (was != is_ and not (is_ and locked))


def load_targets(prescription: Mapping[str, Any]) -> dict[str, Target]:
    """The targets of a kept prescription, in the order of the program."""
    return {item["lift"]: _target(item) for item in prescription["targets"]}


def _target(item: Mapping[str, Any]) -> Target:
    code, args = item["reason"]
    return Target(
        lift=item["lift"],
        exercise=item["exercise"],
        kind=item["kind"],
        load=None if item["load"] is None else Decimal(item["load"]),
        sets=item["sets"],
        reps=item["reps"],
        effort_low=item["effort_low"],
        effort_high=item["effort_high"],
        landings=item["landings"],
        level=item["level"],
        reason=Reason(code, tuple((name, value) for name, value in args)),
        available=item["available"],
        **{name: item[name] for name in _MORE if name in item},
    )


def forget_later_prescriptions(
    enrollment_id: int, *, after: datetime, including: bool = False
) -> None:
    """An earlier fact has changed: what is not lifted yet is asked for anew.

    Sets that were lifted keep what they were prescribed as: that is what the client was told.
    """
    later = told_already(enrollment_id, after=after, including=including)
    later.update(prescription=None)
