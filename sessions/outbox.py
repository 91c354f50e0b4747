"""Sends the messages to clients that are due: each claimed by one sender, each sent at least once.

``posting`` sends and records; here is which messages may go now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bonefit.clients.models import AnswerLink

from . import mails
from .models import Notice, Visit, Waiting
from .notices.rows import NO_ADDRESS, quiet_of
from .posting import Post, free, lately

_Fact = TypeVar("_Fact")

#: Messages that hold a link to questions.
QUESTIONS = (Notice.Kind.FALLS, Notice.Kind.INTAKE)


def send_due(now: datetime, batch: int = 50) -> int:
    """Send what is due, ``batch`` messages at a time; return how many went out.

    Raises MailServerAway where the server took no connection: what was to go is tried again later.
    """
    return Post(Notice, _claim, _mail_of).send_due(now, batch)


def _mail_of(notice: Notice, now: datetime) -> EmailMultiAlternatives:
    return mails.mail_of(notice, now=now)


# --- claiming -------------------------------------------------------------------------------------
@transaction.atomic
def _claim(now: datetime, size: int) -> tuple[int, list[Notice]]:
    """How many due messages were looked at, and those of them that are ours to send now.

    One for each client, and none for a client who has been written to within the last minute.
    """
    due = list(
        Notice.objects.filter(free(now), due_at__lte=now)
        .exclude(Exists(_written_to(now).filter(client=OuterRef("client"))))
        .select_related("client", "clinic")
        .order_by("due_at", "pk")
        .select_for_update(of=("self", "client"), skip_locked=True, no_key=True)[:size]
    )
    if not due:
        return 0, []
    # Asked again after the lock: another sender may have claimed for her while we waited for it.
    her = {notice.client_id for notice in due}
    busy = set(_written_to(now).filter(client__in=her).values_list("client", flat=True))
    over = _moot(due)
    Notice.objects.filter(pk__in=over).delete()
    ours: dict[int, Notice] = {}
    held: list[Notice] = []
    for notice in due:
        if notice.pk in over or notice.client_id in busy:
            continue
        notice.to = notice.client.email
        chance = quiet_of(notice.clinic, now).next_chance(now, before=_over(notice))
        if chance > now:  # it became night while it was tried
            notice.due_at = chance
            held.append(notice)
        elif not notice.to:
            notice.failed_at, notice.error = now, NO_ADDRESS
            held.append(notice)
        else:
            ours.setdefault(notice.client_id, notice)
    for notice in ours.values():
        notice.claimed_at = now
    Notice.objects.bulk_update(
        [*ours.values(), *held], ["to", "claimed_at", "due_at", "failed_at", "error"]
    )
    return len(due), list(ours.values())


def _over(notice: Notice) -> datetime | None:
    """When the message is pointless: the first session that it is about, or the offer's end."""
    return _read(notice, "first", datetime.fromisoformat) or notice.expires_at


def _written_to(now: datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(lately(now)).order_by()


def _moot(notices: Sequence[Notice]) -> set[int]:
    """Those that are true no more: a reminder of a session that is off, an offer that is over.

    Nothing was said, so nothing is kept: were it true again, it would be written anew.
    """
    reminders = [one for one in notices if one.kind == Notice.Kind.REMINDER]
    offers = [one for one in notices if one.kind == Notice.Kind.OFFER]
    uids = [uid for one in reminders if (uid := _read(one, "uid", UUID)) is not None]
    visits = Visit.objects.filter(uid__in=uids, status=Visit.Status.PLANNED)
    planned = {(visit.clinic_id, str(visit.uid), visit.starts_at.isoformat()) for visit in visits}
    asked = {one.pk: _read(one, "waiting", int) or 0 for one in offers}
    standing = set(
        Waiting.objects.open()
        .filter(pk__in=asked.values(), offered_at__isnull=False)
        .values_list("pk", flat=True)
    )
    unwanted = {
        one.pk
        for one in reminders
        if one.client.reminders_off_at is not None
        or (one.clinic_id, one.facts.get("uid"), one.facts.get("starts_at")) not in planned
    }
    over = {pk for pk, waiting in asked.items() if waiting not in standing}
    return unwanted | over | _not_to_ask([one for one in notices if one.kind in QUESTIONS])


def _not_to_ask(questions: Sequence[Notice]) -> set[int]:
    """Questions that are answered by now, or sent anew; monthly ones that she wants no more."""
    if not questions:
        return set()
    links = {one.pk: _read(one, "link", int) or 0 for one in questions}
    good = set(
        AnswerLink.objects.filter(
            Q(month=None) | Q(month__answered_at=None),
            pk__in=links.values(),
            ended_at=None,
            used_at=None,
        ).values_list("pk", flat=True)
    )
    return {
        one.pk
        for one in questions
        if links[one.pk] not in good
        or (one.kind == Notice.Kind.FALLS and one.client.reminders_off_at is not None)
    }


def _read(notice: Notice, name: str, kind: Callable[[Any], _Fact]) -> _Fact | None:
    """A fact of a message, None where it cannot be read: one bad row stops no other."""
    try:
        return kind(notice.facts[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def oldest_unsent(now: datetime) -> datetime | None:
    """Since when a message to a client should have gone out; None where none should."""
    rows = Notice.objects.filter(sent_at=None, failed_at=None, due_at__lte=now)
    return rows.order_by("due_at").values_list("due_at", flat=True).first()
