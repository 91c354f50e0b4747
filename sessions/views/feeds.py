"""The calendar links of staff: a supervisor's own, and that of a room."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.lately import lately_to_change
from bonefit.htmx import UNPROCESSABLE
from sessions import calendars
from sessions.models import Room


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.LOG_SETS)
@lately_to_change
@never_cache
def own_calendar(request: MemberRequest) -> HttpResponse:
    """The secret address of a supervisor's slots; POST makes, renews or revokes it."""
    return _link(request, {"member": request.member}, room=None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.RUN_TIMETABLE)
@lately_to_change
@never_cache
def room_calendar(request: MemberRequest, pk: int) -> HttpResponse:
    """The secret address of a room's slots; POST makes, renews or revokes it."""
    room = get_object_or_404(Room.objects.visible_to(request.member), pk=pk)
    return _link(request, {"room": room}, room=room)


def _link(request: MemberRequest, owner: dict[str, Any], *, room: Room | None) -> HttpResponse:
    said = request.POST.get("link", "")
    if request.method == "POST" and _done(request, said, owner):
        return redirect(request.path)
    feed = calendars.live_feed(**owner)
    address = calendars.address_of(feed) if feed else ""
    context = {
        "room": room,
        "feed": feed,
        "address": address,
        "webcal": calendars.webcal(address),
        "back": _back(request, room),
    }
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "sessions/feed.html", context, status=status)


def _done(request: MemberRequest, said: str, owner: dict[str, Any]) -> bool:
    """Does what was tapped and says so; False where it is nothing that can be tapped."""
    now = timezone.now()
    if said == "make":
        calendars.open_feed(**owner, now=now)
    elif said == "renew":
        calendars.renew_feed(**owner, now=now)
        messages.success(request, "This is the new link. The old one shows nothing any more.")
    elif said == "revoke":
        calendars.close_feed(**owner, now=now)
        messages.success(request, "The link is turned off. It shows nothing any more.")
    else:
        messages.error(request, "Nothing was changed: choose one of the buttons.")
    return said in ("make", "renew", "revoke")


def _back(request: MemberRequest, room: Room | None) -> str:
    name = "sessions:rooms" if room else "sessions:today"
    return reverse(name, args=[request.member.clinic.slug])
