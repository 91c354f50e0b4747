"""What stands in a calendar: an iCalendar file for a client, a supervisor or a room.

A calendar is shown on lock screens and shared with families, so it says where and when, and no
name and no word about health. RFC 5545 (iCalendar) and RFC 7986 (REFRESH-INTERVAL). The same rows
give the same bytes, whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import icalendar
from django.db.models import Exists, OuterRef, Q, QuerySet

from bonefit.clinics.models import Clinic

from .calendar_zones import timezone_of
from .models import CalendarFeed, Slot, Supervision, Visit
from .seats import room_in

#: How often calendars are asked to look again.
REFRESH = timedelta(hours=4)
#: What is cancelled is struck out this long, so that a telephone that was off still hears of it.
CANCELLED_FOR = timedelta(days=30)
#: How far back a client's calendar goes, and one of slots, of which there are many more.
PAST_FOR = timedelta(days=365)
SLOTS_PAST_FOR = timedelta(days=60)

#: What the UIDs of slots are made under: they have no random id of their own.
_SLOTS = UUID("3f0f4c4e-9d0c-5d6b-8f2d-6a8a2c1b7e11")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event: its UID, when, where, how often it has changed, and whether it will be."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    room: str
    sequence: int
    changed_at: datetime
    is_on: bool
    description: str


def calendar_of(feed: CalendarFeed, *, now: datetime) -> bytes:
    """The feed as an iCalendar file."""
    clinic = feed.clinic
    entries = _visits(feed, now) if feed.client_id else _slots(feed, now)
    name = f"Appointments, {clinic.name}"
    calendar = icalendar.Calendar()
    # The product's own name is left out: it is a word about bones.
    calendar.add("prodid", "-//Appointments//EN")
    calendar.add("version", "2.0")
    name = f"{name}, {feed.room}" if feed.room else name
    # A line break in a name would be a line of the file, which icalendar refuses to write.
    calendar.add("x-wr-calname", " ".join(name.split()))
    calendar.add("x-wr-timezone", clinic.timezone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH).to_ical().decode())
    events = [_event(entry, clinic) for entry in entries]
    # A clinic in UTC writes its times with a Z, and those name no zone.
    if any("TZID" in event["dtstart"].params for event in events):
        calendar.add_component(timezone_of(clinic.timezone, *_years(entries)))
    for event in events:
        calendar.add_component(event)
    return calendar.to_ical()


def _event(entry: _Entry, clinic: Clinic) -> icalendar.Event:
    event = icalendar.Event()
    changed_at = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event.add("uid", entry.uid)
    event.add("summary", f"Appointment, {clinic.name}")
    event.add("dtstart", entry.starts_at.astimezone(clinic.tz))
    event.add("dtend", entry.ends_at.astimezone(clinic.tz))
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", entry.sequence)
    event.add("status", "CONFIRMED" if entry.is_on else "CANCELLED")
    event.add("location", ", ".join(filter(None, [clinic.name, entry.room, clinic.address])))
    if entry.description:
        event.add("description", entry.description)
    return event


def _years(entries: Sequence[_Entry]) -> tuple[int, int]:
    """Whole years around the entries: the time zone is written out for these only."""
    first = min(entry.starts_at for entry in entries).year
    return first - 1, max(entry.ends_at for entry in entries).year + 1


# --- a client's visits ----------------------------------------------------------------------------
def _visits(feed: CalendarFeed, now: datetime) -> list[_Entry]:
    gone = Q(status__in=Visit.FREED, during__endswith__lte=now - CANCELLED_FOR)
    visits = (
        Visit.objects.filter(
            clinic_id=feed.clinic_id,
            client=feed.client_id,
            during__endswith__gt=now - PAST_FOR,
        )
        .exclude(gone)
        .select_related("slot")
        .defer("prescription", "answers")
        .order_by("during", "pk")
    )
    phone = feed.clinic.phone
    return [
        _Entry(
            uid=str(visit.uid),
            starts_at=visit.starts_at,
            ends_at=visit.ends_at,
            room=visit.slot.room,
            sequence=visit.sequence,
            changed_at=visit.changed_at or visit.created_at,
            is_on=visit.status not in Visit.FREED,
            description=f"To change it, call {phone}." if phone else "",
        )
        for visit in visits
    ]


# --- the slots of a supervisor or a room ----------------------------------------------------------
def _slots(feed: CalendarFeed, now: datetime) -> list[_Entry]:
    """What is on, and for thirty days what was called off or she was taken off."""
    gone = Q(called_off_at__isnull=False, ends_at__lte=now - CANCELLED_FOR)
    slots: QuerySet[Slot] = Slot.objects.filter(
        clinic_id=feed.clinic_id, ends_at__gt=now - SLOTS_PAST_FOR
    ).select_related("clinic")
    if feed.room is not None:
        slots = slots.filter(room=feed.room.name)
    else:
        hers = Supervision.objects.filter(slot=OuterRef("pk"), member=feed.member_id)
        there = Q(during__isnull=False) | Q(named_at__isnull=False)
        slots = slots.filter(Exists(hers)).annotate(hers=Exists(hers.filter(there)))
        gone |= Q(hers=False, ends_at__lte=now - CANCELLED_FOR)
    found = list(slots.exclude(gone).order_by("starts_at", "room", "pk"))
    rooms = room_in(found, now=now)
    return [
        _Entry(
            uid=str(uuid5(_SLOTS, f"{feed.clinic_id}|{slot.pk}")),
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            room=slot.room,
            sequence=slot.sequence,
            changed_at=slot.changed_at or feed.created_at,
            is_on=slot.called_off_at is None and getattr(slot, "hers", True),
            description=f"{rooms[slot.pk].taken} of {rooms[slot.pk].places} places taken",
        )
        for slot in found
    ]
