"""A report as its page prints it: the cells of the tables in words, and where each figure leads.

A table of 500 clients has some 20,000 cells, so its rows are written here and not by a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import quote_plus, urlencode
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from .lazily import part_of
from .strips import HEIGHT, Strip
from .table import Cell, Column, Kind, Row, Table, shown

#: Rows that a page prints; the rest is in the downloads, and the page says so.
MOST_ROWS = 1_000
#: Rows of a long table that stand on its page at once, and how many more come at a time.
FIRST_ROWS, NEXT_ROWS = 25, 50
TOTAL = "total"
#: A text of more letters than this is printed in its parts.
LONG = 120
#: And one of no more than this is not broken.
SHORT = 28
#: From (table, column) to the address of the rows behind its figures, but for the row's key, which
#: follows at its end; "" where nothing opens.
Opens = Callable[[str, str], str]
#: From keys of rows to the weeks on show and the picture of each.
Drawn = Callable[[list[str]], tuple[Any, Mapping[str, Strip]] | None]


@dataclass(frozen=True)
class PageRow:
    """One printed row, with its picture where the table has one."""

    row: Row
    key: str
    printer: _Printer
    strip: Strip | None = None

    @property
    def html(self) -> SafeString:
        """The row as it stands in the table."""
        return mark_safe(self.printer.row(self.row, self.key, self.strip))


@dataclass(frozen=True)
class PageTable:
    """One printed table, or some of its rows.

    ``left_out``: rows that only the downloads have. ``start``: how many rows stand before these;
    ``more``: how many come after them.
    """

    table: Table
    rows: tuple[PageRow, ...]
    total: PageRow | None
    left_out: int
    start: int = 0
    more: int = 0
    weeks: Any = None
    strips: Mapping[str, Strip] = field(default_factory=dict)

    @property
    def body(self) -> SafeString:
        """All rows but the total, in one piece: a template would take longer to join them."""
        return mark_safe("".join(row.html for row in self.rows))

    @property
    def later(self) -> SafeString:
        """The same of rows that come after others: the first of them can take the focus."""
        head = f'<th scope="row" id="{self.table.key}-{self.start}" tabindex="-1"'
        return mark_safe(self.body.replace('<th scope="row"', head, 1))

    @property
    def after(self) -> int:
        """With which row the next ones begin; the first one is 0."""
        return self.start + len(self.rows)

    @property
    def next(self) -> int:
        """How many come next."""
        return min(self.more, NEXT_ROWS)

    @property
    def number(self) -> int:
        """How many a page of this table alone has."""
        return self.after + self.more

    @property
    def width(self) -> int:
        """Its columns, that of the pictures among them."""
        return len(self.table.columns) + (self.weeks is not None)

    @property
    def wide(self) -> bool:
        """Whether a column is left out where there is little room."""
        return any(column.wide for column in self.table.columns)

    @property
    def pale(self) -> bool:
        """Whether a row is too small to be compared, or may be one of those to come."""
        return self.more > 0 or any(row.row.pale for row in self.rows)


def printed(
    table: Table,
    *,
    zone: ZoneInfo,
    opens: Opens,
    year: int,
    drawn: Drawn | None = None,
    start: int = 0,
    most: int | None = None,
) -> PageTable:
    """The table for its page; ``year`` is the report's, left out of days that lie in it.

    ``drawn`` makes the pictures of the rows with these keys. ``start`` and ``most``: only so many
    rows, from that one on; the first is 0.
    """
    stop = min(MOST_ROWS, start + (MOST_ROWS if most is None else most))
    rows, number = part_of(table.rows, start, stop)
    nothing: tuple[Any, Mapping[str, Strip]] = (None, {})
    weeks, found = (drawn([row.key for row in rows]) if drawn and rows else None) or nothing
    printer = _Printer(table, zone, year, opens, weeks)
    return PageTable(
        table,
        tuple(PageRow(one, one.key, printer, found.get(one.key)) for one in rows),
        PageRow(table.total, TOTAL, printer) if table.total is not None and rows else None,
        left_out=max(0, number - MOST_ROWS),
        start=start,
        more=max(0, min(number, MOST_ROWS) - stop),
        weeks=weeks,
        strips=found,
    )


@dataclass(frozen=True)
class _Printer:
    """Writes the cells of one table, in words and as HTML."""

    table: Table
    zone: ZoneInfo
    year: int
    opens: Opens
    weeks: Any

    @cached_property
    def leads(self) -> tuple[str, ...]:
        """Where the figures of each column lead, but for the row's key."""
        return tuple(
            self.opens(self.table.key, column.key) if column.key in self.table.opens else ""
            for column in self.table.columns
        )

    @cached_property
    def starts(self) -> tuple[tuple[str, str, str], ...]:
        """How a cell of each column begins: on one line, on several, and as a link.

        The row's key follows the link.
        """
        starts = []
        for column, lead in zip(self.table.columns, self.leads, strict=True):
            css = f"{'num' if column.numeric else ''}{' wide' if column.wide else ''}"
            one_line = f'<td class="{css} short">'
            starts.append((one_line, f'<td class="{css}">', f'{one_line}<a href="{escape(lead)}'))
        return tuple(starts)

    def row(self, row: Row, key: str, strip: Strip | None) -> str:
        """A whole row: its name, its picture, its figures."""
        named = in_words(row.cells[0], self.table.columns[0], self.zone, self.year)
        short, name = ' class="short"' if len(named) <= SHORT else "", escape(named)
        if row.href:
            name = f'<a href="{escape(row.href)}">{name}</a>'
        behind = f'{quote_plus(key)}">'
        pale, drawn = ' class="pale"' if row.pale else "", ""
        head = f'<th scope="row"{short}>'
        if self.weeks is not None and row is self.table.total:
            head = f'<th scope="row" colspan="2"{short}>'
        elif self.weeks is not None:
            drawn = f'<td class="strip">{self._drawn(strip)}</td>'
        # A total of what has no name, as of the sizes of classes: a head that says nothing is none.
        first = f"{head}{name}</th>" if named else "<td></td>"
        html = [f"<tr{pale}>{first}{drawn}"]
        cells = of_total(row) if row is self.table.total else row.cells
        rest = zip(cells[1:], self.starts[1:], self.leads[1:], strict=True)
        for number, (cell, (start, several, link), lead) in enumerate(rest, start=1):
            if cell and lead:  # nothing is behind a nought or a blank
                html.append(f"{link}{behind}{self._text(cell, number)}</a></td>")
            elif isinstance(cell, str) and len(cell) > SHORT:
                html.append(f"{several}{_in_parts(cell)}</td>")
            else:
                html.append(f"{start}{self._text(cell, number)}</td>")
        html.append("</tr>")
        return "".join(html)

    def _text(self, cell: Cell, number: int) -> str:
        if type(cell) is int or type(cell) is Decimal:  # most cells by far
            return f"{cell:,}"
        column = self.table.columns[number]
        text = escape(in_words(cell, column, self.zone, self.year))
        if isinstance(cell, date):
            return f'<time datetime="{shown(cell, column)}">{text}</time>'
        return text

    def _drawn(self, strip: Strip | None) -> str:
        if strip is None:
            return '<span class="vh">no session</span>'
        wide = self.weeks.width
        paths = "".join(f'<path class="{one.css}" d="{one.d}"/>' for one in strip.paths)
        return (
            f'<svg width="{wide}" height="{HEIGHT}" viewBox="0 0 {wide} {HEIGHT}"'
            f' preserveAspectRatio="xMaxYMid slice" role="img" aria-label="{escape(strip.label)}">'
            f"{paths}</svg>"
        )


