"""What follows from figures that are shown: which sums of unknown counts a reader can work out."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from fractions import Fraction

Sum = dict[Hashable, Fraction]


class Known:
    """Sums of unknown counts whose values are shown, and whether another one follows from them."""

    def __init__(self) -> None:
        self._rows: list[tuple[Hashable, Sum]] = []

    def add(self, unknown: Iterable[Hashable]) -> None:
        """The sum of these counts is shown."""
        self._put(_sum(unknown))

    def same(self, some: Iterable[Hashable], others: Iterable[Hashable]) -> None:
        """Both sums are the same, whatever they are."""
        row = _sum(some)
        for key in others:
            row[key] = row.get(key, Fraction(0)) - 1
        self._put(row)

    def follows(self, unknown: Collection[Hashable]) -> bool:
        """Whether the sum of these counts can be worked out."""
        return not self._left_of(_sum(unknown))

    def _put(self, row: Sum) -> None:
        row = self._left_of(row)
        if row:
            first = next(iter(row))
            self._rows.append((first, {key: value / row[first] for key, value in row.items()}))

    def _left_of(self, row: Sum) -> Sum:
        for first, known in self._rows:
            times = row.get(first, Fraction(0))
            if times:
                for key, value in known.items():
                    row[key] = row.get(key, Fraction(0)) - times * value
        return {key: value for key, value in row.items() if value}


def _sum(unknown: Iterable[Hashable]) -> Sum:
    row: Sum = {}
    for key in unknown:
        row[key] = row.get(key, Fraction(0)) + 1
    return row
