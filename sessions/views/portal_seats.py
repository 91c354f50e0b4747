"""What a client does herself: say she can't come, choose another day, answer an offer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics import rows
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from programs.models import Enrollment
from sessions import booking, waiting
from sessions.booking import NoSeat
from sessions.models import Slot, Visit, Waiting
from sessions.notices import set_reminders
from sessions.portal import client_of, day_words
from sessions.portal.cannot_come import choice_of, meaning_of, owed_of, slot_when, when_of
from sessions.portal.page import may_cancel, may_come_after_all, offer_words

CANNOT_COME = "sessions/portal_cannot_come.html"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@never_cache
@rows.whole_clinic()
def cannot_come(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Says what it means; POST does it, and shows the places that are free instead."""
    now, clinic = timezone.now(), request.member.clinic
    visit = _own_visit(request, uid)
    if not may_cancel(visit, now=now):
        said = {"why_not": _why_not(visit, now)}
        return render(request, CANNOT_COME, said, status=_status(request))
    meaning = meaning_of(visit, clinic, now=now)
    if request.method != "POST":
        return render(request, CANNOT_COME, {"meaning": meaning})
    try:
        booking.cancel(visit=visit, cause="client", why="", by=request.member, now=now)
    except NoSeat as refused:
        context = {"meaning": meaning, "refused": str(refused)}
        return render(request, CANNOT_COME, context, status=UNPROCESSABLE)
    messages.success(request, f"Thank you for telling us. You are not coming on {meaning.when}.")
    if not meaning.make_up_until:
        return redirect("sessions:portal", clinic.slug)
    owed = visit.makes_up or visit
    return redirect("sessions:portal-make-up", clinic.slug, owed.uid)


