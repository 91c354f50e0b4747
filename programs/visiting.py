"""What one visit does to the state: each lift judged by its rule, then at most one big raise.

Standard library only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from programs.asking import capped
from programs.events import LiftDone, LiftState, Prescribed, Risen, State, Visited
from programs.gate import Judged, Lifted, Raise, effective_load, tally_of
from programs.pain import Verdict, judge_pain
from programs.reasons import Reason, because
from programs.returning import arrive
from programs.strength import estimated

_NUMBER = attrgetter("number")


def visit_done(state: State, visit: Visited) -> State:
    """Each lift judged at its current rung; then at most one big raise of a base lift."""
    if state.arrived != visit.key:
        state = arrive(state, at=visit.at, key=visit.key, day=visit.day, answers=visit.answers)
    lifts = dict(state.lifts)
    judged: dict[str, Judged] = {}
    entries = _entries(visit, state)
    for asked in state.plan.phase(state.phase).prescriptions:
        done = entries.get(asked.lift)
        if done is None:
            continue
        known = state.lifts[asked.lift]
        if done.exercise != known.exercise:  # loads compare within one exercise only
            lifts[asked.lift] = known.but(last=done, last_at=visit.at, risen=None)
            continue
        seen = _seen(known, done, asked, visit, state)
        verdict = asked.rule.advance(seen)
        judged[asked.lift] = _hold_until_clean(verdict, seen) if known.hold else verdict
    locked = state.locked or _alarm(visit, state)
    withheld = _withheld(state, locked)
    lifts.update(_settled(judged, state, visit.at, withheld))
    return state.but(
        lifts=lifts,
        last_day=visit.day,
        last_at=visit.at,
        arrived="",
        days_away=0,
        capped_visits=max(state.capped_visits - 1, 0),
        impact_raised=False,
        locked=locked,
    )


def _entries(visit: Visited, state: State) -> dict[str, LiftDone]:
    """What was done of each lift in a visit: at its current rung if anything was, else the rest."""
    entries: dict[str, LiftDone] = {}
    for done in visit.lifts:
        if done.sets:
            first = entries.get(done.lift)
            entries[done.lift] = done if first is None else _joined(first, done, state)
    return entries


def _joined(first: LiftDone, second: LiftDone, state: State) -> LiftDone:
    known = state.lifts.get(first.lift)
    if known is None or second.exercise != known.exercise:
        return first
    if first.exercise != known.exercise:
        return second
    return replace(first, sets=first.sets + second.sets)


def _seen(
    known: LiftState, done: LiftDone, asked: Prescribed, visit: Visited, state: State
) -> Lifted:
    """The sets of a lift with what is known of it, this visit's estimate and count included."""
    sets = sorted(done.sets, key=_NUMBER)
    rung = state.plan.rung(known.exercise)
    base = effective_load(known.load, rung, state.inventory)
    if state.capped_visits:
        asked = capped(asked, state)
    tally = tally_of(sets, asked)
    estimate = known.estimate
    if tally.hardest >= state.rules.estimate_from_effort:  # an easier visit says nothing of it
        estimate = estimated(estimate, sets, day=visit.day, rules=state.rules)
    last = sets[-1]
    # In a row: a failed criterion starts anew, a blank waits.
    clean = 0 if tally.failed else known.clean_sessions + (last.clean is True)
    return Lifted(
        known,
        done,
        sets,
        asked,
        rung,
        base,
        visit.at,
        visit.day,
        state.rules,
        state.inventory,
        tally,
        last.rpe,
        clean,
        state.rules.gate_sessions if asked.gate is None else asked.gate,
        estimate,
    )


def _hold_until_clean(judged: Judged, seen: Lifted) -> Judged:
    """A hold until a clean visit ends with it; the visit itself raises nothing."""
    hold = seen.before.hold
    if hold is None or hold.until != "clean":
        return judged
    if seen.tally.failed or seen.sets[-1].clean is not True:
        return judged
    otherwise, _ = judged
    return otherwise.but(hold=None, reason=because("released", load=otherwise.load)), None


def _alarm(visit: Visited, state: State) -> Reason | None:
    """Pain in any set that ends all loading and impact."""
    if visit.key in state.released:
        return None
    for done in visit.lifts:
        for one in done.sets:
            if (one.pain or one.pain_site or one.pain_kind) and (
                judge_pain(one.hurt, state.rules) is Verdict.LOCK
            ):
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
    settled: dict[str, LiftState] = {}
    raises: dict[str, Raise] = {}
    for lift, (otherwise, earned) in judged.items():
        settled[lift] = otherwise
        if earned is not None:
            raises[lift] = earned
    if withheld is not None:
        for lift in raises:
            settled[lift] = settled[lift].but(reason=withheld)
        return settled
    big = [
        lift
        for lift, earned in raises.items()
        if earned.percent > state.rules.big_raise_percent
        and state.plan.rung(settled[lift].exercise).base
    ]
    winner = _unchanged_longest(big, settled)
    for lift, earned in raises.items():
        allowed = earned.smaller if lift in big and lift != winner else earned
        if allowed is None:
            settled[lift] = _waits(settled[lift], settled[winner].exercise, state)
        else:
            settled[lift] = _raised(settled[lift], allowed, at)
    return settled


def _waits(known: LiftState, winner: str, state: State) -> LiftState:
    other = state.plan.rung(winner).name
    load = effective_load(known.load, state.plan.rung(known.exercise), state.inventory)
    return known.but(reason=because("held_other_lift", load=load, other=other))


def _raised(known: LiftState, earned: Raise, at: datetime) -> LiftState:
    """The lift at the load it has earned; the next arrival may still take the raise back."""
    anchor = known.anchor
    assert known.load is not None
    return known.but(
        load=earned.load,
        reason=earned.reason,
        in_band_sessions=0,
        unchanged_since=at,
        # Reached is not completed: an absence before that still counts from the anchor.
        anchor=anchor if anchor is not None and earned.load <= anchor else None,
        risen=Risen(known.load, known.in_band_sessions, known.unchanged_since, anchor),
    )


def _unchanged_longest(lifts: Sequence[str], known: Mapping[str, LiftState]) -> str:
    """The lift whose load has stood longest; the first prescribed on a tie; "" for none."""
    if len(lifts) == 1:
        return lifts[0]

    def since(lift: str) -> float:
        moment = known[lift].unchanged_since
        return float("-inf") if moment is None else moment.timestamp()

    return min(lifts, key=since, default="")
