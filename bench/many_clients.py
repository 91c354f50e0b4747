"""A large site: clinics of 500 clients with 32 weeks of visits behind them and 4 to come, by COPY.

100,000 clients have 7.2 million visits and some 17 million sets. It is Friday; on Thursday every
third client was to come. Most of them do well: they come to 77 of 100 visits, were measured when it
was due, and have seats to come and signed notes; about a third have something open. All names are
numbers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain

import psycopg

from bench.bulk import bare_tables, copy
from bench.in_sight import see_every_clinic
from bench.many import (
    AHEAD,
    FIRST,
    NOW,
    NULL,
    SAME,
    SAME_SINCE,
    TODAY,
    WEEKS,
    Made,
    Person,
    people_of,
)
from bench.many_measured import BATTERY, MEASUREMENT, Measured
from bench.many_visits import LIFTS, NOTE, SET, TURNS, VISIT, Log, sessions_of
from bonefit.clients.models import PrecisionStudy, ScanDevice
from bonefit.clients.models.outcomes import Site
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.models import Clinic, Membership
from programs import actions as programs
from programs.catalogue import FIRST_PROGRAM
from programs.models import Exercise, ProgramVersion, RuleSet

__all__ = ["AHEAD", "CLIENTS", "NOW", "WEEKS", "fill", "make_clinics"]

CLIENTS = 500  # in a clinic, and fewer where there are no more
#: Mondays and Thursdays, Tuesdays and Fridays, Wednesdays and Saturdays.
PAIRS = ((0, 3), (1, 4), (2, 5))
HOURS = range(7, 19)
ROOMS = 3
CLASSES = [(pair, hour, room) for pair in PAIRS for hour in HOURS for room in range(ROOMS)]
#: Room for the ids of one client's rounds of tests.
MOST_ROUNDS = 8
TABLES = (
    "clients_client",
    "clients_battery",
    "clients_measurement",
    "programs_enrollment",
    "programs_track",
    "programs_decision",
    "training_review",
    "training_standingplace",
    "training_slot",
    "training_visit",
    "training_sessionnote",
    "training_setentry",
)


def make_clinics(number: int) -> list[Made]:
    """The clinics themselves, by the site's own actions; call it with Django set up."""
    found = []
    began = NOW - timedelta(weeks=WEEKS + 30)
    for index in range(number):
        clinic = clinics.create_clinic(
            name=f"Clinic {index}", slug=f"large-{index}", timezone="UTC"
        )
        see_every_clinic()
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
        _scanner(clinic, therapist),
    )


def _scanner(clinic: Clinic, therapist: Membership) -> int:
    """A scanner whose least significant change is known at each site."""
    device = ScanDevice.objects.create(clinic=clinic, name="Scanner", added_by=therapist)
    PrecisionStudy.objects.bulk_create(
        PrecisionStudy(
            clinic=clinic,
            device=device,
            site=site,
            done_on=FIRST,
            repeats=[[8000, 8050]] * 30,
            rms_micro=10_000,
            lsc_micro=27_700,
            recorded_by=therapist,
        )
        for site in Site.values
    )
    return device.pk


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
    owner: psycopg.Connection, index: int, made: Made, exercises: dict[str, int], number: int
) -> dict[str, int]:
    chance = random.Random(index)
    first = 1 + index * number
    people = list(people_of(range(first, first + number), len(LIFTS), chance))
    first_slot = 1 + index * len(CLASSES) * TURNS
    rows = _people(owner, made, people, exercises)
    rows |= _measured(owner, made, people, chance)
    rows["training_slot"] = copy(
        owner,
        "training_slot",
        ("id", "clinic_id", "room", "starts_at", "ends_at", "detached", "sequence",
         "called_off_why"),
        (
            f"{first_slot + which * TURNS + turn}\t{made.clinic}\tRoom {room}\t{one.begins}"
            f"\t{one.ends}\tf\t0\t\n"
            for which, (pair, hour, room) in enumerate(CLASSES)
            for turn, one in enumerate(sessions_of(pair, hour))
        ),
    )  # fmt: skip
    sessions = {(pair, hour): list(sessions_of(pair, hour)) for pair in PAIRS for hour in HOURS}
    log = Log(made, exercises, chance)
    for person in people:
        which = (person.id - first) % len(CLASSES)
        log.add(person, sessions[CLASSES[which][:2]], first_slot + which * TURNS)
    for table, columns, lines in (
        ("training_visit", VISIT, log.visits),
        ("training_sessionnote", NOTE, log.notes),
        ("training_setentry", SET, log.sets),
    ):
        rows[table] = copy(owner, table, columns, chain.from_iterable(lines))
    return rows


