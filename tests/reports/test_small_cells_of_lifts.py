"""The dose across an organisation: five enrollments of four people are few, in every table.

Clinics of few people, made up at random, with several enrollments each. Whose the figures of a row
are is told by the rows behind it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from bonefit.clinics.models import OrganisationMembership
from programs.models import Enrollment
from sessions.models import Visit
from sessions.reports.dose_report import KIND
from sessions.reports.scope import By, Filters, Scope
from sessions.reports.small_counts import FEW
from sessions.reports.table import Report, Row, Table
from sessions.reports.whose import scope_of_organisation
from tests.cast import NOW, Cast
from tests.reports.doses import asked, landed, sets, target
from tests.reports.floor import ATTENDED, another_program, someone, twice_a_week, visit

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 9, 1), date(2026, 2, 28)
#: The figures of a row whose rows behind it are all that it has.
FIGURES = ("asked", "done", "beside", "landings_asked", "landings")
#: The volumes that the rows of a lift add up to.
VOLUMES = ("asked", "done")


def invent(cast: Cast, chance: random.Random) -> None:
    """Somebody trains, leaves and comes back: every enrollment has a lift or two."""
    other = another_program(cast.north, frequency=3, weeks=6)
    for number in range(chance.randrange(8, 15)):
        starts_on = FIRST + timedelta(days=chance.choice([0, 0, 30, 33]))
        client = None
        for _ in range(chance.choice([1, 1, 2, 3])):
            by = chance.choice([cast.ana, cast.ada, cast.tess])
            more = {"client": client} if client else {}
            if chance.random() < 0.4:
                more["version"] = other
            ended_on = starts_on + timedelta(days=30)
            one = someone(by, f"Jo {number:02}", starts_on, ended_on=ended_on, **more)
            client = one.client
            _train(one, starts_on, chance)
            starts_on = ended_on + timedelta(days=1)


def _train(one: Enrollment, starts_on: date, chance: random.Random) -> None:
    lifts = chance.choices(["hinge", "squat", "press"], [6, 2, 1], k=2)
    for week in sorted(chance.sample(range(4), chance.choice([1, 2]))):
        made = visit(one, starts_on + timedelta(days=7 * week), ATTENDED)
        asked(made, *(target(lift, 2, 5, "40") for lift in {*lifts}))
        for lift in {*lifts}:
            sets(made, lift, 5, chance.choice([4, 5]), load="40", rpe=16)
        if chance.random() < 0.3:
            landed(made, 10, level=chance.choice([0, 0, 1]))


def question(greta: OrganisationMembership, by: By) -> Scope:
    return scope_of_organisation(greta, Filters(FIRST, LAST, by=by), as_at=NOW)


def table(report: Report, key: str) -> Table:
    return next(one for one in report.tables if one.key == key)


def every_row(report: Report) -> Iterator[tuple[str, Row]]:
    for one in report.tables:
        for row in (*one.rows, *([one.total] if one.total else [])):
            yield one.key, row


class Whose:
    """Whose the figures of each row are."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.client = dict(Enrollment.objects.values_list("pk", "client"))

    def of(self, key: str, row: str) -> set[int]:
        found = set()
        for figure in FIGURES:
            found |= {self._client(line) for line in self._behind(key, row, figure)}
        return found

    def measured(self, key: str, row: str) -> set[int]:
        return {self.client[int(line.key)] for line in self._behind(key, row, "measured")}

    def _behind(self, key: str, row: str, figure: str) -> Iterable[Row]:
        assert KIND.behind is not None
        found = KIND.behind(self.scope, key, row, figure)
        assert found is not None
        return found.rows

    def _client(self, line: Row) -> int:
        return self.client[Visit.objects.get(pk=int(line.key.split(".")[0])).enrollment_id]


@pytest.mark.parametrize("seed", range(6))
def test_no_row_of_fewer_than_five_people_says_anything(
    cast: Cast, greta: OrganisationMembership, seed: int
):
    chance = random.Random(f"lifts {seed}")
    invent(cast, chance)
    for by in (By.THERAPIST, By.PROGRAM, By.PHASE):
        scope = question(greta, by)
        whose = Whose(scope)
        report = KIND.answer(scope)
        people: dict[tuple[str, str], set[int]] = {}
        for key, row in every_row(report):
            if key == "levels" and row.key == "total":  # of everybody
                continue
            mine = people[key, row.key] = whose.of(key, row.key)
            names = [column.key for column in table(report, key).columns]
            cells = dict(zip(names, row.cells, strict=True))
            said = {name: cells[name] for name in names[1:] if cells[name] is not None}
            if 0 < len(mine) < 5:
                assert not said, (by, key, row.key, mine)
            if key in ("lines", "lifts") and said and 0 < len(whose.measured(key, row.key)) < 5:
                assert not said.keys() & {"measured", "d1_mean", "d1_median", "d2_mean"}, row
        add_up(report, people)


