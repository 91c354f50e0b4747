"""The research export against plain Python, row by row, on a clinic made up at random."""

import csv
import io
import json
import random
import uuid
import zipfile
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import transaction

from bonefit.clients.consents import texts_in_force
from bonefit.clients.models import Client, Consent
from programs.models import Enrollment
from sessions.models import ReportExport, SetEntry, Visit
from sessions.reports import research
from sessions.reports.cohort import Pseudonyms
from sessions.reports.scope import Filters, Scope
from tests.reports import second_research as second
from tests.reports.doses import sets
from tests.reports.floor import ATTENDED, make_up, someone, visit

FIRST = date(2025, 8, 31)
DAYS = timedelta(days=1)
RARE = "landmine-press"
LIFTS = (
    ("hinge", "deadlift"),
    ("hinge", "kettlebell-deadlift"),
    ("squat", "back-squat"),
    ("press", "overhead-press"),
    ("press", RARE),
)


@pytest.fixture(scope="module", params=["Pacific/Chatham", "America/Havana"])
def clinic(request, module_cast):
    """A clinic of twenty people of every past, most of whom agreed."""
    chance = random.Random(f"research in {request.param}")
    north, ana = module_cast.north, module_cast.ana
    with transaction.atomic():
        north.timezone = request.param
        north.save(update_fields=["timezone"])
        ana.clinic = north
        for number in range(20):
            _invent(ana, f"Jo {number}", chance)
        yield north
        transaction.set_rollback(True)


def _invent(ana, name, chance):
    start = FIRST + chance.randrange(-70, 90) * DAYS
    end = chance.choice([0, 4, chance.randrange(120), None, None])
    more = {} if end is None else {"ended_on": start + end * DAYS}
    jo = someone(ana, name, start, **more)
    age, sex = chance.choice([60, 63, 70, 70]), chance.choice(["female", "female", "male"])
    born = date(start.year - age, start.month, 1) + chance.randrange(-30, 60) * DAYS
    Client.objects.filter(pk=jo.client_id).update(born_on=born, sex=sex)
    _past(jo, chance, time(9))
    if end is not None and chance.random() < 0.6:
        back = jo.ended_on + chance.choice([0, 1, 200]) * DAYS
        again = someone(ana, name, back, client=jo.client)
        _past(again, chance, time(20))
    for _ in range(chance.choice([1, 1, 2])):
        _sign(jo, chance)


def _sign(jo, chance):
    at = datetime(2025, 9, 1, tzinfo=UTC) + chance.randrange(40) * DAYS
    back = chance.random() < 0.2
    Consent.objects.create(
        clinic=jo.clinic,
        client=jo.client,
        text=texts_in_force(jo.clinic)[chance.choice(["research"] * 5 + ["data"])],
        agreed=chance.choice([["study"], ["audit", "study"], ["study"], ["audit"]]),
        explained_by=jo.therapist,
        signed_name="Jo",
        signed_on=FIRST,
        recorded_by=jo.therapist,
        recorded_at=at,
        withdrawn_at=at + chance.choice([5, 100]) * DAYS if back else None,
        withdrawn_by=jo.therapist if back else None,
    )


def _past(jo, chance, at):
    """None for whoever never came; before the start, over midnight, and long after the end."""
    for step in range(chance.choice([0, 3, 7])):
        states, purposes = list(Visit.Status), ["regular", "regular", "extra"]
        state = chance.choices(states, [9 if one in Visit.ATTENDANCE else 1 for one in states])[0]
        day = jo.starts_on + (5 * step - 3 + chance.randrange(5)) * DAYS
        one = visit(jo, day, state, chance.choice(purposes), at=at)
        if state in Visit.ATTENDANCE:
            _lift(one, chance)
        elif chance.random() < 0.5:
            made_up = make_up(
                one, after=chance.choice([1, 40]), at=time(at.hour + 2), status=ATTENDED
            )
            _lift(made_up, chance)


def _lift(one, chance):
    for number, (lift, exercise) in enumerate(chance.sample(LIFTS, chance.randrange(4))):
        if exercise == RARE and chance.random() < 0.9:
            continue
        reps = [chance.choice([None, 4, 5]) for _ in range(chance.randrange(1, 4))]
        sets(
            one,
            lift,
            *reps,
            first=10 * number,
            exercise=exercise,
            load=chance.choice([None, "40", "42.5", "38.5556"]),
            kind=chance.choice(["working", "working", "warm_up"]),
            rpe=chance.choice([None, 16]),
            clean=chance.choice([None, True, False]),
            pain=chance.choice([None, 0, 3]),
            voided=chance.random() < 0.2,
        )
    if chance.random() < 0.3:
        level = chance.randrange(3)
        sets(one, "impact", None, landings=chance.choice([None, 8]), landing_level=level)


