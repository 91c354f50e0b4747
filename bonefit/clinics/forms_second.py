"""Codes of the second step: from an app, or one of the recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from .forms_login import digits_of
from .known_devices import counted_as
from .models import User
from .second_step import authenticator_with, counter_of
from .wrong_log_ins import was_turned_away, was_wrong

APP_DIGITS = 6
RECOVERY_DIGITS = settings.MFA_RECOVERY_CODE_DIGITS

WRONG = (
    "This is not the code that the app shows now, or it was used. Wait for the next one. "
    "A recovery code works once."
)
NOT_THE_APPS = (
    "This is not the code that the app shows now. Look at the entry “bonefit” in the app, "
    "and at the clock of the telephone: it has to be right to the half minute."
)
TOO_MANY = (
    "There were too many wrong codes. Wait five minutes, then try again. "
    "A passkey works meanwhile. Nothing is locked."
)
NOTHING = "Type the code that the app shows."


def _digits(typed: str, *lengths: int) -> str:
    """The digits of a code, however it was spaced; what cannot be a code costs no try."""
    digits = digits_of(typed)
    if len(digits) not in lengths:
        kinds = f"{APP_DIGITS} digits"
        if len(lengths) > 1:
            kinds += f", a recovery code has {RECOVERY_DIGITS}"
        raise ValidationError(
            f"A code from the app has {kinds}. What you typed has {len(digits) or 'none'}."
        )
    return digits


class SecondStepForm(forms.Form):
    """The code that the app shows, or a recovery code; ``authenticator`` is what it belongs to."""

    code = forms.CharField(max_length=40, error_messages={"required": NOTHING})

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_code(self) -> str:
        digits = _digits(self.cleaned_data["code"], APP_DIGITS, RECOVERY_DIGITS)
        # Counted before it is looked at, so that many at once count too; a right one is not.
        key = counted_as(self.request, str(self.user.pk), self.user)
        usage = ratelimit.consume(
            self.request, app="allauth.account", action="second_step", key=key
        )
        if usage is None:
            was_turned_away(self.request, self.user.pk)
            raise ValidationError(TOO_MANY)
        found = authenticator_with(self.user, digits)
        if found is None:
            was_wrong(self.request, self.user.pk)
            raise ValidationError(WRONG)
        self.authenticator = found
        usage.rollback()
        return digits


class SetUpAppForm(forms.Form):
    """The first code of a new app, which shows that it was read in; ``counter`` is its moment."""

    code = forms.CharField(max_length=40, error_messages={"required": NOTHING})

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret

    def clean_code(self) -> str:
        digits = _digits(self.cleaned_data["code"], APP_DIGITS)
        counter = counter_of(self.secret, digits)
        if counter is None:
            raise ValidationError(NOT_THE_APPS)
        self.counter = counter
        return digits
