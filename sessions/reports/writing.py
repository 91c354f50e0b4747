"""A report as a file: CSV and XLSX, from the cells that the page prints.

Both are written row by row, so a table of a million rows never stands in memory.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from textwrap import shorten
from typing import IO, Any
from zoneinfo import ZoneInfo

from bonefit.sheets import BYTE_ORDER_MARK, plain_text

from .about import About
from .lazily import named
from .table import Cell, Column, Kind, Report, Row, Table, shown

#: Called with the number of rows written so far.
Progress = Callable[[int], None]
#: A sheet of a spreadsheet has so many rows at most, its head included.
MOST_ROWS = 1_048_576
EVERY = 1_000  # rows between two words of progress


class _Echo:
    """What csv writes goes out at once."""

    def write(self, text: str) -> str:
        return text


def csv_lines(
    table: Table | None, about: About, report: Report, tell: Progress | None = None
) -> Iterator[str]:
    """The rows on the page, in their order and with their rounding; what they mean comes last.

    Without a table it says why there are no figures.
    """
    writer = csv.writer(_Echo())
    yield BYTE_ORDER_MARK
    if table is None:
        yield writer.writerow([report.nothing])
    else:
        yield writer.writerow([_head(column) for column in table.columns])
        for row in _rows(table, tell):
            yield writer.writerow(
                [_csv_cell(*pair) for pair in zip(row.cells, table.columns, strict=True)]
            )
    yield writer.writerow([])
    for note in table.notes if table is not None else ():
        yield writer.writerow(["Note", plain_text(note)])
    for line in about.lines(report):
        yield writer.writerow([plain_text(word) for word in line])


def _head(column: Column) -> str:
    return f"{column.name}, {column.unit}" if column.unit and column.unit != "%" else column.name


def _csv_cell(cell: Cell, column: Column) -> str:
    text = shown(cell, column)
    # The guard is for what people typed: a negative figure stays a figure.
    return plain_text(text) if isinstance(cell, str) else text


def _rows(table: Table, tell: Progress | None) -> Iterator[Row]:
    number = 0
    for number, row in enumerate(table.rows, start=1):
        yield row
        if tell is not None and number % EVERY == 0:
            tell(number)
    if table.total is not None and number:
        yield table.total
    if tell is not None:
        tell(number)


def write_xlsx(out: IO[bytes], report: Report, about: About, tell: Progress | None = None) -> int:
    """A sheet a table, typed cells, the head frozen; the last sheet says what they mean.

    The number of rows written. ValueError where a table has more rows than a sheet may have.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, {**options, "remove_timezone": True})
    book.set_properties({"title": about.kind.title, "comments": f"As at {about.moment}"})
    forms = _Forms(book)
    written = 0
    names: set[str] = set()
    try:
        for table in report.tables:
            sheet = book.add_worksheet(_sheet_name(table.title, names))
            told = None if tell is None else _from(written, tell)
            written += _write_table(sheet, table, forms, about.clinics[0].tz, told)
        _write_about(book.add_worksheet("Definitions"), about, report, forms)
    finally:
        book.close()  # its rows wait in files of their own, which this closes as well
    return written


def _from(written: int, tell: Progress) -> Progress:
    """Progress of one table among several: the rows of those before it are written."""
    return lambda number: tell(written + number)


class _Forms:
    """How a kind of cell looks; each form is made once."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True})
        self.words = book.add_format({"text_wrap": True, "valign": "top"})
        self.made: dict[tuple[str, bool], Any] = {}

    def of(self, column: Column, total: bool) -> Any:
        """The form of a column's cells; of the total in bold."""
        number = {
            Kind.COUNT: "0",
            Kind.PERCENT: _places(column.places),
            Kind.NUMBER: _places(column.places),
            Kind.DAY: "yyyy-mm-dd",
            Kind.MOMENT: "yyyy-mm-dd hh:mm",
            Kind.TEXT: "@",
        }[column.kind]
        if (number, total) not in self.made:
            self.made[number, total] = self.book.add_format({"num_format": number, "bold": total})
        return self.made[number, total]


def _places(places: int) -> str:
    return "0." + "0" * places if places else "0"


def _sheet_name(title: str, taken: set[str]) -> str:
    """Excel's rules: at most 31 characters, none of []:*?/\\, each once."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in title)
    # The room of three is for a number. A word that does not fit is left out whole.
    clean = shorten(plain, 28, placeholder="") or "Table"
    name, number = clean, 2
    while name.lower() in taken or name.lower() == "definitions":
        name, number = f"{clean} {number}", number + 1
    taken.add(name.lower())
    return name


def _write_table(
    sheet: Any, table: Table, forms: _Forms, zone: ZoneInfo, tell: Progress | None
) -> int:
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, 26 if at == 0 else max(10, len(_head(column)) + 2))
        sheet.write_string(0, at, _head(column), forms.head)
    sheet.freeze_panes(1, 1)
    number = 0
    for number, row in enumerate(_rows(table, tell), start=1):
        if number >= MOST_ROWS:
            raise ValueError(f"A sheet has {MOST_ROWS:,} rows at most. Take the CSV.")
        total = row is table.total
        for at, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
            _write_cell(sheet, number, at, cell, forms.of(column, total), zone)
    if number:
        sheet.autofilter(0, 0, number - (table.total is not None), len(table.columns) - 1)
    return number - (number > 0 and table.total is not None)


def _write_cell(sheet: Any, row: int, at: int, cell: Cell, form: Any, zone: ZoneInfo) -> None:
    if cell is None:
        return
    if isinstance(cell, str):
        # A cell of text in an XLSX is no formula; the guard is for who saves it as a CSV.
        sheet.write_string(row, at, plain_text(cell), form)
    elif isinstance(cell, Decimal | int):
        sheet.write_number(row, at, cell, form)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, at, cell.astimezone(zone) if cell.tzinfo else cell, form)
    elif isinstance(cell, date):
        sheet.write_datetime(row, at, datetime(cell.year, cell.month, cell.day), form)  # noqa: DTZ001


def _write_about(sheet: Any, about: About, report: Report, forms: _Forms) -> None:
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 110)
    for number, line in enumerate(about.lines(report)):
        for at, word in enumerate(line):
            form = forms.bold if at == 0 else forms.words
            sheet.write_string(number, at, plain_text(word), form)


def rows_in(report: Report, table: Table | None = None) -> int:
    """The rows of one table, or of all of them, without totals; their rows must be a sequence."""
    tables = report.tables if table is None else (table,)
    return sum(len(list(one.rows)) for one in tables)


def table_of(report: Report, key: str) -> Table | None:
    """The table of that key; the first one where none is named."""
    if not key:
        return next(iter(report.tables), None)
    return named(report.tables, key)
