"""What an arrival changes before the first set: days away, next-day pain, an illness or a fall.

Standard library only. One function serves a visit in the log, the visit that begins now, and a
preview. The steps after an absence are protocol sheet 6.4, those after pain 6.5.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from programs.events import LiftDone, LiftState, Plan, Rung, State
from programs.gate import effective_load
from programs.loads import next_down, round_load
from programs.pain import Answers, Verdict, judge_pain, rose
from programs.reasons import Reason, because
from programs.rules import Rules


@dataclass(frozen=True, slots=True)
class Band:
    """What an absence asks for: how much less, how gently, and whether somebody looks first."""

    drop_percent: Decimal = Decimal(0)
    capped_visits: int = 0
    levels_down: int = 0
    level_at_most: int | None = None
    rescreen: bool = False
    restart: bool = False


_NO_ABSENCE = Band()
_HOLDING = (Verdict.MODIFY, Verdict.STOP, Verdict.LOCK)


def band_of(days: int, rules: Rules) -> Band:
    """The band of an absence of ``days`` since the last attended visit (protocol sheet 6.4)."""
    if days <= rules.gap_short_days:
        return _NO_ABSENCE
    if days <= rules.gap_medium_days:
        return Band(rules.gap_short_drop_percent, rules.gap_short_visits)
    if days <= rules.gap_long_days:
        return Band(rules.gap_medium_drop_percent, rules.gap_long_visits, levels_down=1)
    gentle = Band(
        rules.gap_long_drop_percent,
        rules.gap_long_visits,
        level_at_most=rules.gap_impact_level,
        rescreen=True,
    )
    return gentle if days <= rules.gap_restart_days else replace(gentle, restart=True)


def arrive(state: State, *, at: datetime, key: str, day: date, answers: Answers) -> State:
    """The state that a visit on ``day`` begins with, from the one that the last visit left.

    Said twice of one visit it is one arrival: pain or an absence steps a load back once.
    """
    if key == state.arrived:
        return state
    days = 0 if state.last_day is None else max((day - state.last_day).days, 0)
    band = band_of(days, state.rules)
    lifts = dict(state.lifts)
    for lift, known in state.lifts.items():
        if known.hold is not None:
            lifts[lift] = _hold_over(known, day)
    if state.last_day is not None:
        lifts = _after_pain(lifts, state, at, answers)
        if days > state.rules.estimate_gap_days:
            lifts = {lift: _stale(known) for lift, known in lifts.items()}
        if days > state.rules.gap_short_days:
            lifts = {
                lift: _after_absence(known, state, at, day, days, band)
                for lift, known in lifts.items()
            }
    rescreen = state.rescreen
    if after := answers.rescreen_after:
        rescreen = because("rescreen_after", what=after)
    elif band.rescreen and not _looked_at_since(state):
        rescreen = because("rescreen_gap", days=days)
    return state.but(
        lifts=lifts,
        phase=state.plan.phases[0].code if band.restart else state.phase,
        arrived=key,
        days_away=days,
        capped_visits=max(band.capped_visits, state.capped_visits),
        before_pain=answers.now.score,
        rescreen=rescreen,
        locked=state.locked or (None if key in state.released else _alarm(answers, state.rules)),
    )


def _looked_at_since(state: State) -> bool:
    """Whether a re-screen was recorded since the last visit."""
    return state.rescreened_at is not None and (
        state.last_at is None or state.rescreened_at > state.last_at
    )


def _hold_over(known: LiftState, day: date) -> LiftState:
    """A hold until a date ends on that date."""
    hold = known.hold
    if hold is None or hold.until != "date" or hold.on is None or day < hold.on:
        return known
    return known.but(hold=None, reason=because("released", load=known.load))


# --- pain ------------------------------------------------------------------------------------


def _alarm(answers: Answers, rules: Rules) -> Reason | None:
    why = answers.alarms(rules)
    return because("locked", why=why) if why else None


def _after_pain(
    lifts: dict[str, LiftState], state: State, at: datetime, answers: Answers
) -> dict[str, LiftState]:
    """Next-day pain that rose steps back what was lifted; unanswered, or pain now, holds."""
    rules = state.rules
    score = answers.next_day.score
    if rose(score, state.before_pain, rules):
        rise = (score or 0) - (state.before_pain or 0)
        return {lift: _stepped_back(known, state, at, rise) for lift, known in lifts.items()}
    why: Reason | None = None
    if score is None and rules.next_day_asked_to_raise:
        why = because("held_next_day")
    elif judge_pain(answers.now, rules) in _HOLDING:
        why = because("held_pain", pain=answers.now.score)
    for lift, known in lifts.items():
        if known.risen is not None:
            lifts[lift] = not_raised(known, why)
    return lifts


def not_raised(known: LiftState, why: Reason | None) -> LiftState:
    """The raise of the last visit taken back for a reason, or settled where there is none."""
    risen = known.risen
    if risen is None:
        return known
    if why is None:
        return known.but(risen=None)
    return known.but(
        load=risen.load,
        reason=Reason(why.code, (*why.args, ("load", risen.load))),
        in_band_sessions=risen.in_band_sessions,
        unchanged_since=risen.unchanged_since,
        anchor=risen.anchor,
        risen=None,
    )


def _stepped_back(known: LiftState, state: State, at: datetime, rise: int) -> LiftState:
    """A share less of what the last visit asked for, at least one step; only what was lifted."""
    rung = state.plan.rungs.get(known.exercise)
    if rung is None or known.last_at is None or known.last_at != state.last_at:
        return not_raised(known, None)
    if rung.impact_level is not None:
        down = _lower_landing(known, rung, state.plan, Band(levels_down=1))
        if down.exercise == known.exercise:
            return known
        level = state.plan.rung(down.exercise).impact_level
        return down._replace(reason=because("dropped_next_day_level", level=level, rise=rise))
    before = known.load if known.risen is None else known.risen.load
    base = effective_load(before, rung, state.inventory)
    if base is None:
        return known
    aim = base * (100 - state.rules.next_day_drop_percent) / 100
    load = round_load(aim, state.inventory, load_type=rung.load_type)
    if load is None:
        load = next_down(base, state.inventory, rung.load_type) or base
    reason = because("dropped_next_day", step=base - load, rise=rise)
    return _moved(known, load, at, reason, anchor=None)


# --- days away -------------------------------------------------------------------------------


def _after_absence(
    known: LiftState, state: State, at: datetime, day: date, days: int, band: Band
) -> LiftState:
    """The reduction applies to the last load completed before the gap, never to a reduced one.

    So an anchor that is still being climbed back to stays the anchor, and a second absence does
    not ratchet. A therapist's word since the last visit stands as she gave it, where she gave it
    for this return: one of weeks ago did not know of them.
    """
    rung = state.plan.rungs.get(known.exercise)
    if rung is None:
        return known
    decided = (
        known.decided_at is not None
        and state.last_at is not None
        and known.decided_at > state.last_at
        and (day - known.decided_at.date()).days <= state.rules.gap_short_days
    )
    if decided:
        if known.load is None:
            return known
        return known.but(reason=because("away_kept", load=known.load, days=days))
    if rung.impact_level is not None:
        down = _lower_landing(known, rung, state.plan, band)
        if down.exercise == known.exercise:
            return known
        level = state.plan.rung(down.exercise).impact_level
        return down._replace(reason=because("away_impact", level=level, days=days))
    if known.load is None:
        return known
    if band.restart:
        return _moved(known, None, at, because("away_restart", days=days), anchor=None)
    anchor = known.anchor or _completed(known) or known.load
    aim = anchor * (100 - band.drop_percent) / 100
    load = round_load(min(aim, known.load), state.inventory, load_type=rung.load_type)
    if load is None:  # lighter than the equipment makes: the lightest there is, never more
        load = min(effective_load(known.load, rung, state.inventory) or known.load, known.load)
    if load >= known.load and known.anchor is None:
        return known
    reason = because("away_down", load=load, days=days, percent=band.drop_percent, anchor=anchor)
    return _moved(known, load, at, reason, anchor=anchor if load < anchor else None)


def _stale(known: LiftState) -> LiftState:
    """What was estimated before a long absence no longer sets a ceiling, a share or an entry."""
    if known.estimate is None:
        return known
    return known.but(estimate=known.estimate._replace(stale=True))


def _completed(known: LiftState) -> Decimal | None:
    """The load of the last visit in which every set of the current rung was done in full."""
    last: LiftDone | None = known.last
    if last is None or last.exercise != known.exercise:
        return None
    loads = [one.load for one in last.sets if one.load is not None and one.confirmed]
    return min(loads, default=None)


def _lower_landing(known: LiftState, rung: Rung, plan: Plan, band: Band) -> LiftState:
    """A lower rung than the last landings, by the band; the same one however often she arrives."""
    if known.last is None:
        return known
    current = rung.impact_level or 0
    level = max((one.level for one in known.last.sets if one.level is not None), default=current)
    wanted = level - band.levels_down
    if band.level_at_most is not None:
        wanted = min(wanted, band.level_at_most)
    if band.restart:
        wanted = 0
    lower = [one for one in plan.impact_ladder() if (one.impact_level or 0) <= max(wanted, 0)]
    if wanted >= current or not lower:
        return known
    return known.but(exercise=lower[-1].slug, clean_sessions=0)


def _moved(
    known: LiftState, load: Decimal | None, at: datetime, reason: Reason, *, anchor: Decimal | None
) -> LiftState:
    return known.but(
        load=load,
        reason=reason,
        in_band_sessions=0,
        misses=0,
        hard=0,
        unchanged_since=at,
        risen=None,
        anchor=anchor,
    )
