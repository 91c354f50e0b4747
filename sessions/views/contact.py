"""One client at the desk: what she was told, whether she is reminded, who may look at her page."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bonefit.clients import companions, log_ins
from bonefit.clients.looks_at_log_ins import has_come_in
from bonefit.clients.models import Client, Companion
from bonefit.clients.views_parts import posted
from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.clinics.models import Membership
from sessions.forms_desk import CompanionForm
from sessions.models import Notice
from sessions.notices.desk import set_reminders

from . import at_the_desk as desk

#: Messages that are shown, the newest first.
MOST_MESSAGES = 20


@require_safe
@requires(Can.BOOK)
def contact(request: MemberRequest, pk: int) -> HttpResponse:
    """Messages, reminders, the log-in and companions of one client."""
    client = desk.client_of(request, pk)
    rows = Notice.objects.visible_to(request.member).filter(client=client)
    people = (
        Companion.objects.visible_to(request.member)
        .filter(client=client)
        .select_related("member__user", "given_by__user", "ended_by__user")
        .order_by("ended_at", "-given_at", "-pk")
    )
    ends = Can.CHANGE_SETTINGS in request.member.can and client.membership_id is not None
    context = {
        "client": client,
        "ends_log_ins": ends and has_come_in(client.membership_id or 0),
        "notices": rows.order_by("-pk")[:MOST_MESSAGES],
        "companions": [one for one in people if one.ended_at is None],
        "ended": [one for one in people if one.ended_at is not None],
    }
    return render(request, "sessions/contact.html", context)


@require_POST
@requires(Can.BOOK)
def reminders(request: MemberRequest, pk: int) -> HttpResponse:
    """She wants reminders, or none. Her bookings stay as they are."""
    client = desk.client_of(request, pk)
    wanted = request.POST.get("wanted") == "yes"
    set_reminders(client=client, wanted=wanted, by=request.member, now=timezone.now())
    said = "is reminded of each session" if wanted else "is not reminded any more"
    messages.success(request, f"{client.name} {said}.")
    return desk.to_contact(request, client.pk)


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def give(request: MemberRequest, pk: int) -> HttpResponse:
    """Let somebody look at the client's page, with what the client agreed to."""
    client, refusal = desk.client_of(request, pk), ""
    form = CompanionForm(posted(request))
    if form.is_valid():
        now = timezone.now()
        try:
            given = companions.give(client=client, by=request.member, now=now, **form.cleaned_data)
        except companions.CannotGive as no:
            refusal = str(no)
        else:
            name = form.cleaned_data["name"]
            told = _tell(given, request.member, now)
            messages.success(request, f"{name} may look at the page now. {told}")
            return desk.to_contact(request, client.pk)
    context = {"client": client, "form": form, "refusal": refusal}
    return desk.page(request, "sessions/companion.html", context)


def _tell(companion: Companion, by: Membership, now: datetime) -> str:
    """Send her a link to log in with; what became of that, in words."""
    try:
        to = log_ins.send_login_to_companion(companion=companion, by=by, now=now)
    except log_ins.CannotInvite as no:
        return str(no)
    return f"A log-in link was sent to {to}."


@require_http_methods(desk.METHODS)
@requires(Can.BOOK)
def take_away(request: MemberRequest, pk: int, companion: int) -> HttpResponse:
    """From now on this person sees nothing of the client; asked before it is done."""
    client = desk.client_of(request, pk)
    row = _companion(request, client, companion)
    if request.method == "POST":
        companions.take_away(companion=row, by=request.member, now=timezone.now())
        messages.success(request, f"{row.member.name} sees nothing of this client any more.")
        return desk.to_contact(request, client.pk)
    return desk.page(request, "sessions/companion_end.html", {"client": client, "companion": row})


def _companion(request: MemberRequest, client: Client, pk: int) -> Companion:
    found = Companion.objects.visible_to(request.member).select_related("member__user")
    return get_object_or_404(found, pk=pk, client=client)
