"""Links in mails by which a client answers questions without logging in: made, looked up, used.

The secret stands in the mail only. Of it a hash is kept, and a nonce from which the site's key
makes it again when the mail is sent. It opens one set of questions and nothing else.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from bonefit.clinics.models import Membership

from .models import AnswerLink, FallsMonth, Screening


class State(StrEnum):
    """What a link still opens."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    ENDED = "ended"


def make_link(
    *,
    screening: Screening | None = None,
    month: FallsMonth | None = None,
    expires_at: datetime,
    by: Membership | None,
    now: datetime,
) -> AnswerLink:
    """A new link to the questions of a screening or of a month; earlier ones to it end.

    ``by`` is the member who has it sent, None for a sweep. ValueError without exactly one thing.
    """
    about = screening or month
    if about is None or (screening is not None and month is not None):
        raise ValueError("A link is about one screening or one month.")
    AnswerLink.objects.filter(screening=screening, month=month, ended_at=None, used_at=None).update(
        ended_at=now
    )
    nonce = secrets.token_urlsafe(32)
    return AnswerLink.objects.create(
        clinic_id=about.clinic_id,
        screening=screening,
        month=month,
        nonce=nonce,
        token_hash=_hash(_token(nonce)),
        made_at=now,
        made_by=by,
        expires_at=expires_at,
    )


def address_of(link: AnswerLink) -> str:
    """The absolute address to mail; "" where the site's key has changed since it was made."""
    token = _token(link.nonce)
    if not constant_time_compare(_hash(token), link.token_hash):
        return ""
    name = "falls-month" if link.month_id is not None else "answer-questions"
    return settings.SITE_URL + reverse(name, args=[token])


def link_behind(token: str) -> AnswerLink | None:
    """The link that a secret opens, in whatever state it is; None for one that never was."""
    return (
        AnswerLink.objects.filter(token_hash=_hash(token))
        .select_related("clinic", "month__client", "screening__client")
        .first()
    )


def state_of(link: AnswerLink, *, now: datetime) -> State:
    """Whether it still opens its questions, and if not, why."""
    if link.used_at is not None:
        return State.USED
    if link.ended_at is not None:
        return State.ENDED
    return State.GOOD if link.expires_at > now else State.EXPIRED


def use(link: AnswerLink, *, now: datetime) -> None:
    """The questions behind it are answered."""
    AnswerLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now)


def _token(nonce: str) -> str:
    mac = salted_hmac("clients.answer_links", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
