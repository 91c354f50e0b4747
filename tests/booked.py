"""What booking has rows of, for the world behind the doors: one of each in a clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bonefit.clients.models import Client, Companion
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions.models import (
    Closure,
    Leave,
    Notice,
    Pause,
    Room,
    Season,
    SeatChange,
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
    return Booked(room, season, weekly, closure, leave, pause, companion, coming, waiting, notice)
