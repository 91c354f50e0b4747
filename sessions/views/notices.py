"""The desk's page of messages: what did not arrive and whom to call, and what is still to go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bonefit.clinics.access import Can, MemberRequest, requires
from bonefit.htmx import UNPROCESSABLE
from sessions.evidence import age
from sessions.mail_words import Speech, in_a_line, speech
from sessions.models import Notice
from sessions.notices import desk
from sessions.notices.rows import NO_ADDRESS, TOO_LATE

PAGE = 50
WAITING_SHOWN = 20

#: Why a message did not arrive, for somebody who is about to call.
WHY = {
    NO_ADDRESS: "There is no e-mail address.",
    TOO_LATE: "It could not be sent in time.",
    "SMTPRecipientsRefused": "The mail server does not take mail for this address. Is it right?",
    "SMTPDataError": "The mail server did not take this message.",
}
OTHER_WHY = "The mail server could not be reached for a day, or until it was too late."


@dataclass(frozen=True, slots=True)
class Row:
    """A message on the page: what it says, why it did not arrive, how long ago or when it goes."""

    notice: Notice
    says: str
    why: str
    ago: str
    can_send: bool


@require_safe
@requires(Can.BOOK)
def notices(request: MemberRequest) -> HttpResponse:
    """What did not arrive, the newest first; and what waits to go out, the next one first."""
    return _page(request)


@require_POST
@requires(Can.BOOK)
def seen(request: MemberRequest, pk: int) -> HttpResponse:
    """Somebody has told the client another way."""
    notice = _failed(request, pk)
    desk.set_seen(notice=notice, by=request.member, now=timezone.now())
    messages.success(request, "Seen to. The message is off the list.")
    return redirect("sessions:notices", request.member.clinic.slug)


@require_POST
@requires(Can.BOOK)
def again(request: MemberRequest, pk: int) -> HttpResponse:
    """Send it again, to the address that the client has now."""
    notice = _failed(request, pk)
    try:
        desk.send_again(notice=notice, by=request.member, now=timezone.now())
    except desk.CannotSend as refusal:
        messages.error(request, str(refusal))
        return _page(request, status=UNPROCESSABLE)
    messages.success(request, "It goes out again within a minute or two.")
    return redirect("sessions:notices", request.member.clinic.slug)


def _failed(request: MemberRequest, pk: int) -> Notice:
    """A message that did not arrive, also one that a colleague has seen to since the page came."""
    rows = Notice.objects.visible_to(request.member).filter(sent_at=None)
    return get_object_or_404(rows, pk=pk)


def _page(request: MemberRequest, *, status: int = 200) -> HttpResponse:
    member, now = request.member, timezone.now()
    said = speech(member.clinic, now)
    failed = desk.failed(member).select_related("client").order_by("-failed_at", "-pk")
    page = Paginator(failed, PAGE).get_page(request.GET.get("page"))
    waiting = desk.waiting(member)
    next_ones = waiting.select_related("client").order_by("due_at", "pk")[:WAITING_SHOWN]
    context = {
        "page": page,
        "rows": [_row(notice, said, now) for notice in page.object_list],
        "waiting": [_row(notice, said, now) for notice in next_ones],
        "waiting_count": waiting.count(),
    }
    return render(request, "sessions/notices.html", context, status=status)


def _row(notice: Notice, said: Speech, now: datetime) -> Row:
    over = notice.expires_at is not None and notice.expires_at <= now
    return Row(
        notice=notice,
        says=in_a_line(notice, said),
        why=WHY.get(notice.error, OTHER_WHY),
        ago=age(notice.failed_at, now) if notice.failed_at else "",
        can_send=bool(notice.client.email) and not over,
    )
