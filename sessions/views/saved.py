"""Saved reports: the list, keeping one, opening it, taking it off the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from sessions.forms_reports import SaveAcrossForm, SaveReportForm
from sessions.models import ReportExport, SavedAcross, SavedReport
from sessions.reports import answerable, keeping
from sessions.reports.readers import ClinicReader, Reader
from sessions.reports.registry import KINDS, kinds_for
from sessions.reports.scope import month_before

NEWEST = 20
Saved = SavedReport | SavedAcross


Form = type[SaveAcrossForm]


def listed(
    request: HttpRequest,
    reader: Reader,
    saved: Iterable[Saved],
    files: QuerySet[ReportExport],
    *,
    mine: int,
) -> HttpResponse:
    """The page with all reports. ``mine``: the owner's id of what may be taken off the list."""
    titles = {kind.slug: kind.title for kind in KINDS}
    every = list(saved)
    refused = answerable.without_answer(reader, every, timezone.now())
    context = {
        "layout": reader.layout,
        "reader": reader,
        "zone": reader.clinics[0].tz,
        "kinds": [(kind, reader.address("figures", kind.slug)) for kind in kinds_for(reader)],
        "saved": [
            (
                one,
                titles.get(one.report, one.report),
                "" if one.pk in refused else reader.address("report-saved", one.pk),
                reader.address("report-remove", one.pk) if one.owner_id == mine else "",
                reader.address("report-stop", one.pk) if one.owner_id == mine else "",
            )
            for one in every
        ],
        "not_for_you": answerable.NOT_FOR_YOU,
        "files": [
            (
                one,
                titles.get(one.report, one.report),
                reader.address("report-export", one.uid)
                if one.status != ReportExport.Status.SENT
                else "",
            )
            for one in files[:NEWEST]
        ],
        "files_address": reader.address("report-exports"),
    }
    return render(request, "sessions/reports.html", context)


def saving(
    request: HttpRequest, reader: Reader, form_of: Form, keep: Callable[..., object]
) -> HttpResponse:
    """Keep a question under a name. The first post brings the question, the second its name."""
    context = {
        "layout": reader.layout,
        "reader": reader,
        "list_address": reader.list_address,
        "save_address": reader.address("report-save"),
    }
    asked = request.GET if request.method != "POST" else request.POST
    if request.method != "POST" or "name" not in request.POST:
        initial = {"report": asked.get("report", ""), "query": asked.get("query", "")[:400]}
        if initial["report"] not in {kind.slug for kind in form_of.kinds}:
            raise Http404
        form = form_of(initial=initial)
        return render(request, "sessions/report_save.html", {**context, "form": form})
    form = form_of(request.POST)
    if form.is_valid():
        try:
            keep(**form.kept(), now=timezone.now())
        except keeping.NameTaken:
            form.say_taken()
        else:
            messages.success(request, "The question is saved.")
            return redirect(reader.list_address)
    return render(
        request, "sessions/report_save.html", {**context, "form": form}, status=UNPROCESSABLE
    )


@require_safe
@requires(Can.RUN_REPORTS)
def reports(request: MemberRequest) -> HttpResponse:
    """The reports that there are, those that are kept under a name, and one's newest files."""
    member = request.member
    files = ReportExport.objects.visible_to(member).filter(member=member).order_by("-pk")
    saved = keeping.saved_reports(member)
    return listed(request, ClinicReader(member), saved, files, mine=member.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.KEEP_REPORTS)
def save(request: MemberRequest) -> HttpResponse:
    """Keep a question of the clinic."""
    keep = partial(keeping.save, by=request.member)
    return saving(request, ClinicReader(request.member), SaveReportForm, keep)


@require_safe
@requires(Can.RUN_REPORTS)
def open_saved(request: MemberRequest, pk: int) -> HttpResponse:
    """Go to the report that was saved; a monthly one with the days of the month of its link."""
    saved = get_object_or_404(keeping.saved_reports(request.member), pk=pk)
    if refused := refusal(request, ClinicReader(request.member), saved):
        return refused
    address = redirect("sessions:figures", request.member.clinic.slug, saved.report).url
    asked = asked_of(saved, ClinicReader(request.member), request.GET.get("month", ""))
    return redirect(f"{address}?{asked}")


def refusal(request: HttpRequest, reader: Reader, saved: Saved) -> HttpResponse | None:
    """Back to the list, with a word, where the question has no answer for this reader."""
    if not answerable.without_answer(reader, [saved], timezone.now()):
        return None
    messages.warning(request, f"“{saved.name}” cannot be opened. {answerable.NOT_FOR_YOU}")
    return redirect(reader.list_address)


def asked_of(saved: Saved, reader: Reader, month: str) -> str:
    """The address that is kept; a monthly one with a month: without one the last that is over.

    It is over where it is over by every clinic's calendar.
    """
    if not saved.monthly:
        return saved.query
    now = timezone.now()
    today = min(now.astimezone(clinic.tz).date() for clinic in reader.clinics)
    return keeping.with_days(saved.query, month, month_before(today))


@require_POST
@requires(Can.KEEP_REPORTS)
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take one of one's own off the list."""
    mine = SavedReport.objects.visible_to(request.member).filter(owner=request.member)
    saved = get_object_or_404(mine, pk=pk)
    if keeping.remove(saved=saved, by=request.member, now=timezone.now()):
        messages.success(request, f"“{saved.name}” is off the list.")
    return redirect("sessions:reports", request.member.clinic.slug)


@require_POST
@requires(Can.KEEP_REPORTS)
def stop(request: MemberRequest, pk: int) -> HttpResponse:
    """End the monthly mails of one of one's own; it stays on the list."""
    mine = SavedReport.objects.visible_to(request.member).filter(owner=request.member)
    saved = get_object_or_404(mine, pk=pk, removed_at=None)
    if keeping.stop_mails(saved=saved, by=request.member, now=timezone.now()):
        messages.success(request, f"No more e-mails about “{saved.name}”.")
    return redirect("sessions:reports", request.member.clinic.slug)
