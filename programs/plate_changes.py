"""Who loads the bar after whom, so that the fewest plates are put on and off; and what is short.

Standard library only. Plates come off a bar from the outside: between two loads the innermost
plates that both have stay, and all others are taken off or put on, on both sides. So the loads of a
bar make a tree whose root is the empty bar, and what is moved between two of them is the way there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, takewhile

from programs.inventory import Bar, Inventory
from programs.loads import BarLoad


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person needs next of one lift. ``who`` is a key, never shown."""

    who: str
    lift: str
    load: BarLoad


@dataclass(frozen=True, slots=True)
class Change:
    """From one load to the next: plates of one side that come off, then on; another bar or not."""

    off: tuple[Decimal, ...]
    on: tuple[Decimal, ...]
    other_bar: bool

    @property
    def plates(self) -> int:
        """Plates moved, on both sides together."""
        return 2 * (len(self.off) + len(self.on))


@dataclass(frozen=True, slots=True)
class Shortage:
    """A plate of which more pairs are wanted at once than there are; ``lifts`` want so many."""

    kg: Decimal
    wanted: int
    there: int
    lifts: tuple[tuple[str, int], ...]


def change(before: BarLoad | None, after: BarLoad) -> Change:
    """What is moved from one load to another; without one before, the bar is empty."""
    if before is None or before.bar != after.bar:
        off = before.per_side if before else ()
        return Change(off[::-1], after.per_side, before is not None)
    both = zip(before.per_side, after.per_side, strict=False)
    stays = len(list(takewhile(lambda pair: pair[0] == pair[1], both)))
    return Change(before.per_side[stays:][::-1], after.per_side[stays:], False)


def changes(turns: Sequence[Turn]) -> list[Change]:
    """What is moved before each turn; the first begins with an empty bar."""
    loads = [None, *(turn.load for turn in turns)]
    return [change(before, after) for before, after in pairwise(loads) if after is not None]


def moved(turns: Sequence[Turn]) -> tuple[int, int]:
    """The cost of an order: plates put on or off, then how often another bar is taken."""
    made = changes(turns)
    return sum(one.plates for one in made), sum(one.other_bar for one in made)


def in_order(turns: Sequence[Turn]) -> list[Turn]:
    """The turns in an order that moves the fewest plates and takes another bar the fewest times.

    Exact for any number: the shortest way that sees a whole tree from its root goes through it
    branch by branch and ends with the deepest one. Equal loads follow each other, and of branches
    that are as deep the lighter one comes first.
    """
    bars: dict[Hashable, list[Turn]] = {}
    for turn in turns:
        bars.setdefault(turn.load.bar, []).append(turn)
    return [turn for branch in _deepest_last(bars.values()) for turn in _through(branch, 0)]


def _through(turns: Sequence[Turn], depth: int) -> list[Turn]:
    """Turns whose innermost ``depth`` plates are the same: those with no more, then the rest."""
    found = [turn for turn in turns if len(turn.load.per_side) == depth]
    branches: dict[Hashable, list[Turn]] = {}
    for turn in turns:
        if len(turn.load.per_side) > depth:
            branches.setdefault(turn.load.per_side[depth], []).append(turn)
    for branch in _deepest_last(branches.values()):
        found += _through(branch, depth + 1)
    return found


def _deepest_last(branches: Iterable[list[Turn]]) -> list[list[Turn]]:
    def depth(turns: list[Turn]) -> tuple[int, Decimal]:
        most = max(len(turn.load.per_side) for turn in turns)
        return most, max(turn.load.total for turn in turns)

    return sorted(branches, key=depth)


def too_few(at_once: Sequence[Turn], inventory: Inventory) -> list[Shortage]:
    """Plates of which more pairs are wanted than there are, were all of these loaded at once.

    A plate on each side of one bar is one pair. The heaviest plate comes first.
    """
    wanted: dict[Decimal, Counter[str]] = {}
    for turn in at_once:
        for kg in turn.load.per_side:
            wanted.setdefault(kg, Counter())[turn.lift] += 1
    there = dict(inventory.plates)
    return [
        Shortage(kg, lifts.total(), there.get(kg, 0), tuple(lifts.items()))
        for kg, lifts in sorted(wanted.items(), reverse=True)
        if lifts.total() > there.get(kg, 0)
    ]


def bars_at_once(at_once: Sequence[Turn]) -> list[tuple[Bar, int]]:
    """How many of each bar are in use, were all of these loaded at once; the heaviest first.

    How many there are is not known: an inventory lists kinds of bars.
    """
    counted = Counter(turn.load.bar for turn in at_once)
    return sorted(counted.items(), key=lambda item: -item[0].kg)
