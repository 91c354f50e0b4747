"""Sends the messages that are due: each claimed by one sender, each sent at least once.

A claim is made in one transaction, the mail goes out in none, and that it went is recorded in
another. A sender that dies in between leaves a claim, which is free again after ten minutes: then
the mail goes twice rather than never, with the same Message-ID and never within a minute.
"""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused
from typing import Any, TypeVar
from uuid import UUID

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from bonefit.clients.models import AnswerLink

from . import mails
from .contained import SweepIncomplete
from .models import Notice, Visit, Waiting
from .notices.rows import NO_ADDRESS, TOO_LATE, quiet_of

log = logging.getLogger(__name__)

#: A claim that is older belongs to a sender that died. Longer than any sender may run.
CLAIM = timedelta(minutes=10)
#: Nobody is written to twice in less.
APART = timedelta(minutes=1)
#: Seconds after which a sender takes no more; what is left is for the next one.
RUNS = 120.0
#: Minutes to wait after each try, the last of them from then on; about a day in all.
WAITS = (1, 5, 15, 60)
MOST_TRIES = 26

_Fact = TypeVar("_Fact")
Clock = Callable[[], datetime]


class MailServerAway(SweepIncomplete):
    """The mail server took no connection. What was claimed waits for its next try."""


#: Messages that hold a link to questions.
QUESTIONS = (Notice.Kind.FALLS, Notice.Kind.INTAKE)


class NotTaken(Exception):
    """The e-mail backend sent nothing and gave no reason."""


def send_due(now: datetime, batch: int = 50) -> int:
    """Send what is due, ``batch`` messages at a time; return how many went out.

    Raises MailServerAway where the server took no connection: what was to go is tried again later.
    """
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    _give_up_what_is_over(now)
    sent = 0
    while clock() - now < timedelta(seconds=RUNS):
        taken, claimed = _claim(clock(), batch)
        if not taken:
            break
        sent += _post(claimed, clock)
    return sent


# --- claiming -------------------------------------------------------------------------------------
def _free(now: datetime) -> Q:
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return Q(sent_at=None, failed_at=None) & unclaimed


def _give_up_what_is_over(now: datetime) -> None:
    """What could not be sent in time is for the desk to say."""
    Notice.objects.filter(_free(now), expires_at__lte=now).update(
        failed_at=now, error=TOO_LATE, claimed_at=None
    )


@transaction.atomic
def _claim(now: datetime, size: int) -> tuple[int, list[Notice]]:
    """How many due messages were looked at, and those of them that are ours to send now.

    One for each client, and none for a client who has been written to within the last minute.
    """
    due = list(
        Notice.objects.filter(_free(now), due_at__lte=now)
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
    lately = Q(sent_at__gt=now - APART) | Q(claimed_at__gt=now - APART)
    return Notice.objects.filter(lately).order_by()


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


# --- sending --------------------------------------------------------------------------------------
def _post(notices: Sequence[Notice], clock: Clock) -> int:
    """Send these over one connection and record each; how many went out."""
    connection = get_connection()
    sent = 0
    try:
        for number, notice in enumerate(notices):
            try:
                connection.open()
            except OSError as error:  # what smtplib raises is one too
                _all_failed(notices[number:], error, clock())
                raise MailServerAway(f"No mail went out: {type(error).__name__}.") from error
            sent += _send(connection, notice, clock)
    finally:
        with contextlib.suppress(OSError):
            connection.close()
    return sent


def _send(connection, notice: Notice, clock: Clock) -> int:
    """Send one message and record what became of it; 1 if it went out."""
    try:
        if connection.send_messages([mails.mail_of(notice, now=clock())]) == 0:
            raise NotTaken
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, others go on
        _failed(notice, error, clock())
        if not isinstance(error, SMTPRecipientsRefused):
            # What state the conversation is in nobody knows: the next one begins a new one.
            with contextlib.suppress(OSError):
                connection.close()
        return 0
    Notice.objects.filter(pk=notice.pk, sent_at=None).update(
        sent_at=clock(), claimed_at=None, failed_at=None, error="", tries=F("tries") + 1
    )
    log.info("Notice %s (%s): sent", notice.pk, notice.kind)
    return 1


def _all_failed(notices: Iterable[Notice], error: Exception, at: datetime) -> None:
    for notice in notices:
        _failed(notice, error, at)


def _failed(notice: Notice, error: Exception, at: datetime) -> None:
    """Try again later, or give it to the desk. The log has no address and no text of a server."""
    name = type(error).__name__
    again = None if _refused(error) else next_try(notice, at)
    log.warning("Notice %s (%s): %s", notice.pk, notice.kind, name)
    # Only while the claim is ours: what another sender made of it since then stands.
    Notice.objects.filter(pk=notice.pk, claimed_at=notice.claimed_at, sent_at=None).update(
        claimed_at=None,
        tries=F("tries") + 1,
        error=name[:80],
        **({"failed_at": at} if again is None else {"due_at": again}),
    )


def _refused(error: Exception) -> bool:
    """Whether the server has said for good that it does not take this message."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500


def next_try(notice: Notice, at: datetime) -> datetime | None:
    """When to try again after a try that failed ``at``; None where that would be too late.

    Each wait is up to a fifth longer by chance, so that not all of a batch come at once.
    """
    minutes = WAITS[min(notice.tries, len(WAITS) - 1)]
    then = at + timedelta(minutes=minutes * random.uniform(1, 1.2))
    over = notice.expires_at is not None and then >= notice.expires_at
    return None if over or notice.tries + 1 >= MOST_TRIES else then
