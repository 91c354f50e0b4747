"""The questions that a client answers before her first visit, sent to her as a link."""

from __future__ import annotations

from datetime import datetime

from bonefit.clients.models import AnswerLink, Client
from sessions.models import Notice

from .rows import quiet_of, row


def ask_intake(*, client: Client, link: AnswerLink, now: datetime) -> Notice:
    """A message with the link, at once or when the quiet hours are over.

    Call it in the transaction that makes the link. Needs the client's ``clinic``.
    """
    message = row(
        client,
        Notice.Kind.INTAKE,
        f"intake|{link.pk}",
        {"link": link.pk, "until": link.expires_at.isoformat()},
        now=now,
        due_at=quiet_of(client.clinic, now).next_chance(now),
        expires_at=link.expires_at,
    )
    message.save()
    return message
