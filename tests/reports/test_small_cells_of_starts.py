"""Retention across an organisation: nothing of fewer than five people is shown, or follows.

Clinics of few people, made up at random, who leave and come back. A reader adds up and takes away
whatever is shown of groups, reasons, weeks and in words; she finds no count of a few.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta

import pytest

from bonefit.clinics.models import OrganisationMembership
from programs.leaving import CENSORED, EndKind
from programs.models import Enrollment
from sessions.reports.pictures import Survival
from sessions.reports.retention import KIND
from sessions.reports.scope import By, Filters, Scope
from sessions.reports.starts import Start, started
from sessions.reports.survival import MARKS
from sessions.reports.table import Cell, Report
from sessions.reports.whose import scope_of_organisation
from tests.cast import NOW, Cast
from tests.reports.floor import ATTENDED, another_program, someone, visit
from tests.reports.worked_out import Known

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2025, 1, 6), date(2026, 2, 28)
OUTCOMES = ("left", "elsewhere", "finished", "running")
DROPPED = [kind for kind in ("", *EndKind.values) if kind not in CENSORED]


def invent(cast: Cast, chance: random.Random) -> None:
    """A year of a clinic. Few reasons are chosen, so that each is of some; some people come back,
    to another therapist perhaps, and leave again.
    """
    other = another_program(cast.north, frequency=3, weeks=6)
    reasons = chance.sample([*DROPPED, *CENSORED], chance.randrange(1, 6))
    reasons.append(chance.choice(CENSORED))
    everybody: list[Enrollment] = []
    for number in range(chance.randrange(10, 34)):
        by = chance.choices([cast.ana, cast.ada, cast.tess], [6, 5, chance.choice([1, 3])])[0]
        again = chance.choice(everybody) if everybody and chance.random() < 0.3 else None
        more = {"client": again.client} if again else {}
        if chance.random() < 0.3:
            more["version"] = other
        starts_on = FIRST + timedelta(days=chance.choice([0, 5, 40, 45, 100, 300]))
        if again:
            starts_on = (again.ended_on or again.starts_on) + timedelta(days=chance.choice([1, 9]))
        if chance.random() < 0.7:
            more["ended_on"] = starts_on + timedelta(days=chance.randrange(0, 290))
            more["status"] = chance.choices(["withdrawn", "finished"], [4, 1])[0]
            if more["status"] == "withdrawn":
                more["end_kind"] = chance.choice(reasons)
        elif again:
            continue
        if again and not again.ended_on:
            continue
        one = someone(by, f"Jo {number:02}", starts_on, **more)
        everybody.append(one)
        for week in range(chance.randrange(0, 4)):
            day = starts_on + timedelta(days=week * chance.choice([7, 56]))
            visit(one, day, ATTENDED, at=time(7 + len(everybody) % 12))


def question(greta: OrganisationMembership, by: By) -> Scope:
    return scope_of_organisation(greta, Filters(FIRST, LAST, by=by), as_at=NOW)


def said(report: Report, key: str) -> dict[str, dict[str, Cell]]:
    """What each row of a table says, by the keys of its columns; of nothing that is blank."""
    found = next((table for table in report.tables if table.key == key), None)
    if found is None:
        return {}
    keys = [column.key for column in found.columns]
    return {
        row.key: {
            column: cell
            for column, cell in zip(keys[1:], row.cells[1:], strict=True)
            if cell is not None
        }
        for row in (*found.rows, *([found.total] if found.total else []))
    }


class Truth:
    """Whose starts there are, by group, outcome, reason and week."""

    def __init__(self, scope: Scope) -> None:
        plain = Scope(scope.clinics, scope.enrollments, scope.filters, scope.as_at)
        whole = KIND.make(plain)
        self.groups = [key for key in said(whole, "groups") if key != "total"]
        self.of: dict[str, list[Start]] = {
            key: started(plain, key=key, which="true") for key in self.groups
        }
        self.starts: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for key, starts in self.of.items():
            for one in starts:
                self._put(key, one)

    def _put(self, key: str, one: Start) -> None:
        self.starts["outcome", key, one.outcome].append(one.client)
        if one.lapsed:
            self.starts["lapsed", key].append(one.client)
        if one.outcome in ("left", "elsewhere"):
            self.starts["reason", one.end_kind or "not_said"].append(one.client)
        for week in MARKS:
            if one.week >= week:
                self.starts["at_risk", week, key].append(one.client)
            if one.outcome == "left" and one.week <= week:
                self.starts["left_by", week, key].append(one.client)

    def few(self, counts: Iterable[tuple[object, ...]]) -> bool:
        """Whether all these together are of one to four people."""
        return 0 < len({client for one in counts for client in self.starts[one]}) < 5

    def number(self, counts: Iterable[tuple[object, ...]]) -> int:
        return sum(len(self.starts[one]) for one in counts)

    def many(self, counts: Iterable[tuple[object, ...]]) -> str:
        every = list(counts)
        people = {client for one in every for client in self.starts[one]}
        return f"{every}: {self.number(every)} starts of {len(people)} people"


def outcomes_known(report: Report, truth: Truth) -> Known:
    """What is shown of outcomes and reasons; a count by a week that is the whole count tells it."""
    known, reasons = Known(), [one for one in truth.starts if one[0] == "reason"]
    groups = truth.groups

    def of(key: str, outcome: str) -> list[tuple[object, ...]]:
        return [("outcome", one, outcome) for one in (groups if key == "total" else [key])]

    for key, row in said(report, "groups").items():
        if "started" in row:
            known.add(one for outcome in OUTCOMES for one in of(key, outcome))
        for outcome in OUTCOMES:
            if outcome in row:
                known.add(of(key, outcome))
    for key, row in said(report, "curves").items():
        group = key.rpartition(".")[0]
        if "left" in row and row["left"] == truth.number(of(group, "left")):
            known.add(of(group, "left"))
    for row in said(report, "curve").values():
        if "left" in row and row["left"] == truth.number(of("total", "left")):
            known.add(of("total", "left"))
    for outcome, are in (("left", False), ("elsewhere", True)):
        some = [one for one in reasons if (one[1] in CENSORED) is are]
        known.same(some, of("total", outcome))
    for key, row in said(report, "reasons").items():
        if "number" in row:
            known.add(reasons if key == "total" else [("reason", key)])
        if "share" in row and key != "total":
            known.add(reasons)
    words = " ".join([report.lead.sentence if report.lead else "", *report.notes])
    if f"{truth.number(of('total', 'left'))} dropout" in words:
        known.add(of("total", "left"))
    if f"{truth.number([('reason', 'not_said')])} withdrawal" in words:
        known.add([("reason", "not_said")])
    for figure in report.beside:
        if figure.value.isdigit() and figure.opens and figure.opens[2] in OUTCOMES:
            known.add(of("total", figure.opens[2]))
    return known


#: The last three once found something that followed.
@pytest.mark.parametrize("seed", [*range(8), 12, 40, 41])
def test_no_count_of_a_few_follows_from_what_is_shown(
    cast: Cast, greta: OrganisationMembership, seed: int
):
    invent(cast, random.Random(f"starts {seed}"))
    for by in (By.THERAPIST, By.COHORT, By.PROGRAM, By.CLINIC):
        scope = question(greta, by)
        truth = Truth(scope)
        report = KIND.answer(scope)
        if report.nothing:
            continue
        outcomes(report, truth)
        weeks(report, truth)


def outcomes(report: Report, truth: Truth) -> None:
    known = outcomes_known(report, truth)
    for one in list(truth.starts):
        if one[0] in ("outcome", "reason") and truth.few([one]):
            assert not known.follows([one]), truth.many([one])
    sums: list[list[tuple[object, ...]]] = []
    for outcome in OUTCOMES:
        sums.append([("outcome", key, outcome) for key in truth.groups])
    for key in truth.groups:
        sums.append([("outcome", key, outcome) for outcome in OUTCOMES])
    for are in (True, False):
        kinds = [one for one in truth.starts if one[0] == "reason"]
        sums.append([one for one in kinds if (one[1] in CENSORED) is are])
    sums.append([one for some in sums[-2:] for one in some])
    for whole in sums:  # what is left of a whole that is shown
        hidden = [one for one in whole if truth.starts[one] and not known.follows([one])]
        if truth.few(hidden):
            assert not known.follows(hidden), truth.many(hidden)


def weeks(report: Report, truth: Truth) -> None:
    """The same of each week: of at risk, of left by then, and of the lapsed."""
    groups, curve, curves = (said(report, key) for key in ("groups", "curve", "curves"))
    known = Known()
    for week in MARKS:
        for what, column in (("at_risk", "at_risk"), ("left_by", "left")):
            if column in curve[str(week)]:
                known.add((what, week, key) for key in truth.groups)
            for key in truth.groups:
                if column in curves.get(f"{key}.{week}", {}):
                    known.add([(what, week, key)])
    for key, row in groups.items():
        some = truth.groups if key == "total" else [key]
        for column, what in (
            ("started", ("at_risk", 0)),
            ("at_16", ("at_risk", 16)),
            ("at_35", ("at_risk", 35)),
            ("lapsed", ("lapsed",)),
        ):
            if column in row:
                known.add((*what, one) for one in some)
    for one in list(truth.starts):
        if one[0] in ("at_risk", "left_by", "lapsed") and truth.few([one]):
            assert not known.follows([one]), truth.many([one])
    for column, week in (("share_16", 16), ("share_35", 35)):
        for key in truth.groups:
            if truth.few([("at_risk", week, key)]):
                assert column not in groups[key], truth.many([("at_risk", week, key)])
    for week in MARKS:
        if truth.few([("at_risk", week, key) for key in truth.groups]):
            assert curve[str(week)] == {}
            picture = report.pictures["retention"]
            assert isinstance(picture, Survival)
            assert week not in dict(picture.at_risk)
