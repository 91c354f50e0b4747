"""The notes of a class and of one visit: read, changed, signed; and a signed visit opened again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from bonefit.htmx import UNPROCESSABLE
from sessions import actions, noting
from sessions.models import SessionNote, Slot, Visit
from sessions.notes import seal, tidy

#: How far a number typed into an address may reach before the database refuses it.
LARGEST_ID = 2**63 - 1


@require_POST
@requires(Can.LOG_SETS)
def reopen(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """A signed visit is open again, as long as its hours last."""
    found = get_object_or_404(Visit.objects.visible_to(request.member), uid=uid)
    try:
        actions.reopen_visit(visit=found, by=request.member)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("sessions:visit", request.member.clinic.slug, uid)


# --- one visit ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@requires(Can.LOG_SETS)
def note(request: MemberRequest, uid: uuid.UUID) -> HttpResponse:
    """One note with its versions; a signature is a further version."""
    if request.method == "GET":
        now = timezone.now()
        visit = get_object_or_404(noting.floor_of(request.member), uid=uid)
        (read,) = noting.pages_of([visit], member=request.member, now=now)
        return _draw_note(request, read)
    page = noting.sign([_said(request.POST, uid)], by=request.member).get(uid)
    if page is None:
        raise Http404
    if page.told or page.errors:
        return _draw_note(request, page, status=UNPROCESSABLE)
    messages.success(request, "The note is signed.")
    return redirect("sessions:note", request.member.clinic.slug, uid)


def _draw_note(request: MemberRequest, page: noting.Page, *, status: int = 200) -> HttpResponse:
    context = {"page": page, "visit": page.visit, "client": page.visit.client}
    return render(request, "sessions/note.html", context, status=status)


def _said(data: Mapping[str, str], uid: uuid.UUID, before: str = "") -> noting.Said:
    """What was read and typed of one note; a part that is as it was drawn is not typed."""
    typed: dict[str, str | None] = {}
    for name in ("assessment", "plan"):
        text = tidy(data.get(f"{before}{name}", ""))
        typed[name] = None if data.get(f"{before}drawn_{name}") == seal(text) else text
    version = data.get(f"{before}version", "")
    return noting.Said(
        uid=uid,
        version=int(version[:9]) if version.isascii() and version.isdigit() else -1,
        seal=data.get(f"{before}seal", ""),
        assessment=typed["assessment"],
        plan=typed["plan"],
        reason=tidy(data.get(f"{before}reason", "")).strip(),
    )


# --- a class --------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@requires(Can.LOG_SETS)
def notes(request: MemberRequest) -> HttpResponse:
    """The notes of a class, ``?slot=``; without one the last class that has a note to sign."""
    member, now = request.member, timezone.now()
    slot = _slot(member, request.POST.get("slot") or request.GET.get("slot"), now=now)
    visits = _came(member, slot) if slot else []
    if request.method == "GET":
        pages = noting.pages_of(visits, member=member, now=now)
        return _draw_class(request, slot, pages)
    wanted = request.POST.get("sign", "")
    said = {visit.uid: _said(request.POST, visit.uid, f"{visit.uid}-") for visit in visits}
    chosen = [
        said[visit.uid]
        for visit in visits
        if wanted == str(visit.uid) or (wanted == "class" and _was_open(request, visit))
    ]
    signed = noting.sign(chosen, by=member, now=now)
    rest = [visit for visit in visits if visit.uid not in signed]
    others = noting.pages_of(rest, member=member, now=now)
    for page in others:
        if _was_open(request, page.visit) and page.due:
            page.take(said[page.visit.uid])
    pages = sorted([*signed.values(), *others], key=lambda page: visits.index(page.visit))
    return _answer(request, slot, pages, signed)


def _was_open(request: MemberRequest, visit: Visit) -> bool:
    """Whether the page had a form for this note: only then something of it was read."""
    return f"{visit.uid}-seal" in request.POST


def _answer(
    request: MemberRequest,
    slot: Slot | None,
    pages: list[noting.Page],
    signed: Mapping[uuid.UUID, noting.Page],
) -> HttpResponse:
    wrong = [page for page in signed.values() if page.told or page.errors]
    done = len(signed) - len(wrong)
    if done:
        words = "1 note is signed." if done == 1 else f"{done} notes are signed."
        messages.success(request, words)
    if wrong:
        return _draw_class(request, slot, pages, status=UNPROCESSABLE)
    if slot is None or any(page.typed and page.due for page in pages):
        return _draw_class(request, slot, pages)  # what was typed of other notes stays
    address = reverse("sessions:notes", args=[request.member.clinic.slug])
    return redirect(f"{address}?slot={slot.pk}")


def _draw_class(
    request: MemberRequest, slot: Slot | None, pages: list[noting.Page], *, status: int = 200
) -> HttpResponse:
    open_visits = (
        Visit.objects.visible_to(request.member)
        .filter(slot=slot, status=Visit.Status.CHECKED_IN)
        .select_related("client")
        .order_by("client__name", "pk")
        if slot
        else []
    )
    context: dict[str, Any] = {
        "slot": slot,
        "pages": pages,
        "due": sum(page.due for page in pages),
        "unsigned": list(open_visits),
    }
    return render(request, "sessions/notes.html", context, status=status)


def _came(member: Membership, slot: Slot) -> list[Visit]:
    came = noting.floor_of(member).filter(slot=slot, status__in=Visit.ATTENDANCE)
    return list(came.order_by("client__name", "pk"))


def _slot(member: Membership, typed: str | None, *, now: datetime) -> Slot | None:
    """The slot of the address; without one the last that has a note to sign, or that was."""
    slots = Slot.objects.visible_to(member)
    if typed:
        number = int(typed[:20]) if typed.isascii() and typed.isdigit() else 0
        if not 0 < number <= LARGEST_ID:
            raise Http404
        return get_object_or_404(slots, pk=number)
    begun = slots.filter(starts_at__lte=now).order_by("-starts_at", "-pk")
    came = Visit.objects.filter(slot=OuterRef("pk"), status__in=Visit.ATTENDANCE)
    noted = SessionNote.objects.filter(visit=OuterRef("pk"))
    due = begun.filter(Exists(came.filter(~Exists(noted)))).first()
    return due or begun.filter(Exists(came)).first()
