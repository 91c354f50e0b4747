"""What each kind of operation does to one locked visit. ``sync.py`` is the way in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bonefit.clinics.models import Membership
from programs.loads import needs_confirmation
from programs.plans import exercise_id, plan_of, rules_of
from programs.progression import Plan, Target
from programs.rules import Rules

from . import facts, flagging, told
from .entries import LAST_NUMBER, BadSet, SetValues, read_answers, read_set
from .models import Flag, Operation, SetEntry, Visit

KIND = Operation.Kind
APPLIED = Operation.Outcome.APPLIED
CONFLICT = Operation.Outcome.CONFLICT
REFUSED = Operation.Outcome.REFUSED

#: What a person may say of a visit that nobody lifted in; "planned" takes such a word back.
SAYABLE = frozenset({*Visit.MISSED, *Visit.FREED, Visit.Status.PLANNED} - {Visit.Status.RELEASED})
EXCUSED_WHY = "medical or agreed leave"


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that was done. ``made_at`` is the device's clock; order never comes from it."""

    uid: uuid.UUID
    kind: str
    visit: uuid.UUID
    made_at: datetime
    entry: uuid.UUID | None = None
    base_revision: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an operation. ``errors`` has a sentence for each field that was wrong."""

    uid: uuid.UUID
    outcome: str
    entry: uuid.UUID | None = None
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    again: bool = False


class Desk:
    """One locked visit, its sets, and what has to be written at the end."""

    def __init__(self, visit: Visit, by: Membership, now: datetime) -> None:
        self.visit = visit
        self.by = by
        self.now = now
        # A set makes a visit more than planned, so a planned one has none.
        planned = visit.status == Visit.Status.PLANNED
        sets = () if planned else SetEntry.objects.filter(visit=visit).order_by()
        self.entries = {entry.uid: entry for entry in sets}
        self.fresh: list[SetEntry] = []
        self.changed: dict[uuid.UUID, SetEntry] = {}
        self.log: list[Operation] = []
        self.visit_fields: set[str] = set()
        self.outside: list[SetEntry] = []
        self.answered: str = ""
        self.asked_anew = False

    # --- what was prescribed ------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        return plan_of(tuple(self.prescription()["versions"]))

    @property
    def cleared(self) -> int:
        return self.visit.cleared or 0  # type: ignore[attr-defined]  # annotated in _locked

    def prescription(self) -> dict[str, Any]:
        if self.visit.prescription is None:
            standing = facts.standing_for(
                self.visit, clinic=self.visit.clinic, cleared=self.cleared
            )
            self.visit.prescription = told.dump(standing, cleared=self.cleared)
            self.visit_fields.add("prescription")
        return self.visit.prescription

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What the client was told of each lift; it does not change while she is at the desk."""
        return told.load_targets(self.prescription())

    # --- operations ---------------------------------------------------------------------------

    def do(self, op: Op) -> Result:
        refusal = "" if op.kind == KIND.SAY else self._too_early()
        if refusal:
            return Result(op.uid, REFUSED, reason=refusal)
        before: dict[str, Any] | None = None
        try:
            match op.kind:
                case KIND.CHECK_IN:
                    result = self._check_in(op)
                case KIND.ANSWER:
                    before, result = {"answers": self.visit.answers}, self._answer(op)
                case KIND.LOG_SET:
                    result = self._log(op)
                case KIND.COMPLETE:
                    before, result = self._visit_before(), self._complete(op)
                case KIND.SAY:
                    before, result = self._visit_before(), self._say(op)
                case KIND.CORRECT_SET | KIND.CONFIRM_SET | KIND.VOID_SET:
                    entry = self.entries.get(op.entry) if op.entry else None
                    if entry is None or entry.voided:
                        return Result(op.uid, REFUSED, reason="That set is not here any more.")
                    before = _as_said(entry)
                    result = self._change(op, entry)
                case _:
                    return Result(op.uid, REFUSED, reason=f"{op.kind} is no operation.")
        except BadSet as bad:
            return Result(op.uid, REFUSED, reason=str(bad), errors=bad.errors)
        if result.outcome != REFUSED:
            self._record(op, result, before)
        return result

    def _too_early(self) -> str:
        day = self.visit.starts_at.astimezone(self.visit.clinic.tz).date()
        if day <= self.now.astimezone(self.visit.clinic.tz).date():
            return ""
        return f"This visit is on {day:%A} {day.day} {day:%B}. Nothing can be logged before."

    def _record(self, op: Op, result: Result, before: dict[str, Any] | None) -> None:
        self.log.append(
            Operation(
                uid=op.uid,
                clinic_id=self.visit.clinic_id,
                visit=self.visit,
                entry=result.entry,
                kind=op.kind,
                payload=dict(op.payload),
                base_revision=op.base_revision,
                made_at=op.made_at,
                received_at=self.now,
                by=self.by,
                outcome=result.outcome,
                before=before,
            )
        )

    def _check_in(self, op: Op) -> Result:
        """She is here; what was asked of her comes before what is asked for."""
        answers = read_answers(op.payload, at=self.now)
        if answers is not None:
            self._answered(answers)
        self.prescription()
        self._arrive()
        return Result(op.uid, APPLIED)

    def _answer(self, op: Op) -> Result:
        """The questions of the day, asked after the check-in or again."""
        answers = read_answers(op.payload, at=self.now)
        if answers is None:
            raise BadSet({"next_day": "Answer at least one of the questions."})
        self._answered(answers)
        return Result(op.uid, APPLIED)

    def _answered(self, answers: dict[str, Any]) -> None:
        """Kept with the moment of the first answer; what is still to lift is asked for anew."""
        visit = self.visit
        if visit.answers:
            answers = {**answers, "at": visit.answers["at"]}
        visit.answers = answers
        self.visit_fields.add("answers")
        if visit.prescription is not None:
            visit.prescription = None
            self.__dict__.pop("targets", None)
            self.__dict__.pop("rules", None)
            if not visit.took_place:
                self.prescription()
        self.asked_anew = True

    def _arrive(self) -> None:
        """Somebody was here: silence and "did not come" are both over."""
        visit = self.visit
        if visit.took_place or visit.status == Visit.Status.CHECKED_IN:
            return
        if visit.status != Visit.Status.PLANNED:
            self.answered = Flag.Resolution.BY_ITSELF
        visit.status = Visit.Status.CHECKED_IN
        self.visit_fields.add("status")
        if visit.missed_after <= self.now:
            visit.missed_after = self.now + timedelta(days=1)  # time to complete it
            self.visit_fields.add("missed_after")

    def _log(self, op: Op) -> Result:
        payload = op.payload
        target = self._target(payload)
        number = _number(payload)
        values = self._read(payload, target)
        kind = SetEntry.Kind.IMPACT if target.kind == "impact" else SetEntry.Kind.WORKING
        there = self._standing_set(target.lift, kind, number)
        if there is not None:
            same = _values(there) == values
            return Result(op.uid, APPLIED if same else CONFLICT, there.uid)
        self._arrive()
        entry = SetEntry(
            uid=op.entry or uuid.uuid4(),
            clinic_id=self.visit.clinic_id,
            visit=self.visit,
            enrollment_id=self.visit.enrollment_id,
            lift=target.lift,
            exercise_id=exercise_id(target.exercise),
            kind=kind,
            number=number,
            rule_set_id=self.prescription()["rule_set"],
            prescribed_load=target.load,
            prescribed_reps=target.reps if kind == SetEntry.Kind.WORKING else None,
            prescribed_landings=target.landings,
            prescribed_level=target.level if target.available else None,
            prescribed_seconds=target.seconds,
            reps_top=target.reps_top,
            prescribed_reason=target.reason.code,
            effort_low=target.effort_low,
            supervisor=self.by,
            logged_at=self.now,
        )
        self._put(entry, values, target)
        self.entries[entry.uid] = entry
        self.fresh.append(entry)
        return Result(op.uid, APPLIED, entry.uid)

    def _change(self, op: Op, entry: SetEntry) -> Result:
        if op.base_revision is not None and op.base_revision != entry.revision:
            return Result(
                op.uid, CONFLICT, entry.uid, reason="Somebody changed this set in the meantime."
            )
        if op.kind == KIND.CORRECT_SET:
            target = self._target({"lift": entry.lift})
            self._put(entry, self._read(op.payload, target), target)
        elif op.kind == KIND.CONFIRM_SET:
            entry.to_confirm = False
        else:
            entry.voided = True
        entry.revision += 1
        if entry not in self.fresh:
            self.changed[entry.uid] = entry
        return Result(op.uid, APPLIED, entry.uid)

    def _complete(self, op: Op) -> Result:
        """The visit took place; the member puts her name under it as its supervisor."""
        sets = [entry for entry in self.standing() if entry.kind != SetEntry.Kind.WARM_UP]
        if not sets:
            why = "No set is logged. Log one, or say what happened instead."
            return Result(op.uid, REFUSED, reason=why)
        asked = sum(target.sets for target in self.targets.values())
        partial = len(sets) * 100 < asked * self.rules.partial_below_percent
        statuses = Visit.Status
        self.visit.status = statuses.ATTENDED_PARTIAL if partial else statuses.ATTENDED
        if self.visit.completed_at is None:
            self.visit.completed_at = self.now
            self.visit.completed_by = self.by
        self.visit_fields |= {"status", "completed_at", "completed_by"}
        self.answered = Flag.Resolution.BY_ITSELF
        return Result(op.uid, APPLIED)

    def _say(self, op: Op) -> Result:
        """Nobody lifted: a person says what happened. Silence never says it for her."""
        status = str(op.payload.get("status", ""))
        if status not in SAYABLE:
            return Result(op.uid, REFUSED, reason="That is nothing that can be said of a visit.")
        if self.standing() or self.visit.took_place:
            why = "Sets are logged in this visit, so somebody came. Complete it instead."
            return Result(op.uid, REFUSED, reason=why)
        if status == Visit.Status.NO_SHOW and self.now < self.visit.starts_at:
            return Result(op.uid, REFUSED, reason="The visit has not begun yet.")
        why = str(op.payload.get("why", "")).strip()[:200]
        if status == Visit.Status.EXCUSED and not why:
            why = EXCUSED_WHY
        self.visit.status = status
        self.visit.said_at, self.visit.said_by, self.visit.said_why = self.now, self.by, why
        self.visit_fields |= {"status", "said_at", "said_by", "said_why"}
        if status != Visit.Status.PLANNED:
            self.answered = Flag.Resolution.ANSWERED
        return Result(op.uid, APPLIED)

    def _visit_before(self) -> dict[str, Any]:
        visit = self.visit
        return {"status": visit.status, "why": visit.said_why}

    def _put(self, entry: SetEntry, values: SetValues, target: Target) -> None:
        for name, value in values.as_fields().items():
            setattr(entry, name, value)
        entry.to_confirm = needs_confirmation(entry.load, entry.prescribed_load, self.rules)
        level = entry.landing_level
        entry.outside_clearance = level is not None and level > self.cleared
        if entry.outside_clearance:
            self.outside.append(entry)

    def _read(self, payload: Mapping[str, Any], target: Target) -> SetValues:
        return read_set(
            payload,
            target=target,
            load_type=self.plan.rung(target.exercise).load_type,
            unit=self.visit.clinic.unit,
            rules=self.rules,
        )

    @cached_property
    def rules(self) -> Rules:
        wanted = self.prescription()["rule_set"]
        return next(entry.rules for entry in rules_of(self.visit.clinic) if entry.id == wanted)

    def _target(self, payload: Mapping[str, Any]) -> Target:
        lift = str(payload.get("lift", ""))
        if lift not in self.targets:
            raise BadSet({"lift": "This lift is not in the client’s program."})
        return self.targets[lift]

    def _standing_set(self, lift: str, kind: str, number: int) -> SetEntry | None:
        for entry in self.entries.values():
            if (entry.lift, entry.kind, entry.number) == (lift, kind, number) and not entry.voided:
                return entry
        return None

    def standing(self) -> list[SetEntry]:
        return [entry for entry in self.entries.values() if not entry.voided]

    # --- writing ------------------------------------------------------------------------------

    def save(self) -> None:
        if self.log:
            Operation.objects.bulk_create(self.log)
        if self.changed:
            SetEntry.objects.bulk_update(self.changed.values(), _CHANGEABLE)
        if self.fresh:
            SetEntry.objects.bulk_create(self.fresh)
        if self.visit_fields:
            self.visit.save(update_fields=sorted(self.visit_fields))
        if self.outside:
            flagging.open_outside_clearance(self.visit, self.outside, now=self.now)
        if any(entry.kind == SetEntry.Kind.IMPACT for entry in self.changed.values()):
            flagging.resolve_outside_clearance(self.visit, now=self.now)
        if self.answered:
            by = None if self.answered == Flag.Resolution.BY_ITSELF else self.by
            flagging.resolve_for_visit(self.visit, resolution=self.answered, by=by, now=self.now)
        written = self.changed or self.fresh or self.asked_anew
        if written and self.visit.later_told:  # type: ignore[attr-defined]
            forget_later_prescriptions(self.visit.enrollment_id, after=self.visit.starts_at)


