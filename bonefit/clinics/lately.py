"""Has she logged in lately? Asked before what only the person herself should do."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from bonefit.htmx import page_before

from .models import User
from .second_step import has_second_step, needs_second_step


def logged_in_lately(request: HttpRequest) -> bool:
    """True within ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` seconds of this browser's last log-in.

    By code, link or passkey alike, for who needs no second step. Where one was taken, only that
    counts: a mailbox alone does not open what is asked for here.
    """
    user = request.user
    if isinstance(user, AnonymousUser):
        return False
    records = get_authentication_records(request, user)
    proofs = [record for record in records if record["method"] in settings.SECOND_STEP_PROOFS]
    last = max((record["at"] for record in proofs or records), default=0)
    return bool(time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def lately(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view be seen after a recent log-in only; else lead through one, and back to it.

    Staff take their second step again, everybody else gets a new code by mail.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return log_in_first(request, request.get_full_path()) or view(request, *args, **kwargs)

    return guarded


def lately_to_take(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``lately`` for a file: it leads back to the page with the button, which is tapped again.

    A browser that is led to a file stays on the page before it, and that would be the step.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return log_in_first(request, page_before(request)) or view(request, *args, **kwargs)

    guarded.asks_again = True  # type: ignore[attr-defined]
    return guarded


def lately_to_change(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``lately`` for a page whose buttons need it: looking does not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        looks = request.method in ("GET", "HEAD")
        first = None if looks else log_in_first(request, request.path)
        return first or view(request, *args, **kwargs)

    return guarded


def log_in_first(request: HttpRequest, then: str) -> HttpResponseRedirect | None:
    """Where to prove it once more, and on to ``then``; None where she has done so lately."""
    return None if logged_in_lately(request) else HttpResponseRedirect(again_for(request, then))


def again_for(request: HttpRequest, then: str) -> str:
    """The address at which she proves once more that it is she, and goes on to ``then``.

    Staff take their second step again, everybody else gets a new code by mail.
    """
    user = cast(User, request.user)
    by_step = needs_second_step(user) and has_second_step(user)
    where = reverse("second_step" if by_step else "log_in_again")
    return f"{where}?{urlencode({REDIRECT_FIELD_NAME: then})}"
