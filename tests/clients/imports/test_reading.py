"""How a file is read: guessed with a reason, shown, and asked about where it does not tell."""

from __future__ import annotations

from io import BytesIO

import pytest

from bonefit.clients.importing.guesses import guess
from bonefit.clients.importing.records import Record, lines_of, records

TABLE = "Name;Born;BMD\nJürgen Müßig;4.3.1950;0,81\nZoë Dvořák;31.12.1948;0,7954\n"
WESTERN = TABLE.replace("ř", "r").replace("á", "a")


def guessed(text: str, encoding: str = "utf-8", mark: bytes = b""):
    return guess(BytesIO(mark + text.encode(encoding)))


@pytest.mark.parametrize(
    ("text", "encoding", "mark", "found"),
    [
        (TABLE, "utf-8", b"", "utf-8"),
        (TABLE, "utf-8-sig", b"", "utf-8"),
        (TABLE, "utf-16", b"", "utf-16"),
        (TABLE, "utf-16-be", b"\xfe\xff", "utf-16"),
        (TABLE, "utf-16-le", b"", "utf-16-le"),
        (TABLE, "utf-16-be", b"", "utf-16-be"),
        (WESTERN, "cp1252", b"", "cp1252"),
    ],
)
def test_letters_are_guessed_and_come_out_right(text, encoding, mark, found):
    data = BytesIO(mark + text.encode(encoding))
    guesses = guess(data)
    assert guesses.encoding.value == found
    assert guesses.encoding.why
    rows = list(records(lines_of(data, found), guesses.separator.value))
    assert [row.cells[0] for row in rows] == [line.split(";")[0] for line in text.splitlines()]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_cuts_rows_into_as_many_cells_as_the_head(sign):
    text = 'Name,Note,Born\nA,"two, three; four",1950-01-02\nB,,1951-02-03\n'
    text = text.replace("two, three", "two# three").replace(",", sign).replace("#", ",")
    assert guessed(text).separator.value == sign


def test_excels_own_line_names_the_separator_and_is_no_row():
    text = "sep=;\nName;Note\nA;b,c\nD;e,f\n"
    assert guessed(text).separator.value == ";"
    assert next(records(iter(text.splitlines(True)), ";")) == Record(1, ("Name", "Note"))


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ("1.5 2.25", "."),
        ("1;5 2;25", ","),
        ("0;801 0;954", ","),
        ("1;234 2;345", ""),
        ("1.234 2.345", ""),
        ("1;5 2.5", ""),
        ("12 13", "."),
    ],
)
def test_the_decimal_sign_is_asked_about_where_it_may_be_a_thousand(cells, value):
    rows = "\n".join(f"A|{cell}" for cell in cells.replace(";", ",").split())
    assert guessed(f"Name|Value\n{rows}\n").decimal.value == value


@pytest.mark.parametrize(
    ("days", "value"),
    [
        ("2025-03-04 2025-04-03", "iso"),
        ("03/04/2025 05/06/2025", ""),
        ("03/04/2025 25/06/2025", "dmy"),
        ("03/04/2025 06/25/2025", "mdy"),
        ("25/04/2025 06/25/2025", ""),
        ("4.3.2025 5.6.2025", "dmy"),
        ("04-Mar-25 05-Jun-25", "iso"),
    ],
)
def test_the_order_of_a_date_is_asked_about_where_no_number_is_over_twelve(days, value):
    rows = "\n".join(f"A,{day}" for day in days.split())
    dates = guessed(f"Name,Day\n{rows}\n").dates
    assert dates.value == value
    assert dates.why


def test_rows_are_numbered_as_a_spreadsheet_does():
    text = 'Name,Note\n\nA,"first\nsecond"\nB,x\n'
    rows = list(records(iter(text.splitlines(True)), ","))
    assert rows == [
        Record(1, ("Name", "Note")),
        Record(2, ()),
        Record(3, ("A", "first\nsecond")),
        Record(4, ("B", "x")),
    ]


def test_a_quotation_mark_that_is_never_closed_costs_its_row_only():
    text = 'Name,Note\nA,"open\nB,x\nC,y\n'
    rows = list(records(iter(text.splitlines(True)), ","))
    assert rows[1].problem == "A quotation mark is opened in this row and never closed."
    assert [row.cells for row in rows[2:]] == [("B", "x"), ("C", "y")]


def test_a_mark_inside_a_quoted_text_is_said():
    (row,) = records(iter(['A,"said "so" then",x\n']), ",")
    assert "do not fit" in row.problem


def test_an_open_mark_in_a_long_file_does_not_swallow_it():
    lines = ['A,"open\n', *[f"B{at},x\n" for at in range(5_000)]]
    rows = list(records(iter(lines), ","))
    assert len(rows) == 5_001
    assert [row.number for row in rows if row.problem] == [1]
