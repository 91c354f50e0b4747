"""A visit is signed, opened again, or amended: its end, and what may be changed after it."""

from __future__ import annotations

from typing import Any

from bonefit.clients.models import Lock

from .desk import Desk
from .due import report_due
from .entries import BadSet
from .models import Flag, Operation, SetEntry, Visit
from .operations import APPLIED, KIND, REFUSED, Op, Result
from .signed import needs_why, read_why, reopen_until

#: What changes the facts of a visit: after its hours of grace only with a reason.
AMENDING = frozenset({KIND.LOG_SET, KIND.CORRECT_SET, KIND.CONFIRM_SET, KIND.VOID_SET, KIND.ANSWER})
NOTHING_LOGGED = "No set is logged. Log one, or say what happened instead."
REPORT_FIRST = "This visit was stopped. Report what happened first, then sign it."


def check_why(desk: Desk, op: Op) -> None:
    """BadSet where an amendment of a signed visit comes without its reason."""
    # A late check-in that says nothing changes nothing; with answers it is one more amendment.
    if op.kind not in AMENDING and not (op.kind == KIND.CHECK_IN and op.payload):
        return
    needed = needs_why(desk.visit, desk.now)
    _, wrong = read_why(op.payload.get("why"), needed=needed)
    if wrong:
        raise BadSet({"why": wrong})


def complete(desk: Desk, op: Op) -> Result:
    """The visit took place; the member puts her name under it as its supervisor.

    One that was stopped is attended in part, also where nothing was lifted; what happened is
    reported before it is signed. Who signs is licensed and has first aid on the day of signing,
    where the clinic has recorded them; logging sets asks for neither.
    """
    before = desk.visit_before()
    sets = [entry for entry in desk.standing() if entry.kind != SetEntry.Kind.WARM_UP]
    stopped = _was_stopped(desk)
    if not sets and not stopped and not locked_by(desk.visit):
        return Result(op.uid, REFUSED, reason=NOTHING_LOGGED)
    if report_due(desk.visit):
        return Result(op.uid, REFUSED, reason=REPORT_FIRST)
    if desk.floors.cannot_sign:
        return Result(op.uid, REFUSED, reason=desk.floors.cannot_sign)
    desk.visit.status = _attended(desk, sets, stopped=stopped)
    if desk.visit.completed_at is None:
        desk.visit.completed_at = desk.now
        desk.visit.completed_by = desk.by
    desk.visit_fields |= {"status", "completed_at", "completed_by"}
    desk.answered = Flag.Resolution.BY_ITSELF
    return Result(op.uid, APPLIED, before=before)


def _attended(desk: Desk, sets: list[SetEntry], *, stopped: bool) -> str:
    if stopped or not sets:
        return Visit.Status.ATTENDED_PARTIAL
    share = desk.asked_sets() * desk.rules.partial_below_percent
    partial = len(sets) * 100 < share
    return Visit.Status.ATTENDED_PARTIAL if partial else Visit.Status.ATTENDED


def _was_stopped(desk: Desk) -> bool:
    """Somebody stopped her in this visit: it stands in the log, or in what is written with this."""
    if any(one.kind == KIND.STOP for one in desk.log):
        return True
    said = Operation.objects.filter(visit=desk.visit, kind=KIND.STOP, outcome=APPLIED)
    return said.exists()


def locked_by(visit: Visit) -> bool:
    """Whether something said in this visit has locked the client, released since or not."""
    return Lock.objects.filter(client_id=visit.client_id, fact__startswith=str(visit.uid)).exists()


def reopen(desk: Desk, op: Op) -> Result:
    """A signed visit is open again as if nobody had signed it; who had stays in the log."""
    visit, before = desk.visit, desk.visit_before()
    if visit.status == Visit.Status.CHECKED_IN:
        return Result(op.uid, APPLIED, before=before)  # somebody was faster
    until = reopen_until(visit)
    if until is None:
        return Result(op.uid, REFUSED, reason="Nobody has signed this visit.")
    if desk.now > until:
        local = until.astimezone(visit.clinic.tz)
        why = (
            f"This visit could be opened again until {local.day} {local:%B, %H:%M}. "
            "Amend it instead: change what is wrong, and write why."
        )
        return Result(op.uid, REFUSED, reason=why)
    before |= _signature(visit)
    visit.completed_at = visit.completed_by = None
    desk.visit_fields |= {"completed_at", "completed_by"}
    desk.be_here()
    return Result(op.uid, APPLIED, before=before)


def _signature(visit: Visit) -> dict[str, Any]:
    if visit.completed_at is None or visit.completed_by is None:
        return {}
    return {
        "completed_at": visit.completed_at.isoformat(),
        "completed_by": visit.completed_by_id,
        "signed_by": visit.completed_by.user.name,
    }
