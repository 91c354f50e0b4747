"""Rules about what is lifted: what stands still and why, what falls, what is too light or too hard.

Standard library only, and no clock. Protocol sheet 6.2, F06 to F11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from programs.rules import Rules, plain

from .finding import Finding
from .rule import Rule

STALLED_RULE = "F06.1"


@dataclass(frozen=True, slots=True)
class LiftSession:
    """One attended visit of one lift on one rung, as prescribed and as done.

    ``load`` is the prescribed load in kg, ``rpe`` the last set's effort (Borg 6 to 20, None if
    nobody entered it), ``effort_low`` the lower end of the band, ``holding`` whether the load was
    held on purpose (``programs.reasons.Reason.holding``).
    """

    at: datetime
    key: str
    load: Decimal | None
    all_reps: bool
    rpe: int | None
    effort_low: int | None
    holding: bool


def stalled(
    sessions: Sequence[LiftSession],
    *,
    exercise: str,
    rules: Rules,
    next_load: Decimal | None = None,
) -> Finding | None:
    """A lift that could go up and does not: protocol sheet F06.

    Over the last ``rules.stall_sessions`` attended visits (one lift, one rung, oldest first): no
    increase in the prescribed load, all reps done in each, none held on purpose, effort known in
    at least half of them, and its median under the band. Where ``next_load`` is known to be
    higher, the lift is moving again.

    The key names the visit at which the load last rose and how many whole windows have passed
    since, so a flag that was closed comes back only after as many visits again.
    """
    window = sessions[-rules.stall_sessions :]
    if len(window) < rules.stall_sessions:
        return None
    loads = [one.load for one in window if one.load is not None]
    if len(loads) < len(window) or _first_of_stretch(window) > 0:
        return None
    if next_load is not None and next_load > loads[-1]:
        return None
    if any(one.holding or not one.all_reps for one in window):
        return None
    efforts = [one.rpe for one in window if one.rpe is not None]
    low = window[-1].effort_low
    if low is None or 2 * len(efforts) < len(window) or median(efforts) >= low:
        return None
    first = _first_of_stretch(sessions)
    windows = (len(sessions) - first) // rules.stall_sessions
    return Finding(
        subject=exercise,
        evidence={
            "rule": STALLED_RULE,
            "exercise": exercise,
            "median_rpe": f"{median(efforts):g}",
            "effort_low": low,
            "sessions": [
                {
                    "date": one.at.date().isoformat(),
                    "key": one.key,
                    "load": plain(load),
                    "rpe": one.rpe,
                }
                for one, load in zip(window, loads, strict=True)
            ],
        },
        key=f"{STALLED_RULE}|{exercise}|{plain(loads[-1])}|{sessions[first].key}|{windows}",
    )


def _first_of_stretch(sessions: Sequence[LiftSession]) -> int:
    """Where the last stretch without an increase in prescribed load begins."""
    first = 0
    for index in range(1, len(sessions)):
        before, load = sessions[index - 1].load, sessions[index].load
        if before is None or load is None or load > before:
            first = index
    return first


RULES: tuple[Rule, ...] = ()
