"""The messages that Django's file backend has put into a folder, for reading only.

Standard library only. A message is found by its name among those that are there, so a name can
lead nowhere else.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

#: What the file backend writes between the messages of one connection.
BETWEEN = b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One file: the messages of one connection, nearly always a single one."""

    name: str
    messages: tuple[EmailMessage, ...]


def names(folder: Path) -> list[str]:
    """The files of the folder, newest first."""
    if not folder.is_dir():
        return []
    files = [entry for entry in folder.glob("*.log") if entry.is_file() and not entry.is_symlink()]
    files.sort(key=lambda entry: (entry.stat().st_mtime_ns, entry.name), reverse=True)
    return [entry.name for entry in files]


def read(folder: Path, name: str) -> Mail:
    """One of ``names``; KeyError for any other name."""
    if name not in names(folder):
        raise KeyError(name)
    parts = (folder / name).read_bytes().split(BETWEEN)
    return Mail(name, tuple(_parsed(part) for part in parts if part.strip()))


def body(message: EmailMessage) -> str:
    """The plain text of a message; empty where it has none."""
    part = message.get_body(preferencelist=("plain",))
    return part.get_content() if part is not None else ""


def _parsed(part: bytes) -> EmailMessage:
    message = email.message_from_bytes(part, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # the default policy makes these
    return message
