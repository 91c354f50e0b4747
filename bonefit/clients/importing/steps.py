"""The steps of an import that a person takes: upload, say how it is read, check, take in, give up.

What takes long is left to a worker; ``go_on`` wakes it, and a sweep does where that was lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction

from bonefit.clinics.models import Membership

from ..models import Import
from ..tasks import run_import
from . import files
from .columns import guess_columns
from .guesses import Guesses

Status = Import.Status
#: Steps that a person may take, and out of which states.
OPEN = (Status.UPLOADED, Status.CHECKING, Status.CHECKED, Status.FAILED)


class NotNow(Exception):
    """A step that the import has gone past meanwhile; its text says so."""


def upload(*, kind: str, file: File[bytes], by: Membership, now: datetime) -> Import:
    """Keep a file and how it seems to be read. NoTable where it is none; nothing is kept then."""
    guesses = files.check_table(file)
    name = files.keep(file)
    try:
        with transaction.atomic():
            source = Import.objects.create(
                clinic=by.clinic,
                kind=kind,
                name=files.said_name(file.name or ""),
                file=name,
                sha256=files.digest_of(file),
                size=file.size or 0,
                reading=_reading(guesses),
                made_at=now,
                made_by=by,
            )
            source.mapping = _guessed_mapping(source)
            source.save(update_fields=["mapping"])
            return source
    except BaseException:
        storages["private"].delete(name)
        raise


def _reading(guesses: Guesses, seen: bool = False) -> dict[str, Any]:
    parts = ("encoding", "separator", "decimal", "dates")
    found = {name: getattr(guesses, name) for name in parts}
    return {
        **{name: one.value for name, one in found.items()},
        "why": {name: one.why for name, one in found.items()},
        "seen": seen,
    }


def _guessed_mapping(source: Import) -> dict[str, str]:
    head, _ = files.top_of(source, 0)
    return {str(at): name for at, name in guess_columns(source.kind, head.cells).items()}


@transaction.atomic
def read_like(*, source: Import, said: Mapping[str, str], by: Membership, now: datetime) -> bool:
    """How the file is read, as a person says it; False where she has to look once more.

    Other letters or another separator make another table of it: then the rest is guessed anew.
    """
    held = _held(source, *OPEN)
    before = held.reading
    changed = [name for name in ("encoding", "separator") if said[name] != before[name]]
    if changed:
        guesses = files.guess_again(held, encoding=said["encoding"], separator=said["separator"])
        held.reading = _reading(guesses)
        held.mapping = _guessed_mapping(held)
    else:
        held.reading = {**before, **said, "seen": True}
    _back_to(held, Status.UPLOADED)
    held.save()
    return not changed


@transaction.atomic
def check(*, source: Import, mapping: Mapping[int, str], by: Membership, now: datetime) -> None:
    """Say which column is what, and let a worker judge every row. Nothing is written by it."""
    held = _held(source, *OPEN)
    held.mapping = {str(at): name for at, name in mapping.items()}
    _back_to(held, Status.CHECKING)
    held.save()
    go_on(held)


@transaction.atomic
def change(*, source: Import, by: Membership, now: datetime) -> None:
    """Back to how the file is read and which column is what; a check that goes on is stopped."""
    held = _held(source, *OPEN)
    _back_to(held, Status.UPLOADED)
    held.save()


@transaction.atomic
def take_in(*, source: Import, by: Membership, now: datetime) -> None:
    """Let a worker write every row of a file that was checked and has no problem: all or none."""
    held = _held(source, Status.CHECKED)
    if held.bad or not held.rows:
        raise NotNow("Nothing can be taken in while a row has a problem. Mend the file first.")
    held.status, held.done, held.claimed_at = Status.WRITING, 0, None
    held.save(update_fields=["status", "done", "claimed_at"])
    go_on(held)


@transaction.atomic
def give_up(*, source: Import, by: Membership, now: datetime) -> None:
    """Take nothing in. The file goes, the row stays."""
    held = _held(source, *OPEN)
    _back_to(held, Status.DROPPED)
    held.finished_at = now
    held.save()
    name = str(held.file.name)
    transaction.on_commit(lambda: storages["private"].delete(name))


def go_on(source: Import) -> None:
    """Wake a worker once this is committed. Where the queue is down, the sweep wakes one."""
    transaction.on_commit(lambda: run_import.delay(source.pk), robust=True)


def _held(source: Import, *states: str) -> Import:
    held = Import.objects.select_for_update(no_key=True).get(pk=source.pk)
    if held.status not in states:
        raise NotNow(f"This file is {held.get_status_display().lower()} by now. Nothing changed.")
    return held


def _back_to(held: Import, status: str) -> None:
    """A state before any result, with what an earlier check has found out put away."""
    held.problems.all().delete()
    held.status, held.failure = status, ""
    held.done = held.bad = held.made = held.known = 0
    held.rows = held.claimed_at = None
