"""How people log in: by an e-mailed code, and nobody signs up by herself."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """A clinic enrolls its clients and names its staff; there is no open door."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": (
            "Too many codes were asked for in a short time. "
            "Wait a few minutes, then try again. Nothing is locked."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