def of_total(row: Row) -> tuple[Cell, ...]:
    """The cells of a total: a blank in it was never asked, so it is not "none"."""
    return tuple("" if cell is None else cell for cell in row.cells)


def _in_parts(text: str) -> str:
    """A text of several lines; a long one in its parts, which stand below each other."""
    if len(text) <= LONG:
        return escape(text)
    return "".join(f'<span class="part">{escape(one)}</span>' for one in re.split("(?<=; )", text))


def in_words(cell: Cell, column: Column, zone: ZoneInfo, year: int) -> str:
    """The cell as people read it: 1,097; 84.1; 19 Nov; none of it says more than the download."""
    if cell is None:
        return "none" if column.kind in (Kind.DAY, Kind.MOMENT) else ""
    if isinstance(cell, datetime):
        local = cell.astimezone(zone)
        return f"{_day(local.date(), year)}, {local:%H:%M}"
    if isinstance(cell, date):
        return _day(cell, year)
    if isinstance(cell, int | Decimal):
        return f"{cell:,}"
    return cell


def _day(day: date, year: int) -> str:
    return f"{day.day} {day:%b}" if day.year == year else f"{day.day} {day:%b} {day.year}"


def behind_address(base: str, query: str) -> Opens:
    """Addresses of the rows behind the figures of a report."""

    def opens(table: str, column: str) -> str:
        return f"{base}?{query}&{urlencode({'table': table, 'column': column, 'row': ''})}"

    return opens
