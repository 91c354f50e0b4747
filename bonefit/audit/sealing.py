"""The sealer: chains the rows that nothing older can join any more, every minute.

Rows become visible in another order than they were numbered: a long transaction may commit row 7
after row 8 was read. So a range is sealed in two runs. The first reads the last number that was
given out, and then takes a transaction number of its own: each row up to the one was written by a
transaction with a smaller number than the other, since a row is numbered after its transaction is.
A later run sees that the oldest transaction that still runs is younger (``pg_snapshot_xmin``): all
the others have ended, and no row can come into the range any more.

Run twice, late or by two workers it does the same; killed in the middle it has done whole steps.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from bonefit.beats import Did
from bonefit.clinics import rows
from bonefit.clinics.models import Seal, SealMark

from .chain import NOTHING_BEFORE, Said, Summed, summed
from .tables import AS_TEXT, AUDITED, Audited

log = logging.getLogger(__name__)

#: Of PostgreSQL's advisory locks: whoever holds it seals.
LOCK = 0x5EA1
#: Rows of one seal at most, and seconds after which a run leaves the rest to the next.
MOST_ROWS = 5000
LONGEST = 120.0

_MARK = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {}"
_OURS = "SELECT pg_current_xact_id()::text::bigint"
_OLDEST = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def seal(now: datetime) -> Did:
    """Seal what is settled and mark what is to be settled next. ``seen``: rows, ``opened``: seals.

    Must not run inside a transaction: RuntimeError.
    """
    seen = opened = 0
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        # Asked anew for each step: a range holds rows of clinics that were there before its mark.
        with rows.seeing_every_clinic():
            made = _step(now)
        seen += sum(one.rows for one in made)
        opened += len(made)
        if all(one.rows < MOST_ROWS for one in made):
            break  # what came meanwhile is for the next run
    return Did(seen=seen, opened=opened)


@transaction.atomic(durable=True)
def _step(now: datetime) -> list[Seal]:
    """At most one seal of each table, or the next marks; the seals."""
    if not _asked(f"SELECT pg_try_advisory_xact_lock({LOCK})"):
        return []
    # In this order: the numbers first, then a transaction number that is larger than theirs.
    last = {one.name: _asked(_MARK.format(one.sequence)) for one in AUDITED}
    oldest = _asked(_OLDEST)
    ours = _asked(_OURS)
    _asked(AS_TEXT)
    marks = SealMark.objects.in_bulk()
    made: list[Seal] = []
    for one in AUDITED:
        mark, above = marks.get(one.name), sealed_upto(one.name)
        # A mark of the future is of another server: its rows came with a backup, all committed.
        if mark is None or mark.transaction > ours or mark.upto <= above:
            _mark(one, last[one.name], ours)
        elif mark.transaction <= oldest:
            made.append(_seal(one, above, mark.upto, now))
            if made[-1].upto == mark.upto:
                _mark(one, last[one.name], ours)
    return made


def _mark(one: Audited, upto: int, ours: int) -> None:
    SealMark.objects.update_or_create(name=one.name, defaults={"upto": upto, "transaction": ours})


def _seal(one: Audited, above: int, upto: int, now: datetime) -> Seal:
    """The next seal of a table, over no more than ``MOST_ROWS`` rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"{one.lines(one.form)} LIMIT {MOST_ROWS}", {"above": above, "upto": upto})
        found = cursor.fetchall()
    if len(found) == MOST_ROWS:
        upto = found[-1][0]
    return append(one, above=above, upto=upto, of_rows=summed(line for _, line in found), now=now)


def append(
    one: Audited,
    *,
    above: int,
    upto: int,
    of_rows: Summed,
    now: datetime,
    kind: Seal.Kind = Seal.Kind.ROWS,
    why: str = "",
) -> Seal:
    """Add a seal to the end of the chain, in the transaction that holds the lock."""
    before = Seal.objects.order_by("-number").first()
    said = Said(
        number=before.number + 1 if before else 1,
        kind=kind,
        name=one.name,
        form=one.form,
        above=above,
        upto=upto,
        summed=of_rows,
        why=why,
        sealed_at=now,
        previous=before.digest if before else NOTHING_BEFORE,
    )
    return Seal.objects.create(
        **{field: getattr(said, field) for field in _FIELDS},
        rows=of_rows.rows,
        leaves=of_rows.leaves,
        contents=of_rows.contents,
        digest=said.digest(),
    )


_FIELDS = ("number", "kind", "name", "form", "above", "upto", "why", "sealed_at", "previous")


def let_go(one: Audited, *, upto: int, why: str, now: datetime) -> Seal:
    """Say in the chain that rows up to this number were deleted, with a reason.

    From then on a row that is missing there breaks no seal; one that is there must be as it was.
    ValueError where no seal ends with this number, or without a reason.
    """
    if not why.strip():
        raise ValueError("Say why the rows were let go.")
    with transaction.atomic(durable=True):
        _asked(f"SELECT pg_advisory_xact_lock({LOCK})")
        ends = Seal.objects.filter(name=one.name, kind=Seal.Kind.ROWS, upto__lte=upto)
        end = ends.aggregate(last=Max("upto"))["last"]
        if end != upto:
            raise ValueError(
                f"No seal of {one.name} ends with row {upto}; the last before it that one ends"
                f" with is {end or 0}."
            )
        nothing = summed(())
        kind = Seal.Kind.LET_GO
        return append(one, above=0, upto=upto, of_rows=nothing, now=now, kind=kind, why=why.strip())


def sealed_upto(name: str) -> int:
    """The last number of the table that a seal covers; 0 before the first."""
    newest = Seal.objects.filter(name=name, kind=Seal.Kind.ROWS).order_by("-number")
    return newest.values_list("upto", flat=True).first() or 0


def _asked(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]
