"""The adverse events of one client: all of them, one reported by hand, its review."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients.models import Client
from bonefit.clients.views_parts import client_of
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from sessions import events
from sessions.alarms import emergency_plan
from sessions.entries import BadSet
from sessions.forms_report import EventForm
from sessions.models import AdverseEvent, Visit
from sessions.on_reports import in_force, review
from sessions.reported import reports_of_client

#: Sessions that are offered where it happened in one of them.
LATEST = 6


@require_safe
@requires(Can.SEE_CLIENTS)
def client_events(request: MemberRequest, pk: int) -> HttpResponse:
    """What untoward has happened to a client, the newest first."""
    client = client_of(request, pk)
    context = {"client": client, "reports": reports_of_client(client, by=request.member)}
    return render(request, "sessions/events.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
def event_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Report by hand what happened outside a visit; ``?of=`` corrects such a report."""
    client = client_of(request, pk)
    corrects = _corrected(request, client)
    if request.method != "POST":
        return _page(request, client, EventForm(corrects=corrects), corrects)
    form, now = EventForm(request.POST, corrects=corrects), timezone.now()
    try:
        if corrects is None:
            uid = form.identity("entry")
            events.record(client=client, data=request.POST, uid=uid, by=request.member, now=now)
        else:
            uid = form.identity("op")
            events.correct(event=corrects, data=request.POST, uid=uid, by=request.member, now=now)
    except BadSet as bad:
        form.show(bad.errors)
        return _page(request, client, form, corrects, status=UNPROCESSABLE)
    messages.success(request, "The report is saved.")
    return redirect("sessions:events", request.member.clinic.slug, client.pk)


def _corrected(request: MemberRequest, client: Client) -> AdverseEvent | None:
    named = request.GET.get("of")
    if not named:
        return None
    try:
        wanted = uuid.UUID(named)
    except ValueError as nonsense:
        raise Http404 from nonsense
    newest = in_force(get_object_or_404(_by_hand(request, client), uid=wanted))
    newest.client, newest.clinic = client, client.clinic
    return newest


def _by_hand(request: MemberRequest, client: Client):
    return AdverseEvent.objects.visible_to(request.member).filter(client=client, visit=None)


def _page(
    request: MemberRequest,
    client: Client,
    form: EventForm,
    corrects: AdverseEvent | None,
    *,
    status: int = 200,
) -> HttpResponse:
    began = Visit.objects.visible_to(request.member).filter(
        client=client, during__startswith__lte=timezone.now()
    )
    context = {
        "client": client,
        "form": form,
        "corrects": corrects,
        "visits": [] if corrects else list(began.order_by("-during")[:LATEST]),
        "emergency_plan": emergency_plan(client.clinic),
    }
    return render(request, "sessions/event.html", context, status=status)


@require_POST
@requires(Can.LOG_SETS)
def event_review(request: MemberRequest, pk: int, event: uuid.UUID) -> HttpResponse:
    """A therapist has looked at a report by hand; her name and the day stand beside it."""
    client = client_of(request, pk)
    found = get_object_or_404(_by_hand(request, client), uid=event)
    if not review(found, by=request.member, now=timezone.now()):
        messages.info(request, "It was reviewed or corrected already. Nothing was changed.")
    return redirect("sessions:events", request.member.clinic.slug, client.pk)
