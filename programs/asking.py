"""What is asked for next, read from the state: the targets of a visit.

Standard library only.
"""

from dataclasses import replace
from datetime import timedelta

from programs.events import LiftState, Prescribed, State, Target
from programs.gate import effective_load
from programs.reasons import because
from programs.strength import fresh_estimate


def capped(asked: Prescribed, state: State) -> Prescribed:
    """The prescription, with the gentler effort of a return from an absence."""
    cap = state.rules.gap_effort_cap
    if not state.capped_visits or asked.effort_high is None or asked.effort_high <= cap:
        return asked
    low = None if asked.effort_low is None else min(asked.effort_low, cap)
    return replace(asked, effort_low=low, effort_high=cap)


def targets(state: State) -> dict[str, Target]:
    """What is asked for next, for each lift of the actual phase, in the order prescribed.

    A load is always one that the clinic's equipment can make, rounded down. An impact rung above
    the level that the client is cleared for is not available: nothing is prescribed of it. While
    she is locked, her intake bars her, or she waits for a re-screen, nothing is.
    """
    return {
        asked.lift: _target(state.lifts[asked.lift], asked, state)
        for asked in state.plan.phase(state.phase).prescriptions
    }


def _target(known: LiftState, asked: Prescribed, state: State) -> Target:
    rung = state.plan.rung(known.exercise)
    asked = capped(asked, state)
    load = effective_load(known.load, rung, state.inventory)
    reason = known.reason
    if known.load is not None and load is None:
        reason = because("not_loadable", meant=known.load)
    elif known.load is not None and load != known.load and not reason.holding:
        reason = because("rounded", load=load, meant=known.load)
    level = rung.impact_level if asked.kind == "impact" else None
    stopped = state.locked or state.barred or state.rescreen
    if stopped is None and level is not None and level > state.cleared:
        stopped = because("not_cleared", cleared=state.cleared)
    target = Target(
        lift=asked.lift,
        exercise=known.exercise,
        kind=asked.kind,
        load=load,
        sets=asked.sets,
        reps=asked.reps,
        effort_low=asked.effort_low,
        effort_high=asked.effort_high,
        landings=asked.landings,
        level=level,
        reason=reason,
        available=True,
        reps_top=asked.reps_top,
        seconds=asked.seconds,
        drop_cm=asked.drop_cm,
    )
    if stopped is not None:
        return replace(target, load=None, sets=0, landings=None, reason=stopped, available=False)
    if asked.kind == "impact" or load is None:
        return target
    return _against_estimate(target, known, asked, state)


def _against_estimate(target: Target, known: LiftState, asked: Prescribed, state: State) -> Target:
    """How the load stands to the estimate, and whether it is time for a technical 5RM."""
    if asked.rule.entry_percent is None or target.load is None:
        return target
    if state.last_day is None:
        return target
    today = state.last_day + timedelta(days=state.days_away)
    estimate = fresh_estimate(known.estimate, today, state.rules)
    if estimate is None:
        return replace(target, retest=True)
    percent = target.load * 100 / estimate.one_rm
    light = asked.rule.kind == "effort" and percent < state.rules.low_intensity_percent
    return replace(target, percent=int(percent), light=light)
