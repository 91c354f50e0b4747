"""The estimated best single of a lift, as its log goes on.

Standard library only. No program needs a test of a best single: a hard working set or a technical
5RM says enough. The formulas stand in ``programs.estimates``.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from programs.estimates import estimate_one_rm, formula_of
from programs.events import Estimate, SetDone
from programs.rules import Rules

MOST_REPS = 10  # beyond it no formula is valid (protocol sheet 4.1)


def tested(*, load: Decimal, reps: int, reserve: int, day: date, rules: Rules) -> Estimate:
    """The estimate of a technical 5RM: a set that was stopped when form would have broken.

    Raises ValueError for a load, reps or reserve that the formula is not valid for.
    """
    one_rm = estimate_one_rm(load, reps, formula=rules.formula, reps_in_reserve=reserve)
    version = formula_of(rules.formula).version
    return Estimate(one_rm, day, load, reps, reserve, rules.formula, True, version)


def estimated(
    before: Estimate | None, sets: Sequence[SetDone], *, day: date, rules: Rules
) -> Estimate | None:
    """The estimate after one visit: the best valid set of the clinic's window of days.

    Valid is a confirmed set with a load, 1 to 10 reps, not called unclean, at an effort that says
    that hardly a rep was left. Its reserve counts as 0, so it never says more than was shown.
    """
    best: Estimate | None = None
    for one in sets:
        if one.rpe is None or one.rpe < rules.estimate_from_effort or not one.confirmed:
            continue
        if one.load is None or not one.load or one.clean is False:
            continue
        if one.reps is None or not 1 <= one.reps <= MOST_REPS:
            continue
        one_rm = estimate_one_rm(one.load, one.reps, formula=rules.formula)
        if best is None or one_rm > best.one_rm:
            version = formula_of(rules.formula).version
            best = Estimate(one_rm, day, one.load, one.reps, 0, rules.formula, False, version)
    if best is None:
        return before
    if before is None or before.stale or best.one_rm >= before.one_rm:
        return best
    return best if (day - before.day).days > rules.estimate_window_days else before


def fresh_estimate(estimate: Estimate | None, day: date, rules: Rules) -> Estimate | None:
    """The estimate of a lift if it still says something on ``day``; None if none, or stale."""
    if estimate is None or estimate.stale:
        return None
    return None if (day - estimate.day).days > rules.estimate_stale_days else estimate
