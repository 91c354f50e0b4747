"""What one visit says about one lift before its load rule is asked: a miss, pain, a blank, a pass.

Standard library only. The gate is protocol sheet 6.3 and 6.5: all reps done, clean and without a
rise in pain. What nobody entered is never a pass, so it never raises a load.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from programs.events import LiftState, Prescribed, Rung, SetDone
from programs.loads import Inventory, lowered, made_of
from programs.pain import SPINAL, Verdict, judge_pain
from programs.reasons import Reason, because
from programs.rules import Rules

# Reasons that start the count of clean visits again. A blank or a lighter load leaves it alone:
# it is neither a pass nor a failure.
_BREAKS_THE_COUNT = frozenset(
    {
        "held_by_therapist",
        "held_pain",
        "held_pain_spine",
        "held_missed",
        "held_hard",
        "held_technique",
        "held_effort",
    }
)


# The verdict decides, not the score: a little pain in the back weighs more than some in a knee.
# A place or a kind without a score is a blank, and a blank is never a pass.
_GRAVITY = {
    verdict: rank
    for rank, verdict in enumerate(
        (
            Verdict.PROCEED,
            Verdict.BLANK,
            Verdict.WHERE,
            Verdict.MODIFY,
            Verdict.STOP,
            Verdict.LOCK,
        )
    )
}


class Raise(NamedTuple):
    """A raise that one visit has earned; whether it may happen depends on the other lifts.

    ``smaller`` is a step that may happen also when another lift has the one big raise.
    """

    load: Decimal
    percent: Decimal
    reason: Reason
    smaller: "Raise | None" = None


class Judged(NamedTuple):
    """The lift if it does not rise, and the raise that it has earned, if any."""

    otherwise: LiftState
    earned: Raise | None = None


class Lifted(NamedTuple):
    """The sets of one lift in one visit, against what was asked. ``base`` is its target in kg.

    ``sets`` are at the lift's current rung, in the order done, at least one.
    """

    before: LiftState
    sets: Sequence[SetDone]
    asked: Prescribed
    rung: Rung
    base: Decimal | None
    at: datetime
    day: date
    rules: Rules
    inventory: Inventory
    tally: "Tally"

    @property
    def counted(self) -> Sequence[SetDone]:
        """As many as were asked for; an extra set is not held against anyone."""
        return self.sets[: self.asked.sets]

    @property
    def effort(self) -> int | None:
        """RPE of the last set, the one that the rules ask of."""
        return self.sets[-1].rpe

    @property
    def returning(self) -> bool:
        """Whether the load still climbs back to what it was before an absence."""
        anchor = self.before.anchor
        return anchor is not None and self.base is not None and self.base < anchor

    @property
    def needed(self) -> int:
        """Clean visits in a row that a raise needs."""
        return self.rules.gate_sessions if self.asked.gate is None else self.asked.gate

    def made(self, one: SetDone) -> int | None:
        """Reps, or seconds where time is asked for."""
        return one.reps if self.asked.reps is not None else one.seconds

    @property
    def unit(self) -> str | None:
        """What a timed set counts; None is reps."""
        return "seconds" if self.asked.reps is None else None

    @property
    def wanted(self) -> int:
        return self.asked.reps or self.asked.seconds or 0

    def short(self, one: SetDone) -> bool:
        made = self.made(one)
        return made is not None and made < self.wanted


def effective_load(load: Decimal | None, rung: Rung, inventory: Inventory) -> Decimal | None:
    """The load that today's equipment can make of the load meant: never more than it."""
    if load is None or rung.load_type == "impact":
        return None
    return made_of(load, inventory, rung.load_type)


def too_hard(one: SetDone, rules: Rules) -> bool:
    return one.rpe is not None and one.rpe >= rules.effort_too_high


def changed(before: LiftState, load: Decimal, at: datetime, reason: Reason) -> LiftState:
    """The lift at another load: its counts start again, a return to an earlier load is over."""
    return before.but(
        load=load,
        reason=reason,
        in_band_sessions=0,
        misses=0,
        hard=0,
        unchanged_since=at,
        risen=None,
        anchor=None,
    )


