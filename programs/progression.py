"""Targets as a fold over the log: ``advance(state, event) -> state``, ``targets(state)``.

Standard library only: no ORM, no clock, no settings. Nothing is counted anywhere else, so
correcting last week's set corrects today's load, and a decision that is taken back is as if it had
never been made. A load moves by effort and technique; an impact level moves only by decision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from programs.events import (
    Decided,
    Event,
    LiftDone,
    LiftState,
    Offer,
    Plan,
    PlanPhase,
    Prescribed,
    RulesChanged,
    Rung,
    SetDone,
    State,
    Target,
    Visited,
)
from programs.gate import Verdict, changed, effective_load, held_by_person_or_pain, judge, same
from programs.loads import Inventory
from programs.offers import offer
from programs.reasons import HOLDING_CODES, Reason, because, in_words
from programs.rules import Rules

__all__ = [
    "HOLDING_CODES",
    "Decided",
    "Event",
    "LiftDone",
    "LiftState",
    "Offer",
    "Plan",
    "PlanPhase",
    "Prescribed",
    "Reason",
    "RulesChanged",
    "Rung",
    "SetDone",
    "State",
    "Target",
    "Visited",
    "advance",
    "initial",
    "offer",
    "replay",
    "targets",
    "unrevoked",
]


def initial(plan: Plan, rules: Rules, inventory: Inventory) -> State:
    """Before anything happened: the first phase, each lift on its lightest rung, without a load."""
    lifts: dict[str, LiftState] = {}
    for rung in sorted(plan.rungs.values(), key=lambda rung: (rung.level, rung.slug)):
        if rung.lift not in lifts:
            reason = _without_load(rung)
            lifts[rung.lift] = LiftState(rung.slug, None, 0, 0, 0, None, None, reason)
    return State(rules, inventory, plan.phases[0].code, lifts)


def replay(plan: Plan, events: Iterable[Event], *, rules: Rules, inventory: Inventory) -> State:
    """The state after all events, in whatever order they arrive; revoked decisions are skipped.

    ``rules`` and ``inventory`` are those in force before the first ``RulesChanged``.
    """
    state = initial(plan, rules, inventory)
    for event in unrevoked(events):
        state = advance(state, event, plan)
    return state


def unrevoked(events: Iterable[Event]) -> list[Event]:
    """The events in the order they count, without revoked decisions and without revocations.

    At one moment new rules come first, then decisions, then visits; then the key decides. A
    revocation that was itself revoked revokes nothing.
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
    match event:
        case RulesChanged():
            kind = 0
        case Decided():
            kind = 1
        case Visited():
            kind = 2
    return event.at, kind, event.key


def advance(state: State, event: Event, plan: Plan) -> State:
    """The state after one event. Events come in the order of ``unrevoked``.

    Raises ValueError for a lift, an exercise or a phase that the plan does not have.
    """
    match event:
        case RulesChanged():
            return replace(state, rules=event.rules, inventory=event.inventory)
        case Decided():
            return _decide(state, event, plan)
        case Visited():
            return _visit(state, event, plan)


# --- decisions -------------------------------------------------------------------------------


def _decide(state: State, decision: Decided, plan: Plan) -> State:
    if decision.kind == "revoke":
        return state  # ``unrevoked`` has already left out what it takes back
    if decision.kind == "promote":
        phase = plan.phase(decision.phase or "").code
        counted_anew = {
            lift: replace(known, in_band_sessions=0) for lift, known in state.lifts.items()
        }
        return replace(state, phase=phase, lifts=counted_anew)
    lifts = dict(state.lifts)
    for lift in [decision.lift] if decision.lift else list(lifts):
        if lift not in lifts:
            raise ValueError(f"The program has no lift {lift!r}.")
        lifts[lift] = _decide_lift(lifts[lift], decision, plan)
    return replace(state, lifts=lifts)


def _decide_lift(before: LiftState, decision: Decided, plan: Plan) -> LiftState:
    why = in_words(decision.reason)
    match decision.kind:
        case "hold":
            reason = because("held_by_therapist", load=before.load, why=why)
            return replace(before, held=why, in_band_sessions=0, reason=reason)
        case "release":
            reason = because("released", load=before.load)
            if before.load is None:
                reason = _without_load(plan.rung(before.exercise))
            return replace(before, held=None, reason=reason)
        case "set_load":
            rung = plan.rung(before.exercise)
            reason = because("set_load", load=decision.load, why=why)
            return _placed(before, rung, decision.load, decision.at, reason)
        case "start":
            rung = _rung_of(decision, before, plan)
            reason = because("start", load=decision.load)
            return _placed(before, rung, decision.load, decision.at, reason)
        case "change_rung":
            rung = _rung_of(decision, before, plan)
            reason = because("change_rung", load=decision.load, exercise=rung.name, why=why)
            return _placed(before, rung, decision.load, decision.at, reason)
    raise ValueError(f"There is no decision {decision.kind!r}.")


def _rung_of(decision: Decided, before: LiftState, plan: Plan) -> Rung:
    """The exercise decided on, or the present one; it must be on the ladder of that lift."""
    rung = plan.rung(decision.exercise or before.exercise)
    if rung.lift != plan.rung(before.exercise).lift:
        raise ValueError(f"{rung.name} is not an exercise for {decision.lift!r}.")
    return rung


