"""Tables of a report that say the same again in other parts, for whoever may read nobody's name.

The weeks of each group of a retention curve add up to those of everybody, the months of a lift to
the lift, the reasons for leaving to how many left. What one table keeps back none of the others may
say, so what is blank in one is blank in the other. Standard library only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from .small_counts import ANOTHER, few
from .small_rows import COUNTS_NOTE, TOTAL, blank_row, numbers_of, size_of, without_small
from .table import Cell, Row, Table

Kept = tuple[Table, Mapping[str, str]]

#: The tables of which each row is a part of a lift's: a key is the part, a point, and the lift.
OF_LIFTS = frozenset({"months", "phases"})
#: The counts of a group that are those of one of its weeks as well.
_OF_WEEKS = {"at_16": "16", "at_35": "35"}
#: What all who left are counted by in the table of groups: as the table of reasons names it.
_OUTCOMES = {"Dropped out": "left", "Left otherwise": "elsewhere"}
_GONE, _STAYED = frozenset(_OUTCOMES.values()), frozenset({"finished", "running"})
_SHARES = frozenset({"share", "low", "high"})


def of_lifts(table: Table, lifts: Mapping[str, str]) -> Kept:
    """Months or phases of each lift; ``lifts``: why those are blank that are."""

    def lift(row: Row) -> str:
        return row.key.rpartition(".")[2]

    rows = list(table.rows)
    small = {row.key: lifts[lift(row)] for row in rows if lift(row) in lifts}
    return _in_parts(table, lift, small=small)


def of_weeks(table: Table, curve: Table, groups: Table, kept: Kept) -> Kept:
    """The weeks of each group beside those of everybody, ``curve``; ``groups`` as it is, and as it
    is ``kept``.
    """
    said, hidden = kept
    gone = _gone(groups, said)
    small: dict[str, str] = {}
    also: dict[str, Collection[str]] = {}
    for row in table.rows:
        group, _, week = row.key.rpartition(".")
        columns = gone.get(group, frozenset())
        if group in hidden:  # for what the group is
            small[row.key] = hidden[group]
        elif any(_OF_WEEKS.get(key) == week for key in columns):
            if not any(map(few, numbers_of(table, row))):
                small[row.key] = ANOTHER
        elif "left" in columns:
            also[row.key] = {"left"}
    totals = {row.key: _as_row_of(table, curve, row) for row in curve.rows}
    return _in_parts(
        table, lambda row: row.key.rpartition(".")[2], small=small, also=also, totals=totals
    )


def of_everybody(curve: Table, groups: Table, kept: Kept) -> Kept:
    """The weeks of everybody: how many left is told where the table of groups tells it."""
    silent = "left" in _gone(groups, kept[0]).get(TOTAL, frozenset())
    also = {row.key: {"left"} for row in curve.rows} if silent else {}
    return without_small(curve, also=also)


def reasons(table: Table, groups: Table, kept: Kept) -> Kept:
    """Why people left. Those who dropped out and those who left otherwise are two tables, for the
    table of groups tells how many each of them are; where it tells of one only, the total of both
    would say the other.
    """
    silent = _gone(groups, kept[0]).get(TOTAL, frozenset())
    keys = [column.key for column in table.columns]
    place = keys.index("counts")
    parts: dict[Cell, list[Row]] = defaultdict(list)
    for row in table.rows:
        parts[row.cells[place]].append(row)
    told: dict[str, Row] = {}
    why: dict[str, str] = {}
    notes = [*table.notes]
    for word, rows in parts.items():
        outcome = _OUTCOMES[str(word)]
        part = replace(table, rows=rows, total=_of_outcome(keys, groups, outcome), notes=())
        found, mine = without_small(part)
        if outcome in silent and not mine:  # else its rows would say it
            smallest = min(rows, key=lambda row: size_of(table, row))
            found, mine = without_small(part, small={smallest.key: ANOTHER})
        told |= {row.key: row for row in found.rows}
        why |= mine
        notes += [note for note in found.notes if note not in notes]
    rows = [told[row.key] for row in table.rows]
    [total] = [without_small(replace(table, rows=[]))[0].total]
    if table.total and _would_say(silent, groups.total):
        total = blank_row(table.total, ANOTHER) if total == table.total else total
        rows = [_without(row, keys, _SHARES) for row in rows]
        notes += [] if notes else [COUNTS_NOTE]
    return replace(table, rows=rows, total=total, notes=tuple(notes)), why


def _would_say(silent: frozenset[str], total: Row | None) -> bool:
    """Whether how many left, in either way, would say what the table of groups keeps back of it or
    of those who did not; ``silent``: its columns.
    """
    gone, stayed = (silent & pair for pair in (_GONE, _STAYED))
    if not gone or total is None:
        return False
    together = max((total.people_in.get(key, 0) for key in stayed), default=0)
    return len(gone) == 1 or len(stayed) == 1 or few(together)


def _of_outcome(keys: Sequence[str], groups: Table, outcome: str) -> Row | None:
    """The total of the reasons that count as an outcome, as the table of groups has it."""
    if groups.total is None:
        return None
    place = [column.key for column in groups.columns].index(outcome)
    cells = tuple(groups.total.cells[place] if key == "number" else None for key in keys)
    return Row(TOTAL, ("All", *cells[1:]), people=groups.total.people_in.get(outcome))


def _in_parts(
    table: Table,
    part_of: Callable[[Row], str],
    *,
    small: Mapping[str, str],
    also: Mapping[str, Collection[str]] | None = None,
    totals: Mapping[str, Row] | None = None,
) -> Kept:
    """The table, each part of which adds up by itself; ``totals`` to what, where that is told."""
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        parts[part_of(row)].append(row)
    told: dict[str, Row] = {}
    why: dict[str, str] = {}
    notes = [*table.notes]
    for key, rows in parts.items():
        part = replace(table, rows=rows, total=(totals or {}).get(key), notes=())
        mine = {row.key: small[row.key] for row in rows if row.key in small}
        found, blank = without_small(part, small=mine, also=also or {}, noted=not totals)
        told |= {row.key: row for row in found.rows}
        why |= blank
        notes += [note for note in found.notes if note not in notes]
    rows = [told[row.key] for row in table.rows]
    return replace(table, rows=rows, total=None, notes=tuple(notes)), why


def _gone(table: Table, kept: Table) -> Mapping[str, frozenset[str]]:
    """The columns of each row of a table that are kept back, by the row's key."""
    keys = [column.key for column in table.columns]
    before = {row.key: row for row in (*table.rows, *([table.total] if table.total else []))}
    after = (*kept.rows, *([kept.total] if kept.total else []))
    return {
        row.key: frozenset(
            key
            for key, was, now in zip(keys, before[row.key].cells, row.cells, strict=True)
            if was is not None and now is None
        )
        for row in after
    }


def _as_row_of(table: Table, other: Table, row: Row) -> Row:
    """A row of another table as one of this table's; None where the other has no such column."""
    cells = dict(zip((column.key for column in other.columns), row.cells, strict=True))
    mine = tuple(cells.get(column.key) for column in table.columns)
    return replace(row, cells=("All", *mine[1:]))


def _without(row: Row, keys: Sequence[str], gone: Collection[str]) -> Row:
    cells = zip(keys, row.cells, strict=True)
    return replace(row, cells=tuple(None if key in gone else cell for key, cell in cells))
