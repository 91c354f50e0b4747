"""What is said of one set: logged, corrected, confirmed, taken back, or said twice.

Where two entries differ, both stay in the log of operations, and until a person chooses the set
counts once, with the more cautious value of each field.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from programs.loads import needs_confirmation
from programs.pain import Pain
from programs.plans import exercise_id
from programs.progression import Target
from programs.reasons import INTAKE

from . import alarms
from .desk import Desk
from .entries import BadSet, SetValues, more_cautious, read_set
from .models import SetEntry
from .operations import APPLIED, CONFLICT, REFUSED, Op, Result, as_said, number_of, values_of

GONE = "That set is not here any more."
TAKEN = "Its id is that of another set already. Enter the set again."
CHANGED = "Somebody changed this set in the meantime. Look at it again."


def log(desk: Desk, op: Op) -> Result:
    """One set as it was done. Said twice alike it is one set; said twice otherwise, a dispute."""
    target = _target(desk, op.payload)
    number = number_of(op.payload)
    values = _read(desk, op.payload, target)
    kind = SetEntry.Kind.IMPACT if target.kind == "impact" else SetEntry.Kind.WORKING
    there = desk.standing_set(target.lift, kind, number)
    if there is not None:
        if values_of(there) == values:
            return Result(op.uid, APPLIED, there.uid)
        return _dispute(desk, op, there, values, target)
    if op.entry in desk.entries:
        return Result(op.uid, REFUSED, reason=TAKEN)
    desk.arrive()
    entry = SetEntry(
        uid=op.entry or uuid.uuid4(),
        clinic_id=desk.visit.clinic_id,
        visit=desk.visit,
        enrollment_id=desk.visit.enrollment_id,
        lift=target.lift,
        exercise_id=exercise_id(target.exercise),
        kind=kind,
        number=number,
        rule_set_id=desk.prescription()["rule_set"],
        prescribed_load=target.load,
        prescribed_reps=target.reps if kind == SetEntry.Kind.WORKING else None,
        prescribed_landings=target.landings,
        prescribed_level=target.level if target.available else None,
        prescribed_seconds=target.seconds,
        reps_top=target.reps_top,
        prescribed_reason=target.reason.code,
        effort_low=target.effort_low,
        supervisor=desk.by,
        logged_at=desk.now,
    )
    _put(desk, entry, values)
    desk.entries[entry.uid] = entry
    desk.fresh.append(entry)
    return Result(op.uid, APPLIED, entry.uid)


def correct(desk: Desk, op: Op) -> Result:
    """A set said something wrong; what it said stays in its history. It ends a dispute."""
    entry = _entry(desk, op)
    if entry is None:
        return Result(op.uid, REFUSED, reason=GONE)
    target = _target(desk, {"lift": entry.lift})
    values = _read(desk, op.payload, target)
    if _stale(op, entry):
        if values_of(entry) == values:
            return Result(op.uid, APPLIED, entry.uid, before=as_said(entry))
        return _dispute(desk, op, entry, values, target)
    before = as_said(entry)
    _put(desk, entry, values)
    entry.disputed = False
    return _changed(desk, op, entry, before)


def confirm(desk: Desk, op: Op) -> Result:
    """The load far above target was really on the bar."""
    entry = _entry(desk, op)
    if entry is None:
        return Result(op.uid, REFUSED, reason=GONE)
    before = as_said(entry)
    if not entry.to_confirm:
        return Result(op.uid, APPLIED, entry.uid, before=before)
    if _stale(op, entry):
        return Result(op.uid, REFUSED, reason=CHANGED)
    entry.to_confirm = False
    return _changed(desk, op, entry, before)


def void(desk: Desk, op: Op) -> Result:
    """Take a set back; it stays readable as taken back."""
    entry = _entry(desk, op)
    if entry is None:
        return Result(op.uid, REFUSED, reason=GONE)
    before = as_said(entry)
    if _stale(op, entry):
        entry.disputed = True
        return _changed(desk, op, entry, before, outcome=CONFLICT)
    entry.voided = True
    return _changed(desk, op, entry, before)


def _entry(desk: Desk, op: Op) -> SetEntry | None:
    entry = desk.entries.get(op.entry) if op.entry else None
    return None if entry is None or entry.voided else entry


def _stale(op: Op, entry: SetEntry) -> bool:
    return op.base_revision is not None and op.base_revision != entry.revision


def _dispute(desk: Desk, op: Op, entry: SetEntry, values: SetValues, target: Target) -> Result:
    """Two persons said two things of one set: kept both, counted once, the more cautious way."""
    before = as_said(entry)
    _put(desk, entry, more_cautious(values_of(entry), values))
    entry.disputed = True
    return _changed(desk, op, entry, before, outcome=CONFLICT)


def _changed(
    desk: Desk, op: Op, entry: SetEntry, before: dict[str, Any], *, outcome: str = APPLIED
) -> Result:
    entry.revision += 1
    if entry not in desk.fresh:
        desk.changed[entry.uid] = entry
    reason = CHANGED if outcome == CONFLICT else ""
    return Result(op.uid, outcome, entry.uid, reason=reason, before=before)


def _put(desk: Desk, entry: SetEntry, values: SetValues) -> None:
    before = Pain(entry.pain, entry.pain_site, entry.pain_kind)
    for name, value in values.as_fields().items():
        setattr(entry, name, value)
    entry.to_confirm = needs_confirmation(entry.load, entry.prescribed_load, desk.rules)
    level = entry.landing_level
    above = level is not None and level > desk.cleared
    # Lifted while she was locked or her intake barred her: recorded as it happened, and marked.
    entry.outside_clearance = above or entry.prescribed_reason in ("locked", INTAKE)
    if entry.outside_clearance:
        desk.outside.append(entry)
    pain = Pain(entry.pain, entry.pain_site, entry.pain_kind)
    if pain != before and alarms.alarming(pain, desk.rules):
        desk.lock(f"{alarms.in_words(pain)}, in the {entry.get_lift_display().lower()}")


def _read(desk: Desk, payload: Mapping[str, Any], target: Target) -> SetValues:
    return read_set(
        payload,
        target=target,
        load_type=desk.plan.rung(target.exercise).load_type,
        unit=desk.visit.clinic.unit,
        rules=desk.rules,
    )


def _target(desk: Desk, payload: Mapping[str, Any]) -> Target:
    lift = str(payload.get("lift", ""))
    if lift not in desk.targets:
        raise BadSet({"lift": "This lift is not in the client’s program."})
    return desk.targets[lift]
