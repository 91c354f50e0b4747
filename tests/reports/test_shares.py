"""A question across clinics says the same in shares as in one piece, and is shared out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from sessions.reports import rollups, shares
from sessions.reports.attendance_grouped import grouped
from sessions.reports.attendance_over import TimeTables
from sessions.reports.dose import Dose, totals
from sessions.reports.scope import By, Scope
from sessions.reports.shares import ask_in_shares, shares_of
from tests.cast import Cast
from tests.reports.attendance_world import DAYS, FIRST, asked, invent
from tests.reports.doses import asked as told
from tests.reports.doses import sets, target
from tests.reports.floor import someone, visit

#: Each test is undone, and finds what the fixture ``clinics`` wrote.
pytestmark = pytest.mark.usefixtures("cast")
LAST = FIRST + timedelta(days=100)
AS_AT = datetime(2026, 1, 20, 9, tzinfo=UTC)
#: What is asked of the database to count the clients of each clinic.
COLUMNS = {"clinic_id": "bigint", "clients": "bigint"}
COUNT = "SELECT clinic_id, count(*) FROM chosen GROUP BY 1"


@pytest.fixture(scope="module")
def clinics(module_cast: Cast) -> list[Clinic]:
    """Two clinics in different zones, with pasts of their own and what was lifted in them."""
    cast, chance = module_cast, Random("shares")
    cast.harbor.timezone = "Pacific/Chatham"
    cast.harbor.save(update_fields=["timezone"])
    invent(cast.north, [cast.ana, cast.tess], chance, people=5)
    invent(cast.harbor, [cast.otto], chance, people=5)
    for member, load in ((cast.ana, 40), (cast.otto, 55), (cast.tess, 30)):
        _lifts(someone(member, f"Jo {load}", FIRST), load)
    return [cast.north, cast.harbor]


def _lifts(jo: Enrollment, load: int) -> None:
    for week in range(12):
        one = visit(jo, FIRST + timedelta(weeks=week), "attended" if week % 3 else "no_show")
        told(one, target("hinge", 5, 5, str(load + week)), target("squat", 3, 5, str(load)))
        if week % 3:
            sets(one, "hinge", 5, 5, 5, load=str(load + week), rpe=16)
            sets(one, "squat", 5, 4, load=str(Decimal(load) - 2), rpe=17)


@pytest.fixture
def in_shares(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets how many clinics make a share; one to begin with."""

    def each(clinics: int) -> None:
        monkeypatch.setattr(shares, "CLINICS", clinics)

    each(1)
    return each


def answers(scope: Scope) -> tuple[Any, ...]:
    """Attendance, dose and sessions over time."""
    time = TimeTables(scope).time
    return (
        grouped(scope),
        lifted(Dose(replace(scope, named=False))),
        (time.by_month, time.by_week, time.by_phase),
        lifted(Dose(scope)),
        totals(scope),
    )


def lifted(found: Dose) -> tuple[Any, ...]:
    """All lines of the dose, in any order."""
    parts = (found.lines, found.lifts, found.phases, found.levels, found.months)
    return found.total, *(sorted(part, key=repr) for part in parts)


def test_a_share_is_of_four_clinics_at_least_and_there_are_six_at_most() -> None:
    def number(clinics: int) -> list[int]:
        scope = asked([Clinic(pk=pk, timezone="UTC") for pk in range(clinics)], FIRST, LAST)
        found = shares_of(scope)
        assert sorted(one.pk for share in found for one in share.clinics) == list(range(clinics))
        return [len(share.clinics) for share in found]

    assert number(0) == [0]
    assert number(7) == [7]
    assert number(8) == [4, 4]
    assert number(13) == [5, 4, 4]
    assert number(200) == [34, 34, 33, 33, 33, 33]


@pytest.mark.parametrize("by", [by for by in By if by != By.CLIENT])
@pytest.mark.parametrize("standing", ["worked out", "kept", "both"])
def test_in_shares_and_in_one_piece_every_figure_is_the_same(
    clinics: list[Clinic], in_shares: Callable[..., None], by: By, standing: str
) -> None:
    if standing != "worked out":
        waiting = rollups.waiting(AS_AT)
        rollups.keep(waiting if standing == "kept" else waiting[::2], AS_AT)
    for days in (LAST, FIRST + timedelta(days=DAYS)):
        scope = asked(clinics, FIRST, days, as_at=AS_AT, by=by)
        shared = answers(scope)
        in_shares(2)
        assert shared == answers(scope)
        assert shared[0][1].counts.attended > 20
        assert shared[1] == shared[3]
        assert shared[1][0].sums.done == shared[4].done > 0
        # Two people of one clinic and one of the other lifted in every month.
        assert {line.people for line in shared[1][5]} == {3}
        in_shares(1)


def test_each_share_is_asked_about_its_own_clinics_alone(
    clinics: list[Clinic], in_shares: Callable[..., None]
) -> None:
    seen = []

    def each(share: Scope) -> tuple[str, dict[str, Any]]:
        seen.append([clinic.pk for clinic in share.clinics])
        return COUNT, {}

    scope = asked(clinics, FIRST, LAST)
    found = ask_in_shares(scope, each, COLUMNS, "SELECT * FROM answers ORDER BY clinic_id")
    assert seen == [[clinic.pk] for clinic in clinics]
    assert found == scope.ask(f"{COUNT} ORDER BY 1")
    assert [pk for pk, _ in found] == sorted(clinic.pk for clinic in clinics)


def test_workers_of_the_database_share_them_out(
    clinics: list[Clinic], in_shares: Callable[..., None]
) -> None:
    found = ask_in_shares(
        asked(clinics, FIRST, LAST), lambda _: (COUNT, {}), COLUMNS, "SELECT * FROM answers"
    )
    assert len(found) == 2
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN SELECT * FROM training_share('SELECT 1') AS a(n int)"
            " UNION ALL SELECT * FROM training_share('SELECT 2') AS a(n int)"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Parallel Append" in plan


def test_a_share_cannot_write(cast: Cast) -> None:
    refused = pytest.raises(DatabaseError, match="not allowed in a non-volatile function")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        cursor.execute(
            "SELECT * FROM training_share(%s) AS a(pk bigint)",
            ["UPDATE clinics_clinic SET name = 'Gone' RETURNING id"],
        )


def test_nothing_is_compiled_and_groupings_have_the_memory_they_ask_for(
    clinics: list[Clinic], in_shares: Callable[..., None]
) -> None:
    scope = asked(clinics, FIRST, LAST)
    body = "SELECT current_setting('jit'), current_setting('work_mem')"
    assert scope.ask(body, memory=64) == [("off", "64MB")]
    columns = {"jit": "text", "memory": "text"}
    found = ask_in_shares(scope, lambda _: (body, {}), columns, "TABLE answers", memory=64)
    assert found == [("off", "64MB")] * 2
