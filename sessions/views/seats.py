"""One seat at the desk: what became of it, cancel it, move it, give it back, undo a slip."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients.views_parts import posted
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.typed import typed
from sessions import booking, seats, series, undoing
from sessions.booking import NoSeat
from sessions.consequences import causes
from sessions.forms_desk import CancelForm, FollowingForm
from sessions.models import Room, SeatChange, Visit
from sessions.seat_words import GIVEN_UP, change_words, kind_words, status_words
from sessions.slot_page import lock_words

from . import at_the_desk as desk

#: How far ahead free places are shown to move one seat to.
AHEAD = timedelta(days=14)


@require_safe
@requires(Can.BOOK)
def seat(request: MemberRequest, uid: UUID) -> HttpResponse:
    """One seat: what it is, what became of it, and what can be done with it."""
    visit = desk.seat_of(request, uid)
    clinic, now = request.member.clinic, timezone.now()
    changes = visit.seat_changes.select_related("by__user").order_by("-at", "-pk")
    open_ = visit.starts_at > now and visit.slot.called_off_at is None
    context = {
        "visit": visit,
        "kind": kind_words(visit, clinic),
        "status": status_words(visit),
        "changes": [change_words(change, clinic) for change in changes],
        "can_change": open_ and visit.status == Visit.Status.PLANNED,
        "can_give_back": open_ and visit.status in GIVEN_UP,
        "lock": lock_words(
            visit,
            member=request.member,
            day=visit.starts_at.astimezone(request.member.clinic.tz).date(),
        ),
        "back": desk.back_to(request),
    }
    return render(request, "sessions/seat.html", context)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def cancel(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Cancel one seat: whose cause, why, and what follows, said before it is done."""
    visit, now = desk.seat_of(request, uid), timezone.now()
    form, refusal = CancelForm(posted(request)), ""
    if form.is_valid():
        if visit.status in Visit.FREED:  # the second tap of a double tap, or another desk
            messages.info(request, f"It was cancelled before: {status_words(visit).lower()}.")
            return redirect(desk.address_back(request, visit))
        try:
            return desk.done(
                request,
                booking.cancel(visit=visit, by=request.member, now=now, **form.cleaned_data),
            )
        except NoSeat as no:
            refusal = str(no)
    context = {
        "visit": visit,
        "form": form,
        "causes": causes(visit, now=now),
        "refusal": refusal,
        "back": desk.back_to(request),
    }
    return desk.page(request, "sessions/seat_cancel.html", context)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def move(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Move one seat to a real free place of the next days; the series stays as it is."""
    visit, now, refusal = desk.seat_of(request, uid), timezone.now(), ""
    if request.method == "POST":
        try:
            return _moved(request, visit)
        except NoSeat as no:
            refusal = str(no)
    today = desk.today_of(request, now)
    found = seats.free_places(
        visit.enrollment, now=now, first=today, last=today + AHEAD, besides=[visit.pk]
    )
    context = {
        "visit": visit,
        "places": [one for one in found if not one.why_not and one.slot.pk != visit.slot_id],
        "why": request.POST.get("why", ""),
        "refusal": refusal,
        "back": desk.back_to(request),
        "days": AHEAD.days,
    }
    return desk.page(request, "sessions/seat_move.html", context)


def _moved(request: MemberRequest, visit: Visit) -> HttpResponse:
    """Move it to the class that was tapped; NoSeat says why not."""
    slot = desk.slot_tapped(request, request.POST.get("slot", ""))
    if visit.slot_id == slot.pk:  # the second tap of a double tap
        return redirect(desk.address_back(request, visit))
    why = typed(request.POST, "why")[:200]
    moved = booking.move(visit=visit, slot=slot, by=request.member, why=why, now=timezone.now())
    return desk.done(request, moved)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def following(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Move this seat and all that follow it: the standing place changes from here on."""
    visit, now = desk.seat_of(request, uid), timezone.now()
    place = visit.place
    if place is None:
        raise Http404
    supervisors = Membership.objects.visible_to(request.member).supervisors()
    rooms = {room.name for room in Room.objects.visible_to(request.member)} | {place.room}
    form = FollowingForm(
        posted(request),
        initial={
            "weekday": place.weekday,
            "at": place.at,
            "minutes": place.minutes,
            "room": place.room,
            "supervisor": place.supervisor_id,
        },
        rooms=sorted(rooms),
        supervisors=supervisors.select_related("user").order_by("user__name"),
    )
    refusal = ""
    if form.is_valid():
        try:
            series.move_following(visit=visit, by=request.member, now=now, **form.said())
        except NoSeat as no:
            refusal = str(no)
        else:
            messages.success(request, "The weekly place is moved, with all visits that follow.")
            return desk.to_client(request, visit.client_id)
    coming = list(
        place.visits.filter(during__startswith__gte=visit.starts_at)
        .exclude(status__in=Visit.FREED)
        .order_by("during")
        .values_list("during", flat=True)
    )
    context = {
        "visit": visit,
        "place": place,
        "form": form,
        "refusal": refusal,
        "back": desk.back_to(request),
        "count": len(coming),
        "last": coming[-1].lower if coming else None,
    }
    return desk.page(request, "sessions/seat_following.html", context)


@require_POST
@requires(Can.BOOK)
def restore(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Give a cancelled seat back, while its class is still to come and there is room."""
    visit, now = desk.seat_of(request, uid), timezone.now()
    if visit.status not in Visit.FREED:
        messages.info(request, "The place is hers already.")
        return redirect(desk.address_back(request, visit))
    try:
        return desk.done(request, booking.restore(visit=visit, by=request.member, now=now))
    except NoSeat as no:
        desk.say_no(request, str(no))
        return redirect(desk.address_back(request, visit))


@require_POST
@requires(Can.BOOK)
def undo(request: MemberRequest, uid: UUID, change: int) -> HttpResponse:
    """Take back what this member did a moment ago: exactly what was before."""
    visit, now = desk.seat_of(request, uid), timezone.now()
    found = get_object_or_404(SeatChange.objects.visible_to(request.member), pk=change, visit=visit)
    try:
        visit = undoing.undo(change=found, by=request.member, now=now)
    except NoSeat as no:
        desk.say_no(request, str(no))
    else:
        messages.success(request, "Undone.")
    return redirect(desk.address_back(request, visit))
