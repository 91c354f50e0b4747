"""Targets as a fold over the log: ``advance(state, event)``, ``targets(state)``, ``replay(events)``.

Standard library only: no ORM, no clock, no settings. Nothing is counted anywhere else, so
correcting last week's set corrects today's load, and a decision that is taken back is as if it had
never been made. A load moves by effort and technique; an impact level rises only by decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from programs.deciding import decide, without_load
from programs.events import (
    Arrived,
    Cleared,
    Decided,
    Event,
    LiftDone,
    LiftState,
    Locked,
    Offer,
    Plan,
    PlanChanged,
    PlanPhase,
    Prescribed,
    Risen,
    RulesChanged,
    Rung,
    SetDone,
    State,
    Target,
    Unlocked,
    Visited,
)
from programs.gate import Judged, Lifted, Raise, clean_in_a_row, effective_load, same
from programs.loads import Inventory
from programs.offers import offer
from programs.pain import Verdict, judge_pain
from programs.reasons import HOLDING_CODES, Reason, because
from programs.returning import arrive
from programs.rules import Rules
from programs.strength import estimated, fresh_estimate

__all__ = [
    "HOLDING_CODES",
    "Arrived",
    "Cleared",
    "Decided",
    "Event",
    "LiftDone",
    "LiftState",
    "Locked",
    "Offer",
    "Plan",
    "PlanChanged",
    "PlanPhase",
    "Prescribed",
    "Reason",
    "RulesChanged",
    "Rung",
    "SetDone",
    "State",
    "Target",
    "Unlocked",
    "Visited",
    "advance",
    "initial",
    "offer",
    "replay",
    "targets",
    "unrevoked",
]

#: What comes first where several things happened at one moment.
_ORDER = {
    RulesChanged: 0,
    PlanChanged: 1,
    Decided: 2,
    Locked: 3,
    Unlocked: 4,
    Arrived: 5,
    Visited: 6,
    Cleared: 7,
}


def initial(plan: Plan, rules: Rules, inventory: Inventory) -> State:
    """Before anything happened: the first phase, each lift on its lightest rung, without a load."""
    return State(plan, rules, inventory, plan.phases[0].code, _lightest(plan, {}))


def _lightest(plan: Plan, known: Mapping[str, LiftState]) -> dict[str, LiftState]:
    """What is known, and each further lift of the plan on its lightest rung."""
    lifts = dict(known)
    for rung in sorted(plan.rungs.values(), key=lambda rung: (rung.level, rung.slug)):
        if rung.lift not in lifts:
            lifts[rung.lift] = LiftState(rung.slug, None, without_load(rung))
    return lifts


def replay(events: Iterable[Event]) -> State:
    """The state after all events, in whatever order they arrive; revoked decisions are skipped.

    The first plan and the first rules hold also for what came before them. Raises ValueError
    without a PlanChanged and a RulesChanged: no target is computed under no rules.
    """
    ordered = unrevoked(events)
    plan = next((event for event in ordered if isinstance(event, PlanChanged)), None)
    rules = next((event for event in ordered if isinstance(event, RulesChanged)), None)
    if plan is None or rules is None:
        raise ValueError("A log begins with a program version and with rules.")
    state = initial(plan.plan, rules.rules, rules.inventory)
    for event in ordered:
        state = advance(state, event)
    return state


def unrevoked(events: Iterable[Event]) -> list[Event]:
    """The events in the order they count, without revoked decisions and without revocations.

    At one moment new rules come first, then a new plan, then decisions, arrivals and visits; then
    the key decides. A revocation that was itself revoked revokes nothing.
    """
    ordered = sorted(events, key=_order)
    revoked: set[str] = set()
    for event in reversed(ordered):  # the latest word first: it may take back an earlier one
        if isinstance(event, Decided) and event.revokes is not None and event.key not in revoked:
            revoked.add(event.revokes)
    return [
        event
        for event in ordered
        if not isinstance(event, Decided) or (event.kind != "revoke" and event.key not in revoked)
    ]


def _order(event: Event) -> tuple[datetime, int, str]:
    return event.at, _ORDER[type(event)], event.key


def advance(state: State, event: Event) -> State:
    """The state after one event. Events come in the order of ``unrevoked``.

    Raises ValueError for a lift, an exercise or a phase that the plan does not have.
    """
    match event:
        case Visited():
            return _visit(state, event)
        case Arrived():
            return arrive(state, at=event.at, key=event.key, day=event.day, answers=event.answers)
        case Decided():
            return decide(state, event)
        case RulesChanged():
            return replace(state, rules=event.rules, inventory=event.inventory)
        case PlanChanged():
            return _follow(state, event.plan)
        case Cleared():
            return replace(state, cleared=event.level)
        case Locked():
            return replace(state, locked=because("locked", why=event.why))
        case Unlocked():
            return replace(state, locked=None, released=state.released | {event.of[:36]})


def _follow(state: State, plan: Plan) -> State:
    """Another plan from here on: the same phase where it has one of that code, else its first."""
    codes = [phase.code for phase in plan.phases]
    phase = state.phase if state.phase in codes else codes[0]
    return replace(state, plan=plan, phase=phase, lifts=_lightest(plan, state.lifts))


# --- visits ----------------------------------------------------------------------------------


def _visit(state: State, visit: Visited) -> State:
    """Each lift judged at its current rung; then at most one big raise of a base lift."""
    if state.arrived != visit.key:
        state = arrive(state, at=visit.at, key=visit.key, day=visit.day, answers=visit.answers)
    lifts = dict(state.lifts)
    judged: dict[str, Judged] = {}
    for asked in state.plan.phase(state.phase).prescriptions:
        known = state.lifts[asked.lift]
        done = _remembered(known, asked.lift, visit)
        if done is None:
            continue
        if done.exercise != known.exercise:  # loads compare within one exercise only
            lifts[asked.lift] = replace(known, last=done, last_at=visit.at, risen=None)
            continue
        seen = _seen(known, done, asked, visit, state)
        judged[asked.lift] = _hold_until_clean(asked.rule.advance(seen), seen)
    locked = state.locked or _alarm(visit, state)
    withheld = _withheld(state, locked)
    lifts.update(_settled(judged, state, visit.at, withheld))
    return replace(
        state,
        lifts=lifts,
        last_day=visit.day,
        last_at=visit.at,
        arrived="",
        days_away=0,
        capped_visits=max(state.capped_visits - 1, 0),
        impact_raised=False,
        locked=locked,
    )


def _remembered(known: LiftState, lift: str, visit: Visited) -> LiftDone | None:
    """What was done of a lift in a visit: at its current rung if anything was, else the rest."""
    entries = [done for done in visit.lifts if done.lift == lift and done.sets]
    if len(entries) <= 1:
        return entries[0] if entries else None
    current = [done for done in entries if done.exercise == known.exercise]
    if len(current) > 1:
        return replace(current[0], sets=tuple(one for done in current for one in done.sets))
    return next(iter(current or entries))


def _seen(
    known: LiftState, done: LiftDone, asked: Prescribed, visit: Visited, state: State
) -> Lifted:
    """The sets of a lift with what is known of it, this visit's estimate and count included."""
    sets = done.sets
    if any(one.number > other.number for one, other in pairwise(sets)):
        sets = tuple(sorted(sets, key=lambda one: one.number))
    known = replace(
        known,
        last=done,
        last_at=visit.at,
        clean_sessions=clean_in_a_row(known.clean_sessions, sets),
        estimate=estimated(known.estimate, sets, day=visit.day, rules=state.rules),
    )
    rung = state.plan.rung(known.exercise)
    return Lifted(
        before=known,
        sets=sets,
        asked=capped(asked, state),
        rung=rung,
        base=effective_load(known.load, rung, state.inventory),
        at=visit.at,
        day=visit.day,
        rules=state.rules,
        inventory=state.inventory,
    )


