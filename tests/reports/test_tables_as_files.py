"""A table as CSV and as XLSX: the same cells, typed, with what they mean, and nothing that runs."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bonefit.clinics.models import Clinic
from sessions.reports import on_page, writing
from sessions.reports.about import About
from sessions.reports.define import VERSION, Definition
from sessions.reports.kinds import ReportKind
from sessions.reports.table import Cell, Column, Kind, Report, Row, Table, share
from tests.reports.printed import Table as Printed

COLUMNS = (
    Column("name", "Client", Kind.TEXT, "Who."),
    Column("n", "Counted", Kind.COUNT, "How many."),
    Column("a3", "A3 %", Kind.PERCENT, "Attended ÷ counted."),
    Column("change", "Change", Kind.NUMBER, "Last − first.", places=2, unit="kg"),
    Column("last", "Last attended", Kind.DAY, "The last day."),
    Column("at", "At", Kind.MOMENT, "A moment."),
)
AT = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
ROWS: tuple[tuple[Cell, ...], ...] = (
    ("Ruth, the second", 1097, share(923, 1097), Decimal("-2.50"), date(2026, 3, 4), AT),
    ("=HYPERLINK(1)", 0, None, None, None, None),
    ("-2.5", 40, share(31, 40), Decimal("0.00"), date(2025, 12, 30), AT),
)


def kind() -> ReportKind:
    definition = Definition("A3", "Accountable", "attended ÷ counted", ("One note.",), "5.3")
    return ReportKind(
        "adherence",
        "Adherence",
        "Who came?",
        (definition,),
        (("Clients", COLUMNS),),
        make=lambda scope: Report(None, (), ()),
        rules=(("Rounding", "Half up."),),
    )


def about() -> About:
    clinic = Clinic(name="North [side]", slug="north", timezone="Australia/Brisbane")
    asked = (("From", "2026-01-01"), ("Therapist", "+Ana"))
    return About(kind(), "Northside", "Ada", asked, AT, (clinic,))


def report(rows: tuple[tuple[Cell, ...], ...] = ROWS) -> Report:
    total = Row("total", ("All 3 clients", 1137, share(954, 1137), None, None, None))
    made = tuple(Row(str(number), cells) for number, cells in enumerate(rows))
    table = Table("clients", "Clients: all [of] them?", COLUMNS, made, total if rows else None)
    return Report(None, (), (table,), notes=("A note on the report.",))


def as_csv(made: Report) -> list[list[str]]:
    text = "".join(writing.csv_lines(made.tables[0], about(), made))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def as_xlsx(made: Report) -> openpyxl.Workbook:
    out = io.BytesIO()
    writing.write_xlsx(out, made, about())
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def test_the_csv_has_the_rows_the_total_and_then_what_they_mean():
    lines = as_csv(report())

    assert lines[0] == ["Client", "Counted", "A3 %", "Change, kg", "Last attended", "At"]
    assert lines[1] == [
        "Ruth, the second",
        "1097",
        "84.1",
        "-2.50",
        "2026-03-04",
        "2026-03-05 02:30+00:00",
    ]
    assert lines[4] == ["All 3 clients", "1137", "83.9", "", "", ""]
    rest = {line[0]: line[1:] for line in lines[6:]}
    assert rest["Report"] == ["Adherence"]
    assert rest["As at"] == ["2026-03-05 12:30+10:00 (Australia/Brisbane)"]
    assert rest["A3, Accountable"] == ["attended ÷ counted"]
    assert rest["Counted"] == ["How many."]
    assert rest["Asked by"] == ["Ada"]
    assert rest["Rounding"] == ["Half up."]
    assert rest["Note"] == ["A note on the report."]


def test_text_that_looks_like_a_formula_is_text_and_a_negative_figure_stays_a_figure():
    lines = as_csv(report())
    assert lines[2][0] == "'=HYPERLINK(1)"
    assert lines[3][0] == "'-2.5"
    assert lines[1][3] == "-2.50"
    assert ["Therapist", "'+Ana"] in lines

    sheet = as_xlsx(report()).worksheets[0]
    assert sheet["A3"].value == "'=HYPERLINK(1)"
    assert sheet["A3"].data_type == "s"
    assert (sheet["D2"].value, sheet["D2"].data_type) == (-2.5, "n")


def test_a_spreadsheet_has_typed_cells_a_frozen_head_and_a_sheet_of_definitions():
    book = as_xlsx(report())

    sheet = book.worksheets[0]
    assert sheet.title == "Clients all of them"
    assert sheet.freeze_panes == "B2"
    assert [cell.value for cell in sheet[1]][:3] == ["Client", "Counted", "A3 %"]
    name, n, a3, change, last, at = (cell for cell in sheet[2])
    assert (name.value, n.value, a3.value, change.value) == ("Ruth, the second", 1097, 84.1, -2.5)
    assert (a3.number_format, change.number_format) == ("0.0", "0.00")
    assert (last.value, last.number_format) == (datetime(2026, 3, 4), "yyyy-mm-dd")  # noqa: DTZ001
    # A spreadsheet knows no zones: the moment stands there by the clinic's clock.
    assert at.value == datetime(2026, 3, 5, 12, 30)  # noqa: DTZ001
    assert [cell.value for cell in sheet[3]] == ["'=HYPERLINK(1)", 0, None, None, None, None]

    said = {row[0].value: row[1].value for row in book["Definitions"].iter_rows(max_col=2)}
    assert said["From"] == "2026-01-01"
    assert said["A3, Accountable"] == "attended ÷ counted"
    assert said["bonefit"]
    assert said["Definitions"] == f"version {VERSION}"


def test_the_name_of_a_sheet_ends_with_a_whole_word_and_stands_there_once():
    said = ("Decisions by reason, month and therapist", "Nights", "b" * 40, "[*]", "Definitions")
    twice = [Table("one", title, COLUMNS, (), None) for title in said for _ in range(2)]
    book = as_xlsx(Report(None, (), tuple(twice)))
    assert book.sheetnames == [
        *("Decisions by reason, month", "Decisions by reason, month 2", "Nights", "Nights 2"),
        *("b" * 28, "b" * 28 + " 2", "Table", "Table 2"),
        *("Definitions 2", "Definitions 3", "Definitions"),
    ]


def test_page_csv_and_spreadsheet_say_the_same():
    made = report()
    zone = ZoneInfo("Australia/Brisbane")
    page = on_page.printed(made.tables[0], zone=zone, opens=lambda *_: "", year=2026)
    lines, sheet = as_csv(made), as_xlsx(made).worksheets[0]

    assert page.total is not None
    for number, row in enumerate([*page.rows, page.total], start=1):
        for at, said in enumerate(Printed(row.html).rows[0]):
            in_csv, in_xlsx = lines[number][at], sheet.cell(number + 1, at + 1).value
            if COLUMNS[at].numeric:
                assert said.replace(",", "") == in_csv
                assert in_csv == ("" if in_xlsx is None else f"{in_xlsx:.{_places(in_csv)}f}")
            elif COLUMNS[at].kind in (Kind.DAY, Kind.MOMENT) and in_csv:
                assert in_csv == said


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def test_an_empty_table_is_a_head_and_its_meaning():
    lines = as_csv(report(()))
    assert lines[0][0] == "Client"
    assert lines[1] == []
    sheet = as_xlsx(report(())).worksheets[0]
    assert sheet.max_row == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_so_many_rows_never_stand_in_memory(form: str):
    made = 60_000

    def rows() -> Iterator[Row]:
        for number in range(made):
            yield Row(str(number), (f"Client {number}", number, None, Decimal(number), None, None))

    big = Report(None, (), (Table("sets", "Sets", COLUMNS, rows()),))
    told: list[int] = []
    tracemalloc.start()
    if form == "csv":
        for _ in writing.csv_lines(big.tables[0], about(), big, told.append):
            pass
    else:
        with TemporaryFile() as out:
            assert writing.write_xlsx(out, big, about(), told.append) == made
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20_000_000
    assert told[:2] == [1_000, 2_000]
    assert told[-1] == made


def test_a_sheet_holds_no_more_rows_than_a_sheet_may(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writing, "MOST_ROWS", 3)
    with pytest.raises(ValueError, match="Take the CSV"):
        writing.write_xlsx(io.BytesIO(), report(), about())
