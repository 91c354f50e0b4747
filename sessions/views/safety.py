"""A stop on the floor, and what is reported of it: adverse events, their review."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions import facts, sync
from sessions.alarms import emergency_plan
from sessions.board import board
from sessions.forms import operation
from sessions.forms_report import ReportForm, report_operation
from sessions.models import AdverseEvent, Operation, Visit
from sessions.on_reports import in_force, review
from sessions.operations import Op, Result


@require_POST
@requires(Can.LOG_SETS)
def stop(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """Nothing more is lifted; the page then says whom to call. No reason is needed."""
    payload = {"why": request.POST.get("why", "")}
    result = _applied(request, operation(uid, Operation.Kind.STOP, request.POST, payload=payload))
    if result.reason:
        messages.error(request, result.reason)
    return redirect("sessions:visit", request.member.clinic.slug, uid)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
def report(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """Report an adverse event of a visit; ``?of=`` corrects one, which stays readable."""
    found = facts.on_the_floor(request.member).select_related("enrollment")
    visit = get_object_or_404(found, uid=uid)
    visit.clinic = request.member.clinic
    lifts = [(card.lift, card.title) for card in board(visit, []).cards]
    corrects = _corrected(request, visit)
    if request.method != "POST":
        return _page(request, visit, ReportForm(lifts=lifts, corrects=corrects), corrects)
    result = _applied(request, report_operation(visit, request.POST))
    if result.outcome == Operation.Outcome.REFUSED:
        form = ReportForm(request.POST, lifts=lifts, corrects=corrects)
        form.say(result)
        return _page(request, visit, form, corrects, status=422)
    messages.success(request, "The report is saved.")
    return redirect("sessions:visit", request.member.clinic.slug, uid)


def _corrected(request: MemberRequest, visit: Visit) -> AdverseEvent | None:
    named = request.GET.get("of")
    if not named:
        return None
    try:
        wanted = uuid.UUID(named)
    except ValueError as nonsense:
        raise Http404 from nonsense
    reports = AdverseEvent.objects.visible_to(request.member).filter(visit=visit)
    newest = in_force(get_object_or_404(reports, uid=wanted))
    newest.clinic = visit.clinic
    return newest


def _page(
    request: MemberRequest,
    visit: Visit,
    form: ReportForm,
    corrects: AdverseEvent | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "visit": visit,
        "client": visit.client,
        "form": form,
        "corrects": corrects,
        "emergency_plan": emergency_plan(visit.clinic),
    }
    return render(request, "sessions/report.html", context, status=status)


@require_POST
@requires(Can.LOG_SETS)
def review_report(request: MemberRequest, uid: uuid.UUID, event: uuid.UUID) -> HttpResponse:
    """A therapist has looked at a report; her name stands beside it."""
    reports = AdverseEvent.objects.visible_to(request.member)
    found = get_object_or_404(reports, visit__uid=uid, uid=event)
    if not review(found, by=request.member, now=timezone.now()):
        messages.info(request, "It was reviewed or corrected already. Nothing was changed.")
    return redirect("sessions:visit", request.member.clinic.slug, uid)


def _applied(request: MemberRequest, op: Op) -> Result:
    try:
        return sync.apply_to_visit(op.visit, [op], by=request.member).results[0]
    except sync.NoSuchVisit as missing:
        raise Http404 from missing