def capped(asked: Prescribed, state: State) -> Prescribed:
    """The prescription, with the gentler effort of a return from an absence."""
    cap = state.rules.gap_effort_cap
    if not state.capped_visits or asked.effort_high is None or asked.effort_high <= cap:
        return asked
    low = None if asked.effort_low is None else min(asked.effort_low, cap)
    return replace(asked, effort_low=low, effort_high=cap)


def _hold_until_clean(judged: Judged, seen: Lifted) -> Judged:
    """A hold until a clean visit ends with it; the visit itself raises nothing."""
    hold = seen.before.hold
    if hold is None or hold.until != "clean":
        return judged
    if any(one.clean is False for one in seen.sets) or seen.sets[-1].clean is not True:
        return judged
    reason = because("released", load=judged.otherwise.load)
    return Judged(replace(judged.otherwise, hold=None, reason=reason))


def _alarm(visit: Visited, state: State) -> Reason | None:
    """Pain in any set that ends all loading and impact."""
    if visit.key in state.released:
        return None
    for done in visit.lifts:
        for one in done.sets:
            if (one.pain or one.pain_kind) and judge_pain(one.hurt, state.rules) is Verdict.LOCK:
                return because("locked", why="pain that ends all loading")
    return None


def _withheld(state: State, locked: Reason | None) -> Reason | None:
    """Why no load may rise after this visit, whatever it has earned."""
    if locked is not None or state.rescreen is not None:
        return locked or state.rescreen
    return because("held_impact") if state.impact_raised else None


