"""Operations against a second implementation, on an invented year over changes of the clocks."""

import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta

import pytest

from sessions.models import Leave, Pause, Room, Visit
from sessions.reports.operations import KIND
from tests.reports import second_operations as second
from tests.reports.floor import MAKE_UP, someone, visit
from tests.reports.test_operations import DAYS, FIRST, a_class, flag, scope
from tests.reports.test_retention import cells, table
from tests.sessions.test_due_list import a_round, scanned


def invent(cast, chance, clinics):
    for member in (cast.ana, cast.tess, cast.otto):
        member.clinic = next(one for one in clinics if one.pk == member.clinic_id)
    Room.objects.create(clinic=cast.north, name="Hall", places=7, racks=4)
    Room.objects.create(clinic=cast.harbor, name="Hall", racks=2)
    for hour, member in enumerate((cast.ana, cast.tess, cast.otto)):
        begins = FIRST + chance.randrange(300) * DAYS
        Leave.objects.create(
            clinic=member.clinic,
            member=member,
            starts_on=begins,
            ends_on=begins + 30 * DAYS,
            added_by=member,
        )
        for number in range(12):
            day = FIRST + chance.randrange(364) * DAYS
            a_class(
                member,
                day,
                room=chance.choice(["Hall", "Yard"]),
                at=2 * number + hour % 2,
                planned=chance.choice([[], [member]]),
                capacity=chance.choice([None, 3]),
                off=chance.random() < 0.1,
            )
        for number in range(4):
            people(member, number, chance)


def people(member, number, chance):
    start = FIRST + chance.randrange(-200, 250) * DAYS
    more = {"ended_on": start + chance.randrange(300) * DAYS} if chance.random() < 0.4 else {}
    jo = someone(member, f"Jo {number}", start, **more)
    jo.clinic = member.clinic
    owed = []
    for step in range(chance.randrange(10)):
        day = start + (step * 5 + chance.randrange(5)) * DAYS
        status = chance.choice(list(Visit.Status))
        one = visit(jo, day, status, at=time(chance.choice([0, 9, 23]), 30 * chance.randrange(2)))
        owed.append(one)
        if chance.random() < 0.4:
            by = jo.therapist
            at = datetime(2025, 1, 1, tzinfo=UTC) + chance.randrange(300) * DAYS
            Visit.objects.filter(pk=one.pk).update(said_at=at, said_by=by)
    for one in chance.sample(owed, len(owed) // 2):
        day = start + chance.randrange(400) * DAYS
        status = chance.choice(["attended", "no_show", "planned", "late_cancel"])
        other = visit(jo, day, status, MAKE_UP, at=time(12))
        Visit.objects.filter(pk=other.pk).update(makes_up=one)
    begins = start + chance.randrange(40) * DAYS
    Pause.objects.create(
        clinic=jo.clinic,
        enrollment=jo,
        starts_on=begins,
        ends_on=begins + 14 * DAYS,
        resumed_on=chance.choice([None, begins + 3 * DAYS]),
        why="Travels",
        added_at=datetime(2025, 1, 1, tzinfo=UTC) + chance.randrange(300) * DAYS,
        added_by=jo.therapist,
    )
    for _ in range(chance.randrange(5)):
        opened = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=chance.randrange(-500, 8000))
        closed = opened + timedelta(minutes=chance.randrange(40_000))
        flag(
            chance.choice([jo, jo, jo.therapist]),
            opened,
            chance.choice([None, closed]),
            kind=chance.choice(["no_show", "lapsed"]),
            severity=chance.choice(["red", "amber", "good"]),
            how=chance.choice(["called", "by_itself", "not_useful"]),
        )
    for _ in range(chance.randrange(5)):
        measure = chance.choice([a_round, scanned])
        measure(jo.client, jo.therapist, start + chance.randrange(-500, 500) * DAYS)


@pytest.mark.parametrize("seed", range(5))
def test_both_implementations_agree(cast, seed):
    chance = random.Random(seed)
    cast.north.timezone = chance.choice(["Australia/Sydney", "Pacific/Chatham", "Europe/Berlin"])
    cast.north.save(update_fields=["timezone"])
    clinics = (cast.north, cast.harbor)
    invent(cast, chance, clinics)
    first = FIRST + chance.randrange(60) * DAYS
    last = first + chance.choice([30, 120, 3650]) * DAYS
    as_at = datetime(2025, chance.choice([4, 9, 12]), 28, seed * 5, tzinfo=UTC)
    dates = first, last, as_at
    report = KIND.make(scope(cast, *dates, clinics=clinics))
    agree_on_places(report, [second.places(clinic, *dates) for clinic in clinics])
    sessions = [one for clinic in clinics for one in second.scheduled(clinic, *dates)]
    agree_on_sessions(report, sessions)
    theirs = sum((second.credits_of(clinic, *dates) for clinic in clinics), Counter())
    agree_on_credits(report, theirs)
    flags = second.flags(clinics, *dates)
    columns = ("opened", "waits", "closed", "person", "useless", "days")
    assert len(table(report, "flags").rows) == max(0, len(flags) - 1)
    for key, numbers in flags.items():
        row = ".".join(key) if key else "total"
        assert cells(report, "flags", row, *columns) == numbers
    checks = Counter()
    for clinic in clinics:
        for name, numbers in second.checks(clinic, *dates).items():
            checks.update({(name, number): count for number, count in enumerate(numbers)})
    for row in table(report, "checks").rows:
        assert row.cells[1:4] == tuple(checks.pop((row.cells[0], number)) for number in range(3))
    assert not +checks


def agree_on_places(report, theirs):
    columns = ("classes", "offered", "held", "came", "alone")
    classes = [one for clinic in theirs for one in clinic]
    assert cells(report, "month", "total", *columns) == second.in_row(classes)
    for name in ("month", "room"):
        keys = {one[name] for one in classes}
        assert {row.key for row in table(report, name).rows} == keys
        for key in keys:
            mine = [one for one in classes if one[name] == key]
            assert cells(report, name, key, *columns) == second.in_row(mine)
    for row in table(report, "therapist").rows:
        mine = [one for one in classes if int(row.key) in one["therapists"]]
        assert cells(report, "therapist", row.key, *columns) == second.in_row(mine)


def agree_on_sessions(report, sessions):
    states = Counter(state for _, _, state in sessions)
    assert {row.key: row.cells[1] for row in table(report, "causes").rows} == dict(states)
    client = {"no_show", "late_cancel", "cancelled_client", "excused"}
    for row in table(report, "causes_by_month").rows:
        mine = [state for _, day, state in sessions if day.strftime("%Y-%m") == row.key]
        assert cells(report, "causes_by_month", row.key, "scheduled", "no_show", "client") == (
            len(mine),
            mine.count("no_show"),
            sum(state in client for state in mine),
        )


def agree_on_credits(report, theirs):
    became = ("taken", "booked", "open", "lapsed")
    rows = table(report, "credits").rows
    assert {row.key for row in rows} == {state for state, _ in theirs}
    for row in rows:
        expected = tuple(theirs[row.key, one] for one in became)
        assert cells(report, "credits", row.key, *became) == expected
