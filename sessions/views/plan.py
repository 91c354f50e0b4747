"""A client's plan as a timeline and as a preview, each with its chart."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import render_page
from programs.models import Enrollment
from programs.preview import SCENARIOS, Scenario
from sessions import charts, outlook
from sessions.timeline import Timeline
from sessions.timeline import timeline as timeline_of

CHART = "sessions/plan_chart.html"


def _newest(request: MemberRequest, pk: int) -> Enrollment:
    """The client's newest enrollment; 404 where there is none."""
    client = get_object_or_404(Client.objects.visible_to(request.member), pk=pk)
    enrollment = (
        Enrollment.objects.visible_to(request.member).filter(client=client).order_by("-pk")
    ).first()
    enrollment = enrollment or get_object_or_404(Enrollment.objects.none())
    enrollment.client, enrollment.clinic = client, request.member.clinic
    return enrollment


def _timeline(request: MemberRequest, enrollment: Enrollment) -> Timeline:
    return timeline_of(
        enrollment,
        clinic=request.member.clinic,
        now=timezone.now(),
        lift=request.GET.get("lift", ""),
    )


def _scenario(request: MemberRequest) -> Scenario:
    """The scenario of the address; another word is the first."""
    asked = request.GET.get("scenario")
    return next((one for one in SCENARIOS if one.key == asked), SCENARIOS[0])


def _preview(request: MemberRequest, enrollment: Enrollment, now: datetime) -> outlook.Preview:
    return outlook.preview(
        enrollment,
        clinic=request.member.clinic,
        now=now,
        lift=request.GET.get("lift", ""),
        scenario=_scenario(request),
    )


def _active(request: MemberRequest, pk: int) -> Enrollment:
    """Who has ended has no weeks to come."""
    enrollment = _newest(request, pk)
    if enrollment.status != Enrollment.Status.ACTIVE:
        return get_object_or_404(Enrollment.objects.none())
    return enrollment


@require_safe
@requires(Can.SEE_CLIENTS)
def timeline(request: MemberRequest, pk: int) -> HttpResponse:
    """What was asked, done and decided of one lift, the newest first."""
    enrollment = _newest(request, pk)
    shown = _timeline(request, enrollment)
    context = {
        "client": enrollment.client,
        "enrollment": enrollment,
        "active": enrollment.status == Enrollment.Status.ACTIVE,
        "shown": shown,
        "query": urlencode({"lift": shown.lift}),
    }
    return render_page(request, "sessions/timeline.html", context, partial="page")


@require_safe
@requires(Can.SEE_CLIENTS)
def preview(request: MemberRequest, pk: int) -> HttpResponse:
    """The weeks to come, were all to go as one of the scenarios says."""
    enrollment = _active(request, pk)
    scenario = _scenario(request)
    shown = _preview(request, enrollment, timezone.now())
    context = {
        "client": enrollment.client,
        "scenarios": SCENARIOS,
        "scenario": scenario,
        "shown": shown,
        "query": urlencode({"lift": shown.lift, "scenario": scenario.key}),
    }
    return render_page(request, "sessions/preview.html", context, partial="page")


@require_safe
@requires(Can.SEE_CLIENTS)
@cache_control(private=True, no_store=True)
def timeline_chart(request: MemberRequest, pk: int) -> HttpResponse:
    """The chart of the timeline: a part of its page, or a page of its own."""
    enrollment = _newest(request, pk)
    return _chart(request, enrollment, _timeline(request, enrollment).picture)


@require_safe
@requires(Can.SEE_CLIENTS)
@cache_control(private=True, no_store=True)
def preview_chart(request: MemberRequest, pk: int) -> HttpResponse:
    """The chart of the preview."""
    enrollment = _active(request, pk)
    return _chart(request, enrollment, _preview(request, enrollment, timezone.now()).picture)


def _chart(request: MemberRequest, enrollment: Enrollment, picture: charts.Picture) -> HttpResponse:
    context: dict[str, Any] = {"client": enrollment.client, "picture": picture}
    if picture.drawable:
        context["svg"] = charts.draw(picture)
    return render_page(request, CHART, context, partial="chart")
