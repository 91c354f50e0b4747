"""One locked visit at the desk: what is known of it, and what has to be written at the end.

What each kind of operation does stands in the modules ``on_….py``; ``acts.py`` has the
list of them, and ``sync.py`` is the way in.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from bonefit.acting import because
from bonefit.clients.intake import barred
from bonefit.clients.models import Lock
from bonefit.clinics.models import Membership
from programs.plans import plan_of, rules_of
from programs.progression import Plan, Target
from programs.rules import Rules

from . import alarms, changing, clearance_flags, facts, flagging, told
from .entries import SetValues
from .models import Flag, Operation, SeatChange, SetEntry, Visit
from .operations import Op, Result, why_of
from .slot_floor import Floors
from .soon import review_soon


class Desk:
    """One locked visit, its sets, and what has to be written at the end."""

    def __init__(
        self,
        visit: Visit,
        by: Membership,
        now: datetime,
        sets: Iterable[SetEntry] | None = None,
        *,
        floors: Floors,
    ) -> None:
        self.visit = visit
        self.by = by
        self.now = now
        self.floors = floors
        self.entries = {entry.uid: entry for entry in (_sets_of(visit) if sets is None else sets)}
        self.fresh: list[SetEntry] = []
        self.changed: dict[uuid.UUID, SetEntry] = {}
        self.log: list[Operation] = []
        #: Why each set is changed, by its uid, and at last anything of the visit.
        self.whys: dict[uuid.UUID, str] = {}
        self.why = ""
        self.seats: list[SeatChange] = []
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
        return self.visit.client.impact_cleared

    def prescription(self) -> dict[str, Any]:
        if told.outdated(self.visit):
            self._told_otherwise()
        if self.visit.prescription is None:
            standing = facts.standing_for(
                self.visit, clinic=self.visit.clinic, cleared=self.cleared
            )
            self.visit.prescription = told.dump(standing, cleared=self.cleared)
            self.visit_fields.add("prescription")
        return self.visit.prescription

    def _told_otherwise(self) -> None:
        """Her intake has changed since she was told; what was asked for is kept for the count."""
        before = self.visit.prescription or {}
        asked = before.get("asked") or sum(item["sets"] for item in before["targets"])
        self.ask_anew()
        self.asked_anew = True
        if barred(self.visit.client, self.day):
            self.prescription()["asked"] = asked

    @property
    def day(self) -> date:
        """The day of the visit on the clinic's wall."""
        return self.visit.starts_at.astimezone(self.visit.clinic.tz).date()

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What the client was told of each lift; it does not change while she is at the desk."""
        return told.load_targets(self.prescription())

    @cached_property
    def rules(self) -> Rules:
        wanted = self.prescription()["rule_set"]
        return next(entry.rules for entry in rules_of(self.visit.clinic) if entry.id == wanted)

    def asked_sets(self) -> int:
        """How many sets the visit was to have, also where a lock has ended it since."""
        kept = self.prescription().get("asked")
        return int(kept) if kept else sum(target.sets for target in self.targets.values())

    def ask_anew(self) -> None:
        """What is still to lift is worked out again, from what is known by now."""
        self.visit.prescription = None
        self.visit_fields.add("prescription")
        self.__dict__.pop("targets", None)
        self.__dict__.pop("rules", None)

    # --- what is there ------------------------------------------------------------------------

    def standing(self) -> list[SetEntry]:
        return [entry for entry in self.entries.values() if not entry.voided]

    def standing_set(self, lift: str, kind: str, number: int) -> SetEntry | None:
        for entry in self.entries.values():
            if (entry.lift, entry.kind, entry.number) == (lift, kind, number) and not entry.voided:
                return entry
        return None

    def visit_before(self) -> dict[str, Any]:
        """What the visit said, for the operation's history."""
        visit = self.visit
        return {"status": visit.status, "why": visit.said_why}

    @property
    def over(self) -> bool:
        """Whether something was written of a visit that is over: flags may follow from it."""
        if "completed_at" in self.visit_fields:  # signed, or opened again
            return True
        if "status" in self.visit_fields and self.visit.status not in Visit.OPEN:
            return True
        return self.visit.took_place and bool(self.changed or self.fresh or self.visit_fields)

    # --- what happens to it -------------------------------------------------------------------

    def arrive(self) -> None:
        """Somebody was here: silence and "did not come" are both over."""
        visit = self.visit
        if visit.took_place or visit.status == Visit.Status.CHECKED_IN:
            return
        if visit.status != Visit.Status.PLANNED:
            self.answered = Flag.Resolution.BY_ITSELF
        self.floors.arrived(visit)
        if visit.status in Visit.FREED:  # she came all the same: her calendar says so too
            seen = changing.state_of(visit)
            self.be_here()
            self.visit_fields.update(changing.FIELDS)
            self.seat(seen, why="")
            return
        self.be_here()

    def be_here(self) -> None:
        """The visit is going on, and there is time to complete it."""
        self.visit.status = Visit.Status.CHECKED_IN
        self.visit_fields.add("status")
        if self.visit.missed_after <= self.now:
            self.visit.missed_after = self.now + flagging.ASK_AGAIN
            self.visit_fields.add("missed_after")

    def lock(self, why: str, *, kind: str = Lock.Why.PAIN) -> None:
        """The client is locked from now on; what was asked for is kept for the count."""
        if not alarms.lock(self.visit, why, kind=kind, by=self.by, now=self.now):
            return
        self.under_lock(self.asked_sets() if self.visit.prescription is not None else 0)

    def under_lock(self, asked: int) -> None:
        """Ask for what a client who is locked by now may still do; ``asked`` sets were to be."""
        self.ask_anew()
        # The locks have changed since they were read beside the visit.
        self.visit.beside = None  # type: ignore[attr-defined]
        self.prescription()["asked"] = asked
        self.asked_anew = True

    def seat(self, before: dict[str, Any], *, why: str) -> None:
        """The seat was freed or given back: its history, and what the client is told of it."""
        if not changing.noticeable(before, changing.state_of(self.visit)):
            return
        freed = self.visit.status in Visit.FREED
        kind = SeatChange.Kind.CANCELLED if freed else SeatChange.Kind.RESTORED
        self.seats.append(
            changing.touched(self.visit, before, kind=kind, by=self.by, now=self.now, why=why)
        )

    def record(self, op: Op, result: Result) -> None:
        self.why = why_of(op) or self.why
        if result.entry is not None:
            self.whys[result.entry] = why_of(op)
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
                before=None if result.before is None else dict(result.before),
            )
        )

    def settle(self) -> None:
        """What follows from what was written: flags, and prescriptions of later visits."""
        if self.outside:
            clearance_flags.flag_outside_clearance(self.visit, self.outside, now=self.now)
        if any(_may_be_outside(entry) for entry in self.changed.values()):
            clearance_flags.resolve_outside_clearance(self.visit, now=self.now)
        if self.answered:
            by = None if self.answered == Flag.Resolution.BY_ITSELF else self.by
            flagging.resolve_for_visit(self.visit, resolution=self.answered, by=by, now=self.now)
        if self.pain_asked:
            alarms.settle_rising_pain(self.visit, now=self.now)
        written = self.changed or self.fresh or self.asked_anew
        if written and self.visit.later_told:  # type: ignore[attr-defined]
            told.forget_later_prescriptions(self.visit.enrollment_id, after=self.visit.starts_at)


