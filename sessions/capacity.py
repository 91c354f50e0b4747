"""How many clients a slot has room for, and what says so.

Standard library only. The number of places is the smallest of four: what the room holds, what its
racks serve, the most that was said for the slot, and what its supervisors may look after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from programs.rules import Rules


@dataclass(frozen=True, slots=True)
class Limits:
    """What bounds a slot. None is "nobody has said", and bounds nothing."""

    supervisors: int
    room_places: int | None = None
    racks: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """How many clients there is room for, and the bound that says so, in words."""

    count: int
    because: str


def places(limits: Limits, rules: Rules) -> Places:
    """The places of a slot where nobody is a newcomer: min(room, racks, supervisors × ratio)."""
    return min(_bounds(limits, rules), key=lambda bound: bound.count)


def fits(limits: Limits, rules: Rules, *, newcomers: Sequence[bool], newcomer: bool) -> str:
    """Why one more client does not fit beside those who are there; "" where she does.

    ``newcomers`` says of each who is there whether she is in her first phase, ``newcomer`` of the
    one who asks. Heads count against room, racks and the slot's own most; weights against the
    supervisors (``newcomer_weight``).
    """
    heads = len(newcomers) + 1
    for bound in _bounds(limits, rules)[1:]:
        if heads > bound.count:
            return _full(bound)
    weight = sum((_weight(one, rules) for one in (*newcomers, newcomer)), Decimal(0))
    looked_after = _bounds(limits, rules)[0]
    return _full(looked_after) if weight > looked_after.count else ""


def free(limits: Limits, rules: Rules, *, newcomers: Sequence[bool]) -> int:
    """How many more clients who count once fit beside those who are there."""
    looked_after, *bounds = _bounds(limits, rules)
    weight = sum((_weight(one, rules) for one in newcomers), Decimal(0))
    heads = [bound.count - len(newcomers) for bound in bounds]
    return max(0, min([int(looked_after.count - weight), *heads]))


def _bounds(limits: Limits, rules: Rules) -> list[Places]:
    ratio = rules.group_warn_above
    with_whom = _many(limits.supervisors, "supervisor")
    bounds = [
        Places(
            limits.supervisors * ratio,
            f"{with_whom}, {ratio} clients each" if limits.supervisors else "nobody supervises it",
        )
    ]
    if limits.room_places is not None:
        bounds.append(Places(limits.room_places, f"the room holds {limits.room_places}"))
    if limits.racks is not None:
        count = limits.racks * rules.people_per_rack
        each = f"{rules.people_per_rack} clients each"
        bounds.append(Places(count, f"{_many(limits.racks, 'rack')}, {each}"))
    if limits.most is not None:
        bounds.append(Places(limits.most, f"at most {limits.most} were set"))
    return bounds


def _weight(newcomer: bool, rules: Rules) -> Decimal:
    return rules.newcomer_weight if newcomer else Decimal(1)


def _full(bound: Places) -> str:
    if not bound.count:
        return f"There is no place: {bound.because}."
    return f"The class is full: {bound.because}."


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
