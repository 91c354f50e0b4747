"""Fidelity against a second implementation, on invented classes over a change of the clocks."""

import random
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from programs.models import RuleSet, Track
from sessions.models import Visit
from sessions.reports import delivered_kept
from sessions.reports.fidelity import KIND
from tests.reports import second_fidelity as second
from tests.reports.floor import another_program, someone
from tests.reports.lifted import USUAL, asked, lifted, named, noted, papers, session
from tests.reports.test_fidelity import DAYS, FIRST, scope
from tests.reports.test_retention import cells, table


def invent(cast, chance, clinics):
    """Classes of every size and sets of every kind, over a change of the clocks."""
    arms = another_program(cast.north, frequency=2, weeks=10, slug="arms")
    members = {cast.north.pk: [cast.ana, cast.tess], cast.harbor.pk: [cast.otto]}
    for clinic in clinics:
        for member in members[clinic.pk]:
            member.clinic = clinic
            for _ in range(chance.randrange(3)):
                papers(
                    member,
                    datetime(2025, 9, chance.randrange(1, 29), tzinfo=UTC),
                    expires_on=FIRST + chance.randrange(70) * DAYS,
                    first_aid_until=chance.choice([None, FIRST + chance.randrange(70) * DAYS]),
                    trained_on=chance.choice([None, FIRST, FIRST]),
                )
        for number in range(5):
            jo = someone(chance.choice(members[clinic.pk]), f"Jo {number}", FIRST)
            jo.clinic = clinic
            if clinic == cast.north and chance.random() < 0.4:
                Track.objects.create(
                    clinic=clinic, enrollment=jo, version=arms, starts_on=FIRST + 20 * DAYS
                )
            firsts = []
            for step in range(chance.randrange(6)):
                one = session(
                    jo,
                    FIRST + (step * 9 + chance.randrange(9)) * DAYS,
                    at=time(chance.choice([0, 9, 23])),
                    by=chance.choice(members[clinic.pk]),
                    status=chance.choice(["attended", "attended", "attended_partial", "no_show"]),
                )
                firsts.append(one)
                log(one, chance)
    theirs = Visit.objects.filter(client__name__startswith="Jo ")
    for one in chance.sample(list(theirs), 4):
        named(
            one,
            *chance.sample(members.get(one.clinic_id, []), 1),
            left=chance.choice([None, timedelta(minutes=5)]),
        )


def log(one, chance):
    if chance.random() < 0.8:
        asked(
            one,
            [
                ("hinge", "deadlift", chance.randrange(3), None),
                ("squat", chance.choice(["back-squat", "goblet-squat"]), 1, None),
            ],
        )
    for lift, exercise, _, _ in USUAL:
        for number in range(1, chance.randrange(4)):
            lifted(
                one,
                lift,
                exercise,
                number,
                chance.choice([None, Decimal(40)]),
                kind="impact" if lift == "impact" else chance.choice(["working", "warm_up"]),
                load=chance.choice([None, Decimal(40), Decimal("43.5"), Decimal(50)]),
                clean=chance.choice([True, True, None, False]),
                rpe=chance.choice([None, 16, 16]),
                effort_low=chance.choice([None, 16]),
                voided=chance.random() < 0.1,
            )
    if one.took_place and chance.random() < 0.6:
        noted(one, timedelta(hours=chance.choice([1, 23, 25, 100])))


@pytest.mark.parametrize("seed", range(4))
def test_both_implementations_agree(cast, seed):
    chance = random.Random(seed)
    cast.north.timezone = chance.choice(["Australia/Sydney", "Pacific/Chatham", "Europe/Berlin"])
    cast.north.save(update_fields=["timezone"])
    clinics = (cast.north, cast.harbor)
    invent(cast, chance, clinics)
    first = RuleSet.objects.get(clinic=cast.north)
    RuleSet.objects.create(
        clinic=cast.north,
        number=2,
        effective_from=datetime(2025, 9, 15, tzinfo=UTC),
        values={**first.values, "note_hours": "48", "confirm_over_percent": "8"},
        inventory=first.inventory,
    )
    for by in KIND.bys:
        begin = FIRST + chance.randrange(20) * DAYS
        end = begin + chance.choice([10, 40]) * DAYS
        as_at = datetime(2025, chance.choice([9, 10, 11]), 28, seed * 5, tzinfo=UTC)
        theirs = second.second_sessions(clinics, begin, end, as_at)
        asked_ = scope(cast, by, begin, end, as_at, clinics=clinics)
        for _ in ("worked out", "kept"):
            report = KIND.make(asked_)
            assert bool(report.nothing) == (not theirs)
            if theirs:
                agree(report, theirs, by)
                behind = KIND.behind(asked_, "groups", "total", "sessions").rows
                assert {int(row.key) for row in behind} == {one["id"] for one in theirs}
            delivered_kept.keep(as_at)
            assert cast.north.pk not in delivered_kept.waiting(as_at)
        delivered_kept.forget()


def agree(report, theirs, by):
    for code in theirs[0]["items"]:
        known = [one["items"][code] for one in theirs if one["items"][code] is not None]
        assert cells(report, "items", code, "applies", "met") == (len(known), sum(known)), code
    groups, months = {"total": theirs}, {}
    for one in theirs:
        groups.setdefault(one[by.value], []).append(one)
        months.setdefault(one["month"], []).append(one)
    assert {row.key for row in table(report, "groups").rows} == set(groups) - {"total"}
    for name, found in (("groups", groups), ("months", months)):
        for key, those in found.items():
            assert cells(
                report, name, key, "sessions", "mean", "median", "whole", "notes", "in_time"
            ) == (
                len(those),
                mean([one["score"] for one in those]),
                middle([one["score"] for one in those]),
                sum(one["whole"] for one in those),
                sum(one["note_due"] for one in those),
                sum(one["in_time"] for one in those),
            )
    for key, those in groups.items():
        classes = {one["slot"]: one for one in those}.values()
        assert cells(report, "groups", key, "classes", "over_warn", "over_block") == (
            len(classes),
            sum(one["over_warn"] for one in classes),
            sum(one["over_block"] for one in classes),
        )
    sizes = {}
    for one in {one["slot"]: one for one in theirs}.values():
        sizes[one["clients"]] = sizes.get(one["clients"], 0) + 1
    assert {row.cells[0]: row.cells[1] for row in table(report, "sizes").rows} == sizes


def percent(value):
    tenths = value * 1000
    whole, rest = divmod(tenths.numerator, tenths.denominator)
    return Decimal(whole + (2 * rest >= tenths.denominator)) / 10


def mean(scores):
    return percent(sum(scores, Fraction(0)) / len(scores))


def middle(scores):
    scores = sorted(scores)
    half = len(scores) // 2
    if len(scores) % 2:
        return percent(scores[half])
    return percent((scores[half - 1] + scores[half]) / 2)
