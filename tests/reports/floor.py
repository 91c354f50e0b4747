"""Rows for the reports' tests, as they would be long after: enrollments and visits of any state."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from bonefit.clients.models import Client
from bonefit.clinics.models import Membership
from programs.calendar import wall_time
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Program, ProgramVersion, Track
from sessions.models import Slot, Visit

ATTENDED, PARTIAL = Visit.Status.ATTENDED, Visit.Status.ATTENDED_PARTIAL
UNRECORDED, NO_SHOW, LATE = (
    Visit.Status.UNRECORDED,
    Visit.Status.NO_SHOW,
    Visit.Status.LATE_CANCEL,
)
BY_CLIENT, EXCUSED = Visit.Status.CANCELLED_CLIENT, Visit.Status.EXCUSED
CLINIC, CLOSED = Visit.Status.CLINIC_CANCELLED, Visit.Status.HOLIDAY_CLOSED
PLANNED, HERE, RELEASED = Visit.Status.PLANNED, Visit.Status.CHECKED_IN, Visit.Status.RELEASED
REGULAR, MAKE_UP, EXTRA = Visit.Purpose.REGULAR, Visit.Purpose.MAKE_UP, Visit.Purpose.EXTRA

LENGTH = timedelta(minutes=30)
GRACE = timedelta(hours=12)
_rooms = count(1)


def someone(by: Membership, name: str, starts_on: date, **more: Any) -> Enrollment:
    """A client in training, with no visit yet. ``more``: therapist, ended_on, status, version."""
    client = more.pop("client", None) or Client.objects.create(
        clinic=by.clinic,
        name=name,
        born_on=date(1958, 4, 2),
        sex=Client.Sex.FEMALE,
        emergency_contact="Paul P., husband",
        created_by=by,
    )
    version = more.pop("version", None) or ProgramVersion.objects.get(
        clinic=by.clinic, program__slug=FIRST_PROGRAM
    )
    if "ended_on" in more:
        more.setdefault("status", Enrollment.Status.WITHDRAWN)
    enrollment = Enrollment.objects.create(
        clinic=by.clinic,
        client=client,
        therapist=more.pop("therapist", by),
        starts_on=starts_on,
        created_by=by,
        **more,
    )
    Track.objects.create(
        clinic=by.clinic, enrollment=enrollment, version=version, starts_on=starts_on
    )
    return enrollment


def another_program(clinic: Any, *, frequency: int, weeks: int, slug: str = "other") -> Any:
    """A version of a program of its own, with another frequency and length."""
    program = Program.objects.create(clinic=clinic, slug=slug, name=slug.title())
    return ProgramVersion.objects.create(
        clinic=clinic,
        program=program,
        number=1,
        frequency=frequency,
        weeks=weeks,
        minutes=45,
        fingerprint=slug,
    )


def another_version(version: Any, **more: Any) -> Any:
    """The next version of the same program. ``more``: frequency, weeks."""
    number = version.number + 1
    asked = {"frequency": version.frequency, "weeks": version.weeks, **more}
    return ProgramVersion.objects.create(
        clinic=version.clinic,
        program=version.program,
        number=number,
        minutes=version.minutes,
        fingerprint=f"{version.program.slug} {number}",
        **asked,
    )


def visit(
    enrollment: Enrollment,
    day: date,
    status: str,
    purpose: str = REGULAR,
    *,
    at: time = time(9),
    by: Membership | None = None,
) -> Visit:
    """One visit on the clinic's clock, in a slot of its own."""
    clinic = enrollment.clinic
    begin = wall_time(day, at, clinic.tz)
    slot = Slot.objects.create(
        clinic=clinic,
        room=f"Room {next(_rooms)}",
        starts_at=begin,
        ends_at=begin + LENGTH,
        capacity=6,
    )
    done = status in Visit.ATTENDANCE
    return Visit.objects.create(
        clinic=clinic,
        enrollment=enrollment,
        client_id=enrollment.client_id,
        slot=slot,
        during=(begin, begin + LENGTH),
        missed_after=begin + LENGTH + GRACE,
        status=status,
        purpose=purpose,
        completed_at=begin + LENGTH if done else None,
        completed_by=(by or enrollment.therapist) if done else None,
    )


def make_up(owed: Visit, *, after: int, status: str = ATTENDED, at: time = time(15)) -> Visit:
    """A session that makes up for another one, so many days after it."""
    day = owed.slot.starts_at.astimezone(owed.clinic.tz).date() + timedelta(days=after)
    made = visit(owed.enrollment, day, status, MAKE_UP, at=at)
    made.makes_up = owed
    made.save(update_fields=["makes_up"])
    return made


def twice_a_week(enrollment: Enrollment, statuses: list[str]) -> list[Visit]:
    """Visits on the first and the fourth day of each week from the start, one for each status."""
    start = enrollment.starts_on
    return [
        visit(enrollment, start + timedelta(days=number // 2 * 7 + number % 2 * 3), status)
        for number, status in enumerate(statuses)
    ]


def moment(day: date, at: time = time(20)) -> datetime:
    """An instant; in UTC, which in Brisbane is ten hours later on the clock."""
    return datetime.combine(day, at, tzinfo=UTC)
