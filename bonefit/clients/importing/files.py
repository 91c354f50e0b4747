"""The uploaded file itself: whether it is a table at all, what it is called, how it is kept."""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import storages

from ..models import Import
from .columns import MOST_COLUMNS
from .guesses import Guesses, guess
from .records import Record, lines_of, records

LONGEST_NAME = 160
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_OTHERS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"MZ", b"\x7fELF", b"GIF8")
SAVE_AS = (
    "In Excel choose File, Save as, and there CSV UTF-8; in LibreOffice File, Save as, Text CSV."
)


class NoTable(Exception):
    """A file that is not taken; its text says why and what to do."""


def check_table(file: File[bytes]) -> Guesses:
    """How an uploaded file seems to be written. NoTable where it is no table in a text file."""
    file.seek(0)
    start = file.read(4096)
    if not start:
        raise NoTable("The file is empty. Choose it again.")
    if start.startswith(_EXCEL):
        raise NoTable(f"This is an Excel workbook, not a CSV file. {SAVE_AS}")
    if start.startswith(_OTHERS):
        raise NoTable(f"This is no table in a text file, whatever its name says. {SAVE_AS}")
    guesses = guess(_plain(file))
    if _is_binary(start, guesses.encoding.value):
        raise NoTable(f"This is no table in a text file, whatever its name says. {SAVE_AS}")
    top = list(islice(_records(_plain(file), guesses.encoding.value, guesses.separator.value), 2))
    if not top:
        raise NoTable("There is nothing in the file but blank lines.")
    if len(top) < 2:
        raise NoTable("The file has one row only. The first row names the columns.")
    if len(top[0].cells) > MOST_COLUMNS:
        raise NoTable(f"The file has more than {MOST_COLUMNS} columns. Leave out what is not used.")
    return guesses


def _is_binary(start: bytes, encoding: str) -> bool:
    """Many bytes that no text has: a few of them are said cell by cell."""
    if encoding.startswith("utf-16"):
        return False
    odd = sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c" for byte in start)
    return odd > len(start) // 20 + 2


def _plain(file: File[Any]) -> BinaryIO:
    """The file below Django's own, which a reader of text can stand on."""
    return cast(BinaryIO, file.file)


def _records(file: BinaryIO, encoding: str, separator: str) -> Iterator[Record]:
    return (one for one in records(lines_of(file, encoding), separator) if not one.blank)


def said_name(name: str) -> str:
    """The last part of a file's name without anything that misleads.

    Folders, control characters and marks that turn the reading direction are left out.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = [
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", last)
        if char.isspace() or unicodedata.category(char)[0] != "C"
    ]
    return " ".join("".join(kept).split()).lstrip(". ")[-LONGEST_NAME:] or "table.csv"


def digest_of(file: File[bytes]) -> str:
    """SHA-256 of a file, read in parts."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def keep(file: File[bytes]) -> str:
    """Store a file outside the web root under a name of chance; that name."""
    random = uuid.uuid4().hex
    file.seek(0)
    return storages["private"].save(f"imports/{random[:2]}/{random}", file)


@contextmanager
def opened(source: Import) -> Iterator[BinaryIO]:
    """The stored file. FileNotFoundError where it is gone."""
    with storages["private"].open(str(source.file.name)) as file:
        yield _plain(file)


def rows_of(source: Import, file: BinaryIO) -> Iterator[Record]:
    """The head and the rows of an import as it is read."""
    reading = source.reading
    return records(lines_of(file, reading["encoding"]), reading["separator"])


def top_of(source: Import, most: int) -> tuple[Record, list[Record]]:
    """The head, and the first rows below it that are not blank."""
    with opened(source) as file:
        found = (one for one in rows_of(source, file) if not one.blank)
        head = next(found, Record(1, ()))
        return head, list(islice(found, most))


def guess_again(source: Import, *, encoding: str, separator: str) -> Guesses:
    """The guesses about a stored file, with what a person has chosen."""
    with opened(source) as file:
        return guess(file, encoding=encoding, separator=separator)
