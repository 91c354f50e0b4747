"""The research export: a cohort's sets, sessions and months, without names and without dates."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any

from django.db import connection

from sessions.models import ReportExport

from . import research_tables as tables
from .cohort import Cohort, Pseudonyms, cohort_of
from .define import VERSION, Definition
from .kinds import ReportKind
from .scope import Scope
from .small_counts import SMALL
from .table import Column, Figure, Kind, Report, Row, Table, shown
from .writing import EVERY

DICTIONARY = (
    Column("column", "Column", Kind.TEXT, "Its name in the file."),
    Column("table", "Table", Kind.TEXT, "The file that it stands in."),
    Column("unit", "Unit", Kind.TEXT, "Of its figures."),
    Column("meaning", "Meaning", Kind.TEXT, "What stands in it."),
)
WHO = Definition(
    "RE1",
    "Research cohort",
    "the enrollments of the filters whose client agreed to research",
    (
        "The newest consent to research that was recorded by the moment of the export counts; one "
        "that was taken back by then does not.",
        f"Fewer than {SMALL} people are not exported. Sex, band of age and status are left out "
        f"where fewer than {SMALL} people share them; a movement or an exercise that fewer did is "
        "called other.",
        "Names, dates, places, people of the staff and whatever somebody wrote are left out. Days "
        "are counted from the start of each enrollment. Pseudonyms hold within one export only.",
    ),
    "Protocol sheet 7.2; small cells as in the issue of reports.",
)
TOO_FEW = (
    f"Fewer than {SMALL} of these people agreed that their figures may be used for research, so "
    "nothing is exported: so few could be recognised."
)


def make(scope: Scope) -> Report:
    """What would be in the export, before it is made."""
    cohort = cohort_of(scope)
    note = f"{cohort.left_out} who did not agree to research are left out."
    if cohort.too_small:
        return Report(None, (), (), notes=(note,), nothing=TOO_FEW)
    lead = Figure(f"{cohort.clients:,}", "people", f"agreed to research. {note}", "RE1")
    rows = tuple(
        Row(f"{name}-{column.key}", (column.key, name, column.unit, column.meaning))
        for name, _, columns in tables.TABLES
        for column in columns
    )
    return Report(lead, (), (Table("dictionary", "Data dictionary", DICTIONARY, rows),))


def write(scope: Scope, export: ReportExport, file: IO[bytes], tell: Callable[[int], None]) -> int:
    """The tables as CSV files in one ZIP, with dictionary and cohort; the rows written.

    ValueError where the people are too few.
    """
    cohort = cohort_of(scope)
    if cohort.too_small:
        raise ValueError(TOO_FEW)
    names = Pseudonyms(export.uid)
    told = _Told(tell)
    with zipfile.ZipFile(file, "w") as out:
        _table(out, "people", tables.PEOPLE, _people(cohort, names), told)
        people = [one.enrollment for one in cohort.people]
        for name, columns, query, row in (
            ("sessions", tables.SESSIONS, tables.SESSION_ROWS, _session),
            ("sets", tables.SETS, tables.SET_ROWS, _set),
            ("months", tables.MONTHS, tables.MONTH_ROWS, _month),
        ):
            found = (row(one, names) for one in _rows(scope, people, query, names.salt))
            _table(out, name, columns, found, told)
        out.writestr(_entry("dictionary.csv"), _dictionary())
        out.writestr(_entry("cohort.json"), json.dumps(said_of(scope, cohort), indent=2))
    tell(told.rows)
    return told.rows


def _entry(name: str) -> zipfile.ZipInfo:
    """A file of the ZIP without the day on which it was made.

    From that day and the days since the start of whoever is still there her first day would follow.
    """
    entry = zipfile.ZipInfo(name)  # dated 1980, as a ZIP dates what has no date
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def said_of(scope: Scope, cohort: Cohort) -> dict[str, object]:
    """The definition of a cohort as it is kept and sent along: no day, no name."""
    asked = scope.filters
    return {
        "definition": WHO.formula,
        "definitions_version": VERSION,
        "days_in_range": (asked.last - asked.first).days + 1,
        "years": sorted({asked.first.year, asked.last.year}),
        "program": asked.program.slug if asked.program else "all",
        "start_year": asked.cohort.year if asked.cohort else "all",
        "therapist": "one" if asked.therapist else "all",
        "status": asked.status or "all",
        "people": cohort.clients,
        "enrollments": len(cohort.people),
        "left_out_without_consent": cohort.left_out if cohort.left_out >= SMALL else f"< {SMALL}",
    }


class _Told:
    """Counts rows, and tells now and then how many."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.tell, self.rows = tell, 0

    def one(self) -> None:
        self.rows += 1
        if self.rows % EVERY == 0:
            self.tell(self.rows)


def _rows(scope: Scope, people: Sequence[int], query: str, salt: str) -> Iterator[tuple[Any, ...]]:
    """Row by row from the database: never all of them in memory."""
    chosen, known = scope.chosen()
    sql = f"WITH {chosen} {tables.VISITS} {query}"
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, {**known, "people": list(people), "salt": salt})
        while found := cursor.fetchmany(2_000):
            yield from found


def _table(
    out: zipfile.ZipFile,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    told: _Told,
) -> None:
    with (
        out.open(_entry(f"{name}.csv"), "w") as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow([column.key for column in columns])
        for row in rows:
            writer.writerow(
                [shown(cell, column) for cell, column in zip(row, columns, strict=True)]
            )
            told.one()


def _dictionary() -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["table", "column", "type", "unit", "meaning"])
    for name, _, columns in tables.TABLES:
        for column in columns:
            writer.writerow([name, column.key, column.kind, column.unit, column.meaning])
    return text.getvalue()


def _people(cohort: Cohort, names: Pseudonyms) -> Iterator[Sequence[Any]]:
    told = [
        (names.of("person", one.enrollment), one.sex, one.age_band, one.status, one.days)
        for one in cohort.people
    ]
    yield from sorted(told)


def _session(row: tuple[Any, ...], names: Pseudonyms) -> Sequence[Any]:
    person, visit, day, purpose, state, makes_up, group = row
    return (
        names.of("person", person),
        names.of("session", visit),
        day,
        day // 7 + 1 if day >= 0 else None,
        purpose,
        state,
        names.of("session", makes_up) if makes_up else None,
        group,
    )


def _set(row: tuple[Any, ...], names: Pseudonyms) -> Sequence[Any]:
    person, visit, day, *rest = row
    rest[9] = None if rest[9] is None else "yes" if rest[9] else "no"
    return (names.of("person", person), names.of("session", visit), day, *rest)


def _month(row: tuple[Any, ...], names: Pseudonyms) -> Sequence[Any]:
    person, *rest = row
    return (names.of("person", person), *rest)


KIND = ReportKind(
    slug="research",
    title="Research",
    question="What can be given to a study without saying who?",
    definitions=(WHO,),
    columns=tuple((name, columns) for name, _, columns in tables.TABLES),
    make=make,
    research=write,
    across=False,  # who agreed, agreed with her own clinic
)
