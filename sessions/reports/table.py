"""What a report consists of: tables of typed cells. Standard library only.

The page, the CSV, the XLSX and the PDF are written from the same cells, so they cannot differ. A
number is rounded once, where the cell is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from .pictures import Picture

#: None is a blank: nothing to divide by, nobody asked, not known. It is never a nought.
Cell = None | str | int | Decimal | date | datetime


class Kind(StrEnum):
    """What stands in a column, and so how it is printed and typed."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``key`` names it in addresses and in the research export's dictionary.

    ``meaning`` is printed beside the report, on the Definitions sheet and in docs/definitions.md.
    ``places``: digits behind the point of a PERCENT or NUMBER. ``wide``: left out on a narrow
    screen, never in a download.
    """

    key: str
    name: str
    kind: Kind
    meaning: str
    places: int = 1
    unit: str = ""
    wide: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the cells stand right-aligned and are numbers in a spreadsheet."""
        return self.kind in (Kind.COUNT, Kind.PERCENT, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns; the first one names the row.

    ``key`` names the row in an address (an enrollment's id, a month, a lift): what is behind its
    figures is asked for with it. ``pale``: too few to be compared with others (n < 20).
    ``href``: where the row's name leads, "" nowhere. ``people``: of how many it is at least, where
    no column says so; None where that is not known. ``people_in``: of how many the count of a
    column is at least, by the column's key, where it counts something else.
    """

    key: str
    cells: tuple[Cell, ...]
    pale: bool = False
    href: str = ""
    people: int | None = None
    people_in: Mapping[str, int] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Table:
    """Rows under columns. ``rows`` may be an iterator where there are very many."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    total: Row | None = None
    notes: tuple[str, ...] = ()
    #: Keys of the columns whose figures open the rows behind them.
    opens: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in words: value, unit, the sentence that follows, and its definition's code."""

    value: str
    unit: str
    sentence: str
    code: str = ""
    #: 95 % interval as (low, high), printed as it is; None where there is none.
    interval: tuple[str, str] | None = None
    #: Table, row and column whose figure opens the rows behind this one; None where nothing does.
    opens: tuple[str, str, str] | None = None

    @property
    def words(self) -> str:
        """The sentence without its full stop, so that more can follow."""
        return self.sentence.removesuffix(".")


@dataclass(frozen=True)
class Report:
    """What one report says of one question, as it stood at the scope's moment.

    ``pictures``: key to a picture of ``reports.pictures``; each stands beside a table that says the
    same. ``nothing``: the clear sentence where there is nothing to count, else "".
    """

    lead: Figure | None
    beside: tuple[Figure, ...]
    tables: Sequence[Table]
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    nothing: str = ""


#: Digits behind the point of such a mean that are surely right.
_SURE = 9


def rounded(value: Fraction | Decimal | int | float, places: int = 1) -> Decimal:
    """Half up, exactly: 2,890 of 3,125 in per cent to two places is 92.48 on every machine."""
    step = Decimal(1).scaleb(-places)
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / Decimal(value.denominator)
    elif isinstance(value, float):
        value = Decimal(repr(value))
    return Decimal(value).quantize(step, rounding=ROUND_HALF_UP)


def rounded_middle(value: Decimal | float | None, places: int = 1) -> Decimal | None:
    """A mean or a median of percentages that the database worked out; None stays None.

    It has some fifteen digits of thirds and sevenths, so what lies half way may come out a hair
    below: three people of 1 of 3 among sixteen are 6.25 %, and not 6.2499999999999999.
    """
    return None if value is None else rounded(rounded(value, _SURE), places)


def two_places(value: Decimal | None) -> Decimal | None:
    """A load or another number of one row, to two places; None stays None."""
    return None if value is None else rounded(value, 2)


def share(hits: int | Decimal, total: int | Decimal, places: int = 1) -> Decimal | None:
    """``hits`` of ``total`` in per cent; None when there is nothing to divide by."""
    if not total:
        return None
    if isinstance(hits, int) and isinstance(total, int) and hits >= 0:  # the same, and at once
        return Decimal((200 * 10**places * hits + total) // (2 * total)).scaleb(-places)
    return rounded(Fraction(hits) * 100 / Fraction(total), places)


def shown(cell: Cell, column: Column) -> str:
    """The cell as every page and every CSV prints it; a blank is "".

    Days and moments as ISO 8601 (a page may say them in words beside), numbers without separators.
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return str(cell)