def _settled(
    judged: Mapping[str, Judged], state: State, at: datetime, withheld: Reason | None
) -> dict[str, LiftState]:
    """Raises carried out. Of several big ones on base lifts, the one unchanged longest wins."""
    big = [
        lift
        for lift, one in judged.items()
        if one.earned is not None
        and one.earned.percent > state.rules.big_raise_percent
        and state.plan.rung(one.otherwise.exercise).base
    ]
    winner = _unchanged_longest(big, judged)
    settled: dict[str, LiftState] = {}
    for lift, one in judged.items():
        earned = one.earned
        if earned is not None and lift in big and lift != winner:
            earned = earned.smaller
        if one.earned is None:
            settled[lift] = one.otherwise
        elif withheld is not None:
            settled[lift] = same(one.otherwise, withheld, in_band=one.otherwise.in_band_sessions)
        elif earned is None:
            settled[lift] = _waits(one.otherwise, winner, judged, state)
        else:
            settled[lift] = _raised(one.otherwise, earned, at)
        if settled[lift].override is not None:  # it passes the gate of one visit
            settled[lift] = replace(settled[lift], override=None)
    return settled


def _waits(known: LiftState, winner: str, judged: Mapping[str, Judged], state: State) -> LiftState:
    other = state.plan.rung(judged[winner].otherwise.exercise).name
    load = effective_load(known.load, state.plan.rung(known.exercise), state.inventory)
    reason = because("held_other_lift", load=load, other=other)
    return same(known, reason, in_band=known.in_band_sessions)


def _raised(known: LiftState, earned: Raise, at: datetime) -> LiftState:
    """The lift at the load it has earned; the next arrival may still take the raise back."""
    anchor = known.anchor
    assert known.load is not None
    return replace(
        known,
        load=earned.load,
        reason=earned.reason,
        in_band_sessions=0,
        misses=0,
        hard=0,
        unchanged_since=at,
        # Reached is not completed: an absence before that still counts from the anchor.
        anchor=anchor if anchor is not None and earned.load <= anchor else None,
        risen=Risen(known.load, known.in_band_sessions, known.unchanged_since, anchor),
    )


def _unchanged_longest(lifts: Sequence[str], judged: Mapping[str, Judged]) -> str:
    """The lift whose load has stood longest; the first prescribed on a tie; "" for none."""

    def since(lift: str) -> float:
        moment = judged[lift].otherwise.unchanged_since
        return float("-inf") if moment is None else moment.timestamp()

    return min(lifts, key=since, default="")


# --- targets ---------------------------------------------------------------------------------


def targets(state: State) -> dict[str, Target]:
    """What is asked for next, for each lift of the actual phase, in the order prescribed.

    A load is always one that the clinic's equipment can make, rounded down. An impact rung above
    the level that the client is cleared for is not available: nothing is prescribed of it. While
    she is locked, or waits for a re-screen, nothing is.
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
    stopped = state.locked or state.rescreen
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
    day = state.last_day
    estimate = None if day is None else fresh_estimate(known, day, state.days_away, state.rules)
    if estimate is None:
        return replace(target, retest=day is not None)
    percent = target.load * 100 / estimate.one_rm
    light = asked.rule.kind == "effort" and percent < state.rules.low_intensity_percent
    return replace(target, percent=int(percent), light=light)
