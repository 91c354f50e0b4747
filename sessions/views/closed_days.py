"""Rooms, days on which the clinic is closed, and leave of staff."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from sessions import closures as days
from sessions import rooms as of_rooms
from sessions.clashes import Clash
from sessions.forms_timetable import ClosureForm, LeaveForm, RoomForm
from sessions.models import Closure, Leave, Room

from .asking import ask, room_names

GET_OR_POST = ["GET", "HEAD", "POST"]
FORM = "sessions/timetable_form.html"
#: How far ahead the page of leave looks for classes that fall short.
LOOKS_AHEAD = timedelta(weeks=8)


# --- rooms ----------------------------------------------------------------------------------------


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def rooms(request: MemberRequest) -> HttpResponse:
    """The rooms and what they hold; a new one is added here."""
    form = RoomForm(_data(request))

    def act(said: dict[str, Any]) -> str:
        return f"{of_rooms.add_room(**said, by=request.member).name} is there."

    return ask(
        request,
        "sessions/rooms.html",
        form,
        act,
        back=_page(request, "rooms"),
        context=lambda: {"rooms": list(Room.objects.visible_to(request.member))},
    )


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def room(request: MemberRequest, pk: int) -> HttpResponse:
    """What a room holds, and what it is called from now on."""
    found = get_object_or_404(Room.objects.visible_to(request.member), pk=pk)
    initial = {"name": found.name, "places": found.places, "racks": found.racks}
    form = RoomForm(_data(request), initial=initial)

    def act(said: dict[str, Any]) -> str:
        of_rooms.change_room(room=found, **said, by=request.member, now=timezone.now())
        return "Saved. It holds for everything that is still to come."

    words = {
        "title": f"Change {found.name}",
        "about": "A new name is that of what is still to come. The past keeps the old one.",
        "submit": "Save",
    }
    return ask(request, FORM, form, act, back=_page(request, "rooms"), context=lambda: words)


# --- closed days ----------------------------------------------------------------------------------


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def closures(request: MemberRequest) -> HttpResponse:
    """Closed days to come. To close days on which people are booked is confirmed first."""
    form = ClosureForm(_data(request), rooms=room_names(request))

    def act(said: dict[str, Any]) -> str:
        closure, seats = days.close(
            name=said["name"],
            starts_on=said["starts_on"],
            ends_on=form.last_day(),
            room=said["room"],
            by=request.member,
            now=timezone.now(),
        )
        if seats and not said["sure"]:
            form.asks = True
            many = "1 person is" if seats == 1 else f"{seats} seats are"
            raise Clash("sure", f"{many} booked on these days. Tick this to call it off.")
        return f"Closed: {closure.name}. {_seats(seats, 'called off')}"

    today = _today(request)
    standing = Closure.objects.visible_to(request.member).standing().filter(ends_on__gte=today)
    return ask(
        request,
        "sessions/closures.html",
        form,
        act,
        back=_page(request, "closures"),
        context=lambda: {"closures": list(standing)},
    )


@require_POST
@requires(Can.RUN_TIMETABLE)
def closure_reopen(request: MemberRequest, pk: int) -> HttpResponse:
    """Take a closure back: what it closed is given back."""
    found = get_object_or_404(Closure.objects.visible_to(request.member), pk=pk)
    try:
        seats = days.reopen(closure=found, by=request.member, now=timezone.now())
    except Clash as clash:
        messages.error(request, clash.text)
    else:
        messages.success(request, f"Open after all: {found.name}. {_seats(seats, 'given back')}")
    return redirect("sessions:closures", request.member.clinic.slug)


# --- leave ----------------------------------------------------------------------------------------


@require_http_methods(GET_OR_POST)
@requires(Can.RUN_TIMETABLE)
def leave(request: MemberRequest) -> HttpResponse:
    """Who is away, and which classes fall short by it."""
    members = Membership.objects.visible_to(request.member).supervisors().select_related("user")
    form = LeaveForm(
        _data(request), supervisors=members.order_by("user__name"), member=request.member
    )

    def act(said: dict[str, Any]) -> str:
        gone = days.leave(
            member=said["member"],
            starts_on=said["starts_on"],
            ends_on=form.last_day(),
            why=said["why"],
            by=request.member,
            now=timezone.now(),
        )
        return f"{gone.member} is away from {_say(gone.starts_on)} to {_say(gone.ends_on)}."

    return ask(
        request,
        "sessions/leave.html",
        form,
        act,
        back=_page(request, "leave"),
        context=lambda: _of_leave(request),
    )


def _of_leave(request: MemberRequest) -> dict[str, Any]:
    today, clinic = _today(request), request.member.clinic
    standing = Leave.objects.visible_to(request.member).standing().filter(ends_on__gte=today)
    return {
        "leaves": list(standing.select_related("member__user")),
        "short": days.short_slots(clinic, today, today + LOOKS_AHEAD, timezone.now()),
        "until": today + LOOKS_AHEAD,
    }


@require_POST
@requires(Can.RUN_TIMETABLE)
def leave_end(request: MemberRequest, pk: int) -> HttpResponse:
    """She is not away after all."""
    leaves = Leave.objects.visible_to(request.member).select_related("member__user")
    found = get_object_or_404(leaves, pk=pk)
    try:
        days.end_leave(leave=found, by=request.member, now=timezone.now())
    except Clash as clash:
        messages.error(request, clash.text)
    else:
        messages.success(request, f"{found.member} is here after all.")
    return redirect("sessions:leave", request.member.clinic.slug)


# --- what they share ------------------------------------------------------------------------------


def _data(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _today(request: MemberRequest) -> date:
    return timezone.now().astimezone(request.member.clinic.tz).date()


def _page(request: MemberRequest, name: str) -> str:
    return reverse(f"sessions:{name}", args=[request.member.clinic.slug])


def _seats(seats: int, what: str) -> str:
    return f"{seats} seat{' was' if seats == 1 else 's were'} {what}."


def _say(day: date) -> str:
    return f"{day.day} {day:%B}"
