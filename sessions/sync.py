"""The only writer of sets. Online, offline, the plain page, the seed data: one path.

Each tap is an operation with an id made where it was done; an id is applied once. Facts are
always recorded: a set outside clearance is kept, marked and flagged; only malformed input is
refused. The operations are the history of every set. What each kind of operation does stands in
``acts.py``.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership

from . import acts, facts
from .desk import Desk, write
from .models import Operation, SetEntry, Visit
from .on_sets import TAKEN
from .operations import REFUSED, Op, Result
from .slot_floor import Floors

__all__ = [
    *("Applied", "NoSuchVisit", "Op", "Result"),
    *("apply", "apply_held", "apply_to_visit", "history"),
]


@dataclass(slots=True)
class Applied:
    """A visit after its operations: what a page needs to be drawn without asking again."""

    visit: Visit
    entries: list[SetEntry]
    results: list[Result]


class NoSuchVisit(Exception):
    """There is no such visit in the member's clinic."""


def apply(ops: Sequence[Op], *, by: Membership, now: datetime | None = None) -> list[Result]:
    """Apply operations, each visit's in their order; the results are in the order of ``ops``.

    All of them in one transaction, so that fifty cost little more than one; where the database
    refuses that, visit by visit, so that what is wrong with one holds up no other. Raises
    PermissionDenied where the member may not supervise: the program is never unsupervised. An
    operation on a visit that the member cannot see is refused like one that does not exist.
    """
    _only_supervisors(by)
    now = now or timezone.now()
    groups: dict[uuid.UUID, list[Op]] = {}
    for op in ops:
        groups.setdefault(op.visit, []).append(op)
    results = _together(groups, by=by, now=now) if len(groups) > 1 else None
    if results is None:
        results = {}
        for visit, batch in groups.items():
            for op, result in zip(batch, _alone(visit, batch, by=by, now=now), strict=True):
                results[op.uid, id(op)] = result
    return [results[op.uid, id(op)] for op in ops]


_Results = dict[tuple[uuid.UUID, int], Result]


def _alone(visit: uuid.UUID, batch: Sequence[Op], *, by: Membership, now: datetime) -> list[Result]:
    try:
        return apply_to_visit(visit, batch, by=by, now=now).results
    except NoSuchVisit:
        return [_no_such_visit(op) for op in batch]


def _no_such_visit(op: Op) -> Result:
    return Result(op.uid, REFUSED, reason="There is no such visit.")


def _together(
    groups: Mapping[uuid.UUID, Sequence[Op]], *, by: Membership, now: datetime
) -> _Results | None:
    """Several visits in one transaction; None where they must be done one after the other."""
    try:
        with transaction.atomic():
            # In one order, so that two tablets which send the same class never wait in a circle.
            locked = list(_on_the_floor(by).filter(uid__in=groups).order_by("pk"))
            people = [visit.client_id for visit in locked]
            if len(set(people)) < len(people):
                return None  # what is prescribed later follows from what was lifted before
            floors = _floors(locked, (op for batch in groups.values() for op in batch), by, now)
            desks = _desks(locked, floors)
            known = _known([op for batch in groups.values() for op in batch], by)
            results: _Results = {}
            for uid, batch in groups.items():
                desk = desks.get(uid)
                done = dict(known)
                for op in batch:
                    results[op.uid, id(op)] = _once(desk, op, done)
            write(list(desks.values()))
            return results
    except IntegrityError:
        return None


def _floors(visits: Sequence[Visit], ops: Iterable[Op], by: Membership, now: datetime) -> Floors:
    """The slots of visits, those locked whose people and supervisors are asked about."""
    floors = Floors(by, now)
    asked = {op.visit for op in ops if op.kind in acts.ON_SLOTS}
    floors.lock(visit.slot_id for visit in visits if visit.uid in asked)
    return floors


def _desks(visits: Sequence[Visit], floors: Floors) -> dict[uuid.UUID, Desk]:
    sets: dict[int, list[SetEntry]] = {visit.pk: [] for visit in visits}
    for entry in SetEntry.objects.filter(visit__in=visits).order_by():
        sets[entry.visit_id].append(entry)
    for visit in visits:
        visit.clinic = floors.by.clinic  # loaded with the member
    return {
        visit.uid: Desk(visit, floors.by, floors.now, sets[visit.pk], floors=floors)
        for visit in visits
    }


def _known(ops: Sequence[Op], by: Membership) -> dict[uuid.UUID, Result]:
    """What became of those operations that were here before."""
    rows = Operation.objects.visible_to(by).filter(uid__in=[op.uid for op in ops])
    return {row.uid: Result(row.uid, row.outcome, row.entry, again=True) for row in rows}


