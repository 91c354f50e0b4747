"""Loads that a clinic's own bars, plates, dumbbells and stacks can make.

Standard library only. Loads are Decimal kilograms: the total on the bar for a barbell, one
dumbbell's mass for "per hand", the marked mass of a stack, the added mass worn for body weight.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise

from programs.inventory import DEFAULT_INVENTORY, Bar, Inventory, Plates
from programs.rules import DEFAULT_RULES, Rules, plain
from programs.setting import decimal_of

__all__ = [
    "DEFAULT_INVENTORY",
    "KG_PER_LB",
    "LOAD_TYPES",
    "NEWTON_PER_KGF",
    "USUAL_PLATES",
    "Bar",
    "BarLoad",
    "BigStep",
    "Inventory",
    "Plates",
    "WarmUp",
    "bar_load",
    "big_steps",
    "from_kg",
    "kgf_of",
    "loadable",
    "lowered",
    "made_of",
    "missing_plate",
    "needs_confirmation",
    "next_down",
    "next_up",
    "parse_load",
    "plates_per_side",
    "raised",
    "round_load",
    "to_kg",
    "warm_up_sets",
]

LOAD_TYPES = ("barbell", "per_hand", "stack", "bodyweight", "impact")
KG_PER_LB = Decimal("0.45359237")  # exact by definition of the pound
NEWTON_PER_KGF = Decimal("9.80665")  # exact: standard gravity

# Small plates that are sold in pairs, in kg: the hint that goes with a step that is too big.
USUAL_PLATES = (Decimal("1.25"), Decimal("0.5"), Decimal("0.25"))


@dataclass(frozen=True, slots=True)
class BarLoad:
    """A bar and the plates on each of its sides, heaviest (innermost) first, in kg."""

    bar: Bar
    per_side: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        return self.bar.kg + 2 * sum(self.per_side, Decimal(0))


def plates_per_side(
    total: Decimal | float | str,
    bar: Decimal | float | str,
    plates: Plates | Mapping[Decimal | float | str, int],
) -> tuple[Decimal, ...]:
    """The fewest plates for each side that make ``total`` kg on a bar of ``bar`` kg.

    Heaviest first; of two answers with as few plates, the one with the heavier first plate.
    ``plates`` is (kg, pairs), or pairs by kg, a pair being one plate for each side.
    Raises ValueError, as a sentence, if these plates cannot make it.
    """
    total, bar = decimal_of(total), decimal_of(bar)
    listed = plates.items() if isinstance(plates, Mapping) else plates
    pairs = tuple(sorted(((decimal_of(kg), count) for kg, count in listed), reverse=True))
    if total < bar:
        raise ValueError(f"{plain(total)} kg is lighter than the {plain(bar)} kg bar.")
    side = (total - bar) / 2
    found = _fewest(side, pairs)
    if found is None:
        raise ValueError(
            f"These plates cannot make {plain(total)} kg on a {plain(bar)} kg bar "
            f"({plain(side)} kg per side)."
        )
    return found


@lru_cache(maxsize=4096)
def _fewest(side: Decimal, plates: Plates) -> tuple[Decimal, ...] | None:
    """Fewest plates summing to ``side``. Not greedy: 10 + 10 makes 20 where 15 first would fail."""
    if side == 0:
        return ()
    if not plates:
        return None
    (kg, pairs), lighter = plates[0], plates[1:]
    best: tuple[Decimal, ...] | None = None
    for count in range(min(pairs, int(side // kg)), -1, -1):
        rest = _fewest(side - kg * count, lighter)
        if rest is not None and (best is None or count + len(rest) < len(best)):
            best = (kg,) * count + rest
    return best


def bar_load(total: Decimal, inventory: Inventory) -> BarLoad | None:
    """How to load ``total`` kg on the heaviest bar that makes it exactly; None if none does."""
    for bar in inventory.bars:  # heaviest first
        if bar.kg <= total:
            found = _fewest((total - bar.kg) / 2, inventory.plates)
            if found is not None:
                return BarLoad(bar, found)
    return None


@lru_cache(maxsize=512)
def loadable(inventory: Inventory, load_type: str) -> tuple[Decimal, ...]:
    """Every load in kg that the inventory can make for that load type, lightest first.

    Body weight takes a vest or ankle weights as added load; impact takes no load.
    """
    match load_type:
        case "barbell":
            sides = _side_sums(inventory.plates)
            return tuple(sorted({bar.kg + 2 * side for bar in inventory.bars for side in sides}))
        case "per_hand":
            return inventory.dumbbells
        case "bodyweight":
            return inventory.worn
        case "stack":
            marks = int(inventory.stack_limit // inventory.stack_step)
            return tuple(inventory.stack_step * mark for mark in range(1, marks + 1))
        case "impact":
            return ()
    raise ValueError(f"There is no load type {load_type!r}.")


def _side_sums(plates: Plates) -> set[Decimal]:
    sums = {Decimal(0)}
    for kg, pairs in plates:
        sums = {have + kg * count for have in sums for count in range(pairs + 1)}
    return sums


def round_load(
    target: Decimal | float | str,
    inventory: Inventory,
    *,
    load_type: str = "barbell",
    mode: str = "down",
) -> Decimal | None:
    """The loadable load at or below ``target`` ("down"), or the nearest; a tie goes down.

    Down is the clinic default: it never asks for more than was meant. None if the target is
    below the lightest load ("nearest" too: a client is not given more than what was meant).
    """
    if mode not in ("down", "nearest"):
        raise ValueError(f"Rounding is 'down' or 'nearest', not {mode!r}.")
    target = decimal_of(target)
    loads = loadable(inventory, load_type)
    index = bisect_right(loads, target) - 1
    if index < 0:
        return None
    below = loads[index]
    if mode == "nearest" and index + 1 < len(loads):
        above = loads[index + 1]
        if above - target < target - below:
            return above
    return below


@lru_cache(maxsize=4096)  # each lift of each visit that is folded asks for one of a few loads
def made_of(load: Decimal, inventory: Inventory, load_type: str) -> Decimal | None:
    """What the inventory makes of a load meant: ``round_load``, remembered."""
    return round_load(load, inventory, load_type=load_type)


def next_up(load: Decimal, inventory: Inventory, load_type: str) -> Decimal | None:
    """The lightest loadable load above ``load``; None at the top."""
    loads = loadable(inventory, load_type)
    index = bisect_right(loads, load)
    return loads[index] if index < len(loads) else None


def next_down(load: Decimal, inventory: Inventory, load_type: str) -> Decimal | None:
    """The heaviest loadable load below ``load``; None at the bottom."""
    loads = loadable(inventory, load_type)
    index = bisect_left(loads, load) - 1
    return loads[index] if index >= 0 else None


def needs_confirmation(load: Decimal | None, target: Decimal | None, rules: Rules) -> bool:
    """Whether a typed load is so far above its target that a person is asked to confirm it.

    More than ``confirm_over_percent`` or more than ``confirm_over_kg`` above. Without a target
    there is nothing to compare with, and without a load nothing to confirm.
    """
    if load is None or target is None:
        return False
    over = load - target
    return over > rules.confirm_over_kg or over * 100 > target * rules.confirm_over_percent


def to_kg(value: Decimal, unit: str) -> Decimal:
    """Exact kilograms of a value in "kg" or "lb" (1 lb = 0.45359237 kg)."""
    if unit == "kg":
        return value
    if unit == "lb":
        return value * KG_PER_LB
    raise ValueError(f"A load is in kg or lb, not {unit!r}.")


def from_kg(kg: Decimal, unit: str) -> Decimal:
    """A load for display in "kg" or "lb"; pounds to two decimals."""
    if unit == "kg":
        return kg
    if unit == "lb":
        return (kg / KG_PER_LB).quantize(Decimal("0.01"))
    raise ValueError(f"A load is in kg or lb, not {unit!r}.")


def kgf_of(newton: Decimal) -> Decimal:
    """Kilograms of force of a dynamometer's newtons: 51.1 N is 5.21 kgf. To two decimals."""
    return (newton / NEWTON_PER_KGF).quantize(Decimal("0.01"))


