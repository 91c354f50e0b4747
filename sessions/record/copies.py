"""Copies of a client's record: asked for, written by a worker, good for some days, then deleted.

A worker claims a row; a claim that was not renewed for a while belongs to a worker that died, and
the next one begins anew. The row that says who asked for what stays.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bonefit.clients.models import Client, RecordCopy
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership

from . import writing

#: How long the link to a written file is good.
KEPT = timedelta(days=3)
#: A claim that was not renewed for so long is free.
CLAIM = timedelta(minutes=5)

Status = RecordCopy.Status
AT_WORK = (Status.WAITING, Status.WRITING)


class NotAllowed(Exception):
    """Whoever asked may not have it any more."""


class Lost(Exception):
    """The claim is somebody else's by now."""


def ask(*, client: Client, by: Membership, now: datetime) -> RecordCopy:
    """Write down that a copy is wanted; who asks again meanwhile waits for the same one.

    NotAllowed where she is neither the client nor somebody who may take records out.
    """
    if not _may(by, client):
        raise NotAllowed
    own = client.membership_id == by.pk
    hers = RecordCopy.objects.filter(client=client, member=by, status__in=AT_WORK)
    try:
        with transaction.atomic():
            return hers.first() or RecordCopy.objects.create(
                clinic_id=client.clinic_id, client=client, member=by, own=own, asked_at=now
            )
    except IntegrityError:  # two taps at once: the other one made it
        return hers.get()


def _may(who: Membership, client: Client) -> bool:
    """Herself, or staff of her clinic with the right; nobody who has left."""
    if not who.is_active or not who.user.is_active or who.clinic_id != client.clinic_id:
        return False
    return client.membership_id == who.pk or Can.EXPORT_RECORD in who.can


def of_client(client: Client, member: Membership) -> QuerySet[RecordCopy]:
    """The copies of a client that a member may read of, newest first."""
    rows = RecordCopy.objects.visible_to(member).filter(client=client)
    return rows.select_related("member__user", "client").order_by("-pk")


def may_fetch(copy: RecordCopy, *, by: Membership, now: datetime) -> bool:
    """Whether the file is for her: she asked for it, still may have it, and its link is good."""
    if copy.member_id != by.pk or not _may(by, copy.client):
        return False
    return copy.status == Status.DONE and copy.expires_at is not None and copy.expires_at > now


def fetch(copy: RecordCopy, *, now: datetime) -> File[bytes]:
    """The file, and when it left is written down. ``may_fetch`` has been asked."""
    RecordCopy.objects.filter(pk=copy.pk).update(fetched_at=now)
    return copy.file.open("rb")


def file_name(copy: RecordCopy) -> str:
    """What the file is called: nothing of whom it is about."""
    return f"record-{copy.uid.hex[:8]}.zip"


# --- the worker -----------------------------------------------------------------------------------


def waiting(now: datetime) -> QuerySet[RecordCopy]:
    """Copies that a worker should take up."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return RecordCopy.objects.filter(free, status__in=AT_WORK)


def run(copy_id: int) -> bool:
    """Write one copy; False where somebody else does, or there is nothing to do."""
    copy = _claim(copy_id, timezone.now())
    if copy is None:
        return False

    def tell(done: int, steps: int) -> None:
        ours = RecordCopy.objects.filter(pk=copy.pk, claimed_at=copy.claimed_at)
        copy.claimed_at = timezone.now()
        if not ours.update(done=done, steps=steps, claimed_at=copy.claimed_at):
            raise Lost

    try:
        if not _may(copy.member, copy.client):
            raise NotAllowed
        with tempfile.TemporaryFile() as file:
            written = writing.write(
                copy.client, file, as_at=timezone.now(), tell=tell, own=copy.own
            )
            _keep(copy, file, written)
    except Lost:
        return False
    except Exception:
        _fail(copy)
        raise
    return True


@transaction.atomic
def _claim(copy_id: int, now: datetime) -> RecordCopy | None:
    rows = waiting(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
    copy = rows.select_related("client__clinic", "member__user").filter(pk=copy_id).first()
    if copy is None:
        return None
    copy.claimed_at, copy.status, copy.done = now, Status.WRITING, 0
    copy.save(update_fields=["claimed_at", "status", "done"])
    return copy


def _keep(copy: RecordCopy, file: IO[bytes], written: writing.Written) -> None:
    """Put the file where only its own view finds it, and say that it is ready."""
    size = file.seek(0, 2)
    file.seek(0)
    copy.file.save(f"exports/{copy.clinic_id}/{copy.uid}.zip", File(file), save=False)
    now = timezone.now()
    kept = RecordCopy.objects.filter(pk=copy.pk, claimed_at=copy.claimed_at).update(
        file=copy.file.name,
        status=Status.DONE,
        rows=written.rows,
        papers=written.papers,
        size=size,
        finished_at=now,
        expires_at=now + KEPT,
        claimed_at=None,
    )
    if not kept:
        copy.file.storage.delete(str(copy.file.name))
        raise Lost


def _fail(copy: RecordCopy) -> None:
    ours = RecordCopy.objects.filter(pk=copy.pk, claimed_at=copy.claimed_at)
    ours.update(status=Status.FAILED, finished_at=timezone.now(), claimed_at=None)


def expire(now: datetime) -> int:
    """Delete the files whose time is over; how many. Their rows say that they are gone."""
    over = list(RecordCopy.objects.filter(status=Status.DONE, expires_at__lte=now))
    for copy in over:
        copy.file.storage.delete(str(copy.file.name))
        RecordCopy.objects.filter(pk=copy.pk).update(status=Status.GONE, file="")
    return len(over)
