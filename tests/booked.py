"""What booking has rows of, for the world behind the doors: one of each in a clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bonefit.clients.models import Client, Companion
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions import booking
from sessions.models import (
    Closure,
    Leave,
    Notice,
    Pause,
    Room,
    Season,
    SeatChange,
    Slot,
    SlotChange,
    Supervision,
    Visit,
    Waiting,
    WeeklySlot,
    WeeklySupervisor,
)
from tests.cast import accompanied


@dataclass
class Booked:
    """What booking has rows of: a room, a timetable, somebody who waits, a message."""

    room: Room
    season: Season
    weekly: WeeklySlot
    closure: Closure
    leave: Leave
    pause: Pause
    companion: Companion
    coming: Visit
    waiting: Waiting
    notice: Notice
    #: What she did herself: a visit she said she can't come to, and a place that is offered to her.
    freed: Visit
    offer: Waiting
    #: Of the desk: a class that is called off, a seat given up a moment ago, two who wait.
    off: Slot
    given_up: Visit
    asks: Waiting
    asked: Waiting


def booked(client: Client, beside: Enrollment, by: Membership, now: datetime) -> Booked:
    """One of each thing that booking has, next month; somebody else waits for her next visit."""
    clinic, day = by.clinic, now.date() + timedelta(weeks=4)
    room, _ = Room.objects.get_or_create(clinic=clinic, name="Room 1")
    season = Season.objects.create(
        clinic=clinic, name="Autumn", starts_on=day, ends_on=day + timedelta(weeks=10)
    )
    weekly = WeeklySlot.objects.create(
        clinic=clinic, season=season, weekday=2, at=time(15), room="Room 2", starts_on=day
    )
    WeeklySupervisor.objects.create(clinic=clinic, weekly=weekly, member=by)
    closure = Closure.objects.create(
        clinic=clinic, name="Show Day", starts_on=day, ends_on=day, added_by=by, added_at=now
    )
    leave = Leave.objects.create(
        clinic=clinic, member=by, starts_on=day, ends_on=day, added_by=by, added_at=now
    )
    pause = Pause.objects.create(
        clinic=clinic,
        enrollment=beside,
        starts_on=day,
        ends_on=day,
        why="On holiday",
        added_by=by,
        added_at=now,
    )
    coming = client.visits.filter(during__startswith__gt=now).earliest("during")
    SeatChange.objects.create(
        clinic=clinic, visit=coming, kind=SeatChange.Kind.BOOKED, at=now, by=by, after={}
    )
    SlotChange.objects.create(
        clinic=clinic, slot=coming.slot, kind=SlotChange.Kind.CHANGED, at=now, by=by, after={}
    )
    waiting = Waiting.objects.create(
        clinic=clinic,
        slot=coming.slot,
        enrollment=beside,
        client=beside.client,
        asked_at=now,
        asked_by=by,
    )
    notice = Notice.objects.create(
        clinic=clinic,
        client=client,
        kind=Notice.Kind.REMINDER,
        key=f"reminder|{coming.uid}",
        to="cal@example.org",
        due_at=now,
        failed_at=now,
        error="SMTPRecipientsRefused",
    )
    companion = client.companions.first()
    if companion is None:
        accompanied(client, "Kit R.", by=by)
        companion = client.companions.get()
    freed = client.visits.filter(during__startswith__gt=coming.ends_at).earliest("during")
    freed.status, freed.said_at, freed.said_by = "cancelled_client", now, client.membership
    freed.save(update_fields=["status", "said_at", "said_by"])
    offer = Waiting.objects.create(
        clinic=clinic,
        slot=beside.visits.filter(during__startswith__gt=freed.ends_at).earliest("during").slot,
        enrollment=freed.enrollment,
        client=client,
        asked_at=now,
        asked_by=by,
        offered_at=now,
        offer_ends_at=now + timedelta(hours=4),
    )
    return Booked(
        room,
        season,
        weekly,
        closure,
        leave,
        pause,
        companion,
        coming,
        waiting,
        notice,
        freed,
        offer,
        *_at_the_desk(beside, by, now),
    )


def _at_the_desk(
    beside: Enrollment, by: Membership, now: datetime
) -> tuple[Slot, Visit, Waiting, Waiting]:
    """A class called off, a seat given up, one who waits, and one who was offered a place."""
    off = _saturday(by, now, weeks=3)
    off.called_off_at, off.called_off_by, off.called_off_why = now, by, "Nobody to supervise"
    off.save()
    given_up = booking.cancel(
        visit=beside.visits.filter(during__startswith__gt=now).order_by("during")[1],
        cause="client",
        why="",
        by=by,
        now=now,
    )
    asks, asked = (
        Waiting.objects.create(
            clinic=by.clinic,
            slot=_saturday(by, now, weeks=weeks),
            enrollment=beside,
            client=beside.client,
            asked_at=now,
            asked_by=by,
        )
        for weeks in (0, 1)
    )
    asked.offered_at, asked.offer_ends_at = now, now + timedelta(hours=4)
    asked.save()
    return off, given_up, asks, asked


def _saturday(by: Membership, now: datetime, *, weeks: int) -> Slot:
    """A class on a Saturday at 9:00, so many weeks after the next one."""
    today = now.astimezone(by.clinic.tz).date()
    day = today + timedelta(days=(5 - today.weekday()) % 7, weeks=weeks)
    starts_at = datetime.combine(day, time(9), tzinfo=by.clinic.tz)
    ends_at = starts_at + timedelta(minutes=30)
    slot = Slot.objects.create(
        clinic=by.clinic, room="Room 2", starts_at=starts_at, ends_at=ends_at
    )
    Supervision.objects.create(clinic=by.clinic, slot=slot, member=by, during=(starts_at, ends_at))
    return slot
