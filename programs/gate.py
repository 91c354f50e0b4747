"""What one visit says about one working lift: up, the same again, or down, and why.

Standard library only. The rule is protocol sheet 6.3: all reps done, clean and without a rise in
pain, then effort decides. What nobody entered is never a pass, so it never raises a load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from programs.events import LiftState, Prescribed, Rung, SetDone
from programs.loads import Inventory, lowered, next_up, raised, round_load
from programs.reasons import Reason, because
from programs.rules import Rules, plain

# Spare pairs that a clinic can buy, in kg, for the hint that goes with a step that is too big.
USUAL_PLATES = (Decimal("1.25"), Decimal("0.5"), Decimal("0.25"))

# Reasons that start the count of clean visits again. A blank or a lighter load leaves it alone:
# it is neither a pass nor a failure.
_BREAKS_THE_COUNT = frozenset(
    {"held_by_therapist", "held_pain", "held_missed", "held_hard", "held_technique", "held_effort"}
)


@dataclass(frozen=True, slots=True)
class Raise:
    """A raise that one visit has earned; whether it may happen depends on the other lifts."""

    load: Decimal
    percent: Decimal
    reason: Reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """The lift if it does not rise, and the raise that it has earned, if any."""

    otherwise: LiftState
    earned: Raise | None = None


@dataclass(frozen=True, slots=True)
class Lifted:
    """The sets of one lift in one visit, against what was asked. ``base`` is its target in kg."""

    sets: Sequence[SetDone]  # in the order done, at least one
    asked: Prescribed
    base: Decimal

    @property
    def counted(self) -> Sequence[SetDone]:
        """As many as were asked for; an extra set is not held against anyone."""
        return self.sets[: self.asked.sets]

    def at_base(self, one: SetDone) -> bool:
        """At most the target: failing with more than was asked is no failure at the target."""
        return one.load is None or one.load <= self.base

    def short(self, one: SetDone) -> bool:
        return one.reps is not None and one.reps < (self.asked.reps or 0)

    @property
    def full(self) -> bool:
        """Every set asked for, with every rep and at least the target load, confirmed."""
        return len(self.counted) == self.asked.sets and all(
            one.confirmed
            and one.reps is not None
            and not self.short(one)
            and one.load is not None
            and one.load >= self.base
            for one in self.counted
        )


def judge(
    before: LiftState,
    sets: Sequence[SetDone],
    asked: Prescribed,
    rung: Rung,
    *,
    at: datetime,
    rules: Rules,
    inventory: Inventory,
) -> Verdict:
    """The verdict of one visit on a working lift; ``sets`` are at its current rung, not empty."""
    sets = sorted(sets, key=lambda one: one.number)
    if rung.load_type == "bodyweight" and before.load is None:
        return Verdict(_unloaded(before, sets, rules))
    base = effective_load(before.load, rung, inventory)
    if base is None:
        return Verdict(_started(before, sets, at=at, rules=rules))
    lifted = Lifted(sets, asked, base)
    missed = any(lifted.short(one) and lifted.at_base(one) for one in lifted.counted)
    hard = any(too_hard(one, rules) and lifted.at_base(one) for one in sets)
    if (missed or hard) and (before.misses or before.hard):
        drop = lowered(base, inventory, rung.load_type, rules)
        if drop is not None:
            what = _what_repeated(before, missed=missed, hard=hard, rules=rules)
            return Verdict(
                changed(before, drop, at, because("dropped", step=base - drop, what=what))
            )
    held = _held(before, lifted, rules)
    if held is None:
        return _by_effort(before, lifted, rung, rules=rules, inventory=inventory)
    clean_slate = lifted.full and not hard
    return Verdict(
        same(
            before,
            held,
            in_band=0 if held.code in _BREAKS_THE_COUNT else before.in_band_sessions,
            misses=0 if clean_slate else before.misses + missed,
            hard=0 if clean_slate else before.hard + hard,
        )
    )


def effective_load(load: Decimal | None, rung: Rung, inventory: Inventory) -> Decimal | None:
    """The load that today's equipment can make of the load meant: never more than it."""
    if load is None or rung.load_type == "impact":
        return None
    return round_load(load, inventory, load_type=rung.load_type)


def too_hard(one: SetDone, rules: Rules) -> bool:
    return one.rpe is not None and one.rpe >= rules.effort_too_high


def worst_pain(sets: Sequence[SetDone]) -> int | None:
    """The highest pain entered; None if nobody entered any."""
    return max((one.pain for one in sets if one.pain is not None), default=None)


def changed(before: LiftState, load: Decimal, at: datetime, reason: Reason) -> LiftState:
    """The lift at another load: every count starts again."""
    return LiftState(
        before.exercise, load, 0, 0, 0, before.held, at, reason, before.last, before.last_at
    )


def same(
    before: LiftState, reason: Reason, *, in_band: int = 0, misses: int = 0, hard: int = 0
) -> LiftState:
    """The lift at the same load, with these counts."""
    return LiftState(
        before.exercise,
        before.load,
        in_band,
        misses,
        hard,
        before.held,
        before.unchanged_since,
        reason,
        before.last,
        before.last_at,
    )


def held_by_person_or_pain(
    before: LiftState, sets: Sequence[SetDone], rules: Rules, load: Decimal | None
) -> Reason | None:
    """A therapist's hold or a pain that holds: true of every lift, loaded or not."""
    if before.held is not None:
        return because("held_by_therapist", load=load, why=before.held)
    pain = worst_pain(sets)
    if pain is not None and pain >= rules.pain_hold_from:
        return because("held_pain", load=load, pain=pain)
    return None


