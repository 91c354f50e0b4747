"""What leaves as a file: each download has a row, and a long one is written by a worker.

Of an organisation's download each clinic has a row; they share its ``uid``, and the first is the
one that is written.

A worker claims a row; a claim that was not renewed for a while belongs to a worker that died, and
the next one begins anew. A file goes when its time is over; the row that says who took what stays.
"""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

from django.core.files import File
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bonefit.clinics import rows
from sessions.models import ReportExport

from .define import VERSION
from .readers import Reader
from .whose import sees_clinic

logger = logging.getLogger(__name__)

#: How long the link to a written file is good.
KEPT = timedelta(days=3)
#: A claim that was not renewed for so long is free.
CLAIM = timedelta(minutes=5)

Status = ReportExport.Status
#: What a worker is at, or will be.
AT_WORK = (Status.WAITING, Status.WRITING)
#: Writes the file of an export and returns its rows; calls back with the rows written so far.
Write = Callable[[ReportExport, IO[bytes], Callable[[int], None]], int]


class Lost(Exception):
    """The claim is somebody else's by now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants as a file: which report, by which address, in which form, as at when.

    ``table``: of a CSV, the key of its table; "" the first one.
    """

    report: str
    query: str
    form: str
    as_at: datetime
    table: str = ""


@transaction.atomic
def record(
    wanted: Wanted,
    *,
    by: Reader,
    named: bool | None = None,
    status: str = Status.SENT,
    rows: int | None = None,
    expected: int | None = None,
    cohort: dict[str, object] | None = None,
) -> ReportExport:
    """Write down that figures leave, before they do; a row for each clinic that they are of."""
    uid = uuid.uuid4()
    whole = by.member is None or sees_clinic(by.member)
    made = [
        ReportExport(
            clinic=clinic,
            uid=uid,
            member=by.member,
            organiser=by.organiser,
            user=by.user,
            report=wanted.report,
            query=wanted.query[:400],
            form=wanted.form,
            table=wanted.table,
            whole=whole,
            definitions=VERSION,
            as_at=wanted.as_at,
            named=by.named if named is None else named,
            cohort=cohort or {},
            status=Status.PART if number and status == Status.WAITING else status,
            rows=rows,
            expected=expected,
            made_at=wanted.as_at,
        )
        for number, clinic in enumerate(by.clinics)
    ]
    ReportExport.objects.bulk_create(made)
    return made[0]


def wait_for(wanted: Wanted, *, by: Reader) -> ReportExport:
    """What a worker is to write. Who asks for the same again meanwhile waits for the same file."""
    asked = ReportExport.objects.filter(
        status__in=AT_WORK,
        user=by.user,
        member=by.member,
        organiser=by.organiser,
        report=wanted.report,
        query=wanted.query,
        form=wanted.form,
        table=wanted.table,
    )
    return asked.order_by("pk").first() or record(wanted, by=by, status=Status.WAITING)


def of_one_file(export: ReportExport) -> QuerySet[ReportExport]:
    """The rows of the clinics that are in one file, the one that is written among them."""
    return ReportExport.objects.filter(user=export.user_id, uid=export.uid)


def clinics_of(export_id: int) -> list[int]:
    """The clinics that are in the file of an export, by number; none where there is no such row.

    For a message that carries a number and no clinic.
    """
    with rows.seeing_every_clinic():
        export = ReportExport.objects.filter(pk=export_id).first()
        return [] if export is None else list(of_one_file(export).values_list("clinic", flat=True))


def waiting(now: datetime) -> QuerySet[ReportExport]:
    """Exports that a worker should take up."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return ReportExport.objects.filter(free, status__in=AT_WORK)


def run(export_id: int, write: Write) -> bool:
    """Write the file of one export; False where somebody else does, or there is nothing to do."""
    export = _claim(export_id, timezone.now())
    if export is None:
        return False

    def tell(rows: int) -> None:
        ours = ReportExport.objects.filter(pk=export.pk, claimed_at=export.claimed_at)
        export.claimed_at = timezone.now()
        if not ours.update(rows=rows, claimed_at=export.claimed_at):
            raise Lost

    try:
        with tempfile.TemporaryFile() as file:
            rows = write(export, file, tell)
            _keep(export, file, rows)
    except Lost:
        return False
    except Exception:
        _fail(export, "Something went wrong here. Ask for it again.")
        raise
    return True


@transaction.atomic
def _claim(export_id: int, now: datetime) -> ReportExport | None:
    rows = waiting(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
    whose = ("clinic", "member__user", "user", "organiser__user", "organiser__organisation")
    export = rows.select_related(*whose).filter(pk=export_id).first()
    if export is None:
        return None
    export.claimed_at, export.status, export.rows = now, Status.WRITING, 0
    export.save(update_fields=["claimed_at", "status", "rows"])
    return export


def _keep(export: ReportExport, file: IO[bytes], rows: int) -> None:
    """Put the file where only its own view finds it, and say that it is ready."""
    size = file.seek(0, 2)
    file.seek(0)
    name = f"exports/{export.clinic_id}/{export.uid}.{export.form}"
    export.file.save(name, File(file), save=False)
    now = timezone.now()
    kept = ReportExport.objects.filter(pk=export.pk, claimed_at=export.claimed_at).update(
        file=export.file.name,
        status=Status.DONE,
        rows=rows,
        size=size,
        finished_at=now,
        expires_at=now + KEPT,
        claimed_at=None,
    )
    if not kept:
        export.file.storage.delete(str(export.file.name))
        raise Lost
    of_one_file(export).filter(status=Status.PART).update(rows=rows, finished_at=now)


def _fail(export: ReportExport, words: str) -> None:
    ours = ReportExport.objects.filter(pk=export.pk, claimed_at=export.claimed_at)
    failed = {"status": Status.FAILED, "failure": words, "finished_at": timezone.now()}
    if ours.update(**failed, claimed_at=None):
        of_one_file(export).filter(status=Status.PART).update(**failed)


def expire(now: datetime) -> int:
    """Delete the files whose time is over; how many. Their rows say that they are gone."""
    over = list(ReportExport.objects.filter(status=Status.DONE, expires_at__lte=now))
    for export in over:
        export.file.storage.delete(str(export.file.name))
        ReportExport.objects.filter(pk=export.pk).update(status=Status.GONE, file="")
    return len(over)