def _placed(
    before: LiftState, rung: Rung, load: Decimal | None, at: datetime, reason: Reason
) -> LiftState:
    """The lift where a therapist put it; a hold that is in force stays in force."""
    if rung.load_type == "impact":
        load = None
    if load is None and (reason.code != "change_rung" or rung.load_type != "bodyweight"):
        reason = _without_load(rung)
    return LiftState(rung.slug, load, 0, 0, 0, before.held, at, reason, before.last, before.last_at)


def _without_load(rung: Rung) -> Reason:
    match rung.load_type:
        case "impact":
            return because("impact", level=rung.impact_level)
        case "bodyweight":
            return because("bodyweight")
    return because("no_load")


# --- visits ----------------------------------------------------------------------------------


def _visit(state: State, visit: Visited, plan: Plan) -> State:
    """Each lift judged at its current rung; then at most one big raise of a base lift."""
    lifts = dict(state.lifts)
    verdicts: dict[str, Verdict] = {}
    for asked in plan.phase(state.phase).prescriptions:
        known = state.lifts.get(asked.lift)
        if known is None:
            raise ValueError(f"The program has no exercise for {asked.lift!r}.")
        done = _remembered(known, asked.lift, visit)
        if done is None:
            continue
        known = replace(known, last=done, last_at=visit.at)
        lifts[asked.lift] = known
        if done.exercise != known.exercise:
            continue  # loads compare within one exercise only
        rung = plan.rung(known.exercise)
        if asked.kind == "impact":
            held = held_by_person_or_pain(known, done.sets, state.rules, None)
            lifts[asked.lift] = same(known, held or _without_load(rung))
        else:
            verdicts[asked.lift] = judge(
                known,
                done.sets,
                asked,
                rung,
                at=visit.at,
                rules=state.rules,
                inventory=state.inventory,
            )
    lifts.update(_settled(verdicts, state, visit.at, plan))
    return replace(state, lifts=lifts)


def _remembered(known: LiftState, lift: str, visit: Visited) -> LiftDone | None:
    """What was done of a lift in a visit: at its current rung if anything was, else the rest."""
    entries = [done for done in visit.lifts if done.lift == lift and done.sets]
    current = [done for done in entries if done.exercise == known.exercise]
    if len(current) > 1:
        return replace(current[0], sets=tuple(one for done in current for one in done.sets))
    return next(iter(current or entries), None)


def _settled(
    verdicts: Mapping[str, Verdict], state: State, at: datetime, plan: Plan
) -> dict[str, LiftState]:
    """Raises carried out. Of several big ones on base lifts, the one unchanged longest wins."""
    big = [
        lift
        for lift, verdict in verdicts.items()
        if verdict.earned is not None
        and verdict.earned.percent > state.rules.big_raise_percent
        and plan.rung(verdict.otherwise.exercise).base
    ]
    winner = _unchanged_longest(big, verdicts)
    settled: dict[str, LiftState] = {}
    for lift, verdict in verdicts.items():
        known, earned = verdict.otherwise, verdict.earned
        if earned is None:
            settled[lift] = known
        elif lift in big and lift != winner:
            other = plan.rung(verdicts[winner].otherwise.exercise).name
            load = effective_load(known.load, plan.rung(known.exercise), state.inventory)
            reason = because("held_other_lift", load=load, other=other)
            settled[lift] = same(known, reason, in_band=known.in_band_sessions)
        else:
            settled[lift] = changed(known, earned.load, at, earned.reason)
    return settled


def _unchanged_longest(lifts: Sequence[str], verdicts: Mapping[str, Verdict]) -> str:
    """The lift whose load has stood longest; the first prescribed on a tie; "" for none."""

    def since(lift: str) -> float:
        moment = verdicts[lift].otherwise.unchanged_since
        return float("-inf") if moment is None else moment.timestamp()

    return min(lifts, key=since, default="")


# --- targets ---------------------------------------------------------------------------------


def targets(state: State, plan: Plan, *, cleared_impact: int) -> dict[str, Target]:
    """What is asked for next, for each lift of the actual phase, in the order prescribed.

    A load is always one that the clinic's equipment can make, rounded down. An impact rung above
    ``cleared_impact`` (0 to 5) is not available: nothing is prescribed of it.
    """
    return {
        asked.lift: _target(state.lifts[asked.lift], asked, state, plan, cleared_impact)
        for asked in plan.phase(state.phase).prescriptions
    }


def _target(
    known: LiftState, asked: Prescribed, state: State, plan: Plan, cleared_impact: int
) -> Target:
    rung = plan.rung(known.exercise)
    load = effective_load(known.load, rung, state.inventory)
    reason = known.reason
    if known.load is not None and load is None:
        reason = because("not_loadable", meant=known.load)
    elif known.load is not None and load != known.load and not reason.holding:
        reason = because("rounded", load=load, meant=known.load)
    level = rung.impact_level if asked.kind == "impact" else None
    available = level is None or level <= cleared_impact
    if not available:
        reason = because("not_cleared", cleared=cleared_impact)
    return Target(
        lift=asked.lift,
        exercise=known.exercise,
        kind=asked.kind,
        load=load,
        sets=asked.sets if available else 0,
        reps=asked.reps,
        effort_low=asked.effort_low,
        effort_high=asked.effort_high,
        landings=asked.landings if available else None,
        level=level,
        reason=reason,
        available=available,
    )
