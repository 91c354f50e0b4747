"""Being logged in, for what is measured behind the door."""

from __future__ import annotations

from typing import Any


def log_in(browser: Any, user: Any) -> None:
    """As after both steps of a log-in. ``browser`` is a ``django.test.Client``."""
    from allauth.account.internal.flows.login import record_authentication
    from django.http import HttpRequest

    browser.force_login(user)
    request = HttpRequest()
    request.session = browser.session
    record_authentication(request, user, method="mfa", type="totp")
    request.session.save()
