"""What a worker does with an import: judge every row of it, or write every row of it.

It is claimed by one worker at a time. A claim is renewed with every batch; one that was not for a
while belongs to a worker that died, and the next one begins anew. Nothing was written then: the
rows of a file are written in one transaction. A batch is in memory at a time, never the file.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bonefit.clinics.rows import another_connection

from ..models import Import, ImportProblem
from .client_rows import ClientRows
from .columns import heads_said
from .files import opened, rows_of
from .measurement_rows import MeasurementRows
from .records import Reading, Record, batches
from .rows import Layout, Problem, Rows

logger = logging.getLogger(__name__)

#: A claim that was not renewed for so long is free; a batch takes a second or so.
CLAIM = timedelta(minutes=3)
BATCH = 500
#: A file in which more rows are bad is read wrongly, not written wrongly: the check stops there.
MOST_BAD = 5_000

Status = Import.Status
#: The first key of the locks by which writing takes turns in a clinic; the second is the clinic.
_LOCK = 60_001


class Lost(Exception):
    """The claim is somebody else's by now, or a person has stopped it."""


class Changed(Exception):
    """Since the check a row has become wrong."""


def waiting(now: datetime) -> QuerySet[Import]:
    """Imports that a worker should take up: free ones that are to be checked or written."""
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    return Import.objects.filter(free, status__in=(Status.CHECKING, Status.WRITING))


def run(import_id: int) -> bool:
    """Check or write one import; False where somebody else does, or there is nothing to do."""
    source = _claim(import_id, timezone.now())
    if source is None:
        return False
    try:
        if source.status == Status.CHECKING:
            _check(source)
        else:
            _write(source)
    except Lost:
        return False
    except FileNotFoundError:
        _fail(source, "The file is not where it was put. Upload it again.")
        logger.error("The file of import %s is gone.", source.pk)
    except Changed as changed:
        _fail(source, f"Nothing was taken in. Since the check {changed} Check it again.")
    except IntegrityError:
        _fail(source, "Nothing was taken in: the same was entered by somebody just now. Check it.")
    except Exception:
        _fail(source, "Nothing was taken in: something went wrong here, not in your file.")
        raise
    return True


@transaction.atomic
def _claim(import_id: int, now: datetime) -> Import | None:
    """The import, with nothing of an earlier try; None where it is not free."""
    free = waiting(now).select_for_update(of=("self",), no_key=True, skip_locked=True)
    source = free.select_related("clinic", "made_by__clinic").filter(pk=import_id).first()
    if source is None:
        return None
    source.claimed_at, source.done = now, 0
    if source.status == Status.CHECKING:
        source.problems.all().delete()
        source.bad = source.made = source.known = 0
    source.save(update_fields=["claimed_at", "done", "bad", "made", "known"])
    return source


def _fail(source: Import, words: str) -> None:
    """Say why nothing was taken in, as long as the import is still ours."""
    ours = Import.objects.filter(pk=source.pk, status=source.status)
    ours.update(
        status=Status.FAILED, failure=words[:400], claimed_at=None, finished_at=timezone.now()
    )


# --- what both do ---------------------------------------------------------------------------------
@contextmanager
def _reader(source: Import) -> Iterator[tuple[Rows, Iterator[Sequence[Record]]]]:
    """Who judges the rows, and the rows by batch."""
    with opened(source) as file:
        found = rows_of(source, file)
        head = next((one for one in found if not one.blank), Record(1, ()))
        reading = Reading(
            **{name: source.reading[name] for name in ("encoding", "separator", "decimal", "dates")}
        )
        mapping = {name: int(at) for at, name in source.mapping.items()}
        layout = Layout(reading, heads_said(head.cells), mapping)
        yield rows_for(source, layout), batches(found, BATCH)


def rows_for(source: Import, layout: Layout) -> Rows:
    """Who judges the rows of a file of its kind."""
    by, now = source.made_by, timezone.now()
    if source.kind == Import.Kind.CLIENTS:
        return ClientRows(layout, by=by, now=now)
    return MeasurementRows(layout, source=source, by=by, now=now)


# --- the dry run ----------------------------------------------------------------------------------
def _check(source: Import) -> None:
    """Judge every row; after each batch its problems and how far it is are there to be seen."""
    with _reader(source) as (rows, found):
        for batch in found:
            checked = rows.check(batch)
            source.done += checked.rows
            source.bad += checked.bad
            source.made += len(checked.made)
            source.known += checked.known
            _tell(source, checked.problems)
            if source.bad > MOST_BAD:
                source.failure = (
                    f"More than {MOST_BAD:,} rows have a problem, so the check stopped at row "
                    f"{batch[-1].number:,}. Is the file read right, is each column what it says?"
                )
                break
    source.rows, source.status = source.done, Status.CHECKED
    if not source.rows:
        source.failure = "There is no row below the head."
    _tell(source, (), "rows", "status", "failure", free=True)


@transaction.atomic
def _tell(source: Import, problems: Sequence[Problem], *more: str, free: bool = False) -> None:
    """Keep what a batch has brought; renew the claim, or let it go. Lost where it is not ours."""
    ours = Import.objects.select_for_update(no_key=True)
    if not ours.filter(pk=source.pk, claimed_at=source.claimed_at, status=Status.CHECKING).exists():
        raise Lost
    ImportProblem.objects.bulk_create(
        ImportProblem(
            clinic_id=source.clinic_id,
            source=source,
            row=one.row,
            column=one.column,
            said=one.said.replace("\x00", "\ufffd"),
            problem=one.problem.replace("\x00", "\ufffd"),
        )
        for one in problems
    )
    source.claimed_at = None if free else timezone.now()
    source.save(update_fields=["done", "bad", "made", "known", "claimed_at", *more])


# --- for good -------------------------------------------------------------------------------------
def _write(source: Import) -> None:
    """Write every row in one transaction, each batch judged once more. Changed where one is bad."""
    made = known = done = 0
    with _Progress(source) as progress, transaction.atomic():
        _take_turns(source.clinic_id)
        with _reader(source) as (rows, found):
            for batch in found:
                checked = rows.check(batch)
                if checked.problems:
                    first = checked.problems[0]
                    raise Changed(f"row {first.row} has become wrong: {first.problem}")
                rows.write(checked)
                made, known = made + len(checked.made), known + checked.known
                done += checked.rows
                progress.tell(done)
        ours = Import.objects.filter(
            pk=source.pk, claimed_at=progress.claimed_at, status=Status.WRITING
        )
        if not ours.update(
            status=Status.DONE,
            done=done,
            made=made,
            known=known,
            claimed_at=None,
            finished_at=timezone.now(),
        ):
            raise Lost


def _take_turns(clinic_id: int) -> None:
    """Two files of one clinic are written one after the other, so that each sees the other's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, clinic_id])


class _Progress:
    """Tells how far writing is, over a connection of its own: the rows are not committed yet."""

    def __init__(self, source: Import) -> None:
        self.pk, self.claimed_at = source.pk, source.claimed_at

    def __enter__(self) -> _Progress:
        self.side = another_connection()
        return self

    def __exit__(self, *_: object) -> None:
        self.side.close()

    def tell(self, done: int) -> None:
        """Show it and renew the claim."""
        now = timezone.now()
        with self.side.cursor() as cursor:
            cursor.execute(
                "UPDATE clients_import SET done = %s, claimed_at = %s"
                " WHERE id = %s AND claimed_at = %s AND status = %s",
                [done, now, self.pk, self.claimed_at, str(Status.WRITING)],
            )
            if cursor.rowcount:
                self.claimed_at = now