def _questions(clinic, seed):
    """Days and moments: one day, two months, years; some while a session can still be told."""
    chance = random.Random(seed)
    still_open = Visit.objects.filter(clinic=clinic, status__in=["planned", "checked_in"])
    begins = sorted(one.during.lower for one in still_open)
    for length in (0, 60, 3650):
        first = FIRST + chance.randrange(10, 70) * DAYS
        if length > 1000:
            first -= 1000 * DAYS
        as_at = datetime(2025, chance.choice([11, 12]), 20, chance.randrange(24), tzinfo=UTC)
        if length:
            as_at = chance.choice([as_at, *(at + timedelta(hours=1) for at in begins)])
        yield Filters(first, first + length * DAYS), as_at


def _written(scope, export):
    out = io.BytesIO()
    research.write(scope, export, out, lambda _: None)
    book = zipfile.ZipFile(out)

    def rows(name):
        return list(csv.DictReader(io.StringIO(book.read(f"{name}.csv").decode())))

    return {name: rows(name) for name in ("people", "sessions", "sets", "months")}, json.loads(
        book.read("cohort.json")
    )


@pytest.mark.parametrize("seed", range(3))
def test_both_agree_on_every_row(clinic, seed):
    known = Enrollment.objects.filter(clinic=clinic)
    for asked, as_at in _questions(clinic, seed):
        theirs, refused = second.people(clinic, asked.first, asked.last, as_at)
        scope = Scope((clinic,), known, asked, as_at)
        clients = {one.client for one in theirs}
        if len(clients) < second.SMALL:
            assert research.make(scope).nothing
            continue
        export = ReportExport(clinic=clinic, uid=uuid.UUID(int=seed))
        names = Pseudonyms(export.uid)
        tables, told = _written(scope, export)
        _agree_on_people(tables["people"], theirs, names)
        _agree_on_sessions(tables["sessions"], theirs, names)
        _agree_on_sets(tables["sets"], theirs, names)
        _agree_on_months(tables["months"], theirs, names)
        assert (told["people"], told["enrollments"]) == (len(clients), len(theirs))
        left_out = refused if refused >= second.SMALL else "< 5"
        assert told["left_out_without_consent"] == left_out


def _agree_on_people(rows, theirs, names):
    """What is written is so, and nothing that fewer than five share is written."""
    true = {names.of("person", one.enrollment): one for one in theirs}
    assert len(rows) == len(theirs) == len({row["person"] for row in rows})
    alike, shared = defaultdict(set), defaultdict(set)
    for row in rows:
        one = true[row["person"]]
        assert row["days"] == str(one.days)
        for name in ("sex", "age", "status"):
            assert row[name] in ("", getattr(one, name)), name
        alike[row["sex"], row["age"]].add(one.client)
        alike[row["sex"], row["age"], row["status"]].add(one.client)
        for part in ((one.sex, one.age, one.status), (one.sex, one.age), (one.sex,)):
            shared[part].add(one.client)
    assert min(map(len, alike.values())) >= second.SMALL
    # Where everybody has enough like her, nothing is left out.
    if min(map(len, shared.values())) >= second.SMALL:
        assert all(row["sex"] and row["age"] and row["status"] for row in rows)
    assert any(row["sex"] for row in rows) or min(map(len, shared.values())) < second.SMALL


def _agree_on_sessions(rows, theirs, names):
    expected = [
        {
            **{name: second.printed(value) for name, value in one.items()},
            "person": names.of("person", person.enrollment),
            "session": names.of("session", one["session"]),
            "makes_up": (one["makes_up"] and names.of("session", one["makes_up"])) or "",
        }
        for person in theirs
        for one in person.sessions
    ]
    assert _sorted(rows) == _sorted(expected)


def _agree_on_sets(rows, theirs, names):
    expected = [
        {
            **{name: second.printed(value) for name, value in one.items()},
            "person": names.of("person", person.enrollment),
            "session": names.of("session", one["session"]),
        }
        for person in theirs
        for one in person.sets
    ]
    assert _sorted(rows) == _sorted(expected)


def _agree_on_months(rows, theirs, names):
    states = ("attended", "unrecorded", "missed", "excused", "clinic", "make_ups", "extras")
    expected = [
        {
            "person": names.of("person", person.enrollment),
            "month": str(month),
            **{name: str(numbers[name]) for name in (*states, "sets", "landings")},
            "volume": second.one_place(numbers["volume"]),
        }
        for person in theirs
        for month, numbers in person.months.items()
    ]
    assert _sorted(rows) == _sorted(expected)


def _sorted(rows):
    return sorted(sorted(row.items()) for row in rows)


def test_the_clinic_has_what_could_go_wrong(clinic):
    """Else the comparison above says nothing of it."""
    as_at = datetime(2025, 12, 20, tzinfo=UTC)
    theirs, refused = second.people(clinic, FIRST - 1000 * DAYS, FIRST + 1000 * DAYS, as_at)
    sessions = [one for person in theirs for one in person.sessions]
    assert refused
    assert any(not person.sessions for person in theirs)
    assert any(person.days < 7 for person in theirs)
    assert len({person.client for person in theirs}) < len(theirs)
    assert any(one["day"] < 0 for one in sessions)
    assert any(one["makes_up"] for one in sessions)
    assert any(one["exercise"] == "other" for person in theirs for one in person.sets)
    assert SetEntry.objects.filter(voided=True).exists()
    assert any(0 in person.months and not person.months[0] for person in theirs)