def add_up(report: Report, people: dict[tuple[str, str], set[int]]) -> None:
    """The rows of a lift, and the lifts, are not taken away from what they add up to."""
    lifts = {row.key: row for row in table(report, "lifts").rows}
    for key in ("months", "phases"):
        for lift, whole in lifts.items():
            rows = [row for row in table(report, key).rows if row.key.endswith(f".{lift}")]
            hidden = [row for row in rows if row.cells[2] is None]
            if whole.cells[2] is None:
                assert hidden, (key, lift)
            elif hidden:
                together = set().union(*(people[key, row.key] for row in hidden))
                assert hidden == rows or (len(together) >= 5 and len(hidden) > 1), (key, lift)
    hidden = [row for row in lifts.values() if row.cells[2] is None]
    if hidden and len(hidden) < len(lifts):
        assert len(set().union(*(people["lifts", row.key] for row in hidden))) >= 5


def test_five_enrollments_of_four_people_are_few_in_each_table(
    cast: Cast, greta: OrganisationMembership
):
    """Everybody deadlifts; five enrollments of four people squat and land, in November."""
    for number in range(7):
        one = someone(cast.ana, f"Jo {number}", FIRST)
        for made in twice_a_week(one, [ATTENDED] * 14):
            asked(made, target("hinge", 1, 5, "40"))
            sets(made, "hinge", 5, load="40", rpe=16)
    squatting = list(Enrollment.objects.filter(client__name__in=[f"Jo {n}" for n in range(4)]))
    gone = Enrollment.objects.filter(pk=squatting[0].pk)
    gone.update(ended_on=FIRST + timedelta(days=70), status="withdrawn")
    back = someone(cast.ana, "Jo 0", FIRST + timedelta(days=75), client=squatting[0].client)
    for one in (*squatting, back):
        made = visit(one, FIRST + timedelta(days=80 if one == back else 65), ATTENDED)
        asked(made, target("squat", 1, 5, "20"))
        sets(made, "squat", 5, load="20", rpe=16)
        landed(made, 10, level=1)
    report = KIND.answer(question(greta, By.CLINIC))

    def cells(key: str, row: str) -> list[object]:
        return next(list(one.cells) for one in table(report, key).rows if one.key == row)

    for key, row in (
        ("lifts", "squat"),
        ("months", "2025-11.squat"),
        ("levels", "1"),
    ):
        found = cells(key, row)
        assert str(found[0]).endswith(FEW), (key, row)
        assert not any(found[1:])
    phases = [row.cells for row in table(report, "phases").rows if row.key.endswith(".squat")]
    assert phases
    assert all(str(one[0]).endswith(FEW) and not any(one[1:]) for one in phases)


def test_enrollments_of_one_person_have_no_mean(cast: Cast, greta: OrganisationMembership):
    """Of six people one alone was prescribed a load, in six enrollments."""
    for number in range(6):
        made = visit(someone(cast.ana, f"Ruth {number}", FIRST), FIRST, ATTENDED)
        asked(made, target("hinge", 1, 5))
    jo, day = None, FIRST
    for _ in range(6):
        more = {"client": jo.client} if jo else {}
        jo = someone(cast.ana, "Jo", day, ended_on=day + timedelta(days=10), **more)
        made = visit(jo, day + timedelta(days=2), ATTENDED)
        asked(made, target("hinge", 1, 5, "40"))
        sets(made, "hinge", 5, load="40", rpe=16)
        day += timedelta(days=12)
    report = KIND.answer(question(greta, By.CLINIC))

    lines = table(report, "lines")
    names = [column.key for column in lines.columns]
    assert lines.total
    said = dict(zip(names, lines.total.cells, strict=True))
    assert said["people"] == 12
    assert said["measured"] is said["d1_mean"] is said["d1_median"] is None
    assert said["d1"] == Decimal("100.00")  # of everybody together
    assert not any("mean of the clients" in figure.sentence for figure in report.beside)
