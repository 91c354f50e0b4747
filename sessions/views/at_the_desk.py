"""What every page of the desk does: find what the address names, say what was done, go back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import MemberRequest
from bonefit.htmx import UNPROCESSABLE, render_page
from programs.models import Enrollment
from programs.plans import rules_at
from sessions import makeups, seats, undoing
from sessions.booking import NoSeat
from sessions.makeups import Credit
from sessions.models import Slot, StandingPlace, Visit
from sessions.seat_words import done_words
from sessions.slot_page import with_lock

METHODS = ["GET", "HEAD", "POST"]
#: Where an act leads back to: the class, or the client's bookings.
CLIENT = "client"


def number(text: str) -> int:
    """What was sent as a row's number; 0, which no row has, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def today_of(request: MemberRequest, now: datetime | None = None) -> date:
    """The day that it is on the clinic's wall."""
    return (now or timezone.now()).astimezone(request.member.clinic.tz).date()


def client_of(request: MemberRequest, pk: int) -> Client:
    """The client that the address names, with her lock; 404 for one of another clinic."""
    found = Client.objects.visible_to(request.member).annotate(**with_lock("pk"))
    client: Client = get_object_or_404(found, pk=pk)
    client.clinic = request.member.clinic
    return client


def enrollment_of(request: MemberRequest, client_id: int) -> Enrollment | None:
    """The client's running program, or her newest one, with her and her lock; None without."""
    found = (
        Enrollment.objects.visible_to(request.member)
        .filter(client=client_id)
        .select_related("client")
        .annotate(**with_lock("client"))
    )
    enrollment = found.order_by("-pk").first()
    if enrollment is not None:
        enrollment.clinic = enrollment.client.clinic = request.member.clinic
    return enrollment


def running_of(request: MemberRequest, client_id: int) -> Enrollment:
    """The client's running program, with her and her lock; 404 where she has none."""
    enrollment = enrollment_of(request, client_id)
    if enrollment is None or enrollment.status != Enrollment.Status.ACTIVE:
        raise Http404
    return enrollment


def slot_of(request: MemberRequest, pk: int) -> Slot:
    """The class that the address names."""
    found = Slot.objects.visible_to(request.member).select_related("called_off_by__user")
    slot: Slot = get_object_or_404(seats.with_limits(found, request.member.clinic), pk=pk)
    slot.clinic = request.member.clinic
    return slot


def seat_of(request: MemberRequest, uid: UUID, **more: Any) -> Visit:
    """The seat that the address names, with its client, class and enrollment."""
    visit: Visit = get_object_or_404(
        _seats(Visit.objects.visible_to(request.member)), uid=uid, **more
    )
    return _of_the_clinic(request, visit)


def credit_of(request: MemberRequest, client_id: int, uid: UUID, *, now: datetime) -> Credit | None:
    """The credit of one session of a client, read with its seat; None where it is not owed now."""
    clinic = request.member.clinic
    hers = Visit.objects.visible_to(request.member).filter(client=client_id, uid=uid)
    visit = _seats(makeups.owed_visits(clinic).filter(pk__in=hers.values("pk"))).first()
    days = rules_at(clinic, now).rules.makeup_days
    if visit is None or not days:
        return None
    until = makeups.last_day(visit, clinic, days)
    owed = until >= today_of(request, now)
    return Credit(_of_the_clinic(request, visit), until) if owed else None


def _seats(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Visits with all that a page of one seat asks for, and whether the client is locked."""
    return visits.select_related("client", "slot", "enrollment", "makes_up", "place").annotate(
        **with_lock("client")
    )


def _of_the_clinic(request: MemberRequest, visit: Visit) -> Visit:
    visit.clinic = visit.enrollment.clinic = visit.slot.clinic = request.member.clinic
    visit.enrollment.client = visit.client
    return visit


def slot_tapped(request: MemberRequest, asked: str) -> Slot:
    """The class of the button that was tapped; NoSeat with words where it is not there."""
    slots = Slot.objects.visible_to(request.member)
    slot = slots.filter(pk=number(asked)).first()
    if slot is None:
        raise NoSeat("That class is not there any more. Choose another one.")
    slot.clinic = request.member.clinic
    return slot


def place_of(request: MemberRequest, client: Client, pk: int) -> StandingPlace:
    """A standing place of this client."""
    found = StandingPlace.objects.visible_to(request.member).select_related("enrollment")
    place: StandingPlace = get_object_or_404(found, pk=pk, enrollment__client=client)
    place.enrollment.client = client
    place.clinic = place.enrollment.clinic = request.member.clinic
    return place


def page(
    request: MemberRequest, template: str, context: dict[str, Any], *, partial: str = "form"
) -> HttpResponse:
    """A page with a form: 422 with what was typed where it could not be done."""
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render_page(request, template, context, partial=partial, status=status)


def back_to(request: HttpRequest) -> str:
    """Where the act leads back to: "client", else "" (the class)."""
    asked = request.POST.get("back") or request.GET.get("back")
    return CLIENT if asked == CLIENT else ""


def address_back(request: MemberRequest, visit: Visit, **query: Any) -> str:
    """The address of the client's bookings or of the class, whichever she came from."""
    slug = request.member.clinic.slug
    if back_to(request) == CLIENT:
        path = reverse("sessions:bookings", args=[slug, visit.client_id])
    else:
        path = reverse("sessions:slot", args=[slug, visit.slot_id])
    return f"{path}?{urlencode(query)}" if query else path


def done(request: MemberRequest, visit: Visit) -> HttpResponse:
    """Back, with what was just done and the way to undo it."""
    change = visit.seat_changes.order_by("-pk").first()
    return redirect(address_back(request, visit, **({"done": change.pk} if change else {})))


def to_slot(request: MemberRequest, slot_id: int) -> HttpResponse:
    return redirect("sessions:slot", request.member.clinic.slug, slot_id)


def to_client(request: MemberRequest, client_id: int) -> HttpResponse:
    return redirect("sessions:bookings", request.member.clinic.slug, client_id)


def just_done(request: MemberRequest, *, back: str = "") -> dict[str, str]:
    """What was just done, for the toast: its text, and the address that undoes it."""
    asked = request.GET.get("done", "")
    change = undoing.newest(number(asked), by=request.member, now=timezone.now()) if asked else None
    if change is None:
        return {}
    clinic = request.member.clinic
    address = reverse("sessions:seat-undo", args=[clinic.slug, change.visit.uid, change.pk])
    undo = f"{address}?back={back}" if back else address
    words = done_words(change, change.visit, clinic)
    return {"text": words, "undo": undo if undoing.can_be_undone(change) else ""}


def say_no(request: MemberRequest, why: str) -> None:
    """It was not done, in words, on the page that comes next."""
    messages.warning(request, why)


def to_contact(request: MemberRequest, client_id: int) -> HttpResponse:
    return redirect("sessions:contact", request.member.clinic.slug, client_id)
