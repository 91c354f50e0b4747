"""The named cast. Every test knows them: Ana may, Cal may not, Otto is a stranger.

Northside (Brisbane): Ana and Tess are therapists, Ada is the admin, Cal and Cam are clients with
a log-in, Dee is at the front desk, Con is Cal's daughter and may look at his page, Lea was a
therapist and has left. Harbor (New York): Otto is a therapist, Olga his client.

It is Thursday 5 March 2026, noon in Brisbane. Cal's first visit was today from 9:00 to 9:30 and
nobody has said anything about it; his next ones are on Mondays and Thursdays. Cam comes on
Tuesdays and Fridays from tomorrow on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from bonefit.clients import actions as clients
from bonefit.clients.models import Client, Companion
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership, User
from bonefit.demo.intakes import take_in
from programs import actions as programs
from programs import plans
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Exercise, ProgramVersion
from sessions import actions, sync
from sessions.models import SetEntry, Visit
from sessions.planning import Place, plan_visits, take_places
from sessions.reports import planned

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 5)
MONDAY, TUESDAY, THURSDAY, FRIDAY = 0, 1, 3, 4

#: Where the lifts of the cast start: rung and kilograms.
STARTS = {
    "hinge": ("deadlift", "40"),
    "squat": ("back-squat", "30"),
    "press": ("overhead-press", "20"),
    "impact": ("heel-raise", None),
}


@dataclass
class Cast:
    north: Clinic
    harbor: Clinic
    ana: Membership
    tess: Membership
    ada: Membership
    lea: Membership
    dee: Membership
    con: Membership
    cal: Membership
    cam: Membership
    otto: Membership
    olga: Membership
    cal_client: Client
    cam_client: Client
    olga_client: Client
    enrollment: Enrollment
    cam_enrollment: Enrollment
    olga_enrollment: Enrollment
    nobody: User
    #: A lead therapist and an auditor, where a test has had them join (tests/taken_in_people.py).
    lin: Membership | None = None
    aud: Membership | None = None

    @property
    def visits(self) -> list[Visit]:
        """Cal's visits, soonest first."""
        return list(self.enrollment.visits.order_by("during"))

    @property
    def visit(self) -> Visit:
        """Cal's visit of this morning."""
        return self.visits[0]

    def log(
        self,
        visit: Visit,
        lift: str = "hinge",
        number: int = 1,
        *,
        by: Membership | None = None,
        now: datetime | None = None,
        **said: Any,
    ) -> SetEntry:
        """Log one set through ``sync.apply``; what is not said is what the target asks for."""
        result = sync.apply([log_op(visit, lift, number, **said)], by=by or self.ana, now=now)[0]
        assert result.outcome != "refused", result.reason
        return SetEntry.objects.get(uid=result.entry)

    def log_all(
        self,
        visit: Visit,
        lift: str = "hinge",
        *,
        sets: int = 5,
        by: Membership | None = None,
        now: datetime | None = None,
        **said: Any,
    ) -> None:
        """Log every set of one lift alike."""
        ops = [log_op(visit, lift, number, **said) for number in range(1, sets + 1)]
        results = sync.apply(ops, by=by or self.ana, now=now)
        assert {result.outcome for result in results} == {"applied"}, results

    def check_in(self, visit: Visit, *, now: datetime | None = None, **said: Any) -> None:
        """She is here, and all is well unless said otherwise."""
        asked = {"next_day": "0", "now": "0", **said}
        op = sync.Op(uuid.uuid4(), "check_in", visit.uid, made_at=NOW, payload=asked)
        result = sync.apply([op], by=self.ana, now=now or visit.starts_at)[0]
        assert result.outcome == "applied", result

    def promote(self, phase: str = "LOAD") -> None:
        """Cal goes to a phase before his first visit; in LOAD one clean visit may raise a load."""
        actions.decide(
            enrollment=self.enrollment,
            kind="promote",
            phase=phase,
            reason="Criteria met.",
            by=self.ana,
            now=self.visit.starts_at,
        )


def log_op(visit: Visit, lift: str = "hinge", number: int = 1, **said: Any) -> sync.Op:
    """An operation that logs a set: 40 kg × 5 of the deadlift unless said otherwise."""
    load = {"hinge": "40", "squat": "30", "press": "20"}.get(lift)
    usual = {"landings": 5, "level": 0} if lift == "impact" else {"load": load, "reps": 5}
    payload = {"lift": lift, "number": number, **usual, **said}
    return sync.Op(uuid.uuid4(), "log_set", visit.uid, made_at=NOW, payload=payload)


