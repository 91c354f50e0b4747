"""Retention against a second implementation, on invented years over changes of the clocks."""

import random
from datetime import time, timedelta

import pytest

from programs.leaving import EndKind
from sessions.models import Pause
from sessions.reports.retention import KIND
from sessions.reports.scope import By
from sessions.reports.survival import MARKS
from tests.reports import second_retention as second
from tests.reports.floor import (
    ATTENDED,
    NO_SHOW,
    PARTIAL,
    PLANNED,
    another_program,
    someone,
    visit,
)
from tests.reports.test_retention import FIRST, LAST, cells, scope, table


def invent(cast, chance, clinics):
    """Starts of every kind over a year and over changes of the clocks."""
    thrice = another_program(cast.north, frequency=3, weeks=6)
    members = {cast.north.pk: (cast.ana, cast.tess), cast.harbor.pk: (cast.otto,)}
    for number in range(24):
        clinic = chance.choice(clinics)
        member = chance.choice(members[clinic.pk])
        member.clinic = clinic
        starts_on = FIRST + timedelta(days=chance.randrange(-20, 340))
        more = {}
        if clinic == cast.north and chance.random() < 0.3:
            more["version"] = thrice
        if chance.random() < 0.6:
            more["ended_on"] = starts_on + timedelta(days=chance.randrange(-3, 300))
            more["status"] = chance.choice(["finished", "withdrawn", "withdrawn"])
            if more["status"] == "withdrawn":
                more["end_kind"] = chance.choice(["", *EndKind.values])
        one = someone(member, f"Jo {number:02}", starts_on, **more)
        one.clinic = clinic
        for step in range(chance.randrange(0, 9)):
            visit(
                one,
                starts_on + timedelta(days=step * chance.choice([3, 30]) + chance.randrange(3)),
                chance.choice([ATTENDED, ATTENDED, PARTIAL, NO_SHOW, PLANNED]),
                at=time(chance.choice([0, 9, 23])),
            )
        if chance.random() < 0.3:
            begins = LAST - timedelta(days=chance.randrange(0, 60))
            Pause.objects.create(
                clinic=clinic,
                enrollment=one,
                starts_on=begins,
                ends_on=begins + timedelta(days=chance.randrange(0, 60)),
                resumed_on=chance.choice([None, begins + timedelta(days=5)]),
                why="Travels",
                added_by=member,
            )


GROUPED = {
    By.COHORT: "month",
    By.PROGRAM: "program",
    By.THERAPIST: "therapist",
    By.CLINIC: "clinic",
}


@pytest.mark.parametrize("seed", range(6))
def test_both_implementations_agree(cast, seed):
    chance = random.Random(seed)
    cast.north.timezone = chance.choice(["Australia/Brisbane", "Pacific/Chatham", "Europe/Berlin"])
    cast.north.save(update_fields=["timezone"])
    clinics = (cast.north, cast.harbor)
    invent(cast, chance, clinics)
    for by, name in GROUPED.items():
        first = FIRST + timedelta(days=chance.randrange(-30, 100))
        last = first + timedelta(days=chance.choice([60, 200, 3650]))
        as_at = second.moment(FIRST + timedelta(days=chance.randrange(60, 420)), seed * 4)
        asked = scope(cast, first, last, by, as_at, clinics=clinics)
        theirs = second.second_starts(clinics, first, last, as_at)
        report = KIND.make(asked)
        if not theirs:
            assert report.nothing
            continue
        agree(report, theirs.values(), name)
        behind = KIND.behind(asked, "groups", "total", "started").rows
        assert {int(row.key): row.cells[-1] for row in behind} == {
            key: one["week"] for key, one in theirs.items()
        }


def agree(report, starts, name):
    for week in MARKS:
        assert cells(report, "curve", str(week), "at_risk", "left", "share", "lapsed") == (
            second.at_risk(starts, week),
            second.left_by(starts, week),
            second.retained(starts, week),
            second.retained(starts, week, if_lapsed_left=True),
        )
    groups = {}
    for one in starts:
        groups.setdefault(one[name], []).append(one)
    assert {row.key for row in table(report, "groups").rows} == set(groups)
    total = [0] * 6
    for key, those in groups.items():
        counted = [len(those)]
        for outcome in ("left", "elsewhere", "finished", "running"):
            counted.append(sum(one["outcome"] == outcome for one in those))
        counted.append(sum(one["lapsed"] for one in those))
        names = ("started", "left", "elsewhere", "finished", "running", "lapsed")
        assert cells(report, "groups", key, *names) == tuple(counted)
        assert cells(report, "groups", key, "at_16", "share_16", "at_35", "share_35") == (
            second.at_risk(those, 16),
            second.retained(those, 16),
            second.at_risk(those, 35),
            second.retained(those, 35),
        )
        total = [one + other for one, other in zip(total, counted, strict=True)]
    assert cells(report, "groups", "total", *names) == tuple(total)
    kinds = {}
    for one in starts:
        if one["outcome"] in ("left", "elsewhere"):
            kinds[one["kind"] or "not_said"] = kinds.get(one["kind"] or "not_said", 0) + 1
    assert {row.key: row.cells[2] for row in table(report, "reasons").rows} == kinds
