"""Who is logged in by ``force_login`` has taken every step of a log-in, and lately.

Tests of what is behind the door begin behind it. ``force_login`` has no request of a browser: its
own has no method, and by that it is known here. Whoever logs in through the pages, also in a test,
has taken those steps that she took. A pytest plugin that conftest.py registers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.test import Client as Browser

from bonefit.clinics.models import User
from bonefit.clinics.models_open import BrowserLogIn
from bonefit.demo.views import ALWAYS_LATELY


def take_every_step(request: HttpRequest, user: User) -> None:
    """As if she had used her app a moment ago, whenever that is asked."""
    record_authentication(request, user, method="mfa", type="totp", at=ALWAYS_LATELY)


def never_ends(request: HttpRequest, user: User) -> None:
    """A log-in that no clock of a test ends, and of which nothing is noted while it is used."""
    far = datetime.fromtimestamp(ALWAYS_LATELY, UTC)
    request.session.keep_as(  # type: ignore[attr-defined]
        BrowserLogIn(person=user, started_at=far, used_at=far, ends_at=far, expire_date=far)
    )


def _forced(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    if request.method is None:
        take_every_step(request, user)
        never_ends(request, user)


user_logged_in.connect(_forced, dispatch_uid="tests.steps_taken")


def step_taken_in(browser: Browser, user: User) -> None:
    """She has logged in through the pages, and takes the second step without them."""
    request = HttpRequest()
    request.session = browser.session
    record_authentication(request, user, method="mfa", type="totp")
    request.session.save()
