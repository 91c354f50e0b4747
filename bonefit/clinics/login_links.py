"""Links in mails that log somebody in: made, looked up, used up.

For clients and companions only. Who works in any clinic logs in by code or passkey: her log-in
opens other people's records, and a mail that is passed on must not.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from . import rows
from .access import Role
from .models import LoginLink, Membership, User

#: Who may be sent a link: all that she is, in every clinic, is among these.
LINK_ROLES = frozenset({Role.CLIENT, Role.COMPANION})
#: The link beside a code lives as long as the code.
BESIDE_A_CODE = timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)
#: A link that the clinic sends. Its reader does not sit waiting for it: who looks at her mail every
#: other day must find it alive, and one that lies about for weeks is a key under the mat.
FROM_THE_CLINIC = timedelta(hours=48)
#: Rows of links that are over are kept this long, to answer who was let in by whom.
KEPT = timedelta(days=90)


def may_have_link(user: User) -> bool:
    """True for who is a client or a companion somewhere and works nowhere."""
    if not user.is_active or user.is_staff or user.is_superuser:
        return False
    with rows.seeing(person=user.pk):
        every = list(user.memberships.active().values_list("roles", "roles_until"))
    # Who worked for a while is asked for two steps like all who work.
    return bool(every) and all(LINK_ROLES.issuperset({*roles, *until}) for roles, until in every)


def make_link(
    *, user: User, life: timedelta, now: datetime, by: Membership | None = None
) -> LoginLink:
    """A new link for somebody who ``may_have_link``; ValueError for anybody else.

    ``by`` is the member who has it sent; None where the person asked for a code herself.
    """
    if not may_have_link(user):
        raise ValueError("Who works in a clinic is sent no link.")
    return _made(user, life=life, now=now, by=by)


def make_from_the_clinic(
    *, user: User, by: Membership, life: timedelta, now: datetime
) -> LoginLink:
    """A link that a clinic has sent, or what stands for one where she works in another clinic.

    Who may have none is mailed how she logs in, and nobody is given the secret. That is looked at
    when it is mailed and when it is used; here it is not asked, so that neither the row nor the
    statements say to whoever has it sent that she works elsewhere.
    """
    return _made(user, life=life, now=now, by=by)


def link_for_nobody(*, life: timedelta, now: datetime) -> None:
    """What making a link takes, and nothing of it stays.

    Where a code is asked for this goes for who may have no link, so that how long the answer takes
    does not tell what an address is here.
    """
    with transaction.atomic():
        nobody = User(pk=0)
        may_have_link(nobody)
        _made(nobody, life=life, now=now, by=None)
        transaction.set_rollback(True)


def _made(user: User, *, life: timedelta, now: datetime, by: Membership | None) -> LoginLink:
    LoginLink.objects.filter(user_id=user.pk, expires_at__lt=now - KEPT).delete()
    nonce = secrets.token_urlsafe(32)
    return LoginLink.objects.create(
        user_id=user.pk,
        nonce=nonce,
        token_hash=_hash(_token(nonce)),
        sent_to=user.email,
        made_at=now,
        made_by=by,
        expires_at=now + life,
    )


def address_of(link: LoginLink) -> str:
    """The absolute address to mail; "" where the site's key has changed since it was made."""
    token = _token(link.nonce)
    if not constant_time_compare(_hash(token), link.token_hash):
        return ""
    return settings.SITE_URL + reverse("login_link", args=[token])


def link_behind(token: str) -> LoginLink | None:
    """The link whose secret it is, whether it still opens anything or not; None for no secret."""
    found = LoginLink.objects.filter(token_hash=_hash(token))
    return found.select_related("user").first()


def link_may_be_used(link: LoginLink, *, now: datetime) -> bool:
    """Not used, not too old, and its person still is one for links, with the same address."""
    return _is_fresh(link, now=now) and may_have_link(link.user)


def may_be_mailed(link: LoginLink, *, now: datetime) -> bool:
    """Still worth a mail, be it without the link: its person has a log-in of whoever sent it."""
    with rows.seeing_person(link.user_id):
        by = link.made_by
        hers = link.user.memberships.active().filter(clinic=by.clinic_id) if by else None
        return _is_fresh(link, now=now) and hers is not None and hers.exists()


def _is_fresh(link: LoginLink, *, now: datetime) -> bool:
    alive = link.used_at is None and link.expires_at > now
    return alive and link.sent_to == link.user.email and link.user.is_active


def use_link(link: LoginLink, *, now: datetime) -> bool:
    """Use it up. True for one caller only, however many ask at once."""
    live = LoginLink.objects.filter(pk=link.pk, used_at=None, expires_at__gt=now)
    return live.update(used_at=now) == 1


def clinic_of(link: LoginLink) -> str:
    """The name of the clinic that it leads to; "" where it may lead to more than one."""
    with rows.seeing_person(link.user_id):
        if link.made_by is not None:
            return link.made_by.clinic.name
        names = list(link.user.memberships.active().values_list("clinic__name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""


def masked(email: str) -> str:
    """An address as it is said on a page that others may see: "c…@example.org"."""
    # In small letters: a capital one that goes would say that the address was known.
    name, _, domain = email.lower().rpartition("@")
    return f"{name[:1]}…@{domain}"


def _token(nonce: str) -> str:
    mac = salted_hmac("clinics.login_links", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
