"""A client asks who has looked at her record; so may a companion whom she lets look."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from sessions.views.portal import accompanied, own
from sessions.who_looked_pages import context_of

PAGE = "sessions/portal_looked.html"


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def looked(request: MemberRequest) -> HttpResponse:
    """Who has looked at her record, newest day first."""
    client = own(request)
    lines = context_of(request.member, client, asked=request.GET, now=timezone.now())
    back = reverse("sessions:portal", args=[request.member.clinic.slug])
    return render(request, PAGE, {"own": True, "back_to": back, **lines})


@require_safe
@requires(Can.SEE_OWN_SCHEDULE)
@never_cache
def looked_of_client(request: MemberRequest, pk: int) -> HttpResponse:
    """The same of a client who agreed to it."""
    client, context = accompanied(request, pk)
    lines = context_of(request.member, client, asked=request.GET, now=timezone.now())
    back = reverse("sessions:portal-of", args=[request.member.clinic.slug, pk])
    return render(request, PAGE, {**context, "back_to": back, **lines})
