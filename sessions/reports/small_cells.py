"""What is kept back where a reader may read nobody's name: figures of fewer than five people.

Somebody who knows a clinic would know whose they are. What can still be found by asking several
questions stands in docs/reports.md. Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial

from . import small_parts as parts
from .lazily import Pictures, Tables, heads_of, heads_of_pictures, named
from .pictures import Picture
from .small_counts import SMALL, few
from .small_pictures import drawn
from .small_rows import TOTAL, OfRows, is_few, with_people, without_small
from .table import Cell, Figure, Report, Table

NOTHING = (
    f"Fewer than {SMALL} people fit the filters, so their figures are not shown here: so few could "
    "be recognised. Choose more days, or fewer filters."
)
LEFT_OUT = (
    f"What the filters leave out, or one of them alone, is of fewer than {SMALL} people, whose "
    "figures would follow from the rest. So nothing is shown here: choose fewer filters, or others."
)
LIMIT = (
    f"Figures of fewer than {SMALL} people are kept back. Different questions can still be "
    "subtracted from each other: whoever may read this is asked not to."
)

#: The tables whose total is everybody whom the question is about.
_EVERYBODY = frozenset({"groups", "lines", "clinics"})


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
    heads = enumerate(heads_of(report.tables))
    whole = (report.tables[place] for place, head in heads if head.key in _EVERYBODY)
    if few(people) or any(map(is_few, whole)):
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
        self._made: dict[str, parts.Kept] = {}

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
        return self._kept(key)[1] if self._has(key) else {}

    def _has(self, key: str) -> bool:
        return key in {one.key for one in heads_of(self.report.tables)}

    def _kept(self, key: str) -> parts.Kept:
        if key not in self._made:
            self._made[key] = self._keep(key, self._told(key))
        return self._made[key]

    def _keep(self, key: str, table: Table) -> parts.Kept:
        if key in parts.OF_LIFTS and self._has("lifts"):
            return parts.of_lifts(table, self.hidden("lifts"))
        if not self._has("curve") or key not in ("curve", "curves", "reasons"):
            return without_small(table)
        groups = self._told("groups"), self._kept("groups")
        if key == "reasons":
            return parts.reasons(table, *groups)
        if key == "curve":
            return parts.of_everybody(table, *groups)
        return parts.of_weeks(table, self._told("curve"), *groups)

    def _picture(self, key: str) -> Picture:
        return drawn(key, self.report.pictures[key], self)

    def _told(self, key: str) -> Table:
        """The report's own table, with of how many people each row and count is."""
        table = named(self.report.tables, key)
        assert table is not None, key
        return with_people(table, self._of_rows)


def _of_column(table: Table, key: str) -> Cell:
    """What the total says in a column; None where it says nothing."""
    if table.total is None:
        return None
    pairs = zip(table.columns, table.total.cells, strict=True)
    return next((cell for column, cell in pairs if column.key == key), None)


def at_least(client: str, *, where: str = "true") -> str:
    """SQL of how many different clients a group has at least, in one reading and without a sort.

    Never more than there are, at most 63, and as many as there are unless the numbers of two lie a
    multiple of 63 apart: then a row may be blank that need not be.
    """
    marks = f"bit_or(1::bigint << mod({client}, 63)::int) FILTER (WHERE {where})"
    return f"coalesce(bit_count(({marks})::bit(64)), 0)::int"


# --- figures in words -----------------------------------------------------------------------------


#: What stands in place of a figure that counts a few.
_SAID_FEW = f"fewer than {SMALL}"
#: The units of figures in words that may count people.
_OF_PEOPLE = frozenset({"", "clients", "people"})


def _in_words(figure: Figure | None) -> Figure | None:
    """A figure that counts a few says only that they are few."""
    if figure is None or figure.unit not in _OF_PEOPLE or not figure.value.isdigit():
        return figure
    return replace(figure, value=_SAID_FEW) if few(int(figure.value)) else figure
