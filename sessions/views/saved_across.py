"""What an organisation's admins keep: questions across its clinics, and the files they took."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clinics.access import Can, OrganiserRequest, requires_organisation
from sessions.forms_reports import SaveAcrossForm
from sessions.reports import keeping_across
from sessions.reports.readers import OrganisationReader
from sessions.views.exports import PAGE, files_page
from sessions.views.saved import asked_of, listed, refusal, saving


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def reports(request: OrganiserRequest) -> HttpResponse:
    """The reports that there are, those that are kept under a name, and one's newest files."""
    organiser = request.organiser
    saved = keeping_across.saved_across(organiser)
    files = keeping_across.files_across(organiser).filter(user=organiser.user)
    return listed(request, OrganisationReader(organiser), saved, files, mine=organiser.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires_organisation(Can.KEEP_REPORTS)
def save(request: OrganiserRequest) -> HttpResponse:
    """Keep a question across the clinics."""
    keep = partial(keeping_across.save_across, by=request.organiser)
    return saving(request, OrganisationReader(request.organiser), SaveAcrossForm, keep)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def open_saved(request: OrganiserRequest, pk: int) -> HttpResponse:
    """Go to the report that was saved; a monthly one with the days of the month of its link."""
    saved = get_object_or_404(keeping_across.saved_across(request.organiser), pk=pk)
    reader = OrganisationReader(request.organiser)
    if refused := refusal(request, reader, saved):
        return refused
    asked = asked_of(saved, reader, request.GET.get("month", ""))
    return redirect(f"{reader.address('figures', saved.report)}?{asked}")


@require_POST
@requires_organisation(Can.KEEP_REPORTS)
def remove(request: OrganiserRequest, pk: int) -> HttpResponse:
    """Take one of one's own off the list."""
    organiser = request.organiser
    mine = keeping_across.saved_across(organiser).filter(owner=organiser)
    saved = get_object_or_404(mine, pk=pk)
    if keeping_across.remove_across(saved=saved, by=organiser, now=timezone.now()):
        messages.success(request, f"“{saved.name}” is off the list.")
    return redirect(OrganisationReader(organiser).list_address)


@require_POST
@requires_organisation(Can.KEEP_REPORTS)
def stop(request: OrganiserRequest, pk: int) -> HttpResponse:
    """End the monthly mails of one of one's own; it stays on the list."""
    organiser = request.organiser
    mine = keeping_across.saved_across(organiser).filter(owner=organiser)
    saved = get_object_or_404(mine, pk=pk)
    if keeping_across.stop_mails_across(saved=saved, by=organiser, now=timezone.now()):
        messages.success(request, f"No more e-mails about “{saved.name}”.")
    return redirect(OrganisationReader(organiser).list_address)


@require_safe
@requires_organisation(Can.RUN_REPORTS)
def exports(request: OrganiserRequest) -> HttpResponse:
    """Every file that the organisation's admins took of its clinics."""
    rows = keeping_across.files_across(request.organiser)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "sessions/report_exports.html",
        files_page(OrganisationReader(request.organiser), page),
    )
