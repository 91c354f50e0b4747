"""A telephone that makes passkeys and logs in with them: real keys, real signatures, no browser."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import struct
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client as Browser
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

from bonefit.clinics.models import User
from bonefit.clinics.second_step import needs_second_step
from tests.steps_taken import step_taken_in
from tests.test_login import ask, enter, logged_in, newest_code

LIST, ADD, USE = "/passkeys/", "/passkeys/add/", "/login/passkey/"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """One passkey. ``verified`` is whether it asked for the finger, the face or the PIN."""

    origin: str = "https://testserver"
    verified: bool = True
    key_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    owner: str = ""

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What the browser sends for ``navigator.credentials.create``."""
        public = options["publicKey"]
        self.owner = public["user"]["id"]
        cose = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.key_id)) + self.key_id + cose
        about = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        return self._said(
            clientDataJSON=self._client_data("webauthn.create", public["challenge"]),
            attestationObject=cbor.encode(about),
        )

    def use(self, options: dict[str, Any]) -> dict[str, Any]:
        """What the browser sends for ``navigator.credentials.get``."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._data(0)
        signed = data + hashlib.sha256(client_data).digest()
        return self._said(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(hashes.SHA256())),
            userHandle=websafe_decode(self.owner),
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, more: int) -> bytes:
        site = hashlib.sha256(b"testserver").digest()
        flags = PRESENT | (VERIFIED if self.verified else 0) | more
        return site + struct.pack(">BI", flags, 0)

    def _said(self, **response: bytes) -> dict[str, Any]:
        return {
            "id": websafe_encode(self.key_id),
            "rawId": websafe_encode(self.key_id),
            "type": "public-key",
            "response": {name: websafe_encode(value) for name, value in response.items()},
            "clientExtensionResults": {},
        }


def by_code(email: str) -> Browser:
    """A browser in which this person has logged in just now, staff with their second step."""
    browser = Browser()
    ask(browser, email)
    enter(browser, newest_code())
    assert logged_in(browser)
    user = User.objects.get(email=email)
    if needs_second_step(user):
        step_taken_in(browser, user)
    return browser


def remove_path(browser: Browser) -> str:
    """Where the first passkey on the list is removed."""
    found = re.search(r'href="(/passkeys/\d+/remove/)"', browser.get(LIST).text)
    assert found
    return found[1]


def options_on(page: Any) -> dict[str, Any]:
    """What the page asks a device to make."""
    found = re.search(r'data-options="([^"]+)"', page.text)
    assert found
    return json.loads(unescape(found[1]))


def add(browser: Browser, device: Device, name: str = "My phone") -> Any:
    """Make a passkey as the page's script does; the browser has logged in lately."""
    made = device.make(options_on(browser.get(ADD)))
    return browser.post(ADD, {"name": name, "credential": json.dumps(made)})


def use(browser: Browser, device: Device, **more: str) -> Any:
    """Log in with it as the page's script does."""
    signed = device.use(browser.get(USE).json())
    return browser.post(USE, {"credential": json.dumps(signed), **more})
