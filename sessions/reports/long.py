"""Long files: which they are, and what a worker writes into one.

It asks the same question again, as at the same moment, as whoever asked may ask it by then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from django.http import QueryDict

from bonefit.clinics import rows
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership, OrganisationMembership
from sessions.models import ReportExport

from . import exporting, pdf, writing
from .about import About
from .kinds import ReportKind
from .readers import ClinicReader, OrganisationReader, Reader
from .registry import kind_of
from .scope import Scope
from .table import Report
from .whose import sees_clinic

Form = ReportExport.Form
Tell = Callable[[int], None]

#: Enrollments that a question is about, from which on a worker writes its file. Of 500 clients the
#: slowest report keeps the server busy for 0.9 s (docs/performance.md, CERT), of twice as many for
#: about two seconds, and a file of a row for each comes on top: longer than that nobody should look
#: at a page that does not answer, nor keep one of the few workers of the site from everybody else.
LONG = 1_000


class NotAllowed(Exception):
    """Whoever asked may not see it any more."""


def is_long(scope: Scope) -> bool:
    """Whether a worker should write the file of this question; one query that counts to LONG."""
    [(number,)] = scope.ask(
        "SELECT count(*) FROM (SELECT 1 FROM chosen LIMIT %(long)s) few", once=True, long=LONG
    )
    return int(number) >= LONG


# --- writing --------------------------------------------------------------------------------------


def write(export: ReportExport, file: IO[bytes], tell: Tell) -> int:
    """Write the file of an export; how many rows. Who left meanwhile gets nothing.

    NotAllowed where the right, the report, its table or the filter is gone, or where the
    organisation has other clinics by now than those that were told of the file.
    """
    reader = reader_of(export)
    kind = kind_of(export.report)
    if kind is None or not may_have(export, reader.member or reader.organiser):
        raise NotAllowed
    if {clinic.pk for clinic in reader.clinics} != _clinics_of(export):
        raise NotAllowed
    form = reader.form(QueryDict(export.query), kind, export.as_at)
    if not form.is_valid():
        raise NotAllowed
    scope = reader.scope(form.filters(), export.as_at)
    if kind.research is not None and export.form == Form.ZIP:
        return kind.research(scope, export, file, tell)
    asked = tuple(form.describe())
    about = About(kind, reader.whose, str(reader.user), asked, export.as_at, reader.clinics)
    return _write_report(export, kind.answer(scope), about, file, tell)


def _write_report(
    export: ReportExport, report: Report, about: About, file: IO[bytes], tell: Tell
) -> int:
    """The report in the form that was asked for; how many rows."""
    table = writing.table_of(report, export.table)
    if table is None and report.tables:
        raise NotAllowed
    number = writing.rows_in(report, table if export.form == Form.CSV else None)
    ReportExport.objects.filter(pk=export.pk).update(expected=number)
    tell(0)  # to work it out took its time: the claim is renewed
    if export.form == Form.CSV:
        for line in writing.csv_lines(table, about, report, tell):
            file.write(line.encode())
    elif export.form == Form.XLSX:
        writing.write_xlsx(file, report, about, tell)
    else:
        file.write(pdf.of_report(report, about))
    return number


# --- who may have it ------------------------------------------------------------------------------


def may_have(export: ReportExport, who: Membership | OrganisationMembership | None) -> bool:
    """Whether she may have this file today.

    A cohort's tables are for who reports on the clinic, a file about the whole clinic for who may
    still see it whole, one across clinics for who administers all of them.
    """
    if who is None or Can.RUN_REPORTS not in who.can:
        return False
    if isinstance(who, OrganisationMembership):
        return _clinics_of(export) <= {clinic.pk for clinic in who.clinics}
    if export.form == Form.ZIP and Can.REPORT_ON_CLINIC not in who.can:
        return False
    return not export.whole or sees_clinic(who)


def _clinics_of(export: ReportExport) -> set[int]:
    """Also one that she administers no longer: its row is out of her sight, and it is asked for."""
    with rows.seeing_every_clinic():
        return set(exporting.of_one_file(export).values_list("clinic_id", flat=True))


def reader_of(export: ReportExport) -> Reader:
    """Who asked, with what she may see today; NotAllowed where she has left."""
    who = export.member or export.organiser
    if who is None or not who.is_active or not who.user.is_active:
        raise NotAllowed
    if isinstance(who, OrganisationMembership):
        return OrganisationReader(who)
    return ClinicReader(who)


def file_name(export: ReportExport, kind: ReportKind | None) -> str:
    """What the file is called: a report's with its days.

    Research tables have none: with one and the days since her start a client's first day would be
    known.
    """
    asked = QueryDict(export.query)
    days = f"{asked.get('from', '')}-to-{asked.get('to', '')}"
    named = export.form != Form.ZIP and kind is not None and "from" in asked and "to" in asked
    return f"{export.report}-{days if named else export.uid.hex[:8]}.{export.form}"
