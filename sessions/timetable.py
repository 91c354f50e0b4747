"""The timetable as it is run: one class changed alone, this and all following, called off.

Every change keeps who, when and why: on the slot, and on each seat in it. What is asked for in
vain is a Clash, with the field to look at again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction

from bonefit.acting import because_of
from bonefit.clinics.models import Clinic, Membership
from programs.calendar import wall_time

from . import whole_classes
from .clashes import Clash, Span, supervisor_elsewhere
from .models import Slot, SlotChange, Supervision, WeeklySlot
from .slot_making import closed_by, closures_from, make_slots
from .whole_classes import Move, Word

__all__ = [
    "As",
    "call_off",
    "change_slot",
    "first_occurrence",
    "make_slots",
    "name_supervisors",
    "names_of",
    "take_back_call_off",
]

BEGUN = "This class has begun. Only a class that is still to come can be changed."
CALLED_OFF = "This class is called off. Take that back first."


@dataclass(frozen=True, slots=True)
class As:
    """How a class shall be: wall-clock time, length in minutes, room, the most clients, with whom.

    ``most`` None leaves the number to room, racks and supervisors.
    """

    at: time
    minutes: int
    room: str
    most: int | None
    supervisors: tuple[Membership, ...]

    def span(self, clinic: Clinic, day: date) -> Span:
        """When and where that is on a day of the clinic."""
        starts_at = wall_time(day, self.at, clinic.tz)
        return Span(self.room, starts_at, starts_at + timedelta(minutes=self.minutes))


@because_of("why")
@transaction.atomic
def change_slot(
    *, slot: Slot, day: date, wanted: As, by: Membership, why: str, now: datetime
) -> Slot:
    """Change one class alone. Its series leaves it as it is from now on.

    Raises Clash where it has begun or is called off, where the new time is over, the room is
    taken, a supervisor is planned elsewhere, or a client could not come or would not be rested.
    """
    clinic = by.clinic
    found = _one(clinic, slot, now)
    if found.called_off_at is not None:
        raise Clash("", CALLED_OFF)
    span = wanted.span(clinic, day)
    if span.starts_at <= now:
        raise Clash("day", "That time is over. Choose one that is still to come.")
    _open_then(clinic, wanted.room, day)
    before = {found.pk: whole_classes.state_of(found) | names_of([found])[0]}
    whole_classes.move(clinic, [Move(found, span)], Word(by, now, why))
    name_supervisors(clinic, [found], wanted.supervisors)
    found.capacity, found.detached = wanted.most, True
    whole_classes.write_slots(
        [found],
        before,
        SlotChange.Kind.CHANGED,
        Word(by, now, why),
        supervisors={found.pk: sorted(str(one) for one in wanted.supervisors)},
    )
    return found


@because_of("why")
@transaction.atomic
def call_off(*, slot: Slot, why: str, by: Membership, now: datetime) -> int:
    """Nobody comes to this class: how many seats were taken. Everyone in it is told.

    A decision of its own, never the effect of a cancelled seat. Raises Clash where it is over or
    called off already.
    """
    (found,) = whole_classes.held(by.clinic, Slot.objects.filter(pk=slot.pk))
    if found.called_off_at is not None:
        raise Clash("", "This class is called off already.")
    if found.ends_at <= now:
        raise Clash("", "This class is over. It cannot be called off any more.")
    return whole_classes.call_off([found], Word(by, now, why))


@because_of("why")
@transaction.atomic
def take_back_call_off(*, slot: Slot, by: Membership, now: datetime, why: str = "") -> int:
    """The class is held after all: how many seats are taken again.

    Raises Clash where it is not called off, has begun, or the clinic is closed then.
    """
    found = _one(by.clinic, slot, now)
    if found.called_off_at is None:
        raise Clash("", "This class is not called off.")
    if found.closure_id is not None:
        raise Clash("", f"The clinic is closed then: {found.called_off_why}. Open those days.")
    clinic = by.clinic
    _open_then(clinic, found.room, found.starts_at.astimezone(clinic.tz).date())
    return whole_classes.hold_after_all([found], Word(by, now, why))


def _open_then(clinic: Clinic, room: str, day: date) -> None:
    closure = closed_by(closures_from(clinic, day), room, day)
    if closure is not None:
        raise Clash("day", f"{closure.room or 'The clinic'} is closed then: {closure.name}.")


def _one(clinic: Clinic, slot: Slot, now: datetime) -> Slot:
    (found,) = whole_classes.held(clinic, Slot.objects.filter(pk=slot.pk))
    if found.starts_at <= now:
        raise Clash("", BEGUN)
    return found


def name_supervisors(clinic: Clinic, slots: Sequence[Slot], members: Sequence[Membership]) -> None:
    """These members, and no others, are planned for these slots at the times they have now.

    Somebody who was on the floor stays named. Raises Clash for one who is planned elsewhere then.
    """
    by_pk = {slot.pk: slot for slot in slots}
    spans = [
        Span(slot.room, slot.starts_at, slot.ends_at)
        for slot in slots
        if slot.called_off_at is None
    ]
    if text := supervisor_elsewhere(clinic, members, spans, but=by_pk):
        raise Clash("supervisors", text)
    wanted = {member.pk for member in members}
    rows = Supervision.objects.filter(slot__in=by_pk)
    others = rows.exclude(member__in=wanted)
    others.filter(named_at=None).delete()
    others.update(during=None)
    there = {(row.slot_id, row.member_id): row for row in rows}
    for (slot, _), row in there.items():
        row.during = _during(by_pk[slot])
    Supervision.objects.bulk_update(
        [row for (_, member), row in there.items() if member in wanted], ["during"], batch_size=500
    )
    Supervision.objects.bulk_create(
        Supervision(clinic=clinic, slot=slot, member_id=member, during=_during(slot))
        for slot in slots
        for member in sorted(wanted)
        if (slot.pk, member) not in there
    )


def _during(slot: Slot) -> tuple[datetime, datetime] | None:
    return None if slot.called_off_at is not None else (slot.starts_at, slot.ends_at)


def names_of(slots: Sequence[Slot]) -> list[dict[str, list[str]]]:
    """Who is planned for each of these slots, in their order, for the history."""
    found: dict[int, list[str]] = {slot.pk: [] for slot in slots}
    rows = Supervision.objects.filter(slot__in=found, during__isnull=False)
    for row in rows.select_related("member__user").order_by("member__user__name"):
        found[row.slot_id].append(str(row.member))
    return [{"supervisors": found[slot.pk]} for slot in slots]


def first_occurrence(weekly: WeeklySlot, day: date) -> date:
    """The first day from ``day`` on that falls on the row's weekday."""
    return day + timedelta(days=(weekly.weekday - day.weekday()) % 7)