def same(
    before: LiftState, reason: Reason, *, in_band: int = 0, misses: int = 0, hard: int = 0
) -> LiftState:
    """The lift at the same load, with these counts."""
    return before.but(reason=reason, in_band_sessions=in_band, misses=misses, hard=hard, risen=None)


# --- the gate --------------------------------------------------------------------------------


def held_by_person_or_pain(seen: Lifted, load: Decimal | None) -> Reason | None:
    """A therapist's hold or a pain that holds: true of every lift, loaded or not."""
    if seen.before.hold is not None:
        return because("held_by_therapist", load=load, why=seen.before.hold.why)
    return _held_by_pain(seen.sets, seen.rules, load) if seen.tally.hurt else None


def _held_by_pain(sets: Sequence[SetDone], rules: Rules, load: Decimal | None) -> Reason | None:
    gravest, worst = Verdict.PROCEED, None
    for one in sets:
        if not (one.pain or one.pain_site or one.pain_kind):
            continue
        verdict = judge_pain(one.hurt, rules)
        if _GRAVITY[verdict] > _GRAVITY[gravest]:
            gravest, worst = verdict, one
    if worst is None:
        return None
    if worst.pain is None:
        return because("held_pain_score", load=load)
    if gravest is Verdict.WHERE:
        return because("held_pain_site", load=load, pain=worst.pain)
    if gravest is Verdict.MODIFY and worst.pain_site in SPINAL:
        return because("held_pain_spine", load=load, pain=worst.pain)
    return because("held_pain", load=load, pain=worst.pain)


class Tally(NamedTuple):
    """The sets of one lift counted in one pass: a fold judges hundreds of them."""

    missed: bool  # a counted set was short
    missed_at_base: bool  # ... at the target or below it
    hard: bool
    hard_at_base: bool
    failed: int  # sets with a failed criterion, or landings not tolerated
    confirmed: bool
    made: int  # counted sets with reps, or seconds, entered
    done: int  # what was made in them, at most what was asked for in each
    loads: int  # counted sets with a load entered
    least: Decimal | None  # the least of those loads
    hurt: bool  # pain above 0, or a place or a kind of it
    pain_asked: bool  # a score, 0 included
    hardest: int  # the highest effort entered, 0 for none


def tally_of(
    sets: Sequence[SetDone], asked: Prescribed, base: Decimal | None, rules: Rules
) -> Tally:
    """The sets of one lift in one visit, counted against what was asked for."""
    counted, wanted = asked.sets, asked.reps or asked.seconds or 0
    by_reps, too_high = asked.reps is not None, rules.effort_too_high
    missed = missed_low = hard = hard_low = hurt = pain_asked = False
    confirmed = True
    failed = made = done = loads = hardest = 0
    least: Decimal | None = None
    for place, one in enumerate(sets):
        load, rpe, pain = one.load, one.rpe, one.pain
        low = load is None or base is None or load <= base
        if rpe is not None and rpe > hardest:
            hardest = rpe
        if rpe is not None and rpe >= too_high:
            hard, hard_low = True, hard_low or low
        if pain is not None:
            pain_asked = True
        if pain or one.pain_site or one.pain_kind:
            hurt = True
        failed += one.clean is False or one.tolerated is False
        confirmed = confirmed and one.confirmed
        if place >= counted:
            continue
        amount = one.reps if by_reps else one.seconds
        if amount is not None:
            made += 1
            if amount < wanted:
                done += amount
                missed, missed_low = True, missed_low or low
            else:
                done += wanted
        if load is not None:
            loads += 1
            least = load if least is None or load < least else least
    return Tally(
        missed,
        missed_low,
        hard,
        hard_low,
        failed,
        confirmed,
        made,
        done,
        loads,
        least,
        hurt,
        pain_asked,
        hardest,
    )