@require_POST
@requires(Can.CHANGE_OWN_SCHEDULE)
@rows.whole_clinic()
def come_after_all(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Takes back that she can't come, where she said so herself and the place is still free."""
    now, clinic = timezone.now(), request.member.clinic
    visit = _own_visit(request, uid)
    if not may_come_after_all(visit, by=request.member, now=now):
        messages.warning(request, "That session cannot be taken back here. Please call the clinic.")
        return redirect("sessions:portal", clinic.slug)
    try:
        booking.restore(visit=visit, by=request.member, now=now)
    except NoSeat as refused:
        messages.warning(request, str(refused))
    else:
        when = when_of(visit, clinic, now=now)
        messages.success(request, f"Good. You are coming on {when}.")
    return redirect("sessions:portal", clinic.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@never_cache
@rows.whole_clinic()
def make_up(request: MemberRequest, uid: UUID) -> HttpResponse:
    """The free places in place of a missed session; POST takes one, or waits for one."""
    now, clinic = timezone.now(), request.member.clinic
    owed = owed_of(request.member, uid, now=now)
    if owed is None:
        _own_visit(request, uid)  # somebody else's is not there
        messages.info(request, "There is nothing to make up for there any more.")
        return redirect("sessions:portal", clinic.slug)
    credit, waits_for = owed
    visit = credit.visit
    refused = ""
    if request.method == "POST":
        try:
            messages.success(request, _chosen(request, visit, now))
        except NoSeat as error:
            refused = str(error)
        else:
            return redirect("sessions:portal", clinic.slug)
    today = now.astimezone(clinic.tz).date()
    context = {
        "visit": visit,
        "missed": day_words(visit.starts_at.astimezone(clinic.tz).date(), today=today),
        "until": day_words(credit.until, today=today),
        "choice": choice_of(credit, clinic=clinic, now=now, waits_for=waits_for),
        "may_come_back": may_come_after_all(visit, by=request.member, now=now),
        "refused": refused,
    }
    status = UNPROCESSABLE if refused else 200
    return render(request, "sessions/portal_make_up.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.CHANGE_OWN_SCHEDULE)
@never_cache
@rows.whole_clinic()
def offer(request: MemberRequest, pk: int) -> HttpResponse:
    """A place that is offered to her, or that she waits for; POST says yes or no."""
    now, clinic = timezone.now(), request.member.clinic
    asked = get_object_or_404(
        Waiting.objects.visible_to(request.member)
        .filter(client__membership=request.member)
        .select_related("slot", "enrollment", "client", "makes_up"),
        pk=pk,
    )
    refused = ""
    if request.method == "POST" and asked.closed_at is None:
        try:
            messages.success(request, _answered(request, asked, now))
        except NoSeat as error:
            refused = str(error)
            asked.refresh_from_db()
        else:
            return redirect("sessions:portal", clinic.slug)
    today = now.astimezone(clinic.tz).date()
    words = offer_words(asked, clinic, now=now, today=today)
    context = {
        "when": words.when,
        "until": words.until,
        "over": _over(asked, now),
        "refused": refused,
    }
    status = UNPROCESSABLE if refused else _status(request)
    return render(request, "sessions/portal_offer.html", context, status=status)


# --- parts ----------------------------------------------------------------------------------------
def _own_visit(request: MemberRequest, uid: UUID) -> Visit:
    """A visit of her own; that of somebody else, also of one whom she accompanies, is 404."""
    return get_object_or_404(
        Visit.objects.visible_to(request.member)
        .filter(client__membership=request.member)
        .select_related("slot", "enrollment__client", "client", "makes_up"),
        uid=uid,
    )


def _status(request: MemberRequest) -> int:
    """A page that only says why nothing was done is no success of a POST."""
    return UNPROCESSABLE if request.method == "POST" else 200


def _why_not(visit: Visit, now: datetime) -> str:
    if visit.status in Visit.FREED:
        return "You are not coming to it already."
    if visit.starts_at <= now:
        return "It has begun, or it is over. If you could not come, please call the clinic."
    return "Please call the clinic about it."


def _chosen(request: MemberRequest, missed: Visit, now: datetime) -> str:
    """Takes or waits for the slot that was tapped; what to say of it."""
    clinic = request.member.clinic
    slot = _slot(request, request.POST)
    when = slot_when(slot.starts_at, slot.ends_at, clinic, now=now)
    enrollment: Enrollment = missed.enrollment
    if "wait" in request.POST:
        waiting.wait(enrollment=enrollment, slot=slot, by=request.member, now=now, makes_up=missed)
        return f"You are on the list for {when}. We write to you if the place comes free."
    booking.book(
        enrollment=enrollment,
        slot=slot,
        purpose=Visit.Purpose.MAKE_UP,
        makes_up=missed,
        by=request.member,
        now=now,
    )
    return f"The place is yours: {when}."


def _slot(request: MemberRequest, said: QueryDict) -> Slot:
    """The slot that was tapped; a client sees no slots but those that she is offered."""
    tapped = said.get("take") or said.get("wait") or ""
    slots: Any = Slot.objects.filter(clinic_id=request.member.clinic_id)
    slot: Slot | None = slots.filter(pk=int(tapped)).first() if tapped.isdecimal() else None
    if slot is None:
        raise NoSeat("Please tap one of the times.")
    return slot


def _answered(request: MemberRequest, asked: Waiting, now: datetime) -> str:
    answer, clinic = request.POST.get("answer"), request.member.clinic
    when = slot_when(asked.slot.starts_at, asked.slot.ends_at, clinic, now=now)
    if answer == "take":
        waiting.accept(waiting=asked, by=request.member, now=now)
        return f"The place is yours: {when}."
    if answer != "decline":
        raise NoSeat("Please tap yes or no.")
    if asked.offered_at is None:
        waiting.remove(waiting=asked, by=request.member, now=now)
        return f"You are off the list for {when}."
    waiting.decline(waiting=asked, by=request.member, now=now)
    return f"Thank you for telling us. The place on {when} goes to the next person."


def _over(asked: Waiting, now: datetime) -> str:
    """Why there is nothing to answer any more; "" where there is."""
    if asked.outcome == Waiting.Outcome.TAKEN:
        return "You have this place"
    if asked.closed_at is not None:
        return "This place is no longer on offer"
    if asked.slot.starts_at <= now:
        return "This session has begun"
    ended = asked.offer_ends_at is not None and asked.offer_ends_at <= now
    return "This place is no longer on offer" if ended else ""


@require_POST
@requires(Can.CHANGE_OWN_SCHEDULE)
def reminders(request: MemberRequest) -> HttpResponse:
    """She wants to be reminded by e-mail, or not any more; what is booked stays booked."""
    client = client_of(request.member)
    if client is None:
        raise Http404
    wanted = request.POST.get("reminders") != "off"
    set_reminders(client=client, wanted=wanted, by=request.member, now=timezone.now())
    said = "We will remind you again." if wanted else "We will send you no reminders."
    messages.success(request, said)
    return redirect("sessions:portal", request.member.clinic.slug)
