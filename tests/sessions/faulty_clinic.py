"""The demo's clinics with further people in them, and what happens to them between two sweeps.

What happens is a fact, written by the verbs of the pages, and the same on any copy of the clinics.
Whoever wrote it may die right after the commit: then no review comes after it but the sweeps'.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from bonefit.clients import actions as clients
from bonefit.clinics.models import Clinic, Credential, Membership
from bonefit.demo.intakes import take_in
from bonefit.demo.notes import sign_notes
from bonefit.demo.people import MIRA, SAM
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Enrollment, Exercise, ProgramVersion
from sessions import actions, moving, soon, sync
from sessions.models import Changed, Slot, Visit
from tests.cast import STARTS
from tests.intakes import withdraw

FAR = datetime(2100, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
#: Visits of one person; she began so many weeks ago.
EACH, WEEKS = 20, 16
#: So many people stay, whoever leaves.
STAY = 24
#: Nobody has said anything about a visit for so long: its grace is over.
GRACE = timedelta(hours=1)


@dataclass
class Happened:
    """One fact: which, when by the clock of the site, whether its writer lived to review it."""

    name: str
    at: datetime
    seed: str
    lived: bool


@dataclass
class Faulty:
    """The clinics, as far as the test knows them: the keys of rows, the same on every copy."""

    clinic: int
    #: Visits that become overdue one after the other, so many at a time, and how many have.
    silent: list[int]
    share: int
    overdue: int = 0
    #: Those of them of which something was said, or in which something was done.
    known: set[int] = field(default_factory=set)
    #: People who have stopped, and whose consent is withdrawn.
    gone: set[int] = field(default_factory=set)
    happened: list[Happened] = field(default_factory=list)

    def happen(self, one: Happened, patch: pytest.MonkeyPatch) -> None:
        """Let it come to pass in the database that is in use."""
        with patch.context() as here:
            if not one.lived:
                here.setattr(soon, "_at_once", lambda *_: None)
            HAPPENINGS[one.name](self, Random(one.seed), one.at)

    def again(self) -> Faulty:
        """The same clinics before anything happened."""
        return Faulty(self.clinic, self.silent, self.share)

    def some(self, chance: Random) -> Visit | None:
        """An overdue visit of which nothing is known yet, if there is one."""
        left = [pk for pk in self.silent[: self.overdue] if pk not in self.known]
        rows = Visit.objects.filter(pk__in=left).exclude(enrollment__in=self.gone)
        found = sorted(rows.values_list("pk", flat=True))
        if not found:
            return None
        pk = chance.choice(found)
        self.known.add(pk)
        return Visit.objects.select_related("clinic", "enrollment", "client").get(pk=pk)


# --- before the first sweep -----------------------------------------------------------------------


def fill(now: datetime, visits: int, sweeps: int) -> Faulty:
    """Add people to the demo's clinics until these have ``visits``.

    Those of the new people become overdue later, all within so many ``sweeps``. Needs a seeded
    database.
    """
    clinic = Clinic.objects.get(slug="harbour")
    mira, sam = (member(clinic, person.email) for person in (MIRA, SAM))
    silent: list[int] = []
    number = 0
    while Visit.objects.count() < visits:
        silent += _silent(_person(number, (mira, sam)[number % 2], now), now)
        number += 1
    _crowded(clinic, now)
    return Faulty(clinic.pk, silent, -(-len(silent) // max(sweeps - 2, 1)))


def member(clinic: Clinic, email: str) -> Membership:
    return Membership.objects.select_related("clinic", "user").get(clinic=clinic, user__email=email)


def _person(number: int, by: Membership, now: datetime) -> Enrollment:
    """Somebody who has been in training for months and was never promoted."""
    began = now - timedelta(weeks=WEEKS)
    client = clients.enroll_client(
        by=by,
        name=f"Person {number}",
        born_on=date(1958, 4, 2),
        sex="female",
        emergency_contact="Paul P., husband, 07 5550 0134",
        cleared_by="Dr L. H.",
        cleared_on=(began - DAY).date(),
        now=began,
    )
    take_in(client, by=by, now=began)
    version = ProgramVersion.objects.filter(clinic=by.clinic, program__slug=FIRST_PROGRAM)
    rungs = Exercise.objects.in_bulk(field_name="slug")
    return programs.assign_program(
        client=client,
        version=version.latest("number"),
        therapist=by,
        starts_on=began.date(),
        lifts=[
            programs.StartingLift(lift, rungs[slug], load and Decimal(load))
            for lift, (slug, load) in STARTS.items()
        ],
        by=by,
        now=began,
    )


def _silent(enrollment: Enrollment, now: datetime) -> list[int]:
    """Her visits of the last weeks, of which nobody has said anything; none is overdue yet."""
    starts = [now - timedelta(days=3 + number, minutes=7) for number in range(EACH)]
    slots = Slot.objects.bulk_create(
        Slot(
            clinic_id=enrollment.clinic_id,
            room=f"Room of {enrollment.pk}",
            starts_at=one,
            ends_at=one + timedelta(minutes=30),
        )
        for one in starts
    )
    made = Visit.objects.bulk_create(
        Visit(
            clinic_id=enrollment.clinic_id,
            enrollment=enrollment,
            client_id=enrollment.client_id,
            slot=slot,
            during=(slot.starts_at, slot.ends_at),
            missed_after=FAR,
        )
        for slot in slots
    )
    return [one.pk for one in made]


def _crowded(clinic: Clinic, now: datetime) -> None:
    """A class of two days ago in which nine were seen by nobody."""
    at = now - 2 * DAY
    slot = Slot.objects.create(
        clinic=clinic, room="Hall", starts_at=at, ends_at=at + timedelta(minutes=30)
    )
    people = Enrollment.objects.filter(client__name__startswith="Person ").order_by("pk")[:9]
    Visit.objects.bulk_create(
        Visit(
            clinic=clinic,
            enrollment=one,
            client_id=one.client_id,
            slot=slot,
            during=(slot.starts_at, slot.ends_at),
            missed_after=FAR,
            status=Visit.Status.ATTENDED_PARTIAL,
            completed_at=slot.ends_at,
            completed_by_id=one.therapist_id,
        )
        for one in people
    )


# --- what happens ---------------------------------------------------------------------------------


def someone_changed(world: Faulty, chance: Random, at: datetime) -> None:
    """Facts of some people changed that nobody has looked at: a fifth of all, of both clinics."""
    found = list(Enrollment.objects.order_by("pk").values_list("pk", "clinic"))
    for pk, clinic in chance.sample(found, -(-len(found) // 5)):
        Changed.objects.create(clinic_id=clinic, enrollment_id=pk)


def everyone_changed(world: Faulty, chance: Random, at: datetime) -> None:
    """The same of all, as after an import."""
    Changed.objects.bulk_create(
        Changed(clinic_id=clinic, enrollment_id=pk)
        for pk, clinic in Enrollment.objects.values_list("pk", "clinic")
    )


def time_passes(world: Faulty, chance: Random, at: datetime) -> None:
    """The next visits are overdue: on the same moment whenever it is done."""
    late = world.silent[world.overdue : world.overdue + world.share]
    world.overdue += len(late)
    for visit in Visit.objects.filter(pk__in=late).select_related("slot"):
        Visit.objects.filter(pk=visit.pk).update(missed_after=visit.slot.ends_at + GRACE)


def answered(world: Faulty, chance: Random, at: datetime) -> None:
    """A therapist says what became of some visits."""
    for status in ("no_show", "no_show", "excused", "late_cancel"):
        if visit := world.some(chance):
            actions.say(visit=visit, status=status, by=_mira(visit.clinic), why="Said so", now=at)


def trained(world: Faulty, chance: Random, at: datetime) -> None:
    """What was done in two visits is typed in late; some were in pain, and some were stopped."""
    for _ in range(2):
        if visit := world.some(chance):
            _typed_in(visit, chance, at)


def _typed_in(visit: Visit, chance: Random, at: datetime) -> None:
    how = chance.choice(("well", "sore", "bad", "stopped"))
    pain = {"sore": "3", "bad": "8"}.get(how, "0")

    def op(kind: str, **said: object) -> sync.Op:
        uid = uuid.UUID(int=chance.getrandbits(128), version=4)
        return sync.Op(uid, kind, visit.uid, made_at=at, payload=said)

    sets = [
        op("log_set", lift="hinge", number=number, load="40", reps=5, pain=pain)
        for number in range(1, 6)
    ]
    end = op("stop", why="dizzy") if how == "stopped" else op("complete")
    arrived = op("check_in", next_day="0", now="0")
    sync.apply_to_visit(visit.uid, [arrived, *sets, end], by=_mira(visit.clinic), now=at)


def stayed_away(world: Faulty, chance: Random, at: datetime) -> None:
    """Somebody was to come for weeks, and a therapist says that she never did."""
    late = set(world.silent[: world.overdue])
    rows = Visit.objects.filter(pk__in=world.silent).exclude(enrollment__in=world.gone)
    hers: dict[int, list[int]] = {}
    for pk, enrollment in rows.order_by("pk").values_list("pk", "enrollment"):
        hers.setdefault(enrollment, []).append(pk)
    people = [mine for mine in hers.values() if late.issuperset(mine)]
    if not people:
        return
    unknown = set(chance.choice(people)) - world.known
    world.known |= unknown
    for visit in Visit.objects.filter(pk__in=unknown).select_related("clinic").order_by("pk"):
        actions.say(visit=visit, status="no_show", by=_mira(visit.clinic), now=at)


def promoted(world: Faulty, chance: Random, at: datetime) -> None:
    """Somebody who lags behind goes to the next phase, unless she is locked."""
    people = Enrollment.objects.active().filter(client__name__startswith="Person ")
    one = people.select_related("clinic", "client").get(
        pk=chance.choice(sorted(people.values_list("pk", flat=True)))
    )
    try:
        actions.decide(
            enrollment=one,
            kind="promote",
            phase="LOAD",
            reason="Criteria met.",
            by=_mira(one.clinic),
            now=at,
        )
    except actions.Refused:
        return


def signed(world: Faulty, chance: Random, at: datetime) -> None:
    """The notes that wait are signed."""
    clinic = Clinic.objects.get(pk=world.clinic)
    sign_notes([_mira(clinic), member(clinic, SAM.email)], before=at)


def stopped_training(world: Faulty, chance: Random, at: datetime) -> None:
    """Somebody's training ends, and somebody takes her consent back."""
    for ends in (True, False):
        people = (
            Enrollment.objects.active()
            .filter(client__name__startswith="Person ")
            .exclude(pk__in=world.gone)
        )
        here = sorted(people.values_list("pk", flat=True))
        if len(here) <= STAY:
            return
        one = people.select_related("clinic", "client").get(pk=chance.choice(here))
        world.gone.add(one.pk)
        if ends:
            moving.end_enrollment(
                enrollment=one,
                status=Enrollment.Status.WITHDRAWN,
                reason="Moved away.",
                on=at.astimezone(one.clinic.tz).date(),
                by=_mira(one.clinic),
                now=at,
            )
        else:
            withdraw(one.client, now=at)


def papers_ran_out(world: Faulty, chance: Random, at: datetime) -> None:
    """The admin types in papers of a supervisor: they have run out, or are good for a year."""
    clinic = Clinic.objects.get(pk=world.clinic)
    sam = member(clinic, SAM.email)
    today = at.astimezone(clinic.tz).date()
    until = today + chance.choice((-3, 400)) * DAY
    Credential.objects.create(
        clinic=clinic,
        member=sam,
        profession="Physiotherapist",
        licence="PHY 0031 71",
        jurisdiction="Queensland",
        expires_on=until,
        first_aid_until=until,
        trained_on=today - 500 * DAY,
        recorded_at=at,
        recorded_by=sam,
    )


def _mira(clinic: Clinic) -> Membership:
    return member(clinic, MIRA.email)


HAPPENINGS: dict[str, Callable[[Faulty, Random, datetime], None]] = {
    one.__name__: one
    for one in (
        someone_changed,
        everyone_changed,
        time_passes,
        answered,
        promoted,
        signed,
        trained,
        stayed_away,
        stopped_training,
        papers_ran_out,
    )
}
