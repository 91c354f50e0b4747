"""A PIN on a shared tablet: a short way back to the floor board, and to nothing else.

It is bound to the tablet by a secret that only the tablet has, and to one day of the clinic.
Whoever has a copy of the database can try no PIN: each is hashed together with that secret. Wrong
tries are counted on the tablet, so nobody elsewhere can use them up.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .browser_words import in_words
from .models import Clinic, Membership, User
from .models_open import MOST_WRONG, TabletPin
from .open_log_ins import PIN

SHORTEST, LONGEST = 4, 6
#: The tablet's secret outlives the day of any clinic; what it is good for does not. Seconds.
_KEPT_FOR = 2 * 24 * 3600
#: Rows of days that are over are nobody's concern; a clinic's day may be another one than ours.
_OVER = timedelta(days=3)

TOO_EASY = "This is one of the PINs that are tried first. Take another one."
_TRIED_FIRST = frozenset({"2580", "0852", "1004", "4711", "0815", "147258", "159753", "112358"})


def too_easy(pin: str) -> bool:
    """One digit all along, a run up or down, two digits in turn, a year, or known to be tried."""
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    in_turn = len(pin) % 2 == 0 and pin == pin[:2] * (len(pin) // 2)
    year = len(pin) == SHORTEST and pin[:2] in ("19", "20")
    return (len(steps) == 1 and steps <= {0, 1, 9}) or in_turn or year or pin in _TRIED_FIRST


def today_of(clinic: Clinic, now: datetime) -> date:
    """The day that it is in the clinic."""
    return now.astimezone(clinic.tz).date()


def end_of_today(clinic: Clinic, now: datetime) -> datetime:
    """Midnight after it, by the clinic's clocks."""
    tomorrow = today_of(clinic, now) + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=clinic.tz)


# --- the tablet -----------------------------------------------------------------------------------


def secret_of(request: HttpRequest) -> str:
    """What this tablet has; "" where it has none."""
    return request.COOKIES.get(settings.TABLET_COOKIE_NAME, "")


def hash_of(secret: str) -> str:
    """What a tablet is found by; "" for none."""
    return hashlib.sha256(secret.encode()).hexdigest() if secret else ""


def pins_here(request: HttpRequest, *, now: datetime) -> list[TabletPin]:
    """Whose PIN opens something on this tablet today, by name."""
    secret = secret_of(request)
    return _today(_on(secret), now=now) if secret else []


def has_pin_here(request: HttpRequest, *, now: datetime) -> bool:
    """Whether a PIN of whoever is logged in opens a board on this tablet today."""
    return any(pin.user_id == request.user.pk for pin in pins_here(request, now=now))


def _on(secret: str) -> QuerySet[TabletPin]:
    found = live().filter(tablet_hash=hash_of(secret)).select_related("user", "opens")
    return found.order_by("user__name", "opens__name", "pk")


def live() -> QuerySet[TabletPin]:
    """Those that were neither ended nor guessed at too often, of whichever day."""
    return TabletPin.objects.filter(ended_at=None, wrong__lt=MOST_WRONG, user__is_active=True)


def _today(found: QuerySet[TabletPin], *, now: datetime) -> list[TabletPin]:
    return [pin for pin in found if pin.day == today_of(pin.opens, now)]


def pins_of(user: User, *, now: datetime) -> list[TabletPin]:
    """Hers that open something today, on whichever tablet."""
    return _today(live().filter(user=user).select_related("opens").order_by("pk"), now=now)


# --- setting one ----------------------------------------------------------------------------------


@transaction.atomic
def set_pin(*, request: HttpRequest, member: Membership, pin: str, now: datetime) -> str:
    """Hers on this tablet until the clinic's day is over, in place of the one before.

    The tablet's secret, to be kept by ``give_secret``: a new one, unless a colleague's PIN of today
    hangs on the one that it has.
    """
    TabletPin.objects.filter(day__lt=now.date() - _OVER).delete()
    secret = secret_of(request) if pins_here(request, now=now) else ""
    secret = secret or secrets.token_urlsafe(32)
    TabletPin.objects.update_or_create(
        tablet_hash=hash_of(secret),
        user=member.user,
        opens=member.clinic,
        defaults={
            "pin_hash": make_password(f"{pin}.{secret}"),
            "day": today_of(member.clinic, now),
            "browser": in_words(request.headers.get("User-Agent", "")),
            "set_at": now,
            "used_at": None,
            "wrong": 0,
            "ended_at": None,
        },
    )
    return secret


def give_secret(response: HttpResponseBase, secret: str) -> None:
    """Put it on the tablet: for this host only, and out of reach of any script."""
    response.set_cookie(
        settings.TABLET_COOKIE_NAME,
        secret,
        max_age=_KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_pin(pin: TabletPin, *, now: datetime) -> None:
    """It opens nothing any more."""
    TabletPin.objects.filter(pk=pin.pk, ended_at=None).update(ended_at=now)


# --- using it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try: ``right``, or how many are ``left`` before it is gone."""

    right: bool
    left: int


def try_pin(pin: TabletPin, typed: str, *, secret: str, now: datetime) -> Tried:
    """Counted before it is looked at, so that many at once count too; a right one is given back.

    A right one does not take back the wrong ones before it: of one day there are five in all.
    """
    mine = TabletPin.objects.filter(pk=pin.pk)
    if not mine.filter(ended_at=None, wrong__lt=MOST_WRONG).update(wrong=F("wrong") + 1):
        return Tried(right=False, left=0)
    if check_password(f"{typed}.{secret}", pin.pin_hash):
        mine.update(wrong=F("wrong") - 1, used_at=now)
        return Tried(right=True, left=MOST_WRONG)
    return Tried(right=False, left=MOST_WRONG - mine.values_list("wrong", flat=True).get())


def pin_behind(request: HttpRequest, *, clinic: str, now: datetime) -> TabletPin | None:
    """The PIN that this browser came in by, if it opens the board of ``clinic`` now, and here.

    Here: a cookie that was copied to another device opens nothing without that tablet's secret.
    """
    number = request.session.get(PIN)
    secret = secret_of(request)
    if number is None or not secret:
        return None
    found = live().filter(pk=number, tablet_hash=hash_of(secret), opens__slug=clinic)
    return next(iter(_today(found.select_related("user", "opens"), now=now)), None)
