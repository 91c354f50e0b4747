"""What one visit says about one lift before its load rule is asked: a miss, pain, a blank, a pass.

Standard library only. The gate is protocol sheet 6.3 and 6.5: all reps done, clean and without a
rise in pain. What nobody entered is never a pass, so it never raises a load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from programs.events import Estimate, LiftDone, LiftState, Prescribed, Rung, SetDone
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


#: The lift if it does not rise, and the raise that it has earned, if any.
Judged = tuple[LiftState, Raise | None]


@dataclass(slots=True, eq=False)  # read far more often than made: slots are read fastest
class Lifted:
    """The sets of one lift in one visit, against what was asked. ``base`` is its target in kg.

    ``before`` is what was known when the visit began; ``clean_sessions`` and ``estimate`` are
    what is known since. ``sets`` are at the lift's current rung, in the order done, at least one;
    ``effort`` is that of the last. ``needed`` are the clean visits in a row that a raise needs.
    """

    before: LiftState
    done: LiftDone
    sets: Sequence[SetDone]
    asked: Prescribed
    rung: Rung
    base: Decimal | None
    at: datetime
    day: date
    rules: Rules
    inventory: Inventory
    tally: "Tally"
    effort: int | None
    clean_sessions: int
    needed: int
    estimate: Estimate | None

    @property
    def counted(self) -> Sequence[SetDone]:
        """As many as were asked for; an extra set is not held against anyone."""
        return self.sets[: self.asked.sets]

    @property
    def returning(self) -> bool:
        """Whether the load still climbs back to what it was before an absence."""
        anchor = self.before.anchor
        return anchor is not None and self.base is not None and self.base < anchor

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

    @property
    def total(self) -> int:
        """What was made of what was wanted: more in one set makes up for no other."""
        return sum(min(self.made(one) or 0, self.wanted) for one in self.counted)


def effective_load(load: Decimal | None, rung: Rung, inventory: Inventory) -> Decimal | None:
    """The load that today's equipment can make of the load meant: never more than it."""
    if load is None or rung.load_type == "impact":
        return None
    return made_of(load, inventory, rung.load_type)


def too_hard(one: SetDone, rules: Rules) -> bool:
    return one.rpe is not None and one.rpe >= rules.effort_too_high


def changed(seen: Lifted, load: Decimal, reason: Reason) -> LiftState:
    """The lift at another load: its counts start again, a return to an earlier load is over."""
    return same(seen, reason).but(load=load, unchanged_since=seen.at, anchor=None)


def same(
    seen: Lifted, reason: Reason, *, in_band: int = 0, misses: int = 0, hard: int = 0
) -> LiftState:
    """The lift after the visit at the same load, with these counts.

    Field by field in their order, and not ``but``: a fold makes its states here, one a lift.
    """
    before, base = seen.before, seen.base
    return LiftState(
        before.exercise,
        # What today's equipment made of the load is her load from now on: plates that come back
        # later must not bring more than she has trained with since.
        before.load if base is None else base,
        reason,
        seen.clean_sessions,
        in_band,
        misses,
        hard,
        before.hold,
        before.unchanged_since,
        seen.done,
        seen.at,
        seen.estimate,
        None,  # nothing has risen
        before.anchor,
        None,  # an override passes the gate of one visit
        before.decided_at,
    )


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


@dataclass(slots=True, eq=False)
class Tally:
    """The sets of one lift counted in one pass: a fold judges hundreds of them."""

    missed: bool  # a counted set was short
    made: int  # counted sets with reps, or seconds, entered
    loads: int  # counted sets with a load entered
    least: Decimal | None  # the least of those loads
    hardest: int  # the highest effort entered, 0 for none
    failed: int  # sets with a failed criterion, or landings not tolerated
    confirmed: bool
    hurt: bool  # pain above 0, or a place or a kind of it
    pain_asked: bool  # a score, 0 included


