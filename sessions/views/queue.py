"""The waiting list of a class at the desk: offer a place out of turn, accept for her, take off."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from programs.plans import rules_at
from sessions import waiting
from sessions.booking import NoSeat
from sessions.models import Waiting

from . import at_the_desk as desk


def _row(request: MemberRequest, waits: int) -> Waiting:
    found = Waiting.objects.visible_to(request.member).select_related(
        "client", "slot", "enrollment", "makes_up"
    )
    row: Waiting = get_object_or_404(found, pk=waits)
    row.clinic = row.slot.clinic = row.enrollment.clinic = request.member.clinic
    row.enrollment.client = row.client
    return row


def _back(request: MemberRequest, row: Waiting) -> HttpResponse:
    if desk.back_to(request) == desk.CLIENT:
        return desk.to_client(request, row.client_id)
    return desk.to_slot(request, row.slot_id)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def offer(request: MemberRequest, waits: int) -> HttpResponse:
    """Offer her a place now, before those who have waited longer: asked before it is done."""
    row, now, refusal = _row(request, waits), timezone.now(), ""
    if request.method == "POST":
        try:
            waiting.offer_to(waiting=row, by=request.member, now=now)
        except NoSeat as no:
            refusal = str(no)
        else:
            messages.success(request, f"{row.client.name} is offered the place.")
            return _back(request, row)
    before = (
        Waiting.objects.visible_to(request.member)
        .open()
        .filter(slot=row.slot, asked_at__lt=row.asked_at)
        .select_related("client")
        .order_by("asked_at", "pk")
    )
    context = {
        "row": row,
        "slot": row.slot,
        "before": before,
        "hours": rules_at(request.member.clinic, now).rules.offer_hours,
        "refusal": refusal,
        "back": desk.back_to(request),
    }
    return desk.page(request, "sessions/waiting_offer.html", context)


@require_POST
@requires(Can.BOOK)
def accept(request: MemberRequest, waits: int) -> HttpResponse:
    """She said yes, on the telephone or at the desk: the place is hers."""
    row = _row(request, waits)
    try:
        visit = waiting.accept(waiting=row, by=request.member, now=timezone.now())
    except NoSeat as no:
        desk.say_no(request, str(no))
        return _back(request, row)
    return desk.done(request, visit)


@require_POST
@requires(Can.BOOK)
def remove(request: MemberRequest, waits: int) -> HttpResponse:
    """Take her off the list."""
    row = _row(request, waits)
    if row.closed_at is not None:
        messages.info(request, f"{row.client.name} is off the list already.")
        return _back(request, row)
    try:
        waiting.remove(waiting=row, by=request.member, now=timezone.now())
    except NoSeat as no:
        desk.say_no(request, str(no))
    else:
        messages.success(request, f"{row.client.name} is off the list.")
    return _back(request, row)
