"""A large site: clinics of 500 clients with 35 weeks of visits and sets, made by COPY.

Seven in ten visits have three working sets, so 100,000 clients have 7 million visits and some 17
million sets. It is Friday; on Thursday every third client was to come. All names are numbers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import psycopg

from bench.bulk import bare_tables, copy
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Exercise, ProgramVersion, RuleSet

CLIENTS = 500  # in a clinic, and fewer where there are no more
WEEKS = 35
NOW = datetime(2026, 9, 4, 3, 0, tzinfo=UTC)  # a Friday, before the first class
#: Mondays and Thursdays, Tuesdays and Fridays, Wednesdays and Saturdays.
PAIRS = ((0, 3), (1, 4), (2, 5))
HOURS = range(7, 19)
ROOMS = 3
#: How likely somebody comes, and how many are like that.
COMERS = ((0.95, 0.6), (0.8, 0.25), (0.5, 0.1), (0.2, 0.05))
AWAY = ("no_show", "no_show", "late_cancel", "cancelled_client", "excused", "clinic_cancelled")
LIFTS = (("hinge", "deadlift", 400), ("squat", "back-squat", 300), ("press", "overhead-press", 200))
#: Visits from raise to raise; one lift in fifty has not gone up for long, and is easy.
RAISES = (2, 3, 3, 4, 4, 5)
NEVER, STALLED = 1_000, 0.02
TABLES = (
    "clients_client",
    "programs_enrollment",
    "programs_track",
    "programs_decision",
    "training_review",
    "training_slot",
    "training_visit",
    "training_setentry",
)
NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Made:
    """One clinic, and the ids of what its rows name."""

    clinic: int
    therapist: int
    version: int
    rule_set: int


@dataclass(frozen=True, slots=True)
class Session:
    """One weekly class on one day, as COPY has its times."""

    day: date
    begins: str
    ends: str
    during: str
    grace: str


def make_clinics(number: int) -> list[Made]:
    """The clinics themselves, by the site's own actions; call it with Django set up."""
    found = []
    began = NOW - timedelta(weeks=WEEKS + 1)
    for index in range(number):
        clinic = clinics.create_clinic(
            name=f"Clinic {index}", slug=f"large-{index}", timezone="UTC"
        )
        programs.equip_clinic(clinic=clinic, now=began)
        therapist = clinics.add_member(
            clinic=clinic, email=f"t{index}@example.org", name="Bea N.", roles=[Role.THERAPIST]
        )
        found.append(_made(clinic, therapist))
    return found


def _made(clinic: Clinic, therapist: Membership) -> Made:
    version = ProgramVersion.objects.filter(clinic=clinic, program__slug=FIRST_PROGRAM)
    return Made(
        clinic.pk,
        therapist.pk,
        version.latest("number").pk,
        RuleSet.objects.get(clinic=clinic).pk,
    )


def fill(owner: psycopg.Connection, made: Sequence[Made], *, each: int = CLIENTS) -> dict[str, int]:
    """Fill the clinics with ``each`` clients; rows by table."""
    exercises = dict(Exercise.objects.values_list("slug", "pk"))
    rows = dict.fromkeys(TABLES, 0)
    owner.execute("SET synchronous_commit = off")
    with bare_tables(owner, TABLES):
        for index, one in enumerate(made):
            for table, number in _fill_clinic(owner, index, one, exercises, each).items():
                rows[table] += number
            owner.commit()
    return rows


def _fill_clinic(
    owner: psycopg.Connection, index: int, made: Made, exercises: dict[str, int], people: int
) -> dict[str, int]:
    chance = random.Random(index)
    rows = _people(owner, made, range(1 + index * people, 1 + (index + 1) * people))
    classes = [(pair, hour, room) for pair in PAIRS for hour in HOURS for room in range(ROOMS)]
    sessions = {(pair, hour): list(_sessions(pair, hour)) for pair in PAIRS for hour in HOURS}
    each = 2 * WEEKS + 2
    first_slot = 1 + index * len(classes) * each
    rows["training_slot"] = copy(
        owner,
        "training_slot",
        ("id", "clinic_id", "room", "starts_at", "ends_at", "detached", "sequence",
         "called_off_why"),
        (
            f"{first_slot + number * each + turn}\t{made.clinic}\tRoom {room}\t{one.begins}"
            f"\t{one.ends}\tf\t0\t\n"
            for number, (pair, hour, room) in enumerate(classes)
            for turn, one in enumerate(sessions[pair, hour])
        ),
    )  # fmt: skip
    # In the order of the days, as a clinic writes them: what belongs to one client lies apart.
    visits: list[list[str]] = [[] for _ in range(each)]
    sets: list[list[str]] = [[] for _ in range(each)]
    for person in range(people):
        number = person % len(classes)
        pair, hour, _ = classes[number]
        enrollment = 1 + index * people + person
        _log(
            visits,
            sets,
            sessions[pair, hour],
            enrollment,
            first_slot + number * each,
            made,
            exercises,
            chance,
        )
    rows["training_visit"] = copy(owner, "training_visit", VISIT, chain.from_iterable(visits))
    rows["training_setentry"] = copy(owner, "training_setentry", SET, chain.from_iterable(sets))
    return rows


