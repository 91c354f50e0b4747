"""A report on paper, set by typst from ``report.typ``. Every word goes in as data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import typst

from . import drawing, on_page
from .about import About
from .pictures import nothing_in
from .table import Report, Table

PAPER = Path(__file__).with_name("report.typ")
#: Rows of a table on paper; more of them belong in a spreadsheet, and the paper says so.
MOST_ROWS = 400
#: Columns beside the name that a page has room for; those of a wider table go on below it.
MOST_COLUMNS = 13
#: Letters that a share of a page's width has room for.
LETTERS = 12


def of_report(report: Report, about: About) -> bytes:
    """The report as a PDF: lead, pictures, tables, definitions, and as at when."""
    return bytes(typst.compile(str(PAPER), sys_inputs={"data": json.dumps(_data(report, about))}))


def _data(report: Report, about: About) -> dict[str, Any]:
    return {
        "title": about.kind.title,
        "question": about.kind.question,
        "whose": about.whose,
        "asked": [list(pair) for pair in about.asked],
        "moment": about.moment_in_words,
        "nothing": report.nothing,
        "lead": _figure(report.lead) if report.lead else None,
        "beside": [_figure(one) for one in report.beside],
        "pictures": [
            {"title": one.title, "words": one.words, "svg": drawing.on_paper(one)}
            for one in report.pictures.values()
            if not nothing_in(one)
        ],
        "tables": [piece for table in report.tables for piece in _pieces(table, about)],
        "notes": list(report.notes),
        "meanings": [[word, *rest] for word, *rest in map(list, about.lines(report))],
    }


def _figure(figure: Any) -> dict[str, Any]:
    return {
        "value": figure.value,
        "unit": figure.unit,
        "sentence": figure.words,
        "code": figure.code,
        "interval": list(figure.interval) if figure.interval else None,
    }


def _pieces(table: Table, about: About) -> Iterator[dict[str, Any]]:
    """A table as wide as the paper, and what does not fit below it, each with the names."""
    rows = list(table.rows)
    zone, year = about.clinics[0].tz, about.as_at.astimezone(about.clinics[0].tz).year

    def line(cells: Any) -> list[str]:
        return [
            on_page.in_words(cell, column, zone, year)
            for cell, column in zip(cells, table.columns, strict=True)
        ]

    lines = [line(row.cells) for row in rows[:MOST_ROWS]]
    total = line(on_page.of_total(table.total)) if table.total is not None and rows else None
    many = len(table.columns)
    size = ceil((many - 1) / ceil((many - 1) / MOST_COLUMNS)) if many > 1 else 1
    for start in range(1, max(many, 2), size):
        end = min(start + size, many)
        columns = [0, *range(start, end)]

        def of(cells: Sequence[str], columns: Sequence[int] = columns) -> list[str]:
            return [cells[number] for number in columns]

        last = end == many
        yield {
            "title": table.title if start == 1 else f"{table.title}, further columns",
            "head": of([column.name for column in table.columns]),
            "numeric": [table.columns[number].numeric for number in columns],
            "wide": [_wide(lines, number) for number in columns],
            "rows": [of(cells) for cells in lines],
            "total": of(total) if total else None,
            "left_out": max(0, len(rows) - MOST_ROWS) if last else 0,
            "notes": list(table.notes) if last else [],
        }


def _wide(lines: Sequence[Sequence[str]], number: int) -> int:
    """The share of the width that a column takes: 1 for a figure, more for words."""
    longest = max((len(cells[number]) for cells in lines), default=0)
    return max(1, min(6, longest // LETTERS))
