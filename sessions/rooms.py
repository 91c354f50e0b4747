"""The rooms of a clinic: what they hold, and what they are called from now on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from bonefit.clinics.models import Clinic, Membership

from . import changing
from .clashes import Clash
from .models import Closure, Room, SeatChange, Slot, SlotChange, StandingPlace, Visit, WeeklySlot
from .whole_classes import Word, held, state_of, write_slots


def ensure(clinic: Clinic, names: Iterable[str]) -> None:
    """Make the rooms of these names that are not there yet; nobody has said what they hold."""
    Room.objects.bulk_create(
        (Room(clinic=clinic, name=name) for name in sorted(set(names)) if name),
        ignore_conflicts=True,
    )


@transaction.atomic
def add_room(*, name: str, places: int | None, racks: int | None, by: Membership) -> Room:
    """A room and what it holds, None for "not said". Raises Clash for a name that is taken."""
    Clinic.objects.select_for_update(no_key=True).get(pk=by.clinic_id)
    _new_name(by.clinic, name, but=None)
    return Room.objects.create(clinic=by.clinic, name=name, places=places, racks=racks)


@transaction.atomic
def change_room(
    *, room: Room, name: str, places: int | None, racks: int | None, by: Membership, now: datetime
) -> Room:
    """What a room holds and is called. A new name is that of what is still to come.

    What was, keeps the name it had: it is what clients were told. Calendars follow, and nobody
    gets a message: the room is the same. Raises Clash for a name that is there.
    """
    clinic = by.clinic
    slots = held(clinic, Slot.objects.filter(room=room.name, starts_at__gt=now))
    found = Room.objects.select_for_update(no_key=True).get(pk=room.pk)
    if name != found.name:
        _new_name(clinic, name, but=found)
        _rename(clinic, found.name, name, slots, Word(by, now, f"{found.name} is now {name}"))
    found.name, found.places, found.racks = name, places, racks
    found.save(update_fields=["name", "places", "racks"])
    return found


def _new_name(clinic: Clinic, name: str, *, but: Room | None) -> None:
    others = Room.objects.filter(clinic=clinic, name__iexact=name)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if others.exists():
        raise Clash("name", f"There is a room called {name} already.")


def _rename(clinic: Clinic, old: str, new: str, slots: list[Slot], word: Word) -> None:
    today = word.now.astimezone(clinic.tz).date()
    going_on = Q(ends_on=None) | Q(ends_on__gte=today)
    WeeklySlot.objects.filter(going_on, clinic=clinic, room=old).update(room=new)
    StandingPlace.objects.filter(going_on, clinic=clinic, room=old).update(room=new)
    Closure.objects.filter(clinic=clinic, room=old, ends_on__gte=today).update(room=new)
    before = {slot.pk: state_of(slot) for slot in slots}
    by_pk = {slot.pk: slot for slot in slots}
    visits = list(
        Visit.objects.select_for_update(no_key=True)
        .filter(slot__in=by_pk)
        .exclude(status__in=Visit.FREED)
    )
    seen = {}
    for visit in visits:
        visit.slot = by_pk[visit.slot_id]
        seen[visit.pk] = changing.state_of(visit)
    for slot in slots:
        slot.room = new
    changes = []
    for visit in visits:
        knew, told = visit.sequence == visit.told_sequence, visit.told
        kind = SeatChange.Kind.CLASS_CHANGED
        changes.append(
            changing.touched(
                visit, seen[visit.pk], kind=kind, by=word.by, now=word.now, why=word.why
            )
        )
        if knew:
            visit.told_sequence, visit.told = visit.sequence, told
    Visit.objects.bulk_update(visits, [*changing.FIELDS, "told_sequence"], batch_size=500)
    SeatChange.objects.bulk_create(changes)
    write_slots(slots, before, SlotChange.Kind.CHANGED, word)
