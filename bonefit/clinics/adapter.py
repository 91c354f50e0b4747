"""How people log in: by an e-mailed code, a link beside it, or a passkey; staff in two steps.

Nobody signs up.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as of_request
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone

from .addresses import user_with_address
from .known_devices import remember
from .lately import logged_in_lately
from .login_links import BESIDE_A_CODE, address_of, link_for_nobody, make_link, may_have_link
from .mailed_after import greet_mail_server, mail_after
from .models import User
from .sealing import seal, unseal
from .second_step import needs_second_step, step_taken

logger = logging.getLogger(__name__)

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

    def is_safe_url(self, url: str) -> bool:
        """Whether to go there afterwards; what is no address at all is nowhere to go."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_login_stages(self) -> list[str]:
        """The code alone logs somebody in. For staff it opens their second step and nothing else
        (``second_step_gate``); for clients a passkey is no second lock.
        """
        return ["allauth.account.stages.LoginByCodeStage"]

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Whoever needs no second step, or a passkey was both, is known in this browser now."""
        if step_taken(request) or not needs_second_step(user):
            remember(request, user)
        return super().post_login(request, user, **kwargs)

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Not where she has logged in lately, in whichever way."""
        return not logged_in_lately(of_request.request)

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        """None of django-allauth's own: ``views_again`` leads through the code."""
        return []

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The mail with the code carries a link too, where its reader may have one."""
        if template_prefix != CODE_MAIL:
            super().send_mail(template_prefix, email, context)
            return
        said = {"email": email} | context | self._beside_the_code(email)
        mail_after(self.render_mail(template_prefix, email, said))

    def mail_nobody(self, email: str) -> None:
        """What a letter to an address takes before the answer, for one that nobody has.

        Raises OSError where the mail server is away.
        """
        may_have_link(User(pk=0))
        said = {"email": email, "code": self.generate_login_code()}
        self.render_mail(CODE_MAIL, email, said | self._beside_the_code(email))
        greet_mail_server()

    def _beside_the_code(self, email: str) -> dict[str, Any]:
        said: dict[str, Any] = {"minutes": int(BESIDE_A_CODE.total_seconds() // 60)}
        user, now = user_with_address(email), timezone.now()
        if user is not None and may_have_link(user):
            link = make_link(user=user, life=BESIDE_A_CODE, now=now)
            said["link"] = address_of(link)
        else:
            link_for_nobody(life=BESIDE_A_CODE, now=now)
        return said

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """To her address of today. A mail server that is down undoes nothing: it is logged."""
        try:
            super().send_notification_mail(template_prefix, user, context, email or user.email)
        except OSError as error:  # SMTPException is one too, and its words may hold the address
            logger.error("A notice about a log-in was not mailed: %s", type(error).__name__)


class MFAAdapter(DefaultMFAAdapter):
    """What a telephone shows of a passkey or an app's entry, and how their secrets are kept."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "bonefit"}

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)
