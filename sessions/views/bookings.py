"""One client at the desk: found by name, her seats, make-ups, weekly places and pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from bonefit.clients.models import Client
from bonefit.clients.views_parts import posted
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.dates import say_day
from bonefit.htmx import render_page
from programs.models import Enrollment
from sessions import booking, pausing, seats, series, waiting
from sessions.booking import NoSeat
from sessions.client_seats import bookings_of
from sessions.forms_desk import FindForm, OnForm, PauseForm
from sessions.models import Pause, SeatChange, Visit
from sessions.seat_words import change_words, day_words
from sessions.slot_page import lock_words

from . import at_the_desk as desk

MOST_FOUND = 30
#: Rows of the history of seats that are shown.
MOST_CHANGES = 100


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def people(request: MemberRequest) -> HttpResponse:
    """Find a client by name. The search is posted, so that no name stands in an address."""
    form = FindForm(posted(request))
    q = form.cleaned_data["q"] if form.is_valid() else ""
    now = timezone.now()
    coming = Visit.objects.filter(
        client=OuterRef("pk"), status__in=Visit.OPEN, slot__starts_at__gte=now
    ).order_by("slot__starts_at")
    training = Enrollment.objects.active().filter(client=OuterRef("pk"))
    found = Client.objects.visible_to(request.member).annotate(
        next_at=Subquery(coming.values("slot__starts_at")[:1]), trains=Exists(training)
    )
    if q:
        found = found.filter(name__icontains=q)
    rows = list(found.order_by("name", "pk")[: MOST_FOUND + 1])
    context = {"form": form, "q": q, "rows": rows[:MOST_FOUND], "more": len(rows) > MOST_FOUND}
    return render_page(request, "sessions/desk_people.html", context, partial="rows")


@require_safe
@requires(Can.BOOK)
def bookings(request: MemberRequest, pk: int) -> HttpResponse:
    """Everything that is booked for one client, and what can be done about it."""
    enrollment = desk.enrollment_of(request, pk)
    client = enrollment.client if enrollment else desk.client_of(request, pk)
    view = bookings_of(client, enrollment, member=request.member, now=timezone.now())
    context = {
        "client": client,
        "view": view,
        "back": desk.CLIENT,
        **desk.just_done(request, back=desk.CLIENT),
    }
    return render(request, "sessions/bookings.html", context)


@require_safe
@requires(Can.BOOK)
def history(request: MemberRequest, pk: int) -> HttpResponse:
    """What became of her seats: who, when and why, the newest first."""
    client = desk.client_of(request, pk)
    changes = list(
        SeatChange.objects.visible_to(request.member)
        .filter(visit__client=client)
        .select_related("by__user", "visit")
        .order_by("-at", "-pk")[: MOST_CHANGES + 1]
    )
    clinic = request.member.clinic
    context = {
        "client": client,
        "changes": [
            (change.visit, change_words(change, clinic)) for change in changes[:MOST_CHANGES]
        ],
        "more": len(changes) > MOST_CHANGES,
    }
    return render(request, "sessions/seat_history.html", context)


# --- make-ups -------------------------------------------------------------------------------------
@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def make_up(request: MemberRequest, pk: int, uid: UUID) -> HttpResponse:
    """Real free places that repay one session: one tap on a place books it."""
    now, refusal = timezone.now(), ""
    credit = desk.credit_of(request, pk, uid, now=now)
    missed = credit.visit if credit else desk.seat_of(request, uid, client=pk)
    enrollment = missed.enrollment
    if request.method == "POST":
        try:
            return _made_up(request, enrollment, missed)
        except NoSeat as no:
            refusal = str(no)
    lock = lock_words(missed, member=request.member, day=desk.today_of(request, now))
    offered = []
    if credit is not None and not lock:
        first = desk.today_of(request, now)
        offered = seats.free_places(
            enrollment,
            now=now,
            first=first,
            last=credit.until,
            makes_up=missed,
            credit=credit,
            anew=False,  # her lock was looked for with the visit
        )
    context = {
        "client": missed.client,
        "missed": missed,
        "credit": credit,
        "lock": lock,
        "places": [one for one in offered if not one.why_not],
        "full": [one for one in offered if one.may_wait],
        "others": [one for one in offered if one.why_not and not one.may_wait],
        "why_not": _always(offered),
        "refusal": refusal,
    }
    return desk.page(request, "sessions/make_up.html", context)


def _always(offered: Sequence[seats.FreePlace]) -> str:
    """What keeps her from every class alike, as a lock or a pause does; "" where it differs."""
    reasons = {one.why_not for one in offered}
    return reasons.pop() if len(reasons) == 1 else ""


def _made_up(request: MemberRequest, enrollment: Enrollment, missed: Visit) -> HttpResponse:
    """Book the place that was tapped, or wait for it; NoSeat says why not."""
    now, member = timezone.now(), request.member
    wait = request.POST.get("wait", "")
    slot = desk.slot_tapped(request, wait or request.POST.get("slot", ""))
    if wait:
        waiting.wait(enrollment=enrollment, slot=slot, by=member, now=now, makes_up=missed)
        messages.success(request, "She waits. The place is offered to her when one is free.")
    else:
        visit = booking.book(
            enrollment=enrollment,
            slot=slot,
            purpose=Visit.Purpose.MAKE_UP,
            makes_up=missed,
            by=member,
            now=now,
        )
        return desk.done(request, visit)
    return desk.to_client(request, enrollment.client_id)


# --- weekly places and pauses ---------------------------------------------------------------------
@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def end_place(request: MemberRequest, pk: int, place: int) -> HttpResponse:
    """A weekly place ends: the last day it holds, and how many visits go with it."""
    client = desk.client_of(request, pk)
    standing, now, refusal = desk.place_of(request, client, place), timezone.now(), ""
    today = desk.today_of(request, now)
    form = OnForm(
        posted(request), label="Last day of this weekly place", initial=today, first=today
    )
    if form.is_valid():
        try:
            series.end_place(place=standing, by=request.member, now=now, **form.cleaned_data)
        except NoSeat as no:
            refusal = str(no)
        else:
            last = say_day(form.cleaned_data["on"])
            messages.success(request, f"The weekly place ends on {last}.")
            return desk.to_client(request, client.pk)
    context = {"client": client, "place": standing, "form": form, "refusal": refusal}
    return desk.page(request, "sessions/place_end.html", context)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def pause(request: MemberRequest, pk: int) -> HttpResponse:
    """Planned leave: the weekly places are kept, and nobody misses her meanwhile."""
    enrollment, now, refusal = desk.running_of(request, pk), timezone.now(), ""
    client = enrollment.client
    form = PauseForm(posted(request), today=desk.today_of(request, now))
    if form.is_valid():
        try:
            pausing.pause(enrollment=enrollment, by=request.member, now=now, **form.cleaned_data)
        except NoSeat as no:
            refusal = str(no)
        else:
            messages.success(request, f"{client.name} is away. Her weekly places are kept.")
            return desk.to_client(request, client.pk)
    context = {"client": client, "form": form, "refusal": refusal}
    return desk.page(request, "sessions/pause.html", context)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def resume(request: MemberRequest, pk: int, pause: int) -> HttpResponse:
    """She is back earlier than planned: her first day back."""
    client = desk.client_of(request, pk)
    found = Pause.objects.visible_to(request.member).select_related("enrollment")
    row: Pause = get_object_or_404(found, pk=pause, enrollment__client=client)
    row.clinic = row.enrollment.clinic = request.member.clinic
    row.enrollment.client = client
    now, refusal = timezone.now(), ""
    today = desk.today_of(request, now)
    first = max(today, row.starts_on)
    form = OnForm(
        posted(request),
        label="First day back",
        initial=first,
        first=first,
        last=row.ends_on,
        why=False,
    )
    if form.is_valid():
        try:
            left = pausing.resume(pause=row, on=form.cleaned_data["on"], by=request.member, now=now)
        except NoSeat as no:
            refusal = str(no)
        else:
            _say_back(request, client, form.cleaned_data["on"], left)
            return desk.to_client(request, client.pk)
    context = {"client": client, "pause": row, "form": form, "refusal": refusal}
    return desk.page(request, "sessions/pause_resume.html", context)


def _say_back(request: MemberRequest, client: Client, on: date, left: Sequence[Visit]) -> None:
    """She is back; which of her places others have taken by now."""
    messages.success(request, f"{client.name} is back from {say_day(on)} on.")
    if left:
        days = ", ".join(day_words(visit.starts_at, request.member.clinic) for visit in left)
        messages.warning(request, f"There is no room any more on {days}. It can be made up.")
