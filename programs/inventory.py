"""What a clinic has to load with: bars, plates, dumbbells, stacks, worn weights and steps.

Standard library only. Every mass is Decimal kilograms; equipment is a value, so a sold plate makes
another inventory and leaves the one that earlier targets were computed with as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from programs.setting import plain

Plates = tuple[tuple[Decimal, int], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One kind of bar and its real mass in kg."""

    name: str
    kg: Decimal


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a clinic can load: bars, plates as (kg, pairs), dumbbells, and its machine stacks.

    ``stack_step`` is the smallest step of a stack and ``stack_limit`` its heaviest mark, in kg.
    ``worn`` are vests and ankle weights by the mass in kg that each adds to the body, both ankles
    together; ``steps_cm`` are the heights of the steps that are dropped from.
    """

    bars: tuple[Bar, ...]
    plates: Plates
    dumbbells: tuple[Decimal, ...]
    stack_step: Decimal
    stack_limit: Decimal = Decimal(120)
    worn: tuple[Decimal, ...] = ()
    steps_cm: tuple[int, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)  # asked for at every cached look-up

    def __hash__(self) -> int:
        return self._hash

    def __post_init__(self) -> None:
        masses = (
            *(bar.kg for bar in self.bars),
            *(kg for kg, _ in self.plates),
            *self.dumbbells,
            *self.worn,
            self.stack_step,
            self.stack_limit,
        )
        if any(not kg.is_finite() or kg <= 0 for kg in masses):
            raise ValueError(
                "Every bar, plate, dumbbell, worn weight and stack step needs a mass above 0 kg."
            )
        if any(height <= 0 for height in self.steps_cm):
            raise ValueError("Every step to drop from needs a height above 0 cm.")
        if any(pairs < 0 for _, pairs in self.plates):
            raise ValueError("The number of pairs of a plate cannot be below 0.")
        if len({kg for kg, _ in self.plates}) != len(self.plates):
            raise ValueError("Each plate is listed once, with its number of pairs.")
        # One order, so that equal inventories are equal values whatever order they were typed in.
        object.__setattr__(self, "bars", tuple(sorted(self.bars, key=lambda bar: -bar.kg)))
        object.__setattr__(self, "plates", tuple(sorted(self.plates, reverse=True)))
        object.__setattr__(self, "dumbbells", tuple(sorted(set(self.dumbbells))))
        object.__setattr__(self, "worn", tuple(sorted(set(self.worn))))
        object.__setattr__(self, "steps_cm", tuple(sorted(set(self.steps_cm))))
        everything = (
            self.bars,
            self.plates,
            self.dumbbells,
            self.stack_step,
            self.stack_limit,
            self.worn,
            self.steps_cm,
        )
        object.__setattr__(self, "_hash", hash(everything))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From ``to_json``'s form, masses as text or numbers; ValueError says what is wrong.

        Equipment stored before worn weights had a list of their own has no key "worn": body
        weight was then loaded with a held dumbbell, so its dumbbells stand for them, and what was
        prescribed stays possible. Without the key "steps_cm" no step is known.
        """
        try:
            return cls(
                bars=tuple(Bar(str(bar["name"]), _mass(bar["kg"])) for bar in data["bars"]),
                plates=tuple((_mass(plate["kg"]), int(plate["pairs"])) for plate in data["plates"]),
                dumbbells=tuple(_mass(kg) for kg in data["dumbbells"]),
                stack_step=_mass(data["stack_step"]),
                stack_limit=_mass(data.get("stack_limit", "120")),
                worn=tuple(_mass(kg) for kg in data.get("worn", data["dumbbells"])),
                steps_cm=tuple(int(height) for height in data.get("steps_cm", ())),
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
            "worn": [plain(kg) for kg in self.worn],
            "steps_cm": list(self.steps_cm),
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
    # Ankle weights from 0.5 kg the pair, and a vest that takes 1 kg bars.
    worn=tuple(Decimal(kg) for kg in ("0.5", "1", "1.5", "2", "2.5", *range(3, 11))),
    steps_cm=(5, 10, 15, 20),
)
