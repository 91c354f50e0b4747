"""The client's calendar link: made, renewed and turned off by herself."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clients.models import Client
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.lately import lately_to_change
from sessions import calendars
from sessions.models import CalendarFeed
from sessions.portal import client_of


@require_http_methods(["GET", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@lately_to_change
@never_cache
def calendar_link(request: MemberRequest) -> HttpResponse:
    """The secret address of her calendar; POST makes one."""
    client = _client(request)
    if request.method == "POST":
        calendars.open_feed(client=client, now=timezone.now())
        return redirect("sessions:portal-calendar", request.member.clinic.slug)
    feed = (
        CalendarFeed.objects.visible_to(request.member)
        .filter(client=client, revoked_at=None)
        .first()
    )
    address = calendars.address_of(feed) if feed else ""
    context = {"feed": feed, "address": address, "webcal": calendars.webcal(address)}
    return render(request, "sessions/portal_calendar.html", context)


@require_http_methods(["GET", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@lately_to_change
@never_cache
def renew_calendar_link(request: MemberRequest) -> HttpResponse:
    """Asks first; then the old address opens nothing any more and there is a new one."""
    client = _client(request)
    if request.method == "POST":
        calendars.renew_feed(client=client, now=timezone.now())
        messages.success(request, "This is your new link. The old one shows nothing any more.")
        return redirect("sessions:portal-calendar", request.member.clinic.slug)
    return render(request, "sessions/portal_calendar_renew.html")


@require_http_methods(["GET", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@never_cache
def stop_calendar_link(request: MemberRequest) -> HttpResponse:
    """Asks first; then the address opens nothing any more."""
    client = _client(request)
    if request.method == "POST":
        calendars.close_feed(client=client, now=timezone.now())
        messages.success(request, "The link is turned off. It shows nothing any more.")
        return redirect("sessions:portal-calendar", request.member.clinic.slug)
    return render(request, "sessions/portal_calendar_stop.html")


def _client(request: MemberRequest) -> Client:
    client = client_of(request.member)
    if client is None:
        raise Http404
    return client
