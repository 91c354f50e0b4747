"""What one visit does to the state: each lift judged by its rule, then at most one big raise.

Standard library only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from programs.asking import capped
from programs.events import LiftDone, LiftState, Prescribed, Risen, State, Visited
from programs.gate import Judged, Lifted, Raise, clean_in_a_row, effective_load, same, tally_of
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
    entries: dict[str, list[LiftDone]] = {}
    for one in visit.lifts:
        if one.sets:
            entries.setdefault(one.lift, []).append(one)
    for asked in state.plan.phase(state.phase).prescriptions:
        if asked.lift not in entries:
            continue
        known = state.lifts[asked.lift]
        done = _remembered(known, entries[asked.lift])
        if done.exercise != known.exercise:  # loads compare within one exercise only
            lifts[asked.lift] = known.but(last=done, last_at=visit.at, risen=None)
            continue
        seen = _seen(known, done, asked, visit, state)
        verdict = asked.rule.advance(seen)
        judged[asked.lift] = _hold_until_clean(verdict, seen) if known.hold else verdict
    locked = state.locked or _alarm(visit, state)
    withheld = _withheld(state, locked)
    lifts.update(_settled(judged, state, visit.at, withheld))
    return state._replace(
        lifts=lifts,
        last_day=visit.day,
        last_at=visit.at,
        arrived="",
        days_away=0,
        capped_visits=max(state.capped_visits - 1, 0),
        impact_raised=False,
        locked=locked,
    )


def _remembered(known: LiftState, entries: Sequence[LiftDone]) -> LiftDone:
    """What was done of a lift in a visit: at its current rung if anything was, else the rest."""
    if len(entries) == 1:
        return entries[0]
    current = [done for done in entries if done.exercise == known.exercise]
    if len(current) > 1:
        return replace(current[0], sets=tuple(one for done in current for one in done.sets))
    return (current or entries)[0]


def _seen(
    known: LiftState, done: LiftDone, asked: Prescribed, visit: Visited, state: State
) -> Lifted:
    """The sets of a lift with what is known of it, this visit's estimate and count included."""
    sets = sorted(done.sets, key=_NUMBER)
    rung = state.plan.rung(known.exercise)
    base = effective_load(known.load, rung, state.inventory)
    asked = capped(asked, state)
    tally = tally_of(sets, asked, base, state.rules)
    estimate = known.estimate
    if tally.hardest >= state.rules.estimate_from_effort:  # an easier visit says nothing of it
        estimate = estimated(estimate, sets, day=visit.day, rules=state.rules)
    known = known.but(
        # What today's equipment made of the load is her load from now on: plates that come back
        # later must not bring more than she has trained with since.
        load=known.load if base is None else base,
        last=done,
        last_at=visit.at,
        clean_sessions=clean_in_a_row(known.clean_sessions, sets, tally.failed),
        estimate=estimate,
    )
    return Lifted(
        known, sets, asked, rung, base, visit.at, visit.day, state.rules, state.inventory, tally
    )


def _hold_until_clean(judged: Judged, seen: Lifted) -> Judged:
    """A hold until a clean visit ends with it; the visit itself raises nothing."""
    hold = seen.before.hold
    if hold is None or hold.until != "clean":
        return judged
    if seen.tally.failed or seen.sets[-1].clean is not True:
        return judged
    reason = because("released", load=judged.otherwise.load)
    return Judged(judged.otherwise.but(hold=None, reason=reason))


def _alarm(visit: Visited, state: State) -> Reason | None:
    """Pain in any set that ends all loading and impact."""
    if visit.key in state.released:
        return None
    for done in visit.lifts:
        for one in done.sets:
            told = one.pain or one.pain_site or one.pain_kind
            if told and judge_pain(one.hurt, state.rules) is Verdict.LOCK:
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
            settled[lift] = settled[lift].but(override=None)
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
    return known.but(
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
