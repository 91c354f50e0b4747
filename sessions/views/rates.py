"""The clinic's page of adverse events and falls: counts, and rates with their denominators."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from sessions.falls import DEFINITION
from sessions.reports import safety as figures
from sessions.reports.forms import SafetyForm

PAGE = "sessions/safety.html"
MEANINGS = (
    figures.EVENTS_DEFINITION,
    figures.SERIOUS_DEFINITION,
    figures.SESSIONS_DEFINITION,
    figures.YEARS_DEFINITION,
    DEFINITION,
    figures.FALLS_DEFINITION,
    figures.BOUND_DEFINITION,
)


@require_safe
@requires(Can.SEE_CLIENTS)
def safety(request: MemberRequest) -> HttpResponse:
    """What happened within the days of the address, and how often that is."""
    now = timezone.now()
    form = SafetyForm(request.GET, today=now.astimezone(request.member.clinic.tz).date())
    if not form.is_valid():
        return render(request, PAGE, {"form": form}, status=UNPROCESSABLE)
    asked = form.cleaned_data
    report = figures.safety(request.member, first=asked["first"], last=asked["last"], as_at=now)
    context = {"form": form, "report": report, "meanings": MEANINGS}
    return render(request, PAGE, context)
