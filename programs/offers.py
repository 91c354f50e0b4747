"""The next set within a visit, worked out again from the sets each time.

Standard library only. Nothing is stored, so correcting a set undoes what it had caused.
"""

from collections.abc import Sequence

from programs.events import Offer, SetDone, Target
from programs.gate import too_hard
from programs.loads import Inventory, lowered
from programs.pain import Verdict, judge_pain
from programs.reasons import Reason, because
from programs.rules import Rules


def offer(
    target: Target,
    done: Sequence[SetDone],
    *,
    rules: Rules,
    inventory: Inventory,
    load_type: str,
) -> Offer:
    """What to offer for the next set of a lift, after the sets ``done`` of it in this visit.

    A missed rep, or an effort that is too high, lowers what is left by ``drop_percent`` (rounded
    down, at least one step); a load lowered by hand stays lowered; pain that is too much stops the
    lift for today. A load is never offered above its target.
    """
    for one in done:
        told = one.pain or one.pain_site or one.pain_kind
        if told and judge_pain(one.hurt, rules) in (Verdict.STOP, Verdict.LOCK):
            stop = because("stopped", pain=one.pain) if one.pain else because("stopped_place")
            return Offer(None, None, lowered=False, stopped=True, reason=stop)
    ceiling = load = target.load
    reason = because("as_prescribed")
    for one in sorted(done, key=lambda one: one.number):
        if one.load is not None and one.confirmed:
            load = one.load if ceiling is None else min(one.load, ceiling)
            ceiling = load if ceiling is None else ceiling
        why = _too_much(one, target, rules)
        if why is not None and load is not None:
            below = lowered(load, inventory, load_type, rules)
            reason = why if below is not None else because("lowest")
            ceiling = load = load if below is None else below
    if target.load is None:
        return Offer(load, target.reps, reason.code.startswith("lowered"), False, reason)
    is_lower = load is not None and load < target.load
    if not is_lower and reason.code.startswith("lowered"):
        reason = because("as_prescribed")
    if is_lower and reason.code == "as_prescribed":
        reason = because("lowered_load", load=load)
    return Offer(load, target.reps, is_lower, False, reason)


def _too_much(one: SetDone, target: Target, rules: Rules) -> Reason | None:
    """Why this set lowers the ones after it; None if it does not."""
    asked = target.seconds if target.reps is None else target.reps
    made = one.seconds if target.reps is None else one.reps
    if asked is not None and made is not None and made < asked:
        unit = "seconds" if target.reps is None else None
        return because("lowered_missed", done=made, asked=asked, number=one.number, unit=unit)
    if too_hard(one, rules):
        return because("lowered_effort", rpe=one.rpe, number=one.number)
    return None
