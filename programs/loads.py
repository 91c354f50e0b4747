"""Loads that a clinic's own bars, plates, dumbbells and stacks can make.

Standard library only. Loads are Decimal kilograms: the total on the bar for a barbell, one
dumbbell's mass for "per hand", the marked mass of a stack, the added mass for body weight.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Self

from programs.rules import Rules, plain

LOAD_TYPES = ("barbell", "per_hand", "stack", "bodyweight", "impact")
KG_PER_LB = Decimal("0.45359237")  # exact by definition of the pound
Plates = tuple[tuple[Decimal, int], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One kind of bar and its real mass in kg."""

    name: str
    kg: Decimal


@dataclass(frozen=True, slots=True)
class BarLoad:
    """A bar and the plates on each of its sides, heaviest (innermost) first, in kg."""

    bar: Bar
    per_side: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        return self.bar.kg + 2 * sum(self.per_side, Decimal(0))


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a clinic can load: bars, plates as (kg, pairs), dumbbells, and its machine stacks.

    ``stack_step`` is the smallest step of a stack and ``stack_limit`` its heaviest mark, in kg.
    """

    bars: tuple[Bar, ...]
    plates: Plates
    dumbbells: tuple[Decimal, ...]
    stack_step: Decimal
    stack_limit: Decimal = Decimal(120)
    _hash: int = field(init=False, repr=False, compare=False)  # asked for at every cached look-up

    def __hash__(self) -> int:
        return self._hash

    def __post_init__(self) -> None:
        masses = (
            *(bar.kg for bar in self.bars),
            *(kg for kg, _ in self.plates),
            *self.dumbbells,
            self.stack_step,
            self.stack_limit,
        )
        if any(not kg.is_finite() or kg <= 0 for kg in masses):
            raise ValueError("Every bar, plate, dumbbell and stack step needs a mass above 0 kg.")
        if any(pairs < 0 for _, pairs in self.plates):
            raise ValueError("The number of pairs of a plate cannot be below 0.")
        if len({kg for kg, _ in self.plates}) != len(self.plates):
            raise ValueError("Each plate is listed once, with its number of pairs.")
        # One order, so that equal inventories are equal values whatever order they were typed in.
        object.__setattr__(self, "bars", tuple(sorted(self.bars, key=lambda bar: -bar.kg)))
        object.__setattr__(self, "plates", tuple(sorted(self.plates, reverse=True)))
        object.__setattr__(self, "dumbbells", tuple(sorted(set(self.dumbbells))))
        everything = (self.bars, self.plates, self.dumbbells, self.stack_step, self.stack_limit)
        object.__setattr__(self, "_hash", hash(everything))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From ``to_json``'s form, masses as text or numbers; ValueError says what is wrong."""
        try:
            return cls(
                bars=tuple(Bar(str(bar["name"]), _mass(bar["kg"])) for bar in data["bars"]),
                plates=tuple((_mass(plate["kg"]), int(plate["pairs"])) for plate in data["plates"]),
                dumbbells=tuple(_mass(kg) for kg in data["dumbbells"]),
                stack_step=_mass(data["stack_step"]),
                stack_limit=_mass(data.get("stack_limit", "120")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"The equipment list is not complete: {error}.") from error

    def to_json(self) -> dict[str, Any]:
        """Masses as text, so that no reader turns them into binary floats."""
        return {
            "bars": [{"name": bar.name, "kg": plain(bar.kg)} for bar in self.bars],
            "plates": [{"kg": plain(kg), "pairs": pairs} for kg, pairs in self.plates],
            "dumbbells": [plain(kg) for kg in self.dumbbells],
            "stack_step": plain(self.stack_step),
            "stack_limit": plain(self.stack_limit),
        }


def _mass(value: str | int | float | Decimal) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a mass in kg.") from None


# A small clinic's usual equipment (K, protocol sheet 4.4). The 0.5 kg pair is what lets a 20 kg
# press rise by 1 kg (5 %) instead of 2.5 kg (12.5 %).
DEFAULT_INVENTORY = Inventory(
    bars=(
        Bar("20 kg bar", Decimal(20)),
        Bar("15 kg bar", Decimal(15)),
        Bar("10 kg technique bar", Decimal(10)),
    ),
    plates=(
        (Decimal(20), 2),
        (Decimal(15), 1),
        (Decimal(10), 2),
        (Decimal(5), 2),
        (Decimal("2.5"), 2),
        (Decimal("1.25"), 2),
        (Decimal("0.5"), 2),
    ),
    dumbbells=tuple(Decimal(kg) for kg in range(1, 21)),
    stack_step=Decimal("2.5"),
)


def plates_per_side(total: Decimal, bar: Decimal, plates: Plates) -> tuple[Decimal, ...]:
    """The fewest plates for each side that make ``total`` kg on a bar of ``bar`` kg.

    Heaviest first; of two answers with as few plates, the one with the heavier first plate.
    ``plates`` is (kg, pairs), a pair being one plate for each side.
    Raises ValueError, as a sentence, if these plates cannot make it.
    """
    if total < bar:
        raise ValueError(f"{plain(total)} kg is lighter than the {plain(bar)} kg bar.")
    side = (total - bar) / 2
    found = _fewest(side, tuple(sorted(plates, reverse=True)))
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

    Body weight takes a held dumbbell as added load; impact takes no load.
    """
    match load_type:
        case "barbell":
            sides = _side_sums(inventory.plates)
            return tuple(sorted({bar.kg + 2 * side for bar in inventory.bars for side in sides}))
        case "per_hand" | "bodyweight":
            return inventory.dumbbells
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
    target: Decimal, inventory: Inventory, *, load_type: str = "barbell", mode: str = "down"
) -> Decimal | None:
    """The loadable load at or below ``target`` ("down"), or the nearest; a tie goes down.

    Down is the clinic default: it never asks for more than was meant. None if the target is
    below the lightest load ("nearest" too: a client is not given more than what was meant).
    """
    if mode not in ("down", "nearest"):
        raise ValueError(f"Rounding is 'down' or 'nearest', not {mode!r}.")
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
    cap = load * (100 + rules.raise_cap_percent) / 100
    loads = loadable(inventory, load_type)
    usual = bisect_left(loads, load + rules.usual_step_kg)
    if usual < len(loads) and loads[usual] <= cap:
        return loads[usual]
    smallest = next_up(load, inventory, load_type)
    return smallest if smallest is not None and smallest <= cap else None
