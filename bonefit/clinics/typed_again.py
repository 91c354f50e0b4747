"""The key under which a browser keeps what was typed, until its person has logged in again.

It stands on the pages of whoever is logged in, and seals what waits in the tab (``js/typed.js``).
A tablet that nobody is logged in on, or somebody else, has the sealed text and nothing to open it.
"""

from __future__ import annotations

from base64 import b64encode

from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def key_of(request: HttpRequest) -> str:
    """256 bits, the same at each log-in of a person; "" for nobody, and for who came by a PIN."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "by_pin", None):
        return ""
    return b64encode(
        salted_hmac("clinics.typed_again", str(user.pk), algorithm="sha256").digest()
    ).decode()
