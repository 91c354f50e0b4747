"""What is kept back where a reader may read nobody's name: figures of fewer than five people.

Somebody who knows a clinic would know whose they are. What can still be found by asking several
questions stands in docs/reports.md. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

from .lazily import Pictures, Tables, heads_of, heads_of_pictures, named
from .pictures import Bars, Forest, Funnel, Picture, Spot, Survival, Trend
from .small_counts import SMALL, few, without_counts
from .table import Cell, Figure, Kind, Report, Row, Table

NOTHING = (
    f"Fewer than {SMALL} people fit the filters, so their figures are not shown here: so few could "
    "be recognised. Choose more days, or fewer filters."
)
LEFT_OUT = (
    f"What the filters leave out, or one of them alone, is of fewer than {SMALL} people, whose "
    "figures would follow from the rest. So nothing is shown here: choose fewer filters, or others."
)
NOTE = f"Rows of fewer than {SMALL} people are left blank; the total has them in it."
AND_ANOTHER = (
    f"One more is blank where those of fewer than {SMALL} people would follow from the total."
)
COUNTS_NOTE = f"Counts of fewer than {SMALL} people are left blank."
LIMIT = (
    f"Figures of fewer than {SMALL} people are kept back. Different questions can still be "
    "subtracted from each other: whoever may read this is asked not to."
)
FEW = f"fewer than {SMALL} people"
ANOTHER = "kept back with another row"

#: Of each table and row so many people, as far as the report's own tables do not say.
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
#: The tables whose total is everybody whom the question is about.
_EVERYBODY = frozenset({"groups", "lines", "clinics"})
#: The tables whose rows do not add up to anything, or each of which has everybody in it.
_APART = frozenset({"curve", "curves", "funnel", "measures", "people", "rates", "items"})
#: The table whose rows are the weeks of each group: a key is the group's, a point, and the week.
_WEEKS_OF_GROUPS = "curves"
#: The table that a picture shows, row by row.
_DRAWN: Mapping[str, str] = {
    "trend": "months",
    "whole": "months",
    "no_shows": "causes_by_month",
    "events": "by_month",
}


def kept_back(
    report: Report,
    *,
    people: int,
    left_out: int = 0,
    of_rows: Callable[[], OfRows] = dict,
) -> Report:
    """The report without what few could be recognised by; its tables and pictures are made when
    they are looked at.

    ``people``: whom the filters leave; ``left_out``: whom they do not. ``of_rows``: of how many
    people each row is, of the tables that do not say it; asked when one of them is looked at.
    """
    whole = [
        number
        for place, head in enumerate(heads_of(report.tables))
        if head.key in _EVERYBODY
        for number in _of_total(report.tables[place])
    ]
    if any(map(few, [people, *whole])):
        return Report(None, (), (), nothing=NOTHING)
    if few(left_out):
        return Report(None, (), (), nothing=LEFT_OUT)
    if report.nothing:
        return report
    kept = _Kept(report, of_rows)
    return replace(
        report,
        lead=_in_words(report.lead),
        beside=tuple(
            one for one in map(_in_words, report.beside) if one is not None and kept.shows(one)
        ),
        tables=kept.tables(),
        pictures=kept.pictures(),
        notes=(*report.notes, LIMIT),
    )


class _Kept:
    """The tables and pictures of a report without what few could be recognised by."""

    def __init__(self, report: Report, of_rows: Callable[[], OfRows]) -> None:
        self.report = report
        self._ask_of_rows = of_rows
        self._made: dict[str, tuple[Table, Mapping[str, str]]] = {}

    @cached_property
    def _of_rows(self) -> OfRows:
        return self._ask_of_rows()

    def tables(self) -> Tables:
        heads = heads_of(self.report.tables)
        return Tables([(head.key, head.title, partial(self.table, head.key)) for head in heads])

    def pictures(self) -> Pictures:
        heads = heads_of_pictures(self.report.pictures)
        return Pictures({one.key: (one.title, partial(self._picture, one.key)) for one in heads})

    def table(self, key: str) -> Table:
        return self._kept(key)[0]

    def shows(self, figure: Figure) -> bool:
        """Whether a figure in words says nothing that the total of its table keeps back."""
        if figure.opens is None or figure.value == _SAID_FEW:
            return True
        key, row, column = figure.opens
        table = named(self.report.tables, key) if key in _EVERYBODY and row == TOTAL else None
        if table is None or _of_column(table, column) is None:
            return True
        return _of_column(self.table(key), column) is not None

    def hidden(self, key: str) -> Mapping[str, str]:
        """Why rows of a table are blank, by their keys; nothing where there is no such table."""
        return (
            self._kept(key)[1] if key in {one.key for one in heads_of(self.report.tables)} else {}
        )

    def _kept(self, key: str) -> tuple[Table, Mapping[str, str]]:
        if key not in self._made:
            table = named(self.report.tables, key)
            assert table is not None, key
            small = self.hidden("groups") if key == _WEEKS_OF_GROUPS else {}
            self._made[key] = _without_small(table, self._of_rows.get(key, {}), small)
        return self._made[key]

    def _picture(self, key: str) -> Picture:
        return _drawn(key, self.report.pictures[key], self)


def at_least(client: str, *, where: str = "true") -> str:
    """SQL of how many different clients a group has at least, in one reading and without a sort.

    Never more than there are, at most 63, and as many as there are unless the numbers of two lie a
    multiple of 63 apart: then a row may be blank that need not be.
    """
    marks = f"bit_or(1::bigint << mod({client}, 63)::int) FILTER (WHERE {where})"
    return f"coalesce(bit_count(({marks})::bit(64)), 0)::int"


# --- rows -----------------------------------------------------------------------------------------


def _without_small(
    table: Table, people: Mapping[str, int], small: Mapping[str, str]
) -> tuple[Table, Mapping[str, str]]:
    """The table with its small rows blank, and why by their keys; ``small``: groups that are."""
    rows, notes = list(table.rows), list(table.notes)
    blank = {row.key for row in rows if any(map(few, _numbers(table, row, people)))}
    group = {row.key: row.key.rpartition(".")[0] for row in rows}
    weeks = table.key == _WEEKS_OF_GROUPS
    # The weeks of a group that is kept back are, and for what it is.
    of_groups = {key: small[of] for key, of in group.items() if weeks and of in small}
    if blank and not weeks:
        notes.append(NOTE)
    another = _another(table, rows, blank | of_groups.keys(), people)
    if another:
        notes.append(AND_ANOTHER)
    why = dict.fromkeys(another, ANOTHER) | dict.fromkeys(blank, FEW) | of_groups
    told, total = without_counts(table, rows, set(why))
    kept = [_blank(row, why[row.key]) if row.key in why else row for row in told]
    if total and any(map(few, _numbers(table, total, {}))):
        total = _blank(total, FEW)
    if [*kept, total] != [*rows, table.total] and not blank and not of_groups:
        notes.append(COUNTS_NOTE)
    return replace(table, rows=kept, total=total, notes=tuple(notes)), why


def _of_total(table: Table) -> list[int]:
    """Of how many people all of a table is."""
    return [] if table.total is None else _numbers(table, table.total, {})


def _numbers(table: Table, row: Row, people: Mapping[str, int]) -> list[int]:
    """Of how many people a row is; nothing where nobody says so."""
    found = [number for number in (row.people, people.get(row.key)) if number is not None]
    wanted = _PEOPLE.get(table.key, frozenset())
    for column, cell in zip(table.columns, row.cells, strict=True):
        if column.key in wanted and isinstance(cell, int):
            found.append(cell)
    return found


def _another(
    table: Table, rows: Sequence[Row], blank: set[str], people: Mapping[str, int]
) -> set[str]:
    """The row that goes with those that are blank, where they are of a few people together: these
    would follow from the total.
    """
    if not blank or not _adds_up(table) or _together(table, rows, blank, people) >= SMALL:
        return set()
    others = [row for row in rows if row.key not in blank and any(_counts(table, row))]
    smallest = min(others, key=lambda row: sum(_counts(table, row)), default=None)
    return {smallest.key} if smallest else set()


def _together(table: Table, rows: Sequence[Row], blank: set[str], people: Mapping[str, int]) -> int:
    """Of how many people the rows that are blank are at least, all together."""
    of_each = {row.key: _numbers(table, row, people) for row in rows}
    small = [min(filter(None, of_each[key]), default=0) for key in blank]
    everybody = sum(max(numbers, default=0) for numbers in of_each.values())
    # Where they come to the total, nobody is in two rows; else the same few may be in all of them.
    return sum(small) if [everybody] == _of_total(table) else max(small)


def _of_column(table: Table, key: str) -> Cell:
    """What the total says in a column; None where it says nothing."""
    if table.total is None:
        return None
    pairs = zip(table.columns, table.total.cells, strict=True)
    return next((cell for column, cell in pairs if column.key == key), None)


def _adds_up(table: Table) -> bool:
    """Whether the rows are parts of a whole. Changes are of the same people again, row by row."""
    keys = {column.key for column in table.columns}
    alone = "number" in keys and table.total is None
    return table.key not in _APART and "both" not in keys and not alone


def _counts(table: Table, row: Row) -> list[int]:
    return [
        cell
        for column, cell in zip(table.columns, row.cells, strict=True)
        if column.kind is Kind.COUNT and isinstance(cell, int)
    ]


def _blank(row: Row, why: str) -> Row:
    return replace(row, cells=(f"{row.cells[0]}: {why}", *(None for _ in row.cells[1:])))


# --- figures in words, and pictures ---------------------------------------------------------------


#: What stands in place of a figure that counts a few.
_SAID_FEW = f"fewer than {SMALL}"
#: The units of figures in words that may count people.
_OF_PEOPLE = frozenset({"", "clients", "people"})


def _in_words(figure: Figure | None) -> Figure | None:
    """A figure that counts a few says only that they are few."""
    if figure is None or figure.unit not in _OF_PEOPLE or not figure.value.isdigit():
        return figure
    return replace(figure, value=_SAID_FEW) if few(int(figure.value)) else figure


def _drawn(key: str, picture: Picture, kept: _Kept) -> Picture:
    """The picture without what its table keeps back."""
    if isinstance(picture, Survival):
        return _curve(picture)
    if isinstance(picture, Funnel):
        return _funnel(picture)
    if isinstance(picture, Forest | Trend) and key in _DRAWN:
        return _by_rows(picture, kept.table(_DRAWN[key]), kept.hidden(_DRAWN[key]))
    if isinstance(picture, Forest):
        spots = tuple(spot for spot in picture.spots if not few(spot.n))
        shown = {spot.label for spot in spots}
        marks = tuple(mark for mark in picture.marks if mark[0] in shown)
        if spots == picture.spots:
            return picture
        return replace(picture, spots=spots, marks=marks, words=_words(picture))
    if isinstance(picture, Bars):
        return _bars(picture, kept.hidden("months"))
    return picture


def _by_rows(picture: Forest | Trend, table: Table, blank: Collection[str]) -> Forest | Trend:
    """The picture whose spots are the last rows of a table, without those that are blank."""
    rows = list(table.rows)[-len(picture.spots) :]
    hidden = [row.key in blank for row in rows]
    if not any(hidden):
        return picture
    spots = tuple(
        Spot(spot.label, None, None, None, 0) if gone else spot
        for spot, gone in zip(picture.spots, hidden, strict=True)
    )
    return replace(picture, spots=spots, words=_words(picture))


def _words(picture: Picture) -> str:
    """What a screen reader says of a picture with less in it: its numbers stand in the table."""
    return f"{picture.title}. What is of {FEW} is left out; the table says the rest."


def _curve(picture: Survival) -> Survival:
    """The curve as far as enough are watched."""
    weeks = [week for week, number in picture.at_risk if number >= SMALL]
    last = max(weeks, default=0)
    if len(weeks) == len(picture.at_risk):
        return picture
    return replace(
        picture,
        steps=tuple(one for one in picture.steps if one[0] <= last),
        at_risk=tuple(one for one in picture.at_risk if one[0] <= last),
        band=tuple(one for one in picture.band if one[0] <= last),
        words=_words(picture),
    )


def _funnel(picture: Funnel) -> Funnel:
    """Without the steps that a few have reached."""
    steps = tuple(step for step in picture.steps if not few(step[1]))
    if steps == picture.steps:
        return picture
    return replace(picture, steps=steps, words=_words(picture))


def _bars(picture: Bars, blank: Collection[str]) -> Bars:
    """Without the parts of a month whose rows are blank: a key is the month, a point, the part."""
    months = {key.rpartition(".")[0] for key in blank}
    if not months:
        return picture
    groups = tuple((month, {} if month in months else parts) for month, parts in picture.groups)
    return replace(picture, groups=groups, words=_words(picture))
