"""A clinic with a full timetable: what the bench of the week plans and shows.

Every weekly class has a supervisor of its own room; clients come twice a week, with rest between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bench.clinic import STARTS
from bench.in_sight import see_every_clinic
from bonefit.clients import actions as clients
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from bonefit.demo.intakes import take_in
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Exercise, ProgramVersion
from sessions.models import Room, Season, WeeklySlot, WeeklySupervisor
from sessions.planning import Place, take_places

ROOMS, HOURS, DAYS = 5, 8, 5
#: Pairs of weekdays with rest between, and each weekday in two of them.
PAIRS = ((0, 2), (1, 3), (2, 4), (0, 3), (1, 4))
FIRST_HOUR = 8


@dataclass(frozen=True, slots=True)
class FullClinic:
    """A clinic, its admin, and from when on it plans."""

    clinic: Clinic
    admin: Membership
    begins: datetime


def make(*, people: int, now: datetime, slug: str = "full") -> FullClinic:
    """``people`` clients with two weekly places each in a timetable of 200 classes a week."""
    clinic = clinics.create_clinic(name="Full", slug=slug, timezone="Europe/Berlin")
    see_every_clinic()
    begins = now - timedelta(days=now.weekday())
    programs.equip_clinic(clinic=clinic, now=begins - timedelta(days=7))
    admin = clinics.add_member(
        clinic=clinic,
        email=f"{slug}@example.org",
        name="Ada B.",
        roles=[Role.ADMIN, Role.THERAPIST],
    )
    staff = [
        clinics.add_member(
            clinic=clinic,
            email=f"{slug}{number}@example.org",
            name=f"Supervisor {number + 1}",
            roles=[Role.THERAPIST],
        )
        for number in range(ROOMS)
    ]
    _timetable(clinic, staff, begins.date())
    _clients(clinic, staff, people, begins)
    return FullClinic(clinic, admin, begins)


def room(number: int) -> str:
    """The name of a room by its number from 0 on."""
    return f"Room {number + 1}"


def _timetable(clinic: Clinic, staff: list[Membership], first: date) -> None:
    Room.objects.bulk_create(
        Room(clinic=clinic, name=room(number), places=8, racks=4) for number in range(ROOMS)
    )
    season = Season.objects.create(
        clinic=clinic, name="Year", starts_on=first, ends_on=first + timedelta(days=400)
    )
    rows = WeeklySlot.objects.bulk_create(
        WeeklySlot(
            clinic=clinic,
            season=season,
            weekday=weekday,
            at=time(FIRST_HOUR + hour),
            room=room(number),
            starts_on=first,
        )
        for weekday in range(DAYS)
        for hour in range(HOURS)
        for number in range(ROOMS)
    )
    WeeklySupervisor.objects.bulk_create(
        WeeklySupervisor(clinic=clinic, weekly=row, member=staff[number % ROOMS])
        for number, row in enumerate(rows)
    )


def _clients(clinic: Clinic, staff: list[Membership], people: int, now: datetime) -> None:
    rungs = Exercise.objects.in_bulk(field_name="slug")
    version = ProgramVersion.objects.filter(clinic=clinic, program__slug=FIRST_PROGRAM).latest(
        "number"
    )
    for number in range(people):
        therapist = staff[number // len(PAIRS) % ROOMS]
        client = clients.enroll_client(
            by=therapist,
            name=f"Client {number + 1}",
            born_on=date(1958, 4, 2),
            sex="female",
            emergency_contact="A neighbour",
            cleared_by="Dr L. H.",
            cleared_on=now.date(),
            impact_level=1,
            now=now,
        )
        take_in(client, by=therapist, now=now, impact_level=1)
        enrollment = programs.assign_program(
            client=client,
            version=version,
            therapist=therapist,
            starts_on=now.date(),
            lifts=[
                programs.StartingLift(lift, rungs[slug], load and Decimal(load))
                for lift, (slug, load) in STARTS.items()
            ],
            by=therapist,
            now=now,
        )
        at = time(FIRST_HOUR + number // (len(PAIRS) * ROOMS) % HOURS)
        where = room(number // len(PAIRS) % ROOMS)
        take_places(
            enrollment=enrollment,
            places=[
                Place(day, at, version.minutes, where, therapist)
                for day in PAIRS[number % len(PAIRS)]
            ],
        )
