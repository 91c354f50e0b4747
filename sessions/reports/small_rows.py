"""Rows of a few people, for whoever may read nobody's name: which of a table are blank, and why.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from .small_counts import ANOTHER, FEW, SMALL, few, together, without_counts
from .table import Kind, Row, Table

NOTE = f"Rows of fewer than {SMALL} people are left blank; the total has them in it."
AND_ANOTHER = (
    f"One more is blank where those of fewer than {SMALL} people would follow from the total."
)
COUNTS_NOTE = f"Counts of fewer than {SMALL} people are left blank."
#: Of each table and row so many people, as far as the report's own tables do not say: by the key of
#: a table, or of a table, a point, and a column whose counts are of something else than people.
OfRows = Mapping[str, Mapping[str, int]]

#: The columns that say of how many people a row is, by table. Of several each is a small cell.
_PEOPLE: Mapping[str, frozenset[str]] = {
    "groups": frozenset({"clients", "started"}),
    "lines": frozenset({"people"}),
    "lifts": frozenset({"people", "both"}),
    "measures": frozenset({"both"}),
    "clinics": frozenset({"people"}),
    "people": frozenset({"people", "of"}),
    "curve": frozenset({"at_risk"}),
    "curves": frozenset({"at_risk"}),
    "reasons": frozenset({"number"}),
    "funnel": frozenset({"reached"}),
}
#: The key of a total.
TOTAL = "total"
#: The tables whose rows do not add up to anything, or each of which has everybody in it.
_APART = frozenset({"curve", "funnel", "measures", "people", "rates", "items"})

_NONE: Mapping[str, str] = MappingProxyType({})
_NO_COLUMNS: Mapping[str, Collection[str]] = MappingProxyType({})


def with_people(table: Table, of_rows: OfRows) -> Table:
    """The table with of how many people each row and each count is, as far as that is known."""
    people = of_rows.get(table.key, {})
    columns = {one.key: of_rows.get(f"{table.key}.{one.key}", {}) for one in table.columns}

    def told(row: Row) -> Row:
        known = [one for one in (row.people, people.get(row.key)) if one is not None]
        whose = {key: found[row.key] for key, found in columns.items() if row.key in found}
        people_in = {**row.people_in, **whose}
        return replace(row, people=min(known, default=None), people_in=people_in)

    return replace(table, rows=list(map(told, table.rows)), total=table.total and told(table.total))


def without_small(
    table: Table,
    *,
    small: Mapping[str, str] = _NONE,
    also: Mapping[str, Collection[str]] = _NO_COLUMNS,
    noted: bool = True,
) -> tuple[Table, Mapping[str, str]]:
    """The table with its small rows blank, and why by their keys.

    ``small``: rows that are blank anyway, and why; ``also``: columns of others that are. ``noted``:
    whether the table says that rows are blank.
    """
    rows, notes = list(table.rows), list(table.notes)
    blank = {row.key for row in rows if any(map(few, numbers_of(table, row)))}
    if blank and noted:
        notes.append(NOTE)
    another = _another(table, rows, blank | small.keys())
    if another:
        notes.append(AND_ANOTHER)
    why = dict.fromkeys(another, ANOTHER) | dict.fromkeys(blank, FEW) | dict(small)
    told, total = without_counts(table, rows, set(why), also)
    kept = [blank_row(row, why[row.key]) if row.key in why else row for row in told]
    if total and any(map(few, _of_total(table))):
        total = blank_row(total, FEW)
    if [*kept, total] != [*rows, table.total] and not blank and not small:
        notes.append(COUNTS_NOTE)
    return replace(table, rows=kept, total=total, notes=tuple(notes)), why


def numbers_of(table: Table, row: Row) -> list[int]:
    """Of how many people a row is; nothing where nobody says so."""
    found = [] if row.people is None else [row.people]
    wanted = _PEOPLE.get(table.key, frozenset())
    for column, cell in zip(table.columns, row.cells, strict=True):
        if column.key in wanted and isinstance(cell, int):
            found.append(cell)
    return found


def _of_total(table: Table) -> list[int]:
    """Of how many people all of a table is."""
    return [] if table.total is None else numbers_of(table, table.total)


def is_few(table: Table) -> bool:
    """Whether all of a table is of a few people."""
    return any(map(few, _of_total(table)))


def _another(table: Table, rows: Sequence[Row], blank: set[str]) -> set[str]:
    """The row that goes with those that are blank, where they are of a few people together: these
    would follow from the total.
    """
    if not blank or not _adds_up(table) or _together(table, rows, blank) >= SMALL:
        return set()
    others = [row for row in rows if row.key not in blank and size_of(table, row)]
    smallest = min(others, key=lambda row: size_of(table, row), default=None)
    return {smallest.key} if smallest else set()


def _together(table: Table, rows: Sequence[Row], blank: set[str]) -> int:
    """Of how many people the rows that are blank are at least, all together."""
    of_each = {row.key: min(filter(None, numbers_of(table, row)), default=0) for row in rows}
    # Where they come to the total, nobody is in two rows; else the same few may be in all of them.
    apart = sum(of_each.values()) == min(_of_total(table), default=None)
    return together((of_each[key] for key in blank), apart=apart)


def _adds_up(table: Table) -> bool:
    """Whether the rows are parts of a whole. Changes are of the same people again, row by row."""
    keys = {column.key for column in table.columns}
    alone = "number" in keys and table.total is None
    return table.key not in _APART and "both" not in keys and not alone


def size_of(table: Table, row: Row) -> Decimal:
    """How much a row is: its counts together, or its amounts where it counts nothing; 0 where it is
    of nobody.
    """
    numbers = numbers_of(table, row)
    counts, amounts = (_cells(table, row, kind) for kind in (Kind.COUNT, Kind.NUMBER))
    return (
        Decimal(0)
        if numbers and not max(numbers)
        else sum(counts, Decimal(0)) or sum(amounts, Decimal(0))
    )


def _cells(table: Table, row: Row, kind: Kind) -> list[Decimal]:
    pairs = zip(table.columns, row.cells, strict=True)
    return [
        Decimal(cell)
        for column, cell in pairs
        if column.kind is kind and isinstance(cell, int | Decimal)
    ]


def blank_row(row: Row, why: str) -> Row:
    """The row with its name alone, and why it says nothing else."""
    return replace(row, cells=(f"{row.cells[0]}: {why}", *(None for _ in row.cells[1:])))