def parse_load(text: str, unit: str) -> Decimal:
    """Kilograms from what a person typed: "57.5", "57,5", " 57.50 ". ValueError as a sentence.

    Only digits and one decimal point or comma: "1e3", "-5" and "1,234.5" are refused. Whether a
    load is plausible is for the caller, who knows the lift.
    """
    whole, point, part = text.strip().replace(",", ".").partition(".")
    digits = whole + part
    if not (digits.isascii() and digits.isdigit()) or (point and not part):
        raise ValueError(f"Write the load as a number in {unit}, for example 57.5.")
    return to_kg(Decimal(f"{whole or '0'}.{part or '0'}"), unit)


def lowered(load: Decimal, inventory: Inventory, load_type: str, rules: Rules) -> Decimal | None:
    """``load`` less ``drop_percent``, rounded down to a loadable load: always a step down.

    Where that is below the lightest load, the lightest; None if ``load`` is already there.
    """
    aim = load * (100 - rules.drop_percent) / 100
    rounded = round_load(aim, inventory, load_type=load_type)
    return next_down(load, inventory, load_type) if rounded is None else rounded


def raised(load: Decimal, inventory: Inventory, load_type: str, rules: Rules) -> Decimal | None:
    """The next load up: the usual step where it stays under the cap, else the smallest step.

    None if even the smallest step passes ``raise_cap_percent``, or nothing heavier can be made.
    So 57.5 kg becomes 60 and, with a pair of 0.5 kg plates, a 20 kg press becomes 21.
    """
    return _raised(load, inventory, load_type, rules.usual_step_kg, rules.raise_cap_percent)


