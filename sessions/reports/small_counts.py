"""Counts of a few people within the rows of a table, for whoever may read nobody's name.

A row of many may say of a few of them that they left. That count is kept back, and so is what it
would follow from: other counts of its row, and the same counts of another row beside the total.
Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .table import Cell, Row, Table

#: Fewer people than this are a small cell.
SMALL = 5
#: Counts of people within a row, with the figures that would say them.
_BETTER = ("better_share", "better_low", "better_high", "beyond_share")
_WITHIN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("left", "elsewhere", "finished", "running", "lapsed", "at_16", "at_35"), ()),
    **dict.fromkeys(("once", "never", "incomparable"), ()),
    "judged": _BETTER,
    "better": _BETTER,
    "worse": ("beyond_share",),
    "changed": ("beyond_share",),
    "measured": ("mean", "median", "d1_mean", "d1_median", "d2_mean", "d2_median"),
}
#: Counts that add up to another one of their row: those that are kept back are of enough together.
_ADD_UP = (("left", "elsewhere", "finished", "running"), ("once", "never", "incomparable"))

_Cells = dict[str, Cell]


def few(number: int) -> bool:
    """Whether so many are a small cell; nobody is none."""
    return 0 < number < SMALL


def without_counts(
    table: Table, rows: Sequence[Row], blank: set[str]
) -> tuple[list[Row], Row | None]:
    """The rows and the total without counts of a few; ``blank``: keys of rows that will say
    nothing, and are left as they are.
    """
    keys = [column.key for column in table.columns]
    cells = {row.key: dict(zip(keys, row.cells, strict=True)) for row in rows}
    gone = {key: _gone(mine) for key, mine in cells.items() if key not in blank}
    total = dict(zip(keys, table.total.cells, strict=True)) if table.total else {}
    of_total = _gone(total)
    if total:
        for group in _ADD_UP:
            while _one_more(group, cells, gone):
                pass
            if of_total & set(group):  # else the rows would say what it keeps back
                of_total |= {key for each in gone.values() for key in each if key in group}
    kept = [_less(row, keys, gone[row.key]) if row.key in gone else row for row in rows]
    return kept, table.total and _less(table.total, keys, of_total)


def _gone(cells: _Cells) -> set[str]:
    """The keys of the counts of a few in a row, and of others that they would follow from."""
    gone = {key for key, cell in cells.items() if key in _WITHIN and _is_few(cell)}
    for group in _ADD_UP:
        rest = {key: number for key, number in _numbers(cells, group) if key not in gone}
        hidden = sum(number for key, number in _numbers(cells, group) if key in gone)
        if rest and few(hidden):
            gone.add(min(rest, key=lambda key: rest[key]))
    return gone


def _one_more(group: Sequence[str], cells: Mapping[str, _Cells], gone: dict[str, set[str]]) -> bool:
    """Keep the counts of one more row back where those of a column would follow from its total,
    being of one row alone or of a few together; whether there was one.
    """
    for column in group:
        keeping = [key for key, mine in gone.items() if column in mine]
        if not keeping:
            continue
        silent = [key for key in cells if key not in gone or key in keeping]
        number = sum(dict(_numbers(cells[key], group)).get(column, 0) for key in silent)
        if len(silent) > 1 and number >= SMALL:
            continue
        others = {
            key: told[column]
            for key in gone
            if key not in keeping and column in (told := dict(_numbers(cells[key], group)))
        }
        if others:
            mine = gone[keeping[0]] & set(group)
            gone[min(others, key=lambda key: others[key])] |= mine
            return True
    return False


def _numbers(cells: _Cells, group: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The counts of a group that are not nought."""
    for key in group:
        cell = cells.get(key)
        if isinstance(cell, int) and cell:
            yield key, cell


def _is_few(cell: Cell) -> bool:
    return isinstance(cell, int) and few(cell)


def _less(row: Row, keys: Sequence[str], gone: set[str]) -> Row:
    """The row without these, and without what would say them."""
    if not gone:
        return row
    said = gone | {other for key in gone for other in _WITHIN[key]}
    cells = zip(keys, row.cells, strict=True)
    return replace(row, cells=tuple(None if key in said else cell for key, cell in cells))