def passes(seen: Lifted) -> Judged | None:
    """The verdict where the gate alone decides; None if a loaded lift passed and effort is asked.

    ``seen.base`` is a load. Two visits in a row with a miss, or too hard, drop the load.
    """
    before, rules, base = seen.before, seen.rules, seen.base
    assert base is not None
    sets = seen.tally
    missed, hard = sets.missed_at_base, sets.hard_at_base
    if (missed or hard) and (before.misses or before.hard):
        drop = lowered(base, seen.inventory, seen.rung.load_type, rules)
        if drop is not None:
            what = _what_repeated(before, missed=missed, hard=hard, rules=rules)
            reason = because("dropped", step=base - drop, what=what)
            return Judged(changed(before, drop, seen.at, reason))
    held = _held(seen, base, sets)
    if held is None:
        return None
    clean_slate = not hard and _full(seen, base)
    return Judged(
        same(
            before,
            held,
            in_band=0 if held.code in _BREAKS_THE_COUNT else before.in_band_sessions,
            misses=0 if clean_slate else before.misses + missed,
            hard=0 if clean_slate else before.hard + hard,
        )
    )


def _full(seen: Lifted, base: Decimal) -> bool:
    """Every set asked for, with every rep and at least the target load, confirmed."""
    counted = seen.counted
    return len(counted) == seen.asked.sets and all(
        one.confirmed
        and seen.made(one) is not None
        and not seen.short(one)
        and one.load is not None
        and one.load >= base
        for one in counted
    )


def _held(seen: Lifted, load: Decimal, sets: Tally) -> Reason | None:
    """Why the load may not rise, the gravest reason first; None if only effort is left to ask."""
    before, asked = seen.before, seen.asked.sets
    if held := held_by_person_or_pain(seen, load):
        return held
    if sets.missed:
        wanted = seen.wanted * asked
        return because("held_missed", load=load, done=sets.done, asked=wanted, unit=seen.unit)
    if sets.hard:
        return because("held_hard", load=load, rpe=max(one.rpe or 0 for one in seen.sets))
    if sets.failed and before.override is None:
        return because("held_technique", load=load, failed=sets.failed, asked=len(seen.sets))
    if not sets.confirmed:
        return because("held_unconfirmed", load=load)
    if sets.made < asked:
        return because("held_sets", load=load, done=sets.made, asked=asked)
    if sets.least is None or sets.loads < min(asked, len(seen.sets)):
        return because("held_load_blank", load=load)
    if sets.least < load:
        return because("held_lighter", load=load, lifted=sets.least)
    return _blank(seen, load) or _gate(seen, load)


def _blank(seen: Lifted, load: Decimal) -> Reason | None:
    """What nobody entered, where a raise would rest on it."""
    last = seen.sets[-1]
    if last.rpe is None:
        return because("held_rpe_blank", load=load)
    if last.clean is None and seen.before.override is None:
        return because("held_technique_blank", load=load)
    if seen.rules.pain_asked_to_raise and not seen.tally.pain_asked:
        return because("held_pain_blank", load=load)
    return None


def _gate(seen: Lifted, load: Decimal) -> Reason | None:
    """The clean visits in a row, this one included, that a raise rests on."""
    count = seen.before.clean_sessions
    if count >= seen.needed or seen.before.override is not None:
        return None
    return because("held_gate", load=load, count=count, needed=seen.needed)


def clean_in_a_row(before: int, sets: Sequence[SetDone], failed: int) -> int:
    """Clean visits in a row after these sets: a failed criterion starts anew, a blank waits."""
    return 0 if failed else before + (sets[-1].clean is True)


def _what_repeated(before: LiftState, *, missed: bool, hard: bool, rules: Rules) -> str:
    if missed and before.misses:
        return "reps missed"
    if hard and before.hard:
        return f"RPE {rules.effort_too_high} or more"
    return "too hard"


def started(seen: Lifted) -> Judged:
    """The first load is the least that was lifted and confirmed; nobody invents one."""
    before = seen.before
    held = held_by_person_or_pain(seen, before.load)
    loads = [one.load for one in seen.sets if one.load is not None and one.confirmed]
    if held is not None or not loads:
        return Judged(same(before, held or before.reason))
    load = min(loads)
    return Judged(changed(before, load, seen.at, because("started", load=load)))