def enroll(by: Membership, name: str, **more: Any) -> Client:
    """A client with a clearance of impact level 0, screened, and her consent is signed."""
    details = {
        "born_on": date(1958, 4, 2),
        "sex": "female",
        "emergency_contact": "Paul P., husband, 07 5550 0134",
        "cleared_by": "Dr L. H.",
        "cleared_on": date(2026, 2, 20),
        **more,
    }
    client = clients.enroll_client(by=by, name=name, now=NOW, **details)
    return take_in(client, by=by, now=NOW, impact_level=details.get("impact_level", 0))


def assign(
    client: Client,
    by: Membership,
    *,
    starts_on: date = TODAY,
    weekdays: Sequence[int] = (MONDAY, THURSDAY),
    at: time = time(9),
    starts: dict[str, tuple[str, str | None]] | None = None,
    now: datetime = NOW,
) -> Enrollment:
    """Assign HiRIT with two standing places, and plan the visits ahead."""
    exercises = {exercise.slug: exercise for exercise in Exercise.objects.all()}
    version = ProgramVersion.objects.filter(clinic=by.clinic, program__slug=FIRST_PROGRAM).latest(
        "number"
    )
    enrollment = programs.assign_program(
        client=client,
        version=version,
        therapist=by,
        starts_on=starts_on,
        lifts=[
            programs.StartingLift(lift, exercises[slug], load and Decimal(load))
            for lift, (slug, load) in {**STARTS, **(starts or {})}.items()
        ],
        by=by,
        now=now,
    )
    places = [Place(day, at, version.minutes, "Room 1", by) for day in weekdays]
    take_places(enrollment=enrollment, places=places)
    plan_visits(now=now, clinic=by.clinic)
    return enrollment


def with_login(client: Client, email: str) -> Membership:
    member = clinics.add_member(
        clinic=client.clinic, email=email, name=client.name, roles=[Role.CLIENT]
    )
    client.membership, client.email = member, email
    client.save(update_fields=["membership", "email"])
    return member


def accompanied(client: Client, name: str, *, by: Membership) -> Membership:
    """Somebody who may look at a client's page, with her consent."""
    email = f"{name.split()[0].lower()}@{client.clinic.slug}.example.org"
    member = clinics.add_member(
        clinic=client.clinic, email=email, name=name, roles=[Role.COMPANION]
    )
    Companion.objects.create(
        clinic=client.clinic,
        client=client,
        member=member,
        consent="Agreed at the desk that her page is shared.",
        given_at=NOW,
        given_by=by,
    )
    return member


def build_cast() -> Cast:
    plans.forget()
    planned.forget()
    north = clinics.create_clinic(
        name="Northside", slug="north", timezone="Australia/Brisbane", phone="07 5550 0100"
    )
    harbor = clinics.create_clinic(name="Harbor", slug="harbor", timezone="America/New_York")
    for clinic in (north, harbor):
        programs.equip_clinic(clinic=clinic, now=datetime(2026, 1, 1, tzinfo=UTC))

    def member(clinic: Clinic, name: str, *roles: Role) -> Membership:
        email = f"{name.split()[0].lower()}@example.org"
        return clinics.add_member(clinic=clinic, email=email, name=name, roles=roles)

    ana = member(north, "Ana T.", Role.THERAPIST)
    tess = member(north, "Tess T.", Role.THERAPIST)
    ada = member(north, "Ada A.", Role.ADMIN)
    lea = member(north, "Lea T.", Role.THERAPIST)
    lea.is_active = False
    lea.save(update_fields=["is_active"])
    otto = member(harbor, "Otto T.", Role.THERAPIST)

    cal_client = enroll(ana, "Cal P.", sex="male")
    cam_client = enroll(tess, "Cam Q.")
    olga_client = enroll(otto, "Olga R.")
    return Cast(
        north=north,
        harbor=harbor,
        ana=ana,
        tess=tess,
        ada=ada,
        lea=lea,
        dee=member(north, "Dee D.", Role.DESK),
        con=accompanied(cal_client, "Con P.", by=ana),
        otto=otto,
        cal=with_login(cal_client, "cal@example.org"),
        cam=with_login(cam_client, "cam@example.org"),
        olga=with_login(olga_client, "olga@example.org"),
        cal_client=cal_client,
        cam_client=cam_client,
        olga_client=olga_client,
        enrollment=assign(cal_client, ana),
        cam_enrollment=assign(cam_client, tess, weekdays=(TUESDAY, FRIDAY)),
        olga_enrollment=assign(olga_client, otto, starts_on=date(2026, 3, 9)),
        nobody=User.objects.create_user("nobody@example.org", name="No Body"),
    )


@pytest.fixture
def noon() -> Iterator[None]:
    """It is NOW; the clock goes on from there."""
    with time_machine.travel(NOW, tick=True):
        yield
