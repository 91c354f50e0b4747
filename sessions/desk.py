"""What each kind of operation does to one locked visit. ``sync.py`` is the way in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from bonefit.clinics.models import Membership
from programs.loads import needs_confirmation
from programs.pain import Answers, Pain
from programs.plans import exercise_id, plan_of, rules_of
from programs.progression import Plan, Target
from programs.rules import Rules

from . import alarms, facts, flagging, told
from .entries import BadSet, SetValues, read_answers, read_set
from .models import Flag, Operation, SetEntry, Visit
from .operations import (
    APPLIED,
    CONFLICT,
    EXCUSED_WHY,
    KIND,
    REFUSED,
    SAYABLE,
    Op,
    Result,
    as_said,
    number_of,
    values_of,
)


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
        self.pain_asked = False

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
                case KIND.STOP:
                    before, result = self._visit_before(), self._stop(op)
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
                    before = as_said(entry)
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
        if (lock := alarms.open_lock_of(self.visit.client_id)) is not None:
            why = lock.evidence.get("why", "")
            return Result(op.uid, REFUSED, reason=f"Locked: {why}. A clinician releases her first.")
        if answers is not None:
            self._answered(answers)
        self.prescription()
        self._arrive()
        return Result(op.uid, APPLIED)

    def _stop(self, op: Op) -> Result:
        """Somebody stopped her: nothing more is lifted, and a named clinician releases her."""
        why = str(op.payload.get("why", "")).strip()[:120]
        self._lock(f"stopped on the floor, {why}" if why else "stopped on the floor")
        self._arrive()
        return Result(op.uid, APPLIED)

    def _lock(self, why: str) -> None:
        """The client is locked from now on; what was asked for is kept for the count."""
        if not alarms.lock(self.visit, why, by=self.by, now=self.now):
            return
        asked = self._asked_sets() if self.visit.prescription is not None else 0
        self._ask_anew()
        # The locks have changed since they were read beside the visit.
        self.visit.beside = None  # type: ignore[attr-defined]
        self.prescription()["asked"] = asked
        self.asked_anew = True

    def _ask_anew(self) -> None:
        self.visit.prescription = None
        self.visit_fields.add("prescription")
        self.__dict__.pop("targets", None)
        self.__dict__.pop("rules", None)

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
        before = Answers.from_json(visit.answers)
        if visit.answers:
            answers = {**answers, "at": visit.answers["at"]}
        visit.answers = answers
        self.visit_fields.add("answers")
        if visit.prescription is not None:
            self._ask_anew()
            if not visit.took_place:
                self.prescription()
        self.asked_anew = self.pain_asked = True
        said = Answers.from_json(answers)
        for pain, known in ((said.next_day, before.next_day), (said.now, before.now)):
            if pain != known and alarms.alarming(pain, self.rules):
                visit.save(update_fields=["answers"])  # the lock's targets are asked for with them
                self._lock(alarms.in_words(pain))

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
        number = number_of(payload)
        values = self._read(payload, target)
        kind = SetEntry.Kind.IMPACT if target.kind == "impact" else SetEntry.Kind.WORKING
        there = self._standing_set(target.lift, kind, number)
        if there is not None:
            same = values_of(there) == values
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
        partial = len(sets) * 100 < self._asked_sets() * self.rules.partial_below_percent
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

    def _asked_sets(self) -> int:
        """How many sets the visit was to have, also where a lock has ended it since."""
        kept = self.prescription().get("asked")
        return int(kept) if kept else sum(target.sets for target in self.targets.values())

    def _visit_before(self) -> dict[str, Any]:
        visit = self.visit
        return {"status": visit.status, "why": visit.said_why}

    def _put(self, entry: SetEntry, values: SetValues, target: Target) -> None:
        before = Pain(entry.pain, entry.pain_site, entry.pain_kind)
        for name, value in values.as_fields().items():
            setattr(entry, name, value)
        entry.to_confirm = needs_confirmation(entry.load, entry.prescribed_load, self.rules)
        level = entry.landing_level
        above = level is not None and level > self.cleared
        # Lifted while she was locked: recorded as it happened, and marked.
        entry.outside_clearance = above or entry.prescribed_reason == "locked"
        if entry.outside_clearance:
            self.outside.append(entry)
        pain = Pain(entry.pain, entry.pain_site, entry.pain_kind)
        if pain != before and alarms.alarming(pain, self.rules):
            self._lock(f"{alarms.in_words(pain)}, in the {entry.get_lift_display().lower()}")

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
        if any(_may_be_outside(entry) for entry in self.changed.values()):
            flagging.resolve_outside_clearance(self.visit, now=self.now)
        if self.answered:
            by = None if self.answered == Flag.Resolution.BY_ITSELF else self.by
            flagging.resolve_for_visit(self.visit, resolution=self.answered, by=by, now=self.now)
        if self.pain_asked:
            alarms.settle_rising_pain(self.visit, now=self.now)
        written = self.changed or self.fresh or self.asked_anew
        if written and self.visit.later_told:  # type: ignore[attr-defined]
            told.forget_later_prescriptions(self.visit.enrollment_id, after=self.visit.starts_at)


_CHANGEABLE = [
    *SetValues.__dataclass_fields__,
    "to_confirm",
    "outside_clearance",
    "voided",
    "revision",
]


def _may_be_outside(entry: SetEntry) -> bool:
    return entry.kind == SetEntry.Kind.IMPACT or entry.outside_clearance
