"""Clinics whose every text carries a mark of the clinic, and the people who will use the site."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clients import actions as clients
from bonefit.clients.models import Client
from bonefit.clinics import actions as clinics
from bonefit.clinics import rows
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from bonefit.demo.intakes import take_in
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Exercise, ProgramVersion
from sessions.models import Slot, Supervision, Visit
from sessions.planning import Place, plan_visits, take_places
from tests.cast import STARTS, with_login
from tests.daylight import daylight

#: What a person does; of ten people of a clinic so many.
SHARES = {"board": 2, "form": 2, "client": 3, "desk": 2, "admin": 1}


def mark_of(number: int) -> str:
    return f"zq{number}mark"


@dataclass(frozen=True)
class Who:
    """One person who uses the site: what she does, in which clinic, with which visit."""

    does: str
    mark: str
    slug: str
    member: int
    key: str
    visit: str = ""
    #: Two classes: her client comes to the first, and may be moved to the other and back.
    slots: tuple[int, ...] = ()


def lay_out(count: int, people: int) -> list[Who]:
    """So many clinics with so many people in all, in the database that is in use."""
    found: list[Who] = []
    with rows.nothing():
        for number in range(count):
            mine = people * (number + 1) // count - people * number // count
            found += _Clinic(number).people(mine)
    return found


class _Clinic:
    def __init__(self, number: int) -> None:
        self.mark, self.now = mark_of(number), timezone.now()
        self.began = self.now - timedelta(days=40)
        self.clinic: Clinic = clinics.create_clinic(
            name=f"Clinic {self.mark}",
            slug=self.mark,
            timezone=str(daylight()),
            phone=f"07 {self.mark}",
            address=f"{self.mark} street",
        )
        rows.see(clinics=rows.every_clinic())
        programs.equip_clinic(clinic=self.clinic, now=self.began)
        self.exercises = Exercise.objects.in_bulk(field_name="slug")
        self.version = ProgramVersion.objects.filter(
            clinic=self.clinic, program__slug=FIRST_PROGRAM
        ).latest("number")
        local = self.now.astimezone(self.clinic.tz)
        self.today, self.hour = local.date(), local.time().replace(minute=0, second=0)
        self.hour = self.hour.replace(microsecond=0)

    def people(self, many: int) -> Iterator[Who]:
        kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
        # Each kind once before any of them twice, so that a small clinic has all of them.
        kinds = [*SHARES, *kinds]
        made = [getattr(self, f"_{kinds[n % len(kinds)]}")(n) for n in range(many)]
        plan_visits(now=self.now, clinic=self.clinic)
        for kind, _, member, enrollment, slots in made:
            visit = self._visit(kind, enrollment) if enrollment else None
            if visit is not None and slots:
                slots = (visit.slot_id, *slots)
            uid = "" if visit is None else str(visit.uid)
            yield Who(kind, self.mark, self.clinic.slug, member.pk, _key(member), uid, slots)

    # --- what each of them needs ------------------------------------------------------------------

    def _board(self, n: int) -> tuple[str, int, Membership, Enrollment | None, tuple[int, ...]]:
        by = self._member(n, Role.THERAPIST)
        return "board", n, by, self._trains(n, by, ahead=0), ()

    def _form(self, n: int) -> tuple[str, int, Membership, Enrollment | None, tuple[int, ...]]:
        by = self._member(n, Role.THERAPIST)
        return "form", n, by, self._trains(n, by, ahead=0), ()

    def _client(self, n: int) -> tuple[str, int, Membership, Enrollment | None, tuple[int, ...]]:
        enrollment = self._trains(n, self._member(1000 + n, Role.THERAPIST), ahead=4)
        member = with_login(enrollment.client, f"client{n}@{self.mark}.example.org")
        return "client", n, member, enrollment, ()

    def _desk(self, n: int) -> tuple[str, int, Membership, Enrollment | None, tuple[int, ...]]:
        by = self._member(1000 + n, Role.THERAPIST)
        enrollment = self._trains(n, by, ahead=4)
        day = self.today + timedelta(days=4)
        start = datetime.combine(day, self.hour, tzinfo=self.clinic.tz) + timedelta(hours=2)
        slot = Slot.objects.create(
            clinic=self.clinic,
            room=f"Other {self.mark} {n}",
            starts_at=start,
            ends_at=start + timedelta(minutes=45),
        )
        Supervision.objects.create(
            clinic=self.clinic,
            slot=slot,
            member=by,
            during=DateTimeTZRange(slot.starts_at, slot.ends_at),
        )
        return "desk", n, self._member(n, Role.DESK), enrollment, (slot.pk,)

    def _admin(self, n: int) -> tuple[str, int, Membership, Enrollment | None, tuple[int, ...]]:
        return "admin", n, self._member(n, Role.ADMIN), None, ()

    def _member(self, n: int, role: Role) -> Membership:
        return clinics.add_member(
            clinic=self.clinic,
            email=f"m{n}@{self.mark}.example.org",
            name=f"Member {self.mark} {n}",
            roles=[role],
        )

    def _trains(self, n: int, by: Membership, *, ahead: int) -> Enrollment:
        """Somebody with a weekly place in so many days from today, at this hour."""
        client: Client = clients.enroll_client(
            by=by,
            name=f"Client {self.mark} {n}",
            born_on=date(1958, 4, 2),
            sex="female",
            emergency_contact=f"Somebody {self.mark}, 07 5550 0134",
            notes=f"Notes {self.mark}",
            cleared_by=f"Dr {self.mark}",
            cleared_on=self.began.date(),
            now=self.began,
        )
        take_in(client, by=by, now=self.began)
        enrollment = programs.assign_program(
            client=client,
            version=self.version,
            therapist=by,
            starts_on=self.today,
            lifts=[
                programs.StartingLift(lift, self.exercises[slug], load and Decimal(load))
                for lift, (slug, load) in STARTS.items()
            ],
            by=by,
            now=self.now,
        )
        day = (self.today + timedelta(days=ahead)).weekday()
        minutes = self.version.minutes
        place = Place(day, self.hour, minutes, f"Room {self.mark} {n}", by)
        take_places(enrollment=enrollment, places=[place])
        return enrollment

    def _visit(self, kind: str, enrollment: Enrollment) -> Visit:
        today = datetime.combine(self.today, datetime.min.time(), tzinfo=self.clinic.tz)
        ahead = timedelta(days=1) if kind in ("client", "desk") else timedelta(0)
        rows_ = enrollment.visits.filter(during__startswith__gte=today + ahead)
        found = rows_.order_by("during").first()
        assert found is not None
        return found


def _key(member: Membership) -> str:
    """The key of a log-in in which every step was taken, as a browser would have it."""
    browser = Browser()
    browser.force_login(member.user)
    (cookie,) = browser.cookies.values()
    return str(cookie.value)
