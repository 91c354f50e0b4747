"""Files of figures: who took which, how far a long one is, and the file while its link is good."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from bonefit.clinics.access import (
    Can,
    MemberRequest,
    OrganiserRequest,
    requires,
    requires_organisation,
)
from bonefit.clinics.lately import lately_to_take
from bonefit.htmx import render_page, wants_partial
from sessions.models import ReportExport
from sessions.reports import exporting, long
from sessions.reports.cohort import cohort_of
from sessions.reports.readers import ClinicReader, OrganisationReader, Reader
from sessions.reports.registry import kind_of
from sessions.reports.research import said_of
from sessions.tasks import write_export

PAGE = 50
Status = ReportExport.Status


@require_safe
@requires(Can.RUN_REPORTS)
def exports(request: MemberRequest) -> HttpResponse:
    """Every file of figures that was taken: an admin and an auditor see everybody's, others their
    own."""
    rows = ReportExport.objects.visible_to(request.member).select_related("user", "clinic")
    everybodys = bool({Can.CHANGE_SETTINGS, Can.READ_LOG} & request.member.can)
    if not everybodys:
        rows = rows.filter(member=request.member)
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    context = {**files_page(ClinicReader(request.member), page), "own": not everybodys}
    return render(request, "sessions/report_exports.html", context)


def files_page(reader: Reader, page: Page[ReportExport]) -> dict[str, Any]:
    """What the list of files says of each, and where its question leads."""
    return {
        "layout": reader.layout,
        "reader": reader,
        "list_address": reader.list_address,
        "zone": reader.clinics[0].tz,
        "page": page,
        "files": [
            (
                one,
                kind.title if (kind := kind_of(one.report)) else one.report,
                f"{reader.address('figures', one.report)}?{one.query}",
            )
            for one in page
        ],
    }


@require_POST
@requires(Can.REPORT_ON_CLINIC)
@lately_to_take
def make(request: MemberRequest, report: str) -> HttpResponse:
    """Have a worker write a cohort's research tables; the cohort's definition is kept with it."""
    kind = kind_of(report)
    if kind is None or kind.research is None:
        raise Http404
    now = timezone.now()
    reader = ClinicReader(request.member)
    form = reader.form(request.GET, kind, now)
    here = reader.address("figures", report)
    if not form.is_valid():
        return redirect(f"{here}?{request.GET.urlencode()}")
    scope = reader.scope(form.filters(), now)
    cohort = cohort_of(scope)
    if cohort.too_small:
        return redirect(f"{here}?{form.query()}")
    made = exporting.record(
        exporting.Wanted(report, form.query(), ReportExport.Form.ZIP, now),
        by=reader,
        named=False,
        status=Status.WAITING,
        cohort=said_of(scope, cohort),
    )
    return have_written(made, reader)


def have_written(made: ReportExport, reader: Reader) -> HttpResponse:
    """Wake a worker for a file and lead to the page that says how far it is."""
    # Where the queue is down, the sweep of the next minute wakes a worker.
    transaction.on_commit(lambda: write_export.delay(made.pk), robust=True)
    return redirect(reader.address("report-export", made.uid))


# --- one long file: a clinic's, and an organisation's ---------------------------------------------


def progress(
    request: HttpRequest, reader: Reader, rows: QuerySet[ReportExport], uid: uuid.UUID
) -> HttpResponse:
    """One long file: how far it is. While a worker is at it, htmx asks every two seconds."""
    found = _of(rows, uid)
    at_work = found.status in exporting.AT_WORK
    if wants_partial(request) and not at_work:
        return HttpResponseClientRefresh()
    kind = kind_of(found.report)
    context = {
        "layout": reader.layout,
        "reader": reader,
        "list_address": reader.list_address,
        "file_address": reader.address("report-export-file", found.uid),
        "report_address": f"{reader.address('figures', found.report)}?{found.query}",
        "zone": reader.clinics[0].tz,
        "export": found,
        "at_work": at_work,
        "kind": kind,
    }
    return render_page(request, "sessions/report_export.html", context, partial="progress")


def kept_file(
    reader: Reader, rows: QuerySet[ReportExport], uid: uuid.UUID, now: datetime
) -> HttpResponseBase:
    """The file of a row while its link is good and she may see it; else there is none."""
    found = _of(rows, uid)
    if not long.may_have(found, reader.member or reader.organiser):
        raise Http404
    if found.status != Status.DONE or found.expires_at is None or found.expires_at <= now:
        raise Http404
    name = long.file_name(found, kind_of(found.report))
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=name)


def _of(rows: QuerySet[ReportExport], uid: uuid.UUID) -> ReportExport:
    """The row that is written: the first of those that share the file."""
    found = rows.filter(uid=uid).select_related("clinic", "user").order_by("pk").first()
    if found is None:
        raise Http404
    return found


def _mine(request: MemberRequest) -> QuerySet[ReportExport]:
    """Only one's own: a link that a colleague passes on opens nothing."""
    return ReportExport.objects.visible_to(request.member).filter(member=request.member)


@require_safe
@requires(Can.RUN_REPORTS)
def export(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """How far a long file of the clinic is."""
    return progress(request, ClinicReader(request.member), _mine(request), uid)


@require_safe
@requires(Can.RUN_REPORTS)
@lately_to_take
@cache_control(private=True, no_store=True)
def file(request: MemberRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file, to whoever asked for it, until its link expires."""
    return kept_file(ClinicReader(request.member), _mine(request), uid, timezone.now())


def _hers(request: OrganiserRequest) -> QuerySet[ReportExport]:
    rows = ReportExport.objects.visible_to_organiser(request.organiser)
    return rows.filter(organiser=request.organiser)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def export_across(request: OrganiserRequest, uid: uuid.UUID) -> HttpResponse:
    """How far a long file across clinics is."""
    return progress(request, OrganisationReader(request.organiser), _hers(request), uid)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
@lately_to_take
@cache_control(private=True, no_store=True)
def file_across(request: OrganiserRequest, uid: uuid.UUID) -> HttpResponseBase:
    """The file across clinics, to whoever asked for it, until its link expires."""
    reader = OrganisationReader(request.organiser)
    return kept_file(reader, _hers(request), uid, timezone.now())
