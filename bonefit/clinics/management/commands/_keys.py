"""How a person at a terminal opens a backup."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from bonefit.backups.container import KEY, Whole
from bonefit.backups.restoring import Opened, open_backup


def add_key_arguments(parser: CommandParser) -> None:
    """The file, and what opens it."""
    parser.add_argument("file", type=Path, help="a backup: bonefit-….tar")
    parser.add_argument(
        "--identity",
        type=Path,
        help="the file of an age key; without it the passphrase is BACKUP_PASSPHRASE, or asked for",
    )


def opened(options: dict[str, Any]) -> Opened:
    """The backup, checked and opened."""
    passphrase: str = settings.BACKUP_PASSPHRASE
    file, identity = options["file"], options["identity"]
    asked = not passphrase and sys.stdin.isatty()
    if asked and (_is_wrapped(identity) if identity else KEY in Whole(file)):
        passphrase = getpass.getpass("Passphrase: ")
    return open_backup(file, key_file=identity, passphrase=passphrase)


def _is_wrapped(identity: Path) -> bool:
    return identity.is_file() and identity.read_bytes().startswith(b"age-encryption.org/v1")
