"""How people log in: by an e-mailed code or a link beside it, and nobody signs up."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from .addresses import user_with_address
from .login_links import BESIDE_A_CODE, address_of, make_link, may_have_link

CODE_MAIL = "account/email/login_code"


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

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The mail with the code carries a link too, where its reader may have one."""
        if template_prefix == CODE_MAIL:
            context = context | self._beside_the_code(email)
        super().send_mail(template_prefix, email, context)

    def _beside_the_code(self, email: str) -> dict[str, Any]:
        said: dict[str, Any] = {"minutes": int(BESIDE_A_CODE.total_seconds() // 60)}
        user, now = user_with_address(email), timezone.now()
        if user is not None and may_have_link(user):
            link = make_link(user=user, life=BESIDE_A_CODE, now=now)
            said["link"] = address_of(link)
        return said