def _measured(
    owner: psycopg.Connection, made: Made, people: Sequence[Person], chance: random.Random
) -> dict[str, int]:
    measured = Measured(made, chance, 1 + (people[0].id - 1) * MOST_ROUNDS)
    for person in people:
        measured.add(person)
    return {
        table: copy(owner, table, columns, lines)
        for table, columns, lines in (
            ("clients_battery", BATTERY, measured.batteries),
            ("clients_measurement", MEASUREMENT, measured.measurements),
        )
    }


def _people(
    owner: psycopg.Connection, made: Made, people: Sequence[Person], exercises: dict[str, int]
) -> dict[str, int]:
    """Clients, each in one program and in its third or last phase since long, and her places."""
    return {
        "clients_client": copy(
            owner,
            "clients_client",
            ("id", "clinic_id", "name", "born_on", "sex", "email", "phone", "emergency_contact",
             "notes", "created_at", "created_by_id", "external_id", "may_start_until",
             "intake_missing", "impact_cleared"),
            (f"{one.id}\t{made.clinic}\tClient {one.id}\t1958-04-02\tfemale\t\t\tA neighbour\t"
             f"\t{one.start} 06:00+00\t{made.therapist}\t\t{_intake(one)}\t1\n" for one in people),
        ),
        "programs_enrollment": copy(
            owner,
            "programs_enrollment",
            ("id", "clinic_id", "client_id", "therapist_id", "starts_on", "status", "end_reason",
             "created_at", "created_by_id"),
            (f"{one.id}\t{made.clinic}\t{one.id}\t{made.therapist}\t{one.start}\tactive\t"
             f"\t{one.start} 06:00+00\t{made.therapist}\n" for one in people),
        ),
        "programs_track": copy(
            owner,
            "programs_track",
            ("clinic_id", "enrollment_id", "version_id", "starts_on"),
            (f"{made.clinic}\t{one.id}\t{made.version}\t{one.start}\n" for one in people),
        ),
        "programs_decision": copy(
            owner,
            "programs_decision",
            ("uid", "clinic_id", "enrollment_id", "at", "by_id", "kind", "lift", "exercise_id",
             "load", "phase", "until", "reason", "observed"),
            _decisions(made, people, exercises),
        ),
        "training_review": copy(
            owner,
            "training_review",
            ("clinic_id", "enrollment_id", "next_at"),
            (f"{made.clinic}\t{one.id}\t{NOW + timedelta(days=7)}\n" for one in people),
        ),
        "training_standingplace": _places(owner, made, people),
    }  # fmt: skip


def _decisions(made: Made, people: Sequence[Person], exercises: dict[str, int]) -> Iterator[str]:
    """The phase of each client, and the rung of each lift with the load that it began with."""
    first, lately = f"{FIRST} 06:00+00", f"{TODAY - SAME_SINCE} 06:00+00"
    observed, number = json.dumps({}), (1 + 2 * len(LIFTS)) * (people[0].id - 1)
    for one in people:
        told = [f"{first}\t{made.therapist}\tpromote\t\t{NULL}\t{NULL}\t{one.phase}"]
        for (lift, slug, tenths), goes in zip(LIFTS, one.goes, strict=True):
            load = tenths / 10
            rung = f"change_rung\t{lift}\t{exercises[slug]}\t{load}\t"
            told.append(f"{first}\t{made.therapist}\t{rung}")
            if goes in SAME:
                told.append(f"{lately}\t{made.therapist}\tset_load\t{lift}\t{NULL}\t{load}\t")
        for what in told:
            number += 1
            yield (f"{number:032x}\t{made.clinic}\t{one.id}\t{what}\t\tBench\t{observed}\n")


def _intake(person: Person) -> str:
    """The last day of her papers, spread over a year; what of them runs out in the next weeks."""
    until = TODAY + timedelta(days=7 + person.id * 37 % 360)
    missing = []
    if until < TODAY + timedelta(days=45):
        missing.append({"code": "letter", "words": "Doctor’s letter", "until": str(until)})
    return f"{until}\t{json.dumps(missing, ensure_ascii=False)}"


def _places(owner: psycopg.Connection, made: Made, people: Sequence[Person]) -> int:
    first = people[0].id
    lines = []
    for one in people:
        pair, hour, room = CLASSES[(one.id - first) % len(CLASSES)]
        lines += [
            f"{2 * one.id - 1 + turn}\t{made.clinic}\t{one.id}\t{weekday}\t{hour:02}:00\t30"
            f"\tRoom {room}\t{made.therapist}\t{one.start}\n"
            for turn, weekday in enumerate(pair)
        ]
    return copy(
        owner,
        "training_standingplace",
        ("id", "clinic_id", "enrollment_id", "weekday", "at", "minutes", "room", "supervisor_id",
         "starts_on"),
        lines,
    )  # fmt: skip
