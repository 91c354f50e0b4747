"""The only writer of sets. Online, offline, the plain page, the seed data: one path.

Each tap is an operation with an id made where it was done; an id is applied once. Facts are
always recorded: a set outside clearance is kept, marked and flagged; only malformed input is
refused. The operations are the history of every set. What each kind of operation does stands in
``desk.py``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from bonefit.clinics.models import Membership

from . import facts
from .desk import Desk
from .models import Operation, SetEntry, Visit
from .operations import REFUSED, Op, Result

__all__ = ["Applied", "NoSuchVisit", "Op", "Result", "apply", "apply_to_visit", "history"]


@dataclass(slots=True)
class Applied:
    """A visit after its operations: what a page needs to be drawn without asking again."""

    visit: Visit
    entries: list[SetEntry]
    results: list[Result]


class NoSuchVisit(Exception):
    """There is no such visit in the member's clinic."""


def apply(ops: Sequence[Op], *, by: Membership, now: datetime | None = None) -> list[Result]:
    """Apply operations in their order, visit by visit, each visit in one transaction.

    Raises PermissionDenied where the member may not supervise: the program is never unsupervised.
    An operation on a visit that the member cannot see is refused like one that does not exist.
    """
    results: list[Result] = []
    for visit, group in groupby(ops, key=lambda op: op.visit):
        batch = list(group)
        try:
            results += apply_to_visit(visit, batch, by=by, now=now).results
        except NoSuchVisit:
            results += [Result(op.uid, REFUSED, reason="There is no such visit.") for op in batch]
    return results


def apply_to_visit(
    uid: uuid.UUID, ops: Sequence[Op], *, by: Membership, now: datetime | None = None
) -> Applied:
    """Apply operations of one visit in one transaction; NoSuchVisit if it cannot be seen.

    Operations may be none: then the visit is only locked and read.
    """
    if not by.is_active or not by.supervises:
        raise PermissionDenied
    now = now or timezone.now()
    try:
        return _apply(uid, ops, seen={}, by=by, now=now)
    except IntegrityError as clash:
        constraint = _constraint(clash)
    if constraint == "one_visit_at_a_time":
        why = "This client has another visit at the same time. Answer for that one first."
        untouched = _apply(uid, [], seen={}, by=by, now=now)
        untouched.results = [Result(op.uid, REFUSED, reason=why) for op in ops]
        return untouched
    # Asking first costs a query on every tap; a repeated id is rare and clashes by itself.
    known = Operation.objects.visible_to(by).filter(uid__in=[op.uid for op in ops])
    return _apply(uid, ops, seen={row.uid: row for row in known}, by=by, now=now)


def _constraint(clash: IntegrityError) -> str:
    return getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or ""


@transaction.atomic
def _apply(
    uid: uuid.UUID,
    ops: Sequence[Op],
    *,
    seen: Mapping[uuid.UUID, Operation],
    by: Membership,
    now: datetime,
) -> Applied:
    visit = _locked(uid, by)
    desk = Desk(visit, by, now)
    results: list[Result] = []
    done: dict[uuid.UUID, Result] = {
        row.uid: Result(row.uid, row.outcome, row.entry, again=True) for row in seen.values()
    }
    for op in ops:
        result = done.get(op.uid) or desk.do(op)
        done[op.uid] = Result(op.uid, result.outcome, result.entry, again=True)
        results.append(result)
    desk.save()
    return Applied(visit, desk.standing(), results)


def _locked(uid: uuid.UUID, by: Membership) -> Visit:
    try:
        visit = facts.on_the_floor(by).select_for_update(of=("self",)).get(uid=uid)
    except Visit.DoesNotExist:
        raise NoSuchVisit(uid) from None
    visit.clinic = by.clinic  # loaded with the member
    return visit


def history(entries: Iterable[SetEntry]) -> dict[uuid.UUID, list[Operation]]:
    """All that was ever said about these sets, oldest first."""
    uids = [entry.uid for entry in entries]
    found: dict[uuid.UUID, list[Operation]] = {uid: [] for uid in uids}
    for operation in Operation.objects.filter(entry__in=uids).select_related("by__user"):
        if operation.entry is not None:
            found[operation.entry].append(operation)
    return found
