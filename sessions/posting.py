"""Sends rows of an outbox: what messages to clients and to the staff have in common.

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
from typing import Generic, TypeVar

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q

from .contained import SweepIncomplete
from .models import Notice, OrganiserNotice, StaffNotice
from .notices.rows import TOO_LATE

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

Clock = Callable[[], datetime]
_Row = TypeVar("_Row", Notice, StaffNotice, OrganiserNotice)


class MailServerAway(SweepIncomplete):
    """The mail server took no connection. What was claimed waits for its next try."""


class NotTaken(Exception):
    """The e-mail backend sent nothing and gave no reason."""


def free(now: datetime) -> Q:
    """Rows that are to go out and that no living sender has claimed."""
    unclaimed = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return Q(sent_at=None, failed_at=None) & unclaimed


def lately(now: datetime) -> Q:
    """Rows that went out, or are about to, less than a minute ago."""
    return Q(sent_at__gt=now - APART) | Q(claimed_at__gt=now - APART)


def next_try(notice: Notice | StaffNotice | OrganiserNotice, at: datetime) -> datetime | None:
    """When to try again after a try that failed ``at``; None where that would be too late.

    Each wait is up to a fifth longer by chance, so that not all of a batch come at once.
    """
    minutes = WAITS[min(notice.tries, len(WAITS) - 1)]
    then = at + timedelta(minutes=minutes * random.uniform(1, 1.2))
    over = notice.expires_at is not None and then >= notice.expires_at
    return None if over or notice.tries + 1 >= MOST_TRIES else then


class Post(Generic[_Row]):
    """One outbox: its table, how due rows are claimed, and the mail of a row.

    ``claim`` takes the moment and a number, in a transaction of its own: how many due rows it
    looked at, and those of them that are ours to send now.
    """

    def __init__(
        self,
        table: type[_Row],
        claim: Callable[[datetime, int], tuple[int, list[_Row]]],
        mail_of: Callable[[_Row, datetime], EmailMultiAlternatives],
    ) -> None:
        self.table: type[_Row] = table
        self.claim: Callable[[datetime, int], tuple[int, list[_Row]]] = claim
        self.mail_of: Callable[[_Row, datetime], EmailMultiAlternatives] = mail_of

    def send_due(self, now: datetime, batch: int) -> int:
        """Send what is due, ``batch`` messages at a time; return how many went out.

        Raises MailServerAway where the server took no connection: what was to go is tried later.
        """
        began = time.monotonic()

        def clock() -> datetime:
            return now + timedelta(seconds=time.monotonic() - began)

        self._give_up_what_is_over(now)
        sent = 0
        while clock() - now < timedelta(seconds=RUNS):
            taken, claimed = self.claim(clock(), batch)
            if not taken:
                break
            sent += self._post(claimed, clock)
        return sent

    def _give_up_what_is_over(self, now: datetime) -> None:
        """What could not be sent in time is for a person to say."""
        self.table._default_manager.filter(free(now), expires_at__lte=now).update(
            failed_at=now, error=TOO_LATE, claimed_at=None
        )

    def _post(self, notices: Sequence[_Row], clock: Clock) -> int:
        """Send these over one connection and record each; how many went out."""
        connection = get_connection()
        sent = 0
        try:
            for number, notice in enumerate(notices):
                try:
                    connection.open()
                except OSError as error:  # what smtplib raises is one too
                    self._all_failed(notices[number:], error, clock())
                    raise MailServerAway(f"No mail went out: {type(error).__name__}.") from error
                sent += self._send(connection, notice, clock)
        finally:
            with contextlib.suppress(OSError):
                connection.close()
        return sent

    def _send(self, connection, notice: _Row, clock: Clock) -> int:
        """Send one message and record what became of it; 1 if it went out."""
        try:
            if connection.send_messages([self.mail_of(notice, clock())]) == 0:
                raise NotTaken
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message, others go on
            self._failed(notice, error, clock())
            if not isinstance(error, SMTPRecipientsRefused):
                # What state the conversation is in nobody knows: the next one begins a new one.
                with contextlib.suppress(OSError):
                    connection.close()
            return 0
        self.table._default_manager.filter(pk=notice.pk, sent_at=None).update(
            sent_at=clock(), claimed_at=None, failed_at=None, error="", tries=F("tries") + 1
        )
        log.info("%s %s (%s): sent", self.table.__name__, notice.pk, notice.kind)
        return 1

    def _all_failed(self, notices: Iterable[_Row], error: Exception, at: datetime) -> None:
        for notice in notices:
            self._failed(notice, error, at)

    def _failed(self, notice: _Row, error: Exception, at: datetime) -> None:
        """Try again later, or give up. The log has no address and no text of a server."""
        name = type(error).__name__
        again = None if _refused(error) else next_try(notice, at)
        log.warning("%s %s (%s): %s", self.table.__name__, notice.pk, notice.kind, name)
        # Only while the claim is ours: what another sender made of it since then stands.
        self.table._default_manager.filter(
            pk=notice.pk, claimed_at=notice.claimed_at, sent_at=None
        ).update(
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