def _once(desk: Desk | None, op: Op, done: dict[uuid.UUID, Result]) -> Result:
    """Do an operation, or say again what became of it."""
    if op.uid in done:
        return done[op.uid]
    result = acts.do(desk, op) if desk is not None else _no_such_visit(op)
    done[op.uid] = replace(result, again=True)
    return result


def apply_to_visit(
    uid: uuid.UUID, ops: Sequence[Op], *, by: Membership, now: datetime | None = None
) -> Applied:
    """Apply operations of one visit in one transaction; NoSuchVisit if it cannot be seen.

    Operations may be none: then the visit is only locked and read.
    """
    _only_supervisors(by)
    return _unless_it_clashes(uid, ops, by=by, now=now or timezone.now())


def apply_held(op: Op, *, author: Membership, decided_by: Membership, now: datetime) -> Result:
    """Apply what was held because its author may not log any more: an admin has decided so.

    The author stays its author, as the one who supervised. Only two things differ from ``apply``:
    it is asked whether ``decided_by`` may decide, not whether the author may log; and the visit is
    found with the eyes of ``decided_by``, because the author sees none any more.
    """
    may = decided_by.is_active and Can.DECIDE_HELD in decided_by.can
    if not may or decided_by.clinic_id != author.clinic_id:
        raise PermissionDenied
    try:
        applied = _unless_it_clashes(op.visit, [op], by=author, now=now, seen_by=decided_by)
    except NoSuchVisit:
        return _no_such_visit(op)
    return applied.results[0]


#: What the database refuses where a seat that was freed is to be one again.
_ELSEWHERE = {
    **dict.fromkeys(
        ("one_visit_at_a_time", "one_place_per_slot"),
        "This client has another visit at the same time. Answer for that one first.",
    ),
    "made_up_once": (
        "What this make-up was for is made up by another one by now. Cancel that one first, or "
        "add the client to the class as a walk-in."
    ),
}


def _unless_it_clashes(
    uid: uuid.UUID,
    ops: Sequence[Op],
    *,
    by: Membership,
    now: datetime,
    seen_by: Membership | None = None,
) -> Applied:
    eyes = seen_by or by
    try:
        # Asking first costs a query on every tap; a repeated id is rare and clashes by itself.
        return _apply(uid, ops, by=by, now=now, eyes=eyes, ask_first=len(ops) > 1)
    except IntegrityError as clash:
        constraint = _constraint(clash)
    if constraint in _ELSEWHERE:
        why = _ELSEWHERE[constraint]
        untouched = _apply(uid, [], by=by, now=now, eyes=eyes)
        untouched.results = [Result(op.uid, REFUSED, reason=why) for op in ops]
        return untouched
    try:
        return _apply(uid, ops, by=by, now=now, eyes=eyes, ask_first=True)
    except IntegrityError as clash:
        if _constraint(clash) != "set_uid_once":
            raise
    return _without_taken(uid, ops, by=by, now=now, eyes=eyes)


def _without_taken(
    uid: uuid.UUID, ops: Sequence[Op], *, by: Membership, now: datetime, eyes: Membership
) -> Applied:
    """Refuse those that name a set of another visit, and apply the others.

    No tablet makes the same id twice, so nobody asks for this before the database says so.
    """
    named = SetEntry.objects.filter(clinic_id=by.clinic_id, uid__in=[op.entry for op in ops])
    taken = set(named.exclude(visit__uid=uid).values_list("uid", flat=True))
    rest = [op for op in ops if op.entry not in taken]
    applied = _apply(uid, rest, by=by, now=now, eyes=eyes, ask_first=True)
    done = iter(applied.results)
    applied.results = [
        Result(op.uid, REFUSED, reason=TAKEN) if op.entry in taken else next(done) for op in ops
    ]
    return applied


def _only_supervisors(by: Membership) -> None:
    if not by.is_active or not by.supervises:
        raise PermissionDenied


def _constraint(clash: IntegrityError) -> str:
    return getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "") or ""


@transaction.atomic
def _apply(
    uid: uuid.UUID,
    ops: Sequence[Op],
    *,
    by: Membership,
    now: datetime,
    eyes: Membership,
    ask_first: bool = False,
) -> Applied:
    visit = _locked(uid, eyes)
    desk = Desk(visit, by, now, floors=_floors([visit], ops, by, now))
    done = _known(ops, eyes) if ask_first and ops else {}
    results = [_once(desk, op, done) for op in ops]
    if not ask_first and any(one.outcome == REFUSED for one in results):
        # What was applied once stays so, also where it would be refused by now.
        before = _known(ops, eyes)
        results = [before.get(one.uid, one) for one in results]
    write([desk])
    return Applied(visit, desk.standing(), results)


def _on_the_floor(by: Membership) -> QuerySet[Visit]:
    return facts.on_the_floor(by).select_for_update(of=("self",))


def _locked(uid: uuid.UUID, by: Membership) -> Visit:
    try:
        visit = _on_the_floor(by).get(uid=uid)
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