def _sessions(pair: tuple[int, int], hour: int) -> Iterator[Session]:
    """The days of a class, 35 weeks back and one ahead, the oldest first."""
    monday = NOW.date() - timedelta(days=NOW.weekday(), weeks=WEEKS)
    for week in range(WEEKS + 1):
        for weekday in pair:
            day = monday + timedelta(weeks=week, days=weekday)
            begins, ends = f"{day} {hour:02}:00+00", f"{day} {hour:02}:30+00"
            yield Session(day, begins, ends, f'["{begins}","{ends}")', f"{day} {hour + 1:02}:30+00")


VISIT = (
    "id", "uid", "clinic_id", "enrollment_id", "client_id", "slot_id", "during", "missed_after",
    "status", "purpose", "sequence", "told_sequence", "said_why", "completed_at",
    "completed_by_id", "created_at",
)  # fmt: skip
SET = (
    "id", "uid", "clinic_id", "visit_id", "enrollment_id", "lift", "exercise_id", "kind", "number",
    "rule_set_id", "prescribed_load", "prescribed_reps", "prescribed_reason", "effort_low", "load",
    "entered_load", "entered_unit", "reps", "rpe", "clean", "pain", "pain_site", "pain_kind",
    "disputed", "to_confirm", "outside_clearance", "voided", "revision", "supervisor_id",
    "logged_at",
)  # fmt: skip


def _log(
    visits: Sequence[list[str]],
    sets: Sequence[list[str]],
    sessions: Sequence[Session],
    enrollment: int,
    first_slot: int,
    made: Made,
    exercises: dict[str, int],
    chance: random.Random,
) -> None:
    """The visits of one client, and the sets of those that took place."""
    likely = chance.choices([one for one, _ in COMERS], [share for _, share in COMERS])[0]
    every = [NEVER if chance.random() < STALLED else chance.choice(RAISES) for _ in LIFTS]
    came = 0
    today = NOW.date()
    visit = (enrollment - 1) * len(sessions)
    for turn, one in enumerate(sessions):
        visit += 1
        over = one.day < today
        if not over:
            status = "planned"
        else:
            status = "attended" if chance.random() < likely else chance.choice(AWAY)
        signed = f"{one.ends}\t{made.therapist}" if status == "attended" else f"{NULL}\t{NULL}"
        visits[turn].append(
            f"{visit}\t{visit:032x}\t{made.clinic}\t{enrollment}\t{enrollment}"
            f"\t{first_slot + turn}\t{one.during}\t{one.grace}\t{status}\tregular\t0\t0\t"
            f"\t{signed}\t{one.begins}\n"
        )
        if status != "attended":
            continue
        came += 1
        for index, (lift, slug, start) in enumerate(LIFTS):
            entry = 3 * (visit - 1) + index + 1
            load = (start + 25 * (came // every[index])) / 10
            # Easy, and nobody notes the technique: so nothing raises it, and nothing holds it.
            stalled = every[index] == NEVER
            rpe, clean = (14, NULL) if stalled else (16 + (came % 4 == 0), "t")
            sets[turn].append(
                f"{entry}\t{entry:032x}\t{made.clinic}\t{visit}\t{enrollment}\t{lift}"
                f"\t{exercises[slug]}\tworking\t1\t{made.rule_set}\t{load}\t5\tin_band\t16\t{load}"
                f"\t{load}\tkg\t5\t{rpe}\t{clean}\t0\t\t\tf\tf\tf\tf\t1\t{made.therapist}\t{one.ends}\n"
            )


def _people(owner: psycopg.Connection, made: Made, ids: Sequence[int]) -> dict[str, int]:
    """Clients, each in one program from the first week on and in its third phase since long."""
    began = f"{NOW.date() - timedelta(days=NOW.weekday(), weeks=WEEKS)}"
    at = f"{began} 06:00+00"
    until = f"{NOW.date() + timedelta(days=300)}"
    nothing = json.dumps([])
    observed = json.dumps({})
    return {
        "clients_client": copy(
            owner,
            "clients_client",
            ("id", "clinic_id", "name", "born_on", "sex", "email", "phone", "emergency_contact",
             "notes", "created_at", "created_by_id", "external_id", "may_start_until",
             "intake_missing", "impact_cleared"),
            (f"{one}\t{made.clinic}\tClient {one}\t1958-04-02\tfemale\t\t\tA neighbour\t\t{at}"
             f"\t{made.therapist}\t\t{until}\t{nothing}\t1\n" for one in ids),
        ),
        "programs_enrollment": copy(
            owner,
            "programs_enrollment",
            ("id", "clinic_id", "client_id", "therapist_id", "starts_on", "status", "end_reason",
             "created_at", "created_by_id"),
            (f"{one}\t{made.clinic}\t{one}\t{made.therapist}\t{began}\tactive\t\t{at}"
             f"\t{made.therapist}\n" for one in ids),
        ),
        "programs_track": copy(
            owner,
            "programs_track",
            ("clinic_id", "enrollment_id", "version_id", "starts_on"),
            (f"{made.clinic}\t{one}\t{made.version}\t{began}\n" for one in ids),
        ),
        "programs_decision": copy(
            owner,
            "programs_decision",
            ("uid", "clinic_id", "enrollment_id", "at", "by_id", "kind", "lift", "phase", "until",
             "reason", "observed"),
            (f"{one:032x}\t{made.clinic}\t{one}\t{at}\t{made.therapist}\tpromote\t\tLOAD\t\tBench"
             f"\t{observed}\n" for one in ids),
        ),
        "training_review": copy(
            owner,
            "training_review",
            ("clinic_id", "enrollment_id", "next_at"),
            (f"{made.clinic}\t{one}\t{NOW + timedelta(days=7)}\n" for one in ids),
        ),
    }  # fmt: skip
