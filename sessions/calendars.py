"""Secret calendar addresses: a telephone subscribes to one, and logs in nowhere.

Whose calendar it is: a client's visits, a supervisor's slots, or the slots of a room. What stands
in it is in ``calendar_file``.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from bonefit.clients.models import Client
from bonefit.clinics.access import SUPERVISING_ROLES
from bonefit.clinics.held_roles import holding
from bonefit.clinics.models import Membership

from .calendar_file import calendar_of
from .models import CalendarFeed, Room

__all__ = [
    "Owner",
    "address_of",
    "calendar_of",
    "close_feed",
    "feed_behind",
    "live_feed",
    "open_feed",
    "renew_feed",
    "token_of",
    "webcal",
]

#: Whose calendar it is.
Owner = Client | Membership | Room


# --- the secret address -------------------------------------------------------------------------
def token_of(feed: CalendarFeed) -> str:
    """The secret of a feed, made from its nonce and the site's key.

    "" where the key has changed since: the old address still opens the calendar, and nobody can
    show it again.
    """
    token = _token(feed.nonce)
    return token if constant_time_compare(_hash(token), feed.token_hash) else ""


def address_of(feed: CalendarFeed) -> str:
    """The absolute https address to subscribe to; "" as for ``token_of``."""
    token = token_of(feed)
    return settings.SITE_URL + reverse("calendar", args=[token]) if token else ""


def webcal(address: str) -> str:
    """The same address, written so that a tap on it opens the calendar of the device."""
    return f"webcal://{address.partition('://')[2]}" if address else ""


def feed_behind(token: str) -> CalendarFeed | None:
    """The feed that the token opens, if it is live and whose it is still belongs here.

    A client or a supervisor whose log-in is closed, and a member who no longer supervises, have
    none; a room's stays until somebody revokes it.
    """
    trains = Q(client__membership__is_active=True, client__membership__user__is_active=True)
    supervises = holding(SUPERVISING_ROLES, member="member__") & Q(
        member__is_active=True,
        member__user__is_active=True,
    )
    return (
        CalendarFeed.objects.filter(
            trains | supervises | Q(room__isnull=False),
            token_hash=_hash(token),
            revoked_at=None,
        )
        .select_related("clinic", "room")
        .first()
    )


def _token(nonce: str) -> str:
    mac = salted_hmac("sessions.calendars", nonce, algorithm="sha256").digest()
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- made, renewed, revoked -----------------------------------------------------------------------
def live_feed(
    *, client: Client | None = None, member: Membership | None = None, room: Room | None = None
) -> CalendarFeed | None:
    """The live feed of exactly one of these; None where there is none."""
    return _feeds(_owner(client, member, room)).first()


@transaction.atomic
def open_feed(
    *,
    client: Client | None = None,
    member: Membership | None = None,
    room: Room | None = None,
    now: datetime,
) -> CalendarFeed:
    """The live feed of a client, a supervisor or a room, made if there is none."""
    owner = _locked(_owner(client, member, room))
    return _feeds(owner).first() or _new_feed(owner, now)


@transaction.atomic
def renew_feed(
    *,
    client: Client | None = None,
    member: Membership | None = None,
    room: Room | None = None,
    now: datetime,
) -> CalendarFeed:
    """A new address; the one before it opens nothing from now on."""
    owner = _locked(_owner(client, member, room))
    _feeds(owner).update(revoked_at=now)
    return _new_feed(owner, now)


@transaction.atomic
def close_feed(
    *,
    client: Client | None = None,
    member: Membership | None = None,
    room: Room | None = None,
    now: datetime,
) -> None:
    """The address opens nothing from now on; without a live one nothing happens."""
    _feeds(_locked(_owner(client, member, room))).update(revoked_at=now)


def _owner(client: Client | None, member: Membership | None, room: Room | None) -> Owner:
    owners = [one for one in (client, member, room) if one is not None]
    if len(owners) != 1:
        raise ValueError("A calendar is of one client, one supervisor or one room.")
    return owners[0]


def _column(owner: Owner) -> str:
    if isinstance(owner, Client):
        return "client"
    return "member" if isinstance(owner, Membership) else "room"


def _feeds(owner: Owner) -> QuerySet[CalendarFeed]:
    return CalendarFeed.objects.filter(
        clinic_id=owner.clinic_id, revoked_at=None, **{_column(owner): owner}
    )


def _locked(owner: Owner) -> Owner:
    """Its row is the lock: two taps at once make one feed."""
    type(owner)._default_manager.select_for_update(of=("self",)).get(pk=owner.pk)
    return owner


def _new_feed(owner: Owner, now: datetime) -> CalendarFeed:
    nonce = secrets.token_urlsafe(32)
    return CalendarFeed.objects.create(
        clinic_id=owner.clinic_id,
        nonce=nonce,
        token_hash=_hash(_token(nonce)),
        created_at=now,
        **{_column(owner): owner},
    )