def _unloaded(before: LiftState, sets: Sequence[SetDone], rules: Rules) -> LiftState:
    held = held_by_person_or_pain(before, sets, rules, None)
    return same(before, held or because("bodyweight"))


def _started(
    before: LiftState, sets: Sequence[SetDone], *, at: datetime, rules: Rules
) -> LiftState:
    """The first load is the least that was lifted and confirmed; nobody invents one."""
    held = held_by_person_or_pain(before, sets, rules, before.load)
    loads = [one.load for one in sets if one.load is not None and one.confirmed]
    if held is not None or not loads:
        return same(before, held or before.reason)
    return changed(before, min(loads), at, because("started", load=min(loads)))


def _held(before: LiftState, lifted: Lifted, rules: Rules) -> Reason | None:
    """Why the load may not rise, the gravest reason first; None if only effort is left to ask."""
    load, sets, counted = lifted.base, lifted.sets, lifted.counted
    if held := held_by_person_or_pain(before, sets, rules, load):
        return held
    if any(lifted.short(one) for one in counted):
        reps = lifted.asked.reps or 0
        done = sum(min(one.reps or 0, reps) for one in counted)
        return because("held_missed", load=load, done=done, asked=reps * lifted.asked.sets)
    if any(too_hard(one, rules) for one in sets):
        return because("held_hard", load=load, rpe=max(one.rpe or 0 for one in sets))
    if failed := sum(one.clean is False for one in sets):
        return because("held_technique", load=load, failed=failed, asked=len(sets))
    if not all(one.confirmed for one in sets):
        return because("held_unconfirmed", load=load)
    made = sum(one.reps is not None for one in counted)
    if made < lifted.asked.sets:
        return because("held_sets", load=load, done=made, asked=lifted.asked.sets)
    loads = [one.load for one in counted if one.load is not None]
    if len(loads) < len(counted):
        return because("held_load_blank", load=load)
    if min(loads) < load:
        return because("held_lighter", load=load, lifted=min(loads))
    return _blank(lifted, rules)


def _blank(lifted: Lifted, rules: Rules) -> Reason | None:
    """What nobody entered, where a raise would rest on it."""
    last = lifted.sets[-1]
    if last.rpe is None:
        return because("held_rpe_blank", load=lifted.base)
    if last.clean is None:
        return because("held_technique_blank", load=lifted.base)
    if rules.pain_asked_to_raise and worst_pain(lifted.sets) is None:
        return because("held_pain_blank", load=lifted.base)
    return None


def _by_effort(
    before: LiftState, lifted: Lifted, rung: Rung, *, rules: Rules, inventory: Inventory
) -> Verdict:
    """Everything passed: the effort of the last set decides (protocol sheet 6.3)."""
    rpe = lifted.sets[-1].rpe or 0
    low, high = lifted.asked.effort_low, lifted.asked.effort_high
    if high is not None and rpe > high:
        return Verdict(same(before, because("held_effort", rpe=rpe, low=low or 6, high=high)))
    easy = low is not None and rpe < low
    count = before.in_band_sessions + (not easy)
    due = easy or count >= rules.raise_after_sessions
    step = raised(lifted.base, inventory, rung.load_type, rules) if due else None
    more = _lifted_more(lifted, rung, rules=rules, inventory=inventory)
    up = max((load for load in (step, more) if load is not None), default=None)
    if up is None:
        needed = rules.raise_after_sessions
        reason = (
            _no_step(lifted.base, rung, rules=rules, inventory=inventory)
            if due
            else because("in_band", rpe=rpe, count=count, needed=needed)
        )
        return Verdict(same(before, reason, in_band=count))
    gain = up - lifted.base
    if up == more and up != step:
        least = min(one.load or up for one in lifted.counted)
        reason = because("raised_lifted", step=gain, lifted=least, rpe=rpe)
    elif easy:
        reps = (lifted.asked.reps or 0) * lifted.asked.sets
        reason = because("raised", step=gain, reps=reps, rpe=rpe)
    else:
        reason = because("raised_in_band", step=gain, sessions=count, low=low or 6, high=high or 20)
    waiting = same(before, before.reason, in_band=count)
    return Verdict(waiting, Raise(up, gain * 100 / lifted.base, reason))


def _lifted_more(
    lifted: Lifted, rung: Rung, *, rules: Rules, inventory: Inventory
) -> Decimal | None:
    """What was lifted in every set, where that is above the target; never above the cap."""
    least = min(one.load for one in lifted.counted if one.load is not None)
    cap = lifted.base * (100 + rules.raise_cap_percent) / 100
    load = round_load(min(least, cap), inventory, load_type=rung.load_type)
    return load if load is not None and load > lifted.base else None


def _no_step(base: Decimal, rung: Rung, *, rules: Rules, inventory: Inventory) -> Reason:
    """Why there is no next load: the top of the equipment, or a step above the cap."""
    above = next_up(base, inventory, rung.load_type)
    if above is None:
        return because("held_top", load=base)
    step = above - base
    percent = (step * 100 / base).quantize(Decimal("0.1"))
    hint = ""
    if rung.load_type == "barbell":
        for plate in USUAL_PLATES:
            if 2 * plate < step and 2 * plate * 100 <= base * rules.raise_cap_percent:
                hint = f" A pair of {plain(plate)} kg plates would allow {plain(2 * plate)} kg."
                break
    return because("held_step", load=base, percent=percent, hint=hint)


def _what_repeated(before: LiftState, *, missed: bool, hard: bool, rules: Rules) -> str:
    if missed and before.misses:
        return "reps missed"
    if hard and before.hard:
        return f"RPE {rules.effort_too_high} or more"
    return "too hard"
