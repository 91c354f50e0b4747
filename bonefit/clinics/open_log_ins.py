"""Log-ins that are open: how long one lasts, which there are, and ending them.

Idle and at most: whichever comes first ends a log-in, with no job that has to run, because a row
that is over is not found. A person's strictest role counts, in whichever clinic it is.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_ipv46_address
from django.db.models import QuerySet
from django.http import HttpRequest

from bonefit.limits import Limits

from .browser_words import in_words
from .models import User
from .models_open import BrowserLogIn, TabletPin
from .second_step import needs_second_step

#: When it was last used is noted so often, no oftener.
OFTEN = timedelta(minutes=1)
#: Where the number of a PIN's row stands in what a browser's cookie stands for.
PIN = "tablet_pin"


def limits_of_staff() -> Limits:
    """Of whoever works in a clinic, administers an organisation, or runs the site."""
    found: Limits = settings.LOG_IN_LIMITS["staff"]
    return found


def limits_of(user: User) -> Limits:
    """As for staff where she is staff anywhere; whoever else she is beside it. One query."""
    if needs_second_step(user):
        return limits_of_staff()
    found: Limits = settings.LOG_IN_LIMITS["clients"]
    return found


# --- while it lasts -------------------------------------------------------------------------------


def begin(
    request: HttpRequest,
    user: User,
    *,
    now: datetime,
    ends_at: datetime | None = None,
    board_only: bool = False,
) -> None:
    """Note whose log-in this is, in which browser, and how long it lasts at most."""
    BrowserLogIn.objects.filter(person=user, expire_date__lte=now).delete()
    limits = limits_of(user)
    most = min(now + limits.most, ends_at or now + limits.most)
    request.session.keep_as(  # type: ignore[attr-defined]
        BrowserLogIn(
            person=user,
            started_at=now,
            used_at=now,
            ends_at=most,
            expire_date=min(now + limits.idle, most),
            browser=in_words(request.headers.get("User-Agent", "")),
            address=_address_of(request),
            board_only=board_only,
        )
    )


def begin_if_new(request: HttpRequest, *, now: datetime) -> None:
    """Where somebody has logged in by this request. One that did not ask who is here asks nothing.

    A log-in in full takes the place of one by PIN.
    """
    if not request.session.accessed or SESSION_KEY not in request.session:
        return
    kept, user = request.session.kept, request.user  # type: ignore[attr-defined]
    if not isinstance(user, User) or getattr(request, "by_pin", None):
        return
    if kept is None or kept.person_id != user.pk or kept.board_only:
        request.session.pop(PIN, None)
        begin(request, user, now=now)


def use(request: HttpRequest, *, now: datetime) -> None:
    """Note that it is in use, once a minute. One that was ended or is over lets nobody in.

    Two statements then; at all other times none.
    """
    kept: BrowserLogIn | None = request.session.kept  # type: ignore[attr-defined]
    if kept is None or kept.person_id is None or now - _time(kept.used_at) < OFTEN:
        return
    user = request.user
    limits = limits_of(user) if isinstance(user, User) else limits_of_staff()
    ends_at = min(_time(kept.ends_at), _time(kept.started_at) + limits.most)
    alive = now < min(_time(kept.used_at) + limits.idle, ends_at)
    kept.used_at, kept.ends_at = now, ends_at
    kept.expire_date = min(now + limits.idle, ends_at)
    kept.address = _address_of(request)
    here = BrowserLogIn.objects.filter(session_key=request.session.session_key)
    if not alive or not here.update(
        used_at=now, ends_at=ends_at, expire_date=kept.expire_date, address=kept.address
    ):
        request.session.flush()
        request.user = AnonymousUser()


def _time(at: datetime | None) -> datetime:
    assert at is not None  # a constraint: a row with a person has its times
    return at


def _address_of(request: HttpRequest) -> str | None:
    """The network address that the proxy saw; None for none."""
    try:
        address = str(get_adapter().get_client_ip(request))
        validate_ipv46_address(address)
    except (PermissionDenied, ValidationError):
        return None
    return address


# --- which there are ------------------------------------------------------------------------------


def open_of(user: User, *, now: datetime) -> list[BrowserLogIn]:
    """Hers, the one that was used last first."""
    return list(_open(now).filter(person=user).order_by("-used_at", "uid").defer("session_data"))


def count_open(users: Iterable[int], *, now: datetime) -> Counter[int]:
    """How many each of these people has open. One query."""
    return Counter(_open(now).filter(person__in=list(users)).values_list("person", flat=True))


def _open(now: datetime) -> QuerySet[BrowserLogIn]:
    return BrowserLogIn.objects.filter(expire_date__gt=now, person__isnull=False)


# --- ending ---------------------------------------------------------------------------------------


def end(user: User, uid: uuid.UUID, *, now: datetime) -> bool:
    """End one of hers; False where there is none of that number. A PIN's ends the PIN with it."""
    found = BrowserLogIn.objects.filter(person=user, uid=uid)
    pins = [row.get_decoded().get(PIN, 0) for row in found.filter(board_only=True)]
    TabletPin.objects.filter(user=user, pk__in=pins, ended_at=None).update(ended_at=now)
    return _deleted(found)


def end_others(user: User, *, but: uuid.UUID | None, tablet_hash: str, now: datetime) -> None:
    """End all of hers but this one, and her PINs on other tablets than this one."""
    hers = BrowserLogIn.objects.filter(person=user)
    _deleted(hers if but is None else hers.exclude(uid=but))
    pins = TabletPin.objects.filter(user=user, ended_at=None)
    pins.exclude(tablet_hash=tablet_hash).update(ended_at=now)


def end_everywhere(user: User, *, now: datetime) -> None:
    """End all of hers, and her PINs on every tablet."""
    end_others(user, but=None, tablet_hash="", now=now)


def _deleted(found: QuerySet[BrowserLogIn]) -> bool:
    """Twice: one that goes on under a new key at this moment is there when the first has waited."""
    first, again = found.delete()[0], found.delete()[0]
    return bool(first or again)
