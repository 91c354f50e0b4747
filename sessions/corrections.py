"""Requests to correct a client's record: asked, answered in time, told to both.

Nothing of the record is changed here. Who corrects it does so where it stands, under its own
rules, and says here what was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from bonefit.acting import because_of
from bonefit.clients.models import Client, CorrectionRequest
from bonefit.clinics.access import Can, Role
from bonefit.clinics.held_roles import holding
from bonefit.clinics.models import Membership
from programs.plans import rules_at
from sessions.models import Notice, StaffNotice
from sessions.notices.rows import quiet_of, row
from sessions.notices.staff import message

#: Open requests of one client: more of them are one conversation, better had by telephone.
MOST_OPEN = 20
#: A mail about an answer is pointless after so long: it stands on her pages.
TOLD_WITHIN = timedelta(days=14)


class TooMany(Exception):
    """So many of hers wait for an answer that a further one helps nobody."""


class Answered(Exception):
    """Somebody has answered it already."""


@transaction.atomic
def ask(
    *, client: Client, part: str, wrong: str, right: str, by: Membership, now: datetime
) -> CorrectionRequest:
    """Keep what she says is wrong, and tell the clinic's admins by mail that a request waits.

    ``by`` is the client or her companion: the view has seen to it. Raises TooMany where
    ``MOST_OPEN`` of hers wait already. Needs the client's ``clinic``.
    """
    # The client's row is the lock: of two taps at once neither passes the limit.
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)
    if CorrectionRequest.objects.open().filter(client=client).count() >= MOST_OPEN:
        raise TooMany
    made = CorrectionRequest.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        part=part,
        wrong=wrong,
        right=right,
        asked_at=now,
        asked_by=by,
        due_on=last_day(client, now),
    )
    StaffNotice.objects.bulk_create(
        message(
            admin, StaffNotice.Kind.ASKED, f"asked|{made.pk}|{admin.pk}", now=now, expires_at=None
        )
        for admin in _admins(client)
    )
    return made


def last_day(client: Client, now: datetime) -> date:
    """The last day on which an answer to a request of ``now`` is in time."""
    days = int(rules_at(client.clinic, now).rules.correction_days)
    return now.astimezone(client.clinic.tz).date() + timedelta(days=days)


def _admins(client: Client) -> list[Membership]:
    rows = Membership.objects.active().filter(clinic=client.clinic_id, user__is_active=True)
    return list(rows.filter(holding([Role.ADMIN])).select_related("user"))


@because_of("words")
@transaction.atomic
def answer(
    *, request: CorrectionRequest, outcome: str, words: str, by: Membership, now: datetime
) -> CorrectionRequest:
    """Answer a request, once, and tell the client by mail that there is an answer.

    Raises Answered where somebody was faster, ValueError for an outcome that is none or no words.
    """
    if outcome not in CorrectionRequest.Answer.values or not words.strip():
        raise ValueError("An answer is one of three, and says why.")
    rows = CorrectionRequest.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("client__clinic").get(pk=request.pk)
    if found.answered_at is not None:
        raise Answered
    found.answered_at, found.answered_by = now, by
    found.answer, found.words = outcome, words
    found.save(update_fields=["answered_at", "answered_by", "answer", "words"])
    _tell(found, now)
    return found


def _tell(request: CorrectionRequest, now: datetime) -> Notice:
    client = request.client
    told = row(
        client,
        Notice.Kind.ANSWER,
        f"answer|{request.pk}",
        {},
        now=now,
        due_at=quiet_of(client.clinic, now).next_chance(now, before=None),
        expires_at=now + TOLD_WITHIN,
    )
    told.save()
    return told


# --- what waits -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests of a clinic, or of one client, wait; and how many of them for too long."""

    open: int
    overdue: int


def waiting(member: Membership, now: datetime, client: Client | None = None) -> Waiting:
    """What waits in the member's clinic; nothing for who may not answer. One query at most."""
    if Can.ANSWER_CORRECTIONS not in member.can:
        return Waiting(0, 0)
    rows = CorrectionRequest.objects.visible_to(member).open()
    if client is not None:
        rows = rows.filter(client=client)
    today = now.astimezone(member.clinic.tz).date()
    found = rows.order_by().aggregate(open=Count("pk"), overdue=Count("pk", Q(due_on__lt=today)))
    return Waiting(found["open"], found["overdue"])
