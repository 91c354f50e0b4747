"""Who can open a backup: age keys, by the library ``pyrage`` (see docs/decisions/0020).

Every backup has a key of its own. It is written into the file under the passphrase where there is
one, and is otherwise forgotten once the file has been verified: then only the recipients can open
it, and the site cannot read its own backups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage

from .errors import BackupDamaged, BackupError
from .streams import Sink, Source

SHORTEST_PASSPHRASE = 16
_AGE_FILE = b"age-encryption.org/v1"
_REFUSED = (pyrage.EncryptError, pyrage.DecryptError, OSError)


@dataclass(frozen=True)
class Sealing:
    """To whom a backup is written: a key of its own, and the recipients of the settings."""

    key: Any
    recipients: Sequence[Any]
    wrapped: bytes | None

    @property
    def all_recipients(self) -> list[Any]:
        """Every public key that the parts are encrypted to."""
        return [self.key.to_public(), *self.recipients]


def sealing(recipients: Sequence[str], passphrase: str) -> Sealing:
    """A fresh key, for these recipients (``age1…``) and under this passphrase.

    Raises BackupError where there is neither, a recipient is no public key of age, or the
    passphrase is shorter than 16 characters.
    """
    if not recipients and not passphrase:
        raise BackupError(
            "Set BACKUP_RECIPIENTS or BACKUP_PASSPHRASE: a backup is never written in the clear."
        )
    known = [_recipient(one) for one in recipients]
    key = pyrage.x25519.Identity.generate()
    wrapped = None
    if passphrase:
        if len(passphrase) < SHORTEST_PASSPHRASE:
            raise BackupError(f"BACKUP_PASSPHRASE needs {SHORTEST_PASSPHRASE} characters or more.")
        wrapped = pyrage.passphrase.encrypt(str(key).encode(), passphrase)
    return Sealing(key, known, wrapped)


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise BackupError(
            "BACKUP_RECIPIENTS holds something that is no public key of age (age1…)."
        ) from None


def identities(file: Path, passphrase: str = "") -> list[Any]:
    """The secret keys in a file that ``age-keygen`` made, itself under a passphrase or not."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BackupError(f"The key file cannot be read: {error.strerror}.") from error
    if data.startswith(_AGE_FILE):
        data = _unwrap(data, passphrase, "The key file")
    lines = [line.strip() for line in data.decode(errors="replace").splitlines()]
    try:
        found = [_identity(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise BackupError("The key file holds no secret key of age (AGE-SECRET-KEY-1…).")
    return found


def _identity(text: str) -> Any:
    return pyrage.x25519.Identity.from_str(text)


def unwrapped(wrapped: bytes, passphrase: str) -> Any:
    """The key of a backup, from its passphrase. Raises BackupError where that is a wrong one."""
    return _identity(_unwrap(wrapped, passphrase, "The backup").decode())


def _unwrap(data: bytes, passphrase: str, what: str) -> bytes:
    if not passphrase:
        raise BackupError(f"{what} is under a passphrase, and none was given.")
    try:
        return bytes(pyrage.passphrase.decrypt(data, passphrase))
    except pyrage.DecryptError:
        raise BackupError(f"{what} does not open: the passphrase is wrong.") from None


def encrypt(source: Source, sink: Sink, to: Sealing) -> None:
    """Encrypt a stream, in blocks of 64 KiB. An error of either end is raised as it was."""
    try:
        pyrage.encrypt_io(source, sink, to.all_recipients)
    except _REFUSED as error:
        raise _cause(source, sink) or BackupError("The encryption failed.") from error


def decrypt(source: Source, sink: Sink, keys: Sequence[Any]) -> None:
    """Decrypt a stream; each block is checked before it is handed on.

    Raises BackupError where no key fits, or something was changed or cut off.
    """
    try:
        pyrage.decrypt_io(source, sink, list(keys))
    except _REFUSED as error:
        cause = _cause(source, sink)
        if cause is not None:
            raise cause from error
        if "No matching keys" in str(error):
            raise BackupError("The backup does not open: it was made for another key.") from None
        raise BackupDamaged("The backup is damaged: a part of it does not decrypt.") from None


def _cause(source: Source, sink: Sink) -> Exception | None:
    return sink.error or source.error
