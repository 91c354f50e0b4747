"""Secrets that have to be read again are in the database under the site's key only.

A copy of the database without SECRET_KEY shows nobody's app secret and nobody's recovery codes.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

_SALT = "clinics.sealing"


class SealBroken(Exception):
    """What was sealed cannot be read: with another key, or it was changed."""


def seal(text: str) -> str:
    """``text`` encrypted and signed with the site's key."""
    return _ring().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed, with the site's key or one of SECRET_KEY_FALLBACKS; else SealBroken."""
    try:
        return _ring().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error


def _ring() -> MultiFernet:
    return MultiFernet(
        [_fernet(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def _fernet(key: str | bytes) -> Fernet:
    derived = salted_hmac(_SALT, "fernet", secret=key, algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(derived))
