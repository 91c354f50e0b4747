"""A report as a file to keep: CSV, spreadsheet and paper have the rows of the page."""

from __future__ import annotations

from io import BytesIO

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bonefit.clinics import rows
from bonefit.clinics.access import (
    Can,
    MemberRequest,
    OrganiserRequest,
    requires,
    requires_organisation,
)
from bonefit.clinics.lately import lately_to_take
from bonefit.htmx import UNPROCESSABLE
from sessions.models import ReportExport
from sessions.reports import exporting, long, pdf, writing
from sessions.reports.readers import ClinicReader, OrganisationReader, Reader
from sessions.reports.table import Report, Table
from sessions.views.exports import have_written
from sessions.views.report_asked import Question, question

LONGEST_KEY = 40  # as ReportExport.table has room for
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(request: HttpRequest, reader: Reader, report: str, form: str) -> HttpResponseBase:
    """The same cells to keep. Who took them is written down before the first of them leaves.

    A long file is written by a worker: then the answer is the page that says how far it is.
    """
    asked = question(request, reader, report)
    if not asked.form.is_valid():
        wrong = " ".join(str(error) for errors in asked.form.errors.values() for error in errors)
        return HttpResponse(wrong, content_type="text/plain; charset=utf-8", status=UNPROCESSABLE)
    key = request.GET.get("table", "")[:LONGEST_KEY] if form == ReportExport.Form.CSV else ""
    wanted = exporting.Wanted(report, asked.query, form, asked.now, key)
    if long.is_long(asked.scope):
        return have_written(exporting.wait_for(wanted, by=reader), reader)
    made = asked.answer()
    table = writing.table_of(made, key)
    if table is None and made.tables:
        raise Http404
    number = writing.rows_in(made, table if form == ReportExport.Form.CSV else None)
    exporting.record(wanted, by=reader, rows=number)
    response = _file(form, asked, made, table)
    name = f"{report}-{asked.form.filters().first}-to-{asked.form.filters().last}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _file(form: str, asked: Question, made: Report, table: Table | None) -> HttpResponseBase:
    if form == ReportExport.Form.CSV:
        lines = writing.csv_lines(table, asked.about, made)
        return StreamingHttpResponse(rows.streamed(lines), content_type="text/csv; charset=utf-8")
    if form == ReportExport.Form.XLSX:
        out = BytesIO()
        writing.write_xlsx(out, made, asked.about)
        return HttpResponse(out.getvalue(), content_type=XLSX_TYPE)
    return HttpResponse(pdf.of_report(made, asked.about), content_type="application/pdf")


@require_safe
@requires(Can.RUN_REPORTS)
@lately_to_take
@cache_control(private=True, no_store=True)
def figures_file(request: MemberRequest, report: str, form: str) -> HttpResponseBase:
    """A report of the clinic as a file."""
    return download(request, ClinicReader(request.member), report, form)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
@lately_to_take
@cache_control(private=True, no_store=True)
def across_file(request: OrganiserRequest, report: str, form: str) -> HttpResponseBase:
    """A report across clinics as a file."""
    return download(request, OrganisationReader(request.organiser), report, form)
