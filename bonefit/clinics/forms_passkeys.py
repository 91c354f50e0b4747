"""What a browser sends when it makes or uses a passkey: read and checked, nothing is written."""

from __future__ import annotations

import json
import struct
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from fido2.utils import websafe_encode

from .models import User

LONGEST_NAME = 40
MOST_PASSKEYS = 10
#: What a device sends is some hundred bytes long; a credential with a chain of certificates, 5,000.
MOST_CHARACTERS = 16_000

NOT_MADE = "The passkey could not be made. Nothing was changed. Try again, or go on without one."
NOT_KNOWN = "That passkey is not known here, or it took too long. Log in with a code instead."
#: What fido2 and its CBOR reader raise for what no device sends.
MALFORMED = (
    *(AssertionError, AttributeError, IndexError, KeyError, OverflowError, RecursionError),
    *(TypeError, ValueError, struct.error),
)


class _CredentialForm(forms.Form):
    credential = forms.CharField(widget=forms.HiddenInput, required=False)

    def _read(self, wrong: str) -> dict[str, Any]:
        """The JSON that was sent, as an object; what is in it is not looked at yet."""
        text = self.cleaned_data["credential"]
        if len(text) > MOST_CHARACTERS:
            raise ValidationError(wrong)
        try:
            sent = json.loads(text)
        except (RecursionError, ValueError) as error:
            raise ValidationError(wrong) from error
        if not isinstance(sent, dict):
            raise ValidationError(wrong)
        return sent


class AddPasskeyForm(_CredentialForm):
    """A name for it, and what the device made."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        help_text="So that you know it again, such as “My phone”.",
        error_messages={"required": "Write a name for it, such as “My phone”."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_credential(self) -> dict[str, Any]:
        sent = self._read(NOT_MADE)
        try:
            named = auth.parse_registration_response(sent).raw_id
            made = auth.complete_registration(sent).credential_data
        except (ValidationError, *MALFORMED) as error:
            raise ValidationError(NOT_MADE) from error
        if made is None or made.credential_id != named:
            raise ValidationError(NOT_MADE)
        # Only what is needed to know it again: of the rest nobody knows what a browser puts in.
        key_id = websafe_encode(made.credential_id)
        response = {
            name: sent["response"][name] for name in ("clientDataJSON", "attestationObject")
        }
        return {"id": key_id, "rawId": key_id, "type": "public-key", "response": response}

    def clean(self) -> dict[str, Any]:
        if passkeys_of(self.user).count() >= MOST_PASSKEYS:
            raise ValidationError(
                f"You have {MOST_PASSKEYS} passkeys, and that is the most. Remove one first."
            )
        return super().clean() or {}


class UsePasskeyForm(_CredentialForm):
    """A passkey to log in with: ``credential`` becomes the Authenticator of its owner.

    Where it does not, ``named`` is whose passkey was sent, if it is one that is known here: what a
    browser says of its owner alone anybody can write.
    """

    named: int | None = None

    def clean_credential(self) -> Authenticator:
        sent = self._read(NOT_KNOWN)
        try:
            key_id = auth.parse_authentication_response(sent).raw_id
            user = auth.extract_user_from_response(sent)
            if auth.get_authenticator_by_credential_id(user, key_id) is not None:
                self.named = user.pk
            return auth.complete_authentication(user, sent)
        except (ValidationError, *MALFORMED) as error:
            raise ValidationError(NOT_KNOWN) from error


def passkeys_of(user: User) -> Any:
    """The passkeys of a person, oldest first."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