@lru_cache(maxsize=4096)
def _raised(
    load: Decimal, inventory: Inventory, load_type: str, step: Decimal, cap_percent: Decimal
) -> Decimal | None:
    cap = _cap(load, cap_percent)
    loads = loadable(inventory, load_type)
    usual = bisect_left(loads, load + step)
    if usual < len(loads) and loads[usual] <= cap:
        return loads[usual]
    smallest = next_up(load, inventory, load_type)
    return smallest if smallest is not None and smallest <= cap else None


# --- warm-up -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WarmUp:
    """One set before the working sets: logged, and left out of every dose."""

    reps: int
    load: Decimal


def warm_up_sets(
    working: Decimal | float | str,
    inventory: Inventory,
    *,
    load_type: str = "barbell",
    first: bool = True,
    rules: Rules = DEFAULT_RULES,
) -> tuple[WarmUp, ...]:
    """The sets before working sets with ``working`` kg: two for the first lift of a visit, one
    for a later lift, each a share of the working load (protocol sheet 1.4, the clinic's numbers).

    Rounded down to what can be loaded. A set that cannot be made, or that would not be lighter
    than the working load, is left out: so a working load of an empty bar has none.
    """
    working = decimal_of(working)
    shares = (
        (rules.warm_up_first_percent, rules.warm_up_second_percent)
        if first
        else (rules.warm_up_later_percent,)
    )
    made = (round_load(working * share / 100, inventory, load_type=load_type) for share in shares)
    return tuple(
        WarmUp(rules.warm_up_reps, load) for load in made if load is not None and load < working
    )


# --- what is missing -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BigStep:
    """A load from which even the smallest step up, to ``above`` kg, passes the clinic's cap."""

    load: Decimal
    above: Decimal

    @property
    def kg(self) -> Decimal:
        return self.above - self.load


def big_steps(inventory: Inventory, rules: Rules, *, load_type: str = "barbell") -> list[BigStep]:
    """Every loadable load whose smallest step is above ``raise_cap_percent``, lightest first."""
    return [
        BigStep(load, above)
        for load, above in pairwise(loadable(inventory, load_type))
        if above > _cap(load, rules.raise_cap_percent)
    ]


def missing_plate(
    base: Decimal, inventory: Inventory, load_type: str, rules: Rules
) -> Decimal | None:
    """The plate, of which a clinic would buy one pair, that allows a raise from ``base`` kg.

    Of the usual small plates the heaviest that is enough: the lighter the plate, the fewer other
    loads it serves. None where a raise is possible as it is, where no such pair would help, and
    for anything but a bar.
    """
    if load_type != "barbell":
        return None
    return _missing_plate(base, inventory, rules.raise_cap_percent)


@lru_cache(maxsize=1024)  # a lift that is held for want of a plate asks after every visit
def _missing_plate(base: Decimal, inventory: Inventory, cap_percent: Decimal) -> Decimal | None:
    if _can_rise(base, inventory, cap_percent):
        return None
    for plate in USUAL_PLATES:
        pairs = dict(inventory.plates)
        more = {**pairs, plate: pairs.get(plate, 0) + 1}
        if _can_rise(base, replace(inventory, plates=tuple(more.items())), cap_percent):
            return plate
    return None


def _can_rise(base: Decimal, inventory: Inventory, cap_percent: Decimal) -> bool:
    above = next_up(base, inventory, "barbell")
    return above is not None and above <= _cap(base, cap_percent)


def _cap(load: Decimal, percent: Decimal) -> Decimal:
    return load * (100 + percent) / 100