def _sets_of(visit: Visit) -> Iterable[SetEntry]:
    # A set makes a visit more than planned, so a planned one has none.
    planned = visit.status == Visit.Status.PLANNED
    return () if planned else SetEntry.objects.filter(visit=visit).order_by()


def write(desks: Sequence[Desk]) -> None:
    """Write what was done at all desks, each table once, and then what follows from it."""
    if log := [row for desk in desks for row in desk.log]:
        Operation.objects.bulk_create(log)
    changed: dict[str, list[SetEntry]] = {}
    for desk in desks:
        for entry in desk.changed.values():
            changed.setdefault(desk.whys.get(entry.uid, ""), []).append(entry)
    for why, entries in changed.items():  # one statement says one reason
        with because(why):
            SetEntry.objects.bulk_update(entries, _CHANGEABLE)
    if fresh := [entry for desk in desks for entry in desk.fresh]:
        SetEntry.objects.bulk_create(fresh)
    for (names, why), together in groupby(
        sorted((desk for desk in desks if desk.visit_fields), key=_fields), key=_fields
    ):
        visits = [desk.visit for desk in together]
        with because(why):
            if len(visits) == 1:
                visits[0].save(update_fields=names)
            else:
                Visit.objects.bulk_update(visits, names)
    if seats := [row for desk in desks for row in desk.seats]:
        SeatChange.objects.bulk_create(seats)
    for floors in {id(desk.floors): desk.floors for desk in desks}.values():
        floors.write()
    for desk in desks:
        with because(desk.why):
            desk.settle()
    for clinic, together in groupby(desks, key=lambda desk: desk.visit.clinic_id):
        over = [desk for desk in together if desk.over]
        if over:
            ids = [desk.visit.enrollment_id for desk in over]
            review_soon(ids, clinic=clinic, now=over[0].now)


def _fields(desk: Desk) -> tuple[list[str], str]:
    return sorted(desk.visit_fields), desk.why


_CHANGEABLE = [
    *SetValues.__dataclass_fields__,
    "to_confirm",
    "outside_clearance",
    "disputed",
    "voided",
    "revision",
]


def _may_be_outside(entry: SetEntry) -> bool:
    return entry.kind == SetEntry.Kind.IMPACT or entry.outside_clearance