_CHANGEABLE = [
    *SetValues.__dataclass_fields__,
    "to_confirm",
    "outside_clearance",
    "voided",
    "revision",
]


def forget_later_prescriptions(
    enrollment_id: int, *, after: datetime, including: bool = False
) -> None:
    """An earlier fact has changed: what is not lifted yet is asked for anew.

    Sets that were lifted keep what they were prescribed as: that is what the client was told.
    """
    later = facts.told_already(enrollment_id, after=after, including=including)
    later.update(prescription=None)


def _number(payload: Mapping[str, Any]) -> int:
    typed = str(payload.get("number", ""))
    if not typed.isdigit() or not 1 <= int(typed[:6]) <= LAST_NUMBER:
        raise BadSet({"number": f"A set has a number from 1 to {LAST_NUMBER}."})
    return int(typed)


def _values(entry: SetEntry) -> SetValues:
    return SetValues(**{name: getattr(entry, name) for name in SetValues.__dataclass_fields__})


def _as_said(entry: SetEntry) -> dict[str, Any]:
    """What a set said before it was changed, for the operation's history."""
    said = _values(entry).as_fields()
    said["load"] = None if entry.load is None else f"{entry.load.normalize():f}"
    return {**said, "to_confirm": entry.to_confirm, "revision": entry.revision}
