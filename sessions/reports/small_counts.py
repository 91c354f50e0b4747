"""Counts of a few people within the rows of a table, for whoever may read nobody's name.

A row of many may say of a few of them that they left. That count is kept back, and so is what it
would follow from: other counts of its row, and the same counts of another row beside the total.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from .table import Cell, Row, Table

#: Fewer people than this are a small cell.
SMALL = 5
#: Why a row is blank.
FEW = f"fewer than {SMALL} people"
ANOTHER = "kept back with another row"
#: Counts of people within a row, with the figures that would say them.
_BETTER = ("better_share", "better_low", "better_high", "beyond_share")
_WITHIN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("left", "elsewhere", "finished", "running", "lapsed"), ()),
    "at_16": ("share_16",),
    "at_35": ("share_35", "low_35", "high_35"),
    **dict.fromkeys(("once", "never", "incomparable"), ()),
    "judged": _BETTER,
    "better": _BETTER,
    "worse": ("beyond_share",),
    "changed": ("beyond_share",),
    "measured": ("mean", "median", "d1_mean", "d1_median", "d2_mean", "d2_median"),
}
#: Counts that add up to another one of their row: those that are kept back are of enough together.
_ADD_UP = (("left", "elsewhere", "finished", "running"), ("once", "never", "incomparable"))
#: Counts whose rows add up to the total, those that are told of their row alone by themselves.
_ADD_UP_BELOW = (*_ADD_UP, ("lapsed",), ("at_16",), ("at_35",), ("measured",))


def few(number: int) -> bool:
    """Whether so many are a small cell; nobody is none."""
    return 0 < number < SMALL


def together(numbers: Iterable[int], *, apart: bool) -> int:
    """Of how many people at least several parts are; ``apart``: nobody is in two of them."""
    return sum(numbers) if apart else max(numbers, default=0)


@dataclass(frozen=True)
class _Told:
    """What a row says: its counts, and of how many people each of them is at least."""

    cells: Mapping[str, Cell]
    whose: Mapping[str, int]
    people: int | None

    @classmethod
    def of(cls, keys: Sequence[str], row: Row | None) -> _Told:
        if row is None:
            return cls({}, {}, None)
        return cls(dict(zip(keys, row.cells, strict=True)), row.people_in, row.people)

    def number(self, key: str) -> int:
        """The count of a column; 0 where there is none."""
        cell = self.cells.get(key)
        return cell if isinstance(cell, int) else 0

    def people_of(self, key: str) -> int:
        return min(self.number(key), self.whose.get(key, self.number(key)))

    def counts(self, group: Sequence[str]) -> dict[str, int]:
        """The counts of a group that are not nought."""
        return {key: self.number(key) for key in group if self.number(key)}

    def together(self, some: Collection[str], group: Sequence[str]) -> int:
        """Of how many people some counts of a group are at least."""
        every = sum(map(self.people_of, group))
        apart = not self.whose or every == self.people
        return together(map(self.people_of, some), apart=apart)

    def pair(self, column: str, group: Sequence[str]) -> set[str]:
        """A count with another one of its group, without which it would follow from the rest."""
        rest = [key for key in group if key != column]
        return {column, *sorted(rest, key=lambda key: (not self.number(key), self.number(key)))[:1]}

    def gone(self) -> set[str]:
        """The counts of a few, and others that they would follow from."""
        gone = {key for key in self.cells if key in _WITHIN and few(self.people_of(key))}
        for group in _ADD_UP:
            counts = self.counts(group)
            rest = counts.keys() - gone
            if rest and few(self.together(counts.keys() & gone, group)):
                gone.add(min(sorted(rest), key=lambda key: counts[key]))
        return gone


def without_counts(
    table: Table,
    rows: Sequence[Row],
    blank: set[str],
    also: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> tuple[list[Row], Row | None]:
    """The rows and the total without counts of a few; ``blank``: keys of rows that will say
    nothing, and are left as they are; ``also``: columns of other rows that are kept back anyway.
    """
    keys = [column.key for column in table.columns]
    told = {row.key: _Told.of(keys, row) for row in rows}
    gone = {
        key: mine.gone() | set(also.get(key, ())) for key, mine in told.items() if key not in blank
    }
    total = _Told.of(keys, table.total)
    of_total = total.gone()
    if table.total:
        for group in _ADD_UP_BELOW:
            while _one_more(group, told, total, gone, of_total):
                pass
            if of_total & set(group):  # else the rows would say what it keeps back
                of_total |= {key for each in gone.values() for key in each if key in group}
    kept = [_less(row, keys, gone[row.key]) if row.key in gone else row for row in rows]
    return kept, table.total and _less(table.total, keys, of_total)


def _one_more(
    group: Sequence[str],
    told: Mapping[str, _Told],
    total: _Told,
    gone: dict[str, set[str]],
    of_total: set[str],
) -> bool:
    """Keep the counts of one more row back where those of a column would follow from its total,
    being of one row alone or of a few together, or the total's, ``of_total``, from all rows;
    whether there was one.
    """
    apart = not total.whose or sum(one.people or 0 for one in told.values()) == total.people
    for column in group:
        keeping = [key for key, mine in gone.items() if column in mine]
        silent = [key for key in told if key not in gone or key in keeping]
        people = together((told[key].people_of(column) for key in silent), apart=apart)
        if len(silent) > 1 and people >= SMALL:
            continue
        if not keeping and not people and (silent or column not in of_total):
            continue
        others = {
            key: told[key].number(column)
            for key in gone
            if key not in keeping and told[key].number(column)
        }
        if others:
            row = min(others, key=lambda key: others[key])
            mine = gone[keeping[0]] & set(group) if keeping else told[row].pair(column, group)
            gone[row] |= mine
            return True
    return False


def _less(row: Row, keys: Sequence[str], gone: set[str]) -> Row:
    """The row without these, and without what would say them."""
    if not gone:
        return row
    said = gone | {other for key in gone for other in _WITHIN[key]}
    cells = zip(keys, row.cells, strict=True)
    return replace(row, cells=tuple(None if key in said else cell for key, cell in cells))
