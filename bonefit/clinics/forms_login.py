"""The two steps of logging in by a code: whose address is it, and what was the code?"""

from __future__ import annotations

import unicodedata

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.core import context, ratelimit
from django.conf import settings

from .addresses import user_with_address
from .known_devices import counted_as

CODE_DIGITS = settings.ACCOUNT_LOGIN_BY_CODE_FORMAT["length"]


def digits_of(typed: str) -> str:
    """The digits in what was typed, however it was spaced, dashed, copied or written."""
    return "".join(one for one in unicodedata.normalize("NFKC", typed) if one in "0123456789")


class AskForCodeForm(RequestLoginCodeForm):
    """An e-mail address. An unknown one gets the same answer as a known one."""

    def clean_email(self) -> str:
        """Counted against the limits, known or not; a browser that knows her by itself."""
        email = str(self.cleaned_data["email"])
        self._user = user_with_address(email)
        key = counted_as(context.request, email.lower(), self._user)
        if not ratelimit.consume(context.request, action="request_login_code", key=key):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email


class EnterCodeForm(ConfirmLoginCodeForm):
    """The code, with or without spaces; a copied "Your code is 123 456" is one too."""

    def clean_code(self) -> str:
        self.cleaned_data["code"] = digits_of(self.cleaned_data["code"])
        return str(super().clean_code())
