"""How a load moves once the gate is passed: one small rule for each kind of prescription.

Standard library only. Each rule is a frozen dataclass with the same ``advance``; a new one is a
class and a row in ``RULES``. None raises above the clinic's cap, and none raises a level.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from programs.gate import (
    Judged,
    Lifted,
    Raise,
    held_by_person_or_pain,
    passes,
    same,
    started,
)
from programs.loads import next_up, raised, round_load
from programs.reasons import Reason, because
from programs.rules import plain
from programs.strength import fresh_estimate

# Spare pairs that a clinic can buy, in kg, for the hint that goes with a step that is too big.
USUAL_PLATES = (Decimal("1.25"), Decimal("0.5"), Decimal("0.25"))


class LoadRule(Protocol):
    """What every rule can do. ``entry_percent``: of the estimate, where a phase begins."""

    kind: ClassVar[str]

    @property
    def entry_percent(self) -> int | None: ...

    def advance(self, seen: Lifted) -> Judged:
        """What one visit does to the lift: the same again, down, or a raise that it has earned."""
        ...


@dataclass(frozen=True, slots=True)
class Effort:
    """Effort and the gate move the load (protocol sheet 6.3); the estimate only sets its entry.

    Under the band: up at the next visit. Inside it: up after two visits. Above it: the same again.
    """

    kind: ClassVar[str] = "effort"
    entry_percent: int | None = None

    def advance(self, seen: Lifted) -> Judged:
        if seen.base is None:
            return _without_load(seen)
        return passes(seen) or _by_effort(seen)


@dataclass(frozen=True, slots=True)
class Percent:
    """Climbs from one share of the estimated best single to another, a step for each clean visit.

    Shares in %, ``step`` in points of it. Without a fresh estimate effort moves the load.
    """

    kind: ClassVar[str] = "percent"
    start: int = 60
    top: int = 80
    step: int = 5

    @property
    def entry_percent(self) -> int | None:
        return self.start

    def advance(self, seen: Lifted) -> Judged:
        if seen.base is None:
            return _without_load(seen)
        return passes(seen) or self._climb(seen, seen.base)

    def _climb(self, seen: Lifted, base: Decimal) -> Judged:
        estimate = fresh_estimate(seen.estimate, seen.day, seen.rules)
        if estimate is None or seen.returning:
            return _by_effort(seen)
        rpe = seen.effort or 0
        if above := _above_the_band(seen, rpe):
            return above
        limit = estimate.one_rm * self.top / 100
        aim = min(
            base + estimate.one_rm * self.step / 100,
            base * (100 + seen.rules.raise_cap_percent) / 100,
            limit,
        )
        up = round_load(aim, seen.inventory, load_type=seen.rung.load_type)
        if up is None or up <= base:
            above_base = next_up(base, seen.inventory, seen.rung.load_type)
            if above_base is not None and above_base > limit:
                return same(seen, because("top_percent", percent=self.top)), None
            return same(seen, _no_step(seen, base)), None
        percent = int(up * 100 / estimate.one_rm)
        reason = because("raised_percent", step=up - base, percent=percent, rpe=rpe)
        return _earned(seen, base, up, reason)


@dataclass(frozen=True, slots=True)
class Double:
    """Reps first, then load: up when every set reaches the upper end of the range."""

    kind: ClassVar[str] = "double"
    entry_percent: int | None = None

    def advance(self, seen: Lifted) -> Judged:
        if seen.base is None:
            return _without_load(seen)
        return passes(seen) or self._reps_first(seen, seen.base)

    def _reps_first(self, seen: Lifted, base: Decimal) -> Judged:
        if seen.returning:
            return _by_effort(seen)
        if above := _above_the_band(seen, seen.effort or 0):
            return above
        top = seen.asked.reps_top or seen.wanted
        full = sum((seen.made(one) or 0) >= top for one in seen.counted)
        if full < seen.asked.sets:
            reason = because("reps_first", load=base, done=full, asked=seen.asked.sets, top=top)
            return same(seen, reason), None
        up = _step(seen, base)
        if up is None:
            return same(seen, _no_step(seen, base)), None
        reason = because("raised_top", step=up - base, top=top, rpe=seen.effort)
        return _earned(seen, base, up, reason)


@dataclass(frozen=True, slots=True)
class Fixed:
    """Body weight, a time, or a load that only a decision moves."""

    kind: ClassVar[str] = "fixed"
    entry_percent: int | None = None

    def advance(self, seen: Lifted) -> Judged:
        if seen.base is None:
            return _without_load(seen)
        held = held_by_person_or_pain(seen, seen.base)
        return same(seen, held or because("fixed", load=seen.base)), None


@dataclass(frozen=True, slots=True)
class ImpactLadder:
    """Landings x level x drop height: the level moves by decision, after clean visits."""

    kind: ClassVar[str] = "impact"
    entry_percent: int | None = None

    def advance(self, seen: Lifted) -> Judged:
        level = seen.rung.impact_level
        if held := held_by_person_or_pain(seen, None):
            return same(seen, held), None
        if seen.tally.failed and any(one.tolerated is False for one in seen.sets):
            return same(seen, because("impact_not_tolerated", level=level)), None
        count = seen.clean_sessions
        if count and count >= seen.needed:
            return same(seen, because("impact_ready", level=level, count=count)), None
        return same(seen, because("impact", level=level)), None


def _effort(numbers: Mapping[str, Any]) -> LoadRule:
    return Effort(entry_percent=numbers.get("entry_percent"))


def _percent(numbers: Mapping[str, Any]) -> LoadRule:
    return Percent(
        start=int(numbers.get("from", 60)),
        top=int(numbers.get("to", 80)),
        step=int(numbers.get("step", 5)),
    )


#: The registry: the kind as it is stored, and the rule made of its numbers.
RULES: dict[str, Callable[[Mapping[str, Any]], LoadRule]] = {
    "effort": _effort,
    "percent": _percent,
    "double": lambda _numbers: Double(),
    "fixed": lambda _numbers: Fixed(),
    "impact": lambda _numbers: ImpactLadder(),
}


def rule_of(numbers: Mapping[str, Any], *, kind: str) -> LoadRule:
    """The rule of a stored prescription; without one, landings climb a ladder and loads go by
    effort. Raises ValueError for a kind that is not in the registry."""
    name = str(numbers.get("kind") or ("impact" if kind == "impact" else "effort"))
    try:
        return RULES[name](numbers)
    except KeyError:
        raise ValueError(f"There is no load rule {name!r}.") from None


# --- what several rules share ----------------------------------------------------------------


def _without_load(seen: Lifted) -> Judged:
    """Body weight stays body weight; anything else starts with the first load that was lifted."""
    if seen.rung.load_type != "bodyweight" or seen.before.load is not None:
        return started(seen)
    held = held_by_person_or_pain(seen, None)
    return same(seen, held or because("bodyweight")), None


def _above_the_band(seen: Lifted, rpe: int) -> Judged | None:
    high = seen.asked.effort_high
    if high is None or rpe <= high:
        return None
    low = seen.asked.effort_low or 6
    return same(seen, because("held_effort", rpe=rpe, low=low, high=high)), None


def _by_effort(seen: Lifted) -> Judged:
    """Everything passed: the effort of the last set decides (protocol sheet 6.3)."""
    before, rules, base, rpe = seen.before, seen.rules, seen.base, seen.effort or 0
    assert base is not None
    if above := _above_the_band(seen, rpe):
        return above
    if before.anchor is not None and seen.returning:
        return _back(seen, base, before.anchor)
    easy = seen.asked.effort_low is not None and rpe < seen.asked.effort_low
    count = before.in_band_sessions + (not easy)
    due = easy or count >= rules.raise_after_sessions
    step = _step(seen, base) if due else None
    more = _lifted_more(seen, base)
    lifted_more = more is not None and (step is None or more > step)
    up = more if lifted_more else step
    if up is None:
        needed = rules.raise_after_sessions
        reason = (
            _no_step(seen, base) if due else because("in_band", rpe=rpe, count=count, needed=needed)
        )
        return same(seen, reason, in_band=count), None
    gain = up - base
    if lifted_more:
        least = min(one.load or up for one in seen.counted)
        reason = because("raised_lifted", step=gain, lifted=least, rpe=rpe)
    elif easy:
        reps = seen.wanted * seen.asked.sets
        reason = because("raised", step=gain, reps=reps, rpe=rpe, unit=seen.unit)
    else:
        low, high = seen.asked.effort_low or 6, seen.asked.effort_high or 20
        reason = because("raised_in_band", step=gain, sessions=count, low=low, high=high)
    return _earned(seen, base, up, reason, in_band=count)


def _back(seen: Lifted, base: Decimal, anchor: Decimal) -> Judged:
    """After an absence: back toward the load before it, by at most the cap a visit."""
    aim = min(base * (100 + seen.rules.raise_cap_percent) / 100, anchor)
    up = round_load(aim, seen.inventory, load_type=seen.rung.load_type)
    if up is None or up <= base:
        return same(seen, _no_step(seen, base)), None
    little = base * (100 + seen.rules.big_raise_percent) / 100
    less = round_load(min(little, anchor), seen.inventory, load_type=seen.rung.load_type)
    smaller = None
    if less is not None and base < less < up:
        smaller = _climbing(seen, base, less, anchor, None)
    return same(seen, seen.before.reason), _climbing(seen, base, up, anchor, smaller)


def _climbing(
    seen: Lifted, base: Decimal, up: Decimal, anchor: Decimal, smaller: Raise | None
) -> Raise:
    reason = because("climbing", step=up - base, anchor=anchor, rpe=seen.effort)
    return Raise(up, (up - base) * 100 / base, reason, smaller)


def _earned(
    seen: Lifted, base: Decimal, up: Decimal, reason: Reason, *, in_band: int = 0
) -> Judged:
    """The raise, unless it passes the ceiling that a fresh estimate sets."""
    before, rules = seen.before, seen.rules
    estimate = fresh_estimate(seen.estimate, seen.day, rules)
    if estimate is not None and up * 100 > estimate.one_rm * rules.ceiling_percent:
        held = because(
            "held_ceiling", load=base, percent=rules.ceiling_percent, one_rm=estimate.one_rm
        )
        return same(seen, held, in_band=in_band), None
    if before.override is not None:
        reason = because("raised_override", step=up - base, why=before.override)
    waiting = same(seen, before.reason, in_band=in_band)
    return waiting, Raise(up, (up - base) * 100 / base, reason)


def _step(seen: Lifted, base: Decimal) -> Decimal | None:
    return raised(base, seen.inventory, seen.rung.load_type, seen.rules)


def _lifted_more(seen: Lifted, base: Decimal) -> Decimal | None:
    """What was lifted in every set, where that is above the target; never above the cap."""
    least = seen.tally.least
    if least is None or least <= base:
        return None
    cap = base * (100 + seen.rules.raise_cap_percent) / 100
    load = round_load(min(least, cap), seen.inventory, load_type=seen.rung.load_type)
    return load if load is not None and load > base else None


def _no_step(seen: Lifted, base: Decimal) -> Reason:
    """Why there is no next load: the top of the equipment, or a step above the cap."""
    above = next_up(base, seen.inventory, seen.rung.load_type)
    if above is None:
        return because("held_top", load=base)
    step = above - base
    percent = (step * 100 / base).quantize(Decimal("0.1"))
    hint = ""
    if seen.rung.load_type == "barbell":
        for plate in USUAL_PLATES:
            if 2 * plate < step and 2 * plate * 100 <= base * seen.rules.raise_cap_percent:
                hint = f" A pair of {plain(plate)} kg plates would allow {plain(2 * plate)} kg."
                break
    return because("held_step", load=base, percent=percent, hint=hint)
