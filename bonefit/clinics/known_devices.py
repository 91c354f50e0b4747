"""Browsers in which somebody has logged in before: their tries are counted by themselves.

Limits count what is tried with one address. A stranger who uses them up would lock its owner out,
so a browser that she has finished a log-in in has limits of its own. It is told by a signed cookie,
which opens nothing: who steals it may ask for as many codes as its owner, no more.
"""

from __future__ import annotations

import secrets
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .models import User

_SALT = "clinics.known_devices"
#: A tablet that is not used for so long is a stranger's again. Seconds.
KNOWN_FOR = 180 * 24 * 3600
#: So many people of one tablet are remembered, the latest ones.
MOST_PEOPLE = 12


def remember(request: HttpRequest, user: User) -> None:
    """She has finished a log-in here; the cookie goes out with this answer."""
    known = _known(request)
    number = known.pop(str(user.pk), None) or secrets.token_urlsafe(12)
    people = [*known.items(), (str(user.pk), number)]
    request.known_people = dict(people[-MOST_PEOPLE:])  # type: ignore[attr-defined]


def keep(request: HttpRequest, response: HttpResponseBase) -> None:
    """Put the cookie on the answer to a request that finished a log-in."""
    known = getattr(request, "known_people", None)
    if known is not None:
        response.set_cookie(
            settings.KNOWN_COOKIE_NAME,
            signing.dumps(known, salt=_SALT),
            max_age=KNOWN_FOR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def counted_as(request: HttpRequest, what: str, user: User | None) -> str:
    """The key under which a try is counted: of this browser if it is known, else of everybody."""
    number = _known(request).get(str(user.pk)) if user is not None else None
    return f"{what}|{number}" if number else what


def count_anew(request: HttpRequest, user: User) -> None:
    """Forget the tries of browsers that are not known: a stranger may have used them all up.

    Codes that are asked for with her address, and wrong second steps; her own browsers are counted
    by themselves, and every network address goes on being counted.
    """
    ratelimit.clear(request, action="request_login_code", key=user.email.lower())
    ratelimit.clear(request, action="second_step", key=str(user.pk))


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        said: Any = signing.loads(
            request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""), salt=_SALT, max_age=KNOWN_FOR
        )
    except signing.BadSignature:
        return {}
    return dict(said)
