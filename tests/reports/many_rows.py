"""Writes a table of very many rows as a worker does, and says what memory the process took.

``python -m tests.reports.many_rows csv 1000000`` prints rows, bytes and kilobytes at the most. It
is a process of its own, so that nothing else is in its figure.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from tempfile import TemporaryFile

import django

django.setup()

from bonefit.clinics.models import Clinic  # noqa: E402
from sessions.reports import writing  # noqa: E402
from sessions.reports.about import About  # noqa: E402
from sessions.reports.registry import KINDS  # noqa: E402
from sessions.reports.table import Column, Kind, Report, Row, Table  # noqa: E402

AT = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
COLUMNS = (
    Column("name", "Client", Kind.TEXT, "Who."),
    Column("n", "Counted", Kind.COUNT, "How many."),
    Column("a3", "A3 %", Kind.PERCENT, "Attended ÷ counted."),
    Column("change", "Change", Kind.NUMBER, "Last − first.", places=2, unit="kg"),
    Column("last", "Last attended", Kind.DAY, "The last day."),
    Column("at", "At", Kind.MOMENT, "A moment."),
)


def rows(count: int) -> Iterator[Row]:
    """So many rows, each different from the next, none of them kept."""
    for number in range(count):
        cells = (
            f"Client {number} of very many, whose name is different",
            number,
            Decimal(number % 1001) / 10,
            Decimal(number % 9000 - 4500) / 100,
            date(2020, 1, 1) + timedelta(days=number % 2000),
            AT + timedelta(minutes=number % 500_000),
        )
        yield Row(str(number), cells)


def main(form: str, count: int) -> None:
    """Write them into a file that goes when it is closed."""
    clinic = Clinic(name="Northside", slug="north", timezone="Australia/Brisbane")
    about = About(KINDS[0], "Northside", "Ada", (("From", "2020-01-01"),), AT, (clinic,))
    table = Table("clients", "Clients", COLUMNS, rows(count))
    report = Report(None, (), (table,))
    told: list[int] = [0]

    def tell(number: int) -> None:
        told[0] = number

    with TemporaryFile() as file:
        if form == "csv":
            for line in writing.csv_lines(table, about, report, tell):
                file.write(line.encode())
        else:
            writing.write_xlsx(file, report, about, tell)
        size = file.seek(0, 2)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({"rows": told[0], "bytes": size, "kilobytes": most}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
