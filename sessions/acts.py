"""What each kind of operation does at a desk. A new kind is one function and one row here."""

from __future__ import annotations

import json
from collections.abc import Callable

from bonefit.acting import because

from . import on_reports, on_sets, on_signing, on_slots, on_visits
from .desk import Desk
from .entries import BadSet
from .operations import KIND, REFUSED, Op, Result, why_of

_ACTS: dict[str, Callable[[Desk, Op], Result]] = {
    KIND.CHECK_IN: on_visits.check_in,
    KIND.ANSWER: on_visits.answer,
    KIND.STOP: on_visits.stop,
    KIND.REPORT: on_reports.report,
    KIND.COMPLETE: on_signing.complete,
    KIND.REOPEN: on_signing.reopen,
    KIND.SAY: on_visits.say,
    KIND.SUPERVISE: on_slots.supervise,
    KIND.LOG_SET: on_sets.log,
    KIND.CORRECT_SET: on_sets.correct,
    KIND.CONFIRM_SET: on_sets.confirm,
    KIND.VOID_SET: on_sets.void,
}
#: What may be said of a visit before its day has come.
_EARLY = frozenset({KIND.SAY})
#: What asks how many people and supervisors a slot has: the slot is locked before.
ON_SLOTS = frozenset({KIND.CHECK_IN, KIND.SUPERVISE})


def do(desk: Desk, op: Op) -> Result:
    """Do one operation at a desk, and put it into the log unless it is refused.

    What it does to the rows is written by ``desk.write``; what it refuses changes nothing.
    """
    act = _ACTS.get(op.kind)
    if act is None:
        return Result(op.uid, REFUSED, reason=f"{op.kind} is no operation.")
    refusal = _unreadable(op) or ("" if op.kind in _EARLY else _too_early(desk))
    if refusal:
        return Result(op.uid, REFUSED, reason=refusal)
    try:
        on_signing.check_why(desk, op)
        with because(why_of(op)):
            result = act(desk, op)
    except BadSet as bad:
        return Result(op.uid, REFUSED, reason=str(bad), errors=bad.errors)
    if result.outcome != REFUSED:
        desk.record(op, result)
    return result


def _unreadable(op: Op) -> str:
    """Words for text that no table can keep: a stray zero, or half of a character."""
    try:
        text = json.dumps(dict(op.payload), ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        text = b"\\u0000"
    return "It has a character in it that cannot be kept." if b"\\u0000" in text else ""


def _too_early(desk: Desk) -> str:
    day = desk.visit.starts_at.astimezone(desk.visit.clinic.tz).date()
    if day <= desk.now.astimezone(desk.visit.clinic.tz).date():
        return ""
    return f"This visit is on {day:%A} {day.day} {day:%B}. Nothing can be logged before."
