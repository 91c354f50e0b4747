"""One class at the desk: who is in it and who waits, book somebody, call it off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients.models import Client
from bonefit.clients.views_parts import posted
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import render_page
from programs.models import Enrollment
from sessions import booking, makeups, seats, timetable, waiting
from sessions.booking import NoSeat
from sessions.clashes import Clash
from sessions.forms_desk import FindForm, WhyForm
from sessions.models import Slot, Visit
from sessions.seat_words import day_words
from sessions.slot_page import class_at_the_desk, lock_words

from . import at_the_desk as desk

#: Names shown for a search.
MOST_FOUND = 12
EXTRA = "extra"


@require_safe
@requires(Can.BOOK)
def slot(request: MemberRequest, pk: int) -> HttpResponse:
    """One class: its people, its places, its waiting list, and what can be done."""
    found = desk.slot_of(request, pk)
    view = class_at_the_desk(found, member=request.member, now=timezone.now())
    context = {"view": view, "slot": found, **desk.just_done(request)}
    return render(request, "sessions/slot.html", context)


# --- book somebody --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Way:
    """One way in which somebody can be booked: a make-up of a session, or an extra one."""

    value: str
    words: str


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def book(request: MemberRequest, pk: int) -> HttpResponse:
    """Find somebody by name, then book her. The search is posted: no name in an address."""
    found = desk.slot_of(request, pk)
    asked = request.POST.get("client") or request.GET.get("client") or ""
    if asked:
        return _book_her(request, found, desk.running_of(request, desk.number(asked)))
    form = FindForm(posted(request))
    q = form.cleaned_data["q"] if form.is_valid() else ""
    people = _people(request, found, q) if q else []
    context = {
        "slot": found,
        "form": form,
        "q": q,
        "people": people[:MOST_FOUND],
        "more": len(people) > MOST_FOUND,
    }
    return render_page(request, "sessions/slot_book.html", context, partial="found")


def _people(request: MemberRequest, slot: Slot, q: str) -> list[Client]:
    """Clients with this in their name: whether they train now, and are in this class already."""
    training = Enrollment.objects.active().filter(client=OuterRef("pk"))
    there = Visit.objects.filter(client=OuterRef("pk"), slot=slot).exclude(status__in=Visit.FREED)
    found: QuerySet[Client] = (
        Client.objects.visible_to(request.member)
        .filter(name__icontains=q)
        .annotate(trains=Exists(training), there=Exists(there))
        .order_by("name", "pk")
    )
    return list(found[: MOST_FOUND + 1])


def _book_her(request: MemberRequest, slot: Slot, enrollment: Enrollment) -> HttpResponse:
    """What she can be booked as, or why she cannot, and the waiting list where it is full."""
    ways = _ways(enrollment, slot, request)
    picked = request.POST.get("as") or ways[0].value
    refusal = ""
    if request.method == "POST":
        try:
            return _written(request, slot, enrollment, picked)
        except NoSeat as no:
            refusal = str(no)
    here = seats.place_in(slot, enrollment, now=timezone.now(), anew=False)
    context = {
        "slot": slot,
        "client": enrollment.client,
        "ways": ways,
        "picked": picked,
        "why_not": refusal or here.why_not,
        "refused": bool(refusal),
        "full": here.may_wait,
        "lock": lock_words(
            enrollment,
            member=request.member,
            day=slot.starts_at.astimezone(request.member.clinic.tz).date(),
        ),
    }
    return desk.page(request, "sessions/slot_book_her.html", context)


def _ways(enrollment: Enrollment, slot: Slot, request: MemberRequest) -> list[Way]:
    """Her credits that this class can still repay, the oldest first, then an extra session."""
    clinic = request.member.clinic
    day = slot.starts_at.astimezone(clinic.tz).date()
    credits = makeups.credits_of(enrollment, now=timezone.now())
    ways = [
        Way(str(one.visit.uid), f"Make-up of {day_words(one.visit.starts_at, clinic)}")
        for one in credits
        if one.until >= day
    ]
    return [*ways, Way(EXTRA, "Extra session")]


def _written(
    request: MemberRequest, slot: Slot, enrollment: Enrollment, picked: str
) -> HttpResponse:
    """Book her, or put her on the waiting list; NoSeat says why not."""
    now, member = timezone.now(), request.member
    missed = None
    if picked != EXTRA:
        credits = makeups.credits_of(enrollment, now=now)
        missed = next((one.visit for one in credits if str(one.visit.uid) == picked), None)
        if missed is None:
            raise NoSeat("That session was made up for in the meantime. Choose again.")
    if "wait" in request.POST:
        waiting.wait(enrollment=enrollment, slot=slot, by=member, now=now, makes_up=missed)
        name = enrollment.client.name
        messages.success(request, f"{name} waits. She is offered the place when one is free.")
        return desk.to_slot(request, slot.pk)
    purpose = Visit.Purpose.MAKE_UP if missed else Visit.Purpose.EXTRA
    visit = booking.book(
        enrollment=enrollment, slot=slot, purpose=purpose, makes_up=missed, by=member, now=now
    )
    return desk.done(request, visit)


# --- the class as a whole -------------------------------------------------------------------------
@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def call_off(request: MemberRequest, pk: int) -> HttpResponse:
    """Call a class off: said how many people are told, asked why, and confirmed."""
    found, now = desk.slot_of(request, pk), timezone.now()
    form, refusal = WhyForm(posted(request)), ""
    if form.is_valid():
        if found.called_off_at is not None:
            messages.info(request, "It was called off before.")
            return desk.to_slot(request, found.pk)
        try:
            timetable.call_off(slot=found, by=request.member, now=now, **form.cleaned_data)
        except Clash as clash:
            refusal = clash.text
        else:
            messages.success(request, "The class is called off. Everybody in it is told.")
            return desk.to_slot(request, found.pk)
    view = class_at_the_desk(found, member=request.member, now=now)
    context: dict[str, Any] = {"slot": found, "view": view, "form": form, "refusal": refusal}
    return desk.page(request, "sessions/slot_call_off.html", context)


@require_POST
@requires(Can.BOOK)
def take_back(request: MemberRequest, pk: int) -> HttpResponse:
    """A class that was called off is held after all."""
    found = desk.slot_of(request, pk)
    if found.called_off_at is None:
        messages.info(request, "The class is not called off.")
        return desk.to_slot(request, found.pk)
    try:
        timetable.take_back_call_off(slot=found, by=request.member, now=timezone.now())
    except Clash as clash:
        desk.say_no(request, clash.text)
    else:
        messages.success(request, "The class is held after all.")
    return desk.to_slot(request, found.pk)
