"""Who is on the floor of a slot: the supervisors who were named, and the clients who came.

Read once for all desks of a transaction, so that what is done at one desk counts at the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bonefit.clinics.credentials import cannot_sign
from bonefit.clinics.models import Membership
from programs.rules import Rules

from . import flags
from .models import Slot, Supervision, Visit

#: Who has come counts until the end of the class, also when her visit is complete by then.
HERE = (Visit.Status.CHECKED_IN, *Visit.ATTENDANCE)


@dataclass(slots=True)
class SlotFloor:
    """One locked slot: its rows of supervision by member, and its clients who are here."""

    supervisions: dict[int, Supervision] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)

    @property
    def supervisors(self) -> set[int]:
        """Members who were named and have not left."""
        return {pk for pk, row in self.supervisions.items() if is_here(row)}


def is_here(row: Supervision) -> bool:
    """Whether a supervisor was named and has not left."""
    return row.named_at is not None and row.left_at is None


class Floors:
    """The slots that some desks share, and what has to be written of them at the end."""

    def __init__(self, by: Membership, now: datetime) -> None:
        self.by = by
        self.now = now
        self._locked: dict[int, SlotFloor] = {}
        self._changed: dict[tuple[int, int], Supervision] = {}

    @cached_property
    def cannot_sign(self) -> str:
        """Why the member cannot sign for a class; "" where she can. Asked once a transaction."""
        return cannot_sign(self.by, today=self.now.astimezone(self.by.clinic.tz).date())

    def lock(self, slots: Iterable[int]) -> None:
        """Lock and read slots, always in one order: two tablets that fill one class take turns."""
        wanted = sorted(set(slots))
        if not wanted:
            return
        rows = Slot.objects.filter(pk__in=wanted).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
        # What others have written is seen by the statements after the one that waited for them.
        self._locked = {pk: SlotFloor() for pk in wanted}
        here = Visit.objects.filter(slot__in=wanted, status__in=HERE).order_by()
        for slot, client in here.values_list("slot_id", "client_id"):
            self._locked[slot].people.add(client)
        for row in Supervision.objects.filter(slot__in=wanted):
            self._locked[row.slot_id].supervisions[row.member_id] = row

    def at(self, visit: Visit) -> SlotFloor:
        """The locked floor of a visit."""
        return self._locked[visit.slot_id]

    def arrived(self, visit: Visit) -> None:
        """A client is here. Where nobody is named, who records it is with her."""
        floor = self._locked.get(visit.slot_id)
        if floor is not None:
            floor.people.add(visit.client_id)
            supervised = bool(floor.supervisors)
        else:
            # Annotated by facts.on_the_floor: the first set of a client needs no query for it.
            supervised = visit.supervised  # type: ignore[attr-defined]
        if not supervised:
            self._name(visit.slot_id, self.by.pk)

    def name(self, visit: Visit, members: Collection[int]) -> list[int]:
        """These members are on the floor from now on, and no others; who was there until now."""
        floor = self.at(visit)
        before = floor.supervisors
        for member in before - set(members):
            row = floor.supervisions[member]
            row.left_at = self.now
            self._changed[visit.slot_id, member] = row
        for member in set(members) - before:
            self._name(visit.slot_id, member)
        return sorted(before)

    def _name(self, slot: int, member: int) -> None:
        floor = self._locked.get(slot)
        row = floor.supervisions.get(member) if floor else self._changed.get((slot, member))
        if row is None:
            row = Supervision(clinic_id=self.by.clinic_id, slot_id=slot, member_id=member)
            if floor is not None:
                floor.supervisions[member] = row
        row.named_at, row.left_at = row.named_at or self.now, None
        self._changed[slot, member] = row

    def write(self) -> None:
        """Write who was named and who left: rows are kept, and made where there are none."""
        if not self._changed:
            return
        rows = [
            Supervision(
                clinic_id=row.clinic_id,
                slot_id=row.slot_id,
                member_id=row.member_id,
                named_at=row.named_at,
                left_at=row.left_at,
            )
            for _, row in sorted(self._changed.items())
        ]
        Supervision.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["clinic", "slot", "member"],
            update_fields=["named_at", "left_at"],
        )
        self._changed.clear()


def ratio_line(*, clients: int, supervisors: int, rules: Rules) -> str:
    """What is to be said of so many people with so many supervisors; empty where all is well."""
    if flags.group_size(clients=clients, supervisors=supervisors, rules=rules) == "ok":
        return ""
    if not supervisors:
        return f"{_people(clients)} and nobody is named as supervisor."
    each = "" if supervisors == 1 else " for each of them"
    with_whom = "one supervisor" if supervisors == 1 else f"{supervisors} supervisors"
    return (
        f"{_people(clients)} with {with_whom}: more than {rules.group_warn_above}{each}. "
        f"At {rules.group_block_above}{each} no more can be checked in."
    )


def _people(count: int) -> str:
    return "1 person is here" if count == 1 else f"{count} people are here"
