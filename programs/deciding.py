"""What a therapist's word does to the state. It edits nothing: a later word takes it back.

Standard library only.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from programs.events import Decided, Hold, LiftState, Rung, State
from programs.gate import effective_load
from programs.loads import round_load
from programs.reasons import Reason, because, in_words
from programs.returning import not_raised
from programs.strength import fresh_estimate, tested


def decide(state: State, decision: Decided) -> State:
    """The state after one decision.

    Raises ValueError for a kind, a lift, an exercise or a phase that the plan does not have.
    """
    match decision.kind:
        case "promote":
            return _to_phase(state, decision)
        case "away":
            what = in_words(decision.reason)
            return state._replace(rescreen=because("rescreen_after", what=what))
        case "rescreen":
            return state._replace(rescreen=None, rescreened_at=decision.at)
        case "revoke" | "move" | "add_block" | "end_block" | "end":
            return state  # revoked words are left out; the rest changes the plan or the enrollment
    lifts = dict(state.lifts)
    for lift in [decision.lift] if decision.lift else list(lifts):
        if lift not in lifts:
            raise ValueError(f"The program has no lift {lift!r}.")
        lifts[lift] = _on_lift(lifts[lift], decision, state)
    if _goes_up_in_level(state, lifts):
        # Never load and impact level together: what the last visit raised waits.
        lifts = {lift: not_raised(known, because("held_impact")) for lift, known in lifts.items()}
        return state._replace(lifts=lifts, impact_raised=bool(state.arrived))
    return state._replace(lifts=lifts)


def without_load(rung: Rung) -> Reason:
    """Why there is no load on a rung where nobody gave one."""
    match rung.load_type:
        case "impact":
            return because("impact", level=rung.impact_level)
        case "bodyweight":
            return because("bodyweight")
    return because("no_load")


# --- a lift ----------------------------------------------------------------------------------


def _on_lift(before: LiftState, decision: Decided, state: State) -> LiftState:
    try:
        word = _WORDS[decision.kind]
    except KeyError:
        raise ValueError(f"There is no decision {decision.kind!r}.") from None
    return word(before, decision, state)


def _hold(before: LiftState, decision: Decided, state: State) -> LiftState:
    why = in_words(decision.reason)
    reason = because("held_by_therapist", load=before.load, why=why)
    hold = Hold(why, decision.until, decision.until_on)
    return before.but(hold=hold, in_band_sessions=0, reason=reason)


def _release(before: LiftState, decision: Decided, state: State) -> LiftState:
    rung = state.plan.rung(before.exercise)
    reason = because("released", load=before.load) if before.load else without_load(rung)
    return before.but(hold=None, reason=reason)


def _set_load(before: LiftState, decision: Decided, state: State) -> LiftState:
    rung = state.plan.rung(before.exercise)
    reason = because("set_load", load=decision.load, why=in_words(decision.reason))
    return _placed(before, rung, decision, reason)


def _start(before: LiftState, decision: Decided, state: State) -> LiftState:
    return _placed(
        before, _rung_of(decision, before, state), decision, because("start", load=decision.load)
    )


def _change_rung(before: LiftState, decision: Decided, state: State) -> LiftState:
    rung = _rung_of(decision, before, state)
    why = in_words(decision.reason)
    reason = because("change_rung", load=decision.load, exercise=rung.name, why=why)
    return _placed(before, rung, decision, reason)


def _override(before: LiftState, decision: Decided, state: State) -> LiftState:
    return before.but(override=in_words(decision.reason))


def _estimate(before: LiftState, decision: Decided, state: State) -> LiftState:
    if decision.load is None or decision.reps is None:
        raise ValueError("A technical 5RM has a load and reps.")
    estimate = tested(
        load=decision.load,
        reps=decision.reps,
        reserve=decision.reserve,
        day=decision.at.date(),
        rules=state.rules,
    )
    return before.but(estimate=estimate)


_WORDS: Mapping[str, Callable[[LiftState, Decided, State], LiftState]] = {
    "hold": _hold,
    "release": _release,
    "set_load": _set_load,
    "start": _start,
    "change_rung": _change_rung,
    "override": _override,
    "estimate": _estimate,
}


def _rung_of(decision: Decided, before: LiftState, state: State) -> Rung:
    """The exercise decided on, or the present one; it must be on the ladder of that lift."""
    rung = state.plan.rung(decision.exercise or before.exercise)
    if rung.lift != state.plan.rung(before.exercise).lift:
        raise ValueError(f"{rung.name} is not an exercise for {decision.lift!r}.")
    return rung


def _placed(before: LiftState, rung: Rung, decision: Decided, reason: Reason) -> LiftState:
    """The lift where a therapist put it; a hold that is in force stays in force.

    What is counted and estimated belongs to one exercise: on another rung it starts anew.
    """
    load = None if rung.load_type == "impact" else decision.load
    if load is None and (reason.code != "change_rung" or rung.load_type != "bodyweight"):
        reason = without_load(rung)
    same_rung = rung.slug == before.exercise
    return LiftState(
        exercise=rung.slug,
        load=load,
        reason=reason,
        clean_sessions=before.clean_sessions if same_rung else 0,
        hold=before.hold,
        unchanged_since=decision.at,
        last=before.last,
        last_at=before.last_at,
        estimate=before.estimate if same_rung else None,
        decided_at=decision.at,
    )


def _goes_up_in_level(state: State, lifts: Mapping[str, LiftState]) -> bool:
    def level(exercise: str) -> int:
        rung = state.plan.rungs.get(exercise)
        return (rung.impact_level or 0) if rung else 0

    return any(
        level(known.exercise) > level(state.lifts[lift].exercise)
        for lift, known in lifts.items()
        if lift in state.lifts
    )


# --- a phase ---------------------------------------------------------------------------------


def _to_phase(state: State, decision: Decided) -> State:
    """The phase decided on. A rule that begins at a share of the estimate may lift the load to it.

    Only past the gate, and by no more than a small step: a promotion is no way around the cap.
    """
    phase = state.plan.phase(decision.phase or "")
    lifts = {lift: _counted_anew(known) for lift, known in state.lifts.items()}
    for asked in phase.prescriptions:
        percent, known = asked.rule.entry_percent, lifts[asked.lift]
        if percent is None or state.locked or state.rescreen:
            continue
        needed = state.rules.gate_sessions if asked.gate is None else asked.gate
        if known.hold is None and known.risen is None and known.clean_sessions >= needed:
            lifts[asked.lift] = _entered(known, percent, decision.at, state)
    return state._replace(phase=phase.code, lifts=lifts)


def _counted_anew(known: LiftState) -> LiftState:
    risen = None if known.risen is None else known.risen._replace(in_band_sessions=0)
    return known.but(in_band_sessions=0, risen=risen)


def _entered(known: LiftState, percent: int, at: datetime, state: State) -> LiftState:
    rung = state.plan.rung(known.exercise)
    base = effective_load(known.load, rung, state.inventory)
    estimate = fresh_estimate(known.estimate, at.date(), state.rules)
    if base is None or estimate is None or known.anchor is not None:
        return known
    most = base * (100 + min(state.rules.big_raise_percent, Decimal(10))) / 100
    load = round_load(
        min(estimate.one_rm * percent / 100, most), state.inventory, load_type=rung.load_type
    )
    if load is None or load <= base:
        return known
    reason = because("entry", load=load, percent=percent, one_rm=estimate.one_rm)
    return known.but(load=load, reason=reason, unchanged_since=at)