def tally_of(sets: Sequence[SetDone], asked: Prescribed) -> Tally:
    """The sets of one lift in one visit, counted against what was asked for."""
    wanted, by_reps = asked.reps or asked.seconds or 0, asked.reps is not None
    counted = sets if len(sets) <= asked.sets else sets[: asked.sets]
    made = loads = len(counted)
    missed = hurt = pain_asked = False
    least: Decimal | None = None
    for one in counted:
        amount = one.reps if by_reps else one.seconds
        if amount is None:
            made -= 1
        elif amount < wanted:
            missed = True
        load = one.load
        if load is None:
            loads -= 1
        elif least is None or load < least:
            least = load
    hardest, failed, confirmed = 0, 0, True
    for one in sets:  # the extra ones too
        if one.rpe is not None and one.rpe > hardest:
            hardest = one.rpe
        if one.clean is False or one.tolerated is False:
            failed += 1
        if not one.confirmed:
            confirmed = False
        if one.pain is not None:
            pain_asked = True
            hurt = hurt or one.pain != 0
        if one.pain_site or one.pain_kind:
            hurt = True
    return Tally(missed, made, loads, least, hardest, failed, confirmed, hurt, pain_asked)


def passes(seen: Lifted) -> Judged | None:
    """The verdict where the gate alone decides; None if a loaded lift passed and effort is asked.

    ``seen.base`` is a load. Two visits in a row with a miss, or too hard, drop the load.
    """
    before, base = seen.before, seen.base
    assert base is not None
    if (before.misses or before.hard) and (down := _dropped(seen, base)):
        return down, None
    held = _held(seen, base)
    if held is None:
        return None
    missed, hard = _missed_at_base(seen, base), _hard_at_base(seen, base)
    clean_slate = not hard and _full(seen, base)
    return same(
        seen,
        held,
        in_band=0 if held.code in _BREAKS_THE_COUNT else before.in_band_sessions,
        misses=0 if clean_slate else before.misses + missed,
        hard=0 if clean_slate else before.hard + hard,
    ), None


def _dropped(seen: Lifted, base: Decimal) -> LiftState | None:
    """The lift a step down, if this visit was too much as the one before it."""
    missed, hard = _missed_at_base(seen, base), _hard_at_base(seen, base)
    if not (missed or hard):
        return None
    drop = lowered(base, seen.inventory, seen.rung.load_type, seen.rules)
    if drop is None:
        return None
    what = _what_repeated(seen.before, missed=missed, hard=hard, rules=seen.rules)
    return changed(seen, drop, because("dropped", step=base - drop, what=what))


def _missed_at_base(seen: Lifted, base: Decimal) -> bool:
    """Whether a counted set was short at the target or below it."""
    return seen.tally.missed and any(
        seen.short(one) and _at_base(one, base) for one in seen.counted
    )


def _hard_at_base(seen: Lifted, base: Decimal) -> bool:
    """Whether a set was too hard at the target or below it."""
    return any(too_hard(one, seen.rules) and _at_base(one, base) for one in seen.sets)


def _at_base(one: SetDone, base: Decimal) -> bool:
    """A load that nobody entered counts as the target."""
    return one.load is None or one.load <= base


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


def _held(seen: Lifted, load: Decimal) -> Reason | None:
    """Why the load may not rise, the gravest reason first; None if only effort is left to ask."""
    before, sets, asked = seen.before, seen.tally, seen.asked.sets
    if held := held_by_person_or_pain(seen, load):
        return held
    if sets.missed:
        done, wanted = seen.total, seen.wanted * asked
        return because("held_missed", load=load, done=done, asked=wanted, unit=seen.unit)
    if sets.hardest >= seen.rules.effort_too_high:
        return because("held_hard", load=load, rpe=sets.hardest)
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
    if seen.effort is None:
        return because("held_rpe_blank", load=load)
    if seen.sets[-1].clean is None and seen.before.override is None:
        return because("held_technique_blank", load=load)
    if seen.rules.pain_asked_to_raise and not seen.tally.pain_asked:
        return because("held_pain_blank", load=load)
    return None


def _gate(seen: Lifted, load: Decimal) -> Reason | None:
    """The clean visits in a row, this one included, that a raise rests on."""
    count = seen.clean_sessions
    if count >= seen.needed or seen.before.override is not None:
        return None
    return because("held_gate", load=load, count=count, needed=seen.needed)


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
        return same(seen, held or before.reason), None
    load = min(loads)
    return changed(seen, load, because("started", load=load)), None
