"""Has she logged in lately? Asked before a passkey comes or goes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse


def logged_in_lately(request: HttpRequest) -> bool:
    """True within ``ACCOUNT_REAUTHENTICATION_TIMEOUT`` seconds of this browser's last log-in.

    By code, link or passkey alike: all of them prove what there is to prove.
    """
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    last = max((record["at"] for record in records), default=0)
    return bool(time.time() - last < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)


def lately(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view be seen after a recent log-in only; else lead through one, and back to it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.path)
        if not logged_in_lately(request):
            then = urlencode({REDIRECT_FIELD_NAME: request.path})
            return HttpResponseRedirect(f"{reverse('log_in_again')}?{then}")
        return view(request, *args, **kwargs)

    return guarded
