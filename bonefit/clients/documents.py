"""Papers of clients: checked by content, kept outside the web root, hidden but never deleted."""

from __future__ import annotations

import hashlib
import logging
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.models import Membership
from bonefit.uploads import most

from . import intake
from .models import Client, Document
from .paper_checks import BadFile, check_content

__all__ = ["BadFile", "Checked", "check_upload", "filing", "remove", "store", "store_bytes"]

logger = logging.getLogger(__name__)

LONGEST_NAME = 120
#: Endings that a name may have; the first is the one that it gets.
_ENDINGS = {
    Document.Type.PDF: (".pdf",),
    Document.Type.PNG: (".png",),
    Document.Type.JPEG: (".jpg", ".jpeg"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: its type by content, its safe name, its size in bytes."""

    type: str
    name: str
    sha256: str
    size: int


def check_upload(file: File[bytes]) -> Checked:
    """What a file is; BadFile with the words to say beside the field where it is not taken."""
    return _checked(file)[0]


def _checked(file: File[bytes]) -> tuple[Checked, bytes]:
    limit = settings.UPLOAD_MAX_BYTES
    file.seek(0)
    data = file.read(limit + 1)
    if len(data) > limit:
        raise BadFile(f"The file is larger than {most()}. Save it smaller, or scan it anew.")
    type_ = check_content(data)
    digest = hashlib.sha256(data).hexdigest()
    return Checked(type_, safe_name(file.name or "", type_), digest, len(data)), data


def safe_name(name: str, type_: str) -> str:
    """The last part of a file's name without anything that misleads, with its true ending.

    Folders, control characters and marks that turn the reading direction are left out.
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = [
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", last)
        if char.isspace() or unicodedata.category(char)[0] != "C"
    ]
    clean = " ".join("".join(kept).split()).lstrip(". ")
    endings = _ENDINGS[Document.Type(type_)]
    path = PurePosixPath(clean or "paper")
    ending = path.suffix if path.suffix.lower() in endings else endings[0]
    known = {one for each in _ENDINGS.values() for one in each}
    stem = path.stem if path.suffix.lower() in known else path.name
    return f"{stem[: LONGEST_NAME - len(ending)].strip() or 'paper'}{ending}"


# --- keeping --------------------------------------------------------------------------------------
_WRITTEN: ContextVar[list[str]] = ContextVar("papers written")


@contextmanager
def filing() -> Iterator[None]:
    """A transaction in which papers are stored: where it fails, their files go with its rows."""
    begun = _WRITTEN.get(None)
    written: list[str] = [] if begun is None else begun
    before, token = len(written), _WRITTEN.set(written)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        while len(written) > before:
            storages["private"].delete(written.pop())
        raise
    finally:
        _WRITTEN.reset(token)


def store(
    *, client: Client, kind: str, file: File[bytes], by: Membership, now: datetime
) -> Document:
    """Keep an uploaded paper of a client; BadFile where it is none.

    The file stands before its row is committed, and goes again where ``filing`` fails.
    """
    checked, data = _checked(file)
    return _write(client, kind, checked, data, by, now)


def store_bytes(
    *, client: Client, kind: str, name: str, data: bytes, by: Membership, now: datetime
) -> Document:
    """Keep a paper that was made here, such as a signed letter; BadFile where it is none."""
    checked, data = _checked(ContentFile(data, name=name))
    return _write(client, kind, checked, data, by, now)


def _write(
    client: Client, kind: str, checked: Checked, data: bytes, by: Membership, now: datetime
) -> Document:
    with filing():
        random = uuid.uuid4().hex
        name = storages["private"].save(f"{random[:2]}/{random}", ContentFile(data))
        _WRITTEN.get().append(name)
        return Document.objects.create(
            clinic_id=client.clinic_id,
            client=client,
            kind=kind,
            name=checked.name,
            file=name,
            type=checked.type,
            size=checked.size,
            sha256=checked.sha256,
            added_at=now,
            added_by=by,
        )


@because_of("why")
@transaction.atomic
def remove(*, document: Document, why: str, by: Membership, now: datetime) -> bool:
    """Hide a paper, for a wrong one; its file and its row stay. False where it was hidden before.

    A clearance whose letter is hidden has no letter any more.
    """
    held = Document.objects.select_for_update(no_key=True).get(pk=document.pk)
    if held.removed_at is not None:
        return False
    held.removed_at, held.removed_by, held.removed_why = now, by, why
    held.save(update_fields=["removed_at", "removed_by", "removed_why"])
    intake.refresh([Client.objects.get(pk=held.client_id)], now=now)
    return True


def read(document: Document) -> bytes | None:
    """The bytes of a paper; where its file is gone None, and the log names the row."""
    try:
        with storages["private"].open(str(document.file.name)) as file:
            found: bytes = file.read()
            return found
    except FileNotFoundError:
        logger.error("The file of document %s is gone.", document.uid)
        return None
