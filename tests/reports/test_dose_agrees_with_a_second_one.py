"""Both say the same of invented half-years: the report's SQL, and a pencil in second_dose."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median

import pytest

from programs.models import Decision, Exercise, Track
from sessions.models import Visit
from sessions.reports import rollups
from sessions.reports.dose_behind import behind
from sessions.reports.dose_report import make
from sessions.reports.scope import By
from tests.reports.doses import BUILD, LOAD, asked, scope, sets, target
from tests.reports.floor import another_program, someone, visit
from tests.reports.second_dose import counted, percent, sessions_of, sums

FIRST = date(2025, 9, 1)
DAYS = 150
RUNGS = {"hinge": ("kettlebell-deadlift", "deadlift"), "squat": ("goblet-squat", "back-squat")}


def invent(cast, chance):
    """Half a year of a few clients: everything that can become of a session and of a set."""
    thrice = another_program(cast.north, frequency=3, weeks=6)
    for number in range(6):
        starts_on = FIRST + timedelta(days=chance.randrange(-40, DAYS // 2))
        jo = someone(cast.ana, f"Jo {number}", starts_on)
        if chance.random() < 0.4:
            Track.objects.filter(enrollment=jo).update(ends_on=starts_on + timedelta(days=29))
            Track.objects.create(
                clinic=cast.north,
                enrollment=jo,
                version=thrice,
                starts_on=starts_on + timedelta(days=30),
            )
        _sessions(jo, starts_on, chance)


def _sessions(jo, starts_on, chance):
    day, load, owed = starts_on - timedelta(days=3), Decimal(40), []
    for _ in range(chance.randrange(0, 26)):
        day += timedelta(days=chance.choice([2, 3, 4, 4, 5, 12, 24]))
        status = chance.choices(list(Visit.Status), [1, 1, 1, 14, 2, 2, 1, 1, 1, 1, 1, 1])[0]
        purpose = chance.choices(list(Visit.Purpose), [10, 1, 1])[0]
        at = time(chance.choice([0, 6, 9, 17, 23]), chance.choice([0, 29]))
        one = visit(jo, day, status, purpose, at=at)
        if purpose == "make_up" and owed:
            one.makes_up = owed.pop()
            one.save(update_fields=["makes_up"])
        elif status in ("no_show", "excused", "late_cancel"):
            owed.append(one)
        load += chance.choice([0, 0, 2, Decimal("2.5"), -5])
        came = status in Visit.ATTENDANCE
        kept = chance.random() < (0.8 if came else 0.15)
        if kept:
            asked(one, *_targets(load, chance), phase=chance.choice([LOAD, LOAD, BUILD]))
        if came:
            _lift(one, load, chance)
        if chance.random() < 0.05:
            _test(jo, one, load, chance)


def _targets(load, chance):
    found = [
        target("hinge", chance.choice([0, 3, 5]), 5, str(load)),
        target("squat", 5, 5, None if chance.random() < 0.2 else str(load - 10)),
    ]
    if chance.random() < 0.6:
        landings = chance.choice([None, 10])
        found.append(
            target("impact", 3 if landings else 0, landings=landings, level=chance.randrange(3))
        )
    return found


def _lift(one, load, chance):
    for lift, rungs in RUNGS.items():
        if chance.random() < 0.15:
            continue
        exercise = chance.choices(rungs, [1, 5])[0]
        for number in range(1, chance.choice([2, 5, 6])):
            sets(
                one,
                lift,
                chance.choices([5, 4, 12, None], [8, 1, 1, 1])[0],
                load=chance.choices([str(load), str(load - 8), None], [8, 2, 1])[0],
                first=number,
                exercise=exercise,
                rpe=chance.choice([None, 14, 15, 16, 16, 17, 18]),
                clean=chance.choices([True, None, False], [8, 2, 1])[0],
                to_confirm=chance.random() < 0.05,
                voided=chance.random() < 0.05,
                kind=chance.choices(["working", "warm_up"], [9, 1])[0],
            )
    if chance.random() < 0.5:
        for number in range(1, 4):
            sets(
                one,
                "impact",
                None,
                first=number,
                landings=chance.choice([None, 5, 10]),
                landing_level=chance.randrange(3),
                prescribed_landings=10,
                prescribed_level=chance.randrange(3),
            )


def _test(jo, one, load, chance):
    Decision.objects.create(
        clinic=jo.clinic,
        enrollment=jo,
        at=one.slot.starts_at + timedelta(hours=chance.choice([-5, 5])),
        by=jo.therapist,
        kind=Decision.Kind.ESTIMATE,
        lift="hinge",
        exercise=Exercise.objects.get(slug="deadlift"),
        load=load + 5,
        observed={"reps": "5", "reserve": str(chance.randrange(3))},
    )


def expected(sessions, key):
    """Rows of sums by whatever a row is."""
    rows = defaultdict(list)
    for one in sessions:
        rows[key(one)].append(one)
    return {name: sums(found) for name, found in rows.items()}


COUNTS = (
    *("sessions", "came", "missed", "excused", "unknown", "asked", "asked_came", "done", "beside"),
    *("rated", "hits", "no_effort", "not_rated", "landings_asked", "landings"),
)


def agree(row, theirs):
    for name in COUNTS:
        if name in row:
            ours = row[name]
            assert ours == Decimal(theirs[name]).quantize(Decimal("0.1")) or ours == theirs[name], (
                name,
                ours,
                theirs[name],
            )
    assert row["d1"] == percent(theirs["done"], theirs["asked"])
    assert row["d2"] == percent(theirs["done"], theirs["asked_came"])
    assert row["d3"] == percent(theirs["hits"], theirs["rated"])


def rows_of(report, key):
    table = next((one for one in report.tables if one.key == key), None)
    if table is None:
        return {}
    names = [column.key for column in table.columns]
    return {row.key: dict(zip(names, row.cells, strict=True)) for row in table.rows}


KEY = {
    By.CLIENT: lambda one: str(one.enrollment),
    By.PROGRAM: lambda one: str(one.program or ""),
    By.PHASE: lambda one: one.phase,
}


@pytest.mark.parametrize("zone", ["Australia/Brisbane", "America/New_York", "Pacific/Chatham"])
@pytest.mark.parametrize("seed", range(3))
def test_both_agree_on_every_figure(cast, zone, seed):
    cast.north.timezone = zone
    cast.north.save(update_fields=["timezone"])
    for member in (cast.ada, cast.ana):
        member.clinic = cast.north
    chance = random.Random(f"dose {zone} {seed}")
    invent(cast, chance)
    for turn in range(6):
        first = FIRST + timedelta(days=chance.randrange(-40, DAYS))
        last = first + timedelta(days=chance.choice([0, 6, 30, 90, 3650]))
        as_at = datetime.combine(
            FIRST + timedelta(days=chance.randrange(DAYS)), time(chance.randrange(24)), UTC
        )
        if turn == 3:  # from here on from what is kept
            rollups.keep(rollups.waiting(as_at), as_at)
        question = scope(cast.north, first=first, last=last, as_at=as_at, by=chance.choice([*KEY]))
        compare(question, cast.north, chance)


def compare(question, clinic, chance):
    first, last = question.filters.first, question.filters.last
    found = counted(sessions_of(clinic, question.as_at), first, last, question.as_at)
    report = make(question)
    if report.nothing:
        assert not any(not one.extra or one.beside or one.done for one in found)
        return
    theirs = expected(found, KEY[question.filters.by])
    ours = rows_of(report, "lines")
    for key, row in ours.items():
        agree(row, theirs.pop(key, defaultdict(int)))
    assert not theirs

    for lift, row in rows_of(report, "lifts").items():
        agree(
            {k: v for k, v in row.items() if k in ("asked", "done", "hits", "d1", "d2", "d3")},
            sums(found, lift),
        )
    people = expected(found, KEY[By.CLIENT]).values()
    shares = [
        Fraction(one["done"]) * 100 / Fraction(one["asked"]) for one in people if one["asked"]
    ]
    total = next(one for one in report.tables if one.key == "lines").total
    cells = dict(zip([c.key for c in report.tables[0].columns], total.cells, strict=True))
    agree(cells, sums(found))
    assert cells["measured"] == len(shares)
    if shares:
        assert abs(Fraction(cells["d1_mean"]) - sum(shares) / len(shares)) <= Fraction(6, 1000)
        assert abs(Fraction(cells["d1_median"]) - median(shares)) <= Fraction(6, 1000)
    for name in ("sessions", "came", "missed", "excused", "unknown"):
        rows = behind(question, "lines", "total", name).rows
        assert len(rows) == cells[name], name
    for name in ("rated", "hits", "no_effort", "not_rated"):
        rows = behind(question, "lines", "total", name).rows
        assert len(rows) == cells[name], name
    for name, at in (("asked", 4), ("done", 5), ("beside", 6), ("landings", 8)):
        rows = behind(question, "lines", "total", name).rows
        exact = sum(row.cells[at] for row in rows)
        assert abs(exact - cells[name]) <= Decimal("0.05") * len(rows) + Decimal("0.05"), name
