"""Every figure of every report opens the rows behind it, and they are those that it is made of."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest

from sessions.reports.cert import COLUMNS as OF_CERT
from sessions.reports.registry import KINDS
from sessions.reports.research import DICTIONARY
from sessions.reports.scope import By
from tests.reports import attendance_world
from tests.reports import test_change as change
from tests.reports import test_dose_agrees_with_a_second_one as dose
from tests.reports import test_fidelity_agrees as fidelity
from tests.reports import test_operations_agrees as operations
from tests.reports import test_retention_agrees as retention
from tests.reports import test_safety as safety
from tests.reports.behind_rules import CLOSED, RULES, Like, rule_of
from tests.reports.floor import moment, someone
from tests.reports.test_safety_agrees import invent as invent_harm

pytestmark = pytest.mark.django_db
KIND_OF = {kind.slug: kind for kind in KINDS}
#: The reports whose tables have no number.
WORDS = {"cert": OF_CERT, "research": DICTIONARY}


def adherence_world(cast, chance, by):
    attendance_world.invent(cast.north, [cast.ana, cast.tess], chance, people=4)
    first = attendance_world.FIRST + timedelta(days=10)
    headline = chance.choice(["A1", "A3", "A5"])
    return attendance_world.asked(
        [cast.north], first, first + timedelta(days=80), by=by, headline=headline
    )


def dose_world(cast, chance, by):
    dose.invent(cast, chance)
    last = dose.FIRST + timedelta(days=dose.DAYS)
    return dose.scope(cast.north, first=dose.FIRST, last=last, as_at=moment(last), by=by)


def retention_world(cast, chance, by):
    retention.invent(cast, chance, (cast.north, cast.harbor))
    return retention.scope(cast, by=by, clinics=(cast.north, cast.harbor))


def fidelity_world(cast, chance, by):
    fidelity.invent(cast, chance, (cast.north, cast.harbor))
    return fidelity.scope(cast, by, clinics=(cast.north, cast.harbor))


def change_world(cast, chance, by):
    scanner = change.scanner.__wrapped__(cast)
    for number in range(7):
        jo = someone(cast.ana, f"Jo {number:02}", change.FIRST)
        change._invent(jo, scanner, chance)
    return change.asking(cast)


def safety_world(cast, chance, by):
    invent_harm(cast, chance)
    return safety.scope(cast, clinics=(cast.north, cast.harbor))


def operations_world(cast, chance, by):
    operations.invent(cast, chance, (cast.north, cast.harbor))
    return operations.scope(cast, clinics=(cast.north, cast.harbor))


WORLDS = {
    "adherence": adherence_world,
    "dose": dose_world,
    "retention": retention_world,
    "fidelity": fidelity_world,
    "change": change_world,
    "safety": safety_world,
    "operations": operations_world,
}
#: What a row is, where it changes what is counted: by the others it is whole enrollments again.
ASKED = [
    (slug, by)
    for slug in WORLDS
    for by in (KIND_OF[slug].bys or (By.CLINIC,))
    if by in (By.CLIENT, By.PROGRAM, By.PHASE) or len(KIND_OF[slug].bys) < 2
]


def rows_of(table):
    return [*table.rows, *([table.total] if table.total else [])]


def told(table, row):
    return dict(zip((one.key for one in table.columns), row.cells, strict=True))


class Opened:
    """What is behind the figures of one question; each is asked for once."""

    def __init__(self, kind, scope):
        self.kind, self.scope, self.known = kind, scope, {}

    def rows(self, *figure):
        if figure not in self.known:
            found = self.kind.behind(self.scope, *figure)
            assert found is not None, figure
            keys = [row.key for row in found.rows]
            assert len(set(keys)) == len(keys), figure
            self.known[figure] = keys, [told(found, row) for row in found.rows]
        return self.known[figure]


@pytest.mark.parametrize(("slug", "by"), ASKED)
def test_the_rows_behind_a_figure_are_those_that_it_is_made_of(cast, slug, by):
    kind = KIND_OF[slug]
    scope = WORLDS[slug](cast, random.Random(f"{slug} {by}"), by)
    opened, tried = Opened(kind, scope), set()
    for table in kind.make(scope).tables:
        numbers = [one for one in table.columns[1:] if one.numeric]
        for row in rows_of(table):
            cells = told(table, row)
            for column in numbers:
                value = cells[column.key]
                if not value or (slug, table.key, column.key) in CLOSED:
                    continue
                figure = table.key, row.key, column.key
                assert column.key in table.opens, figure
                keys, rows = opened.rows(*figure)
                rule = rule_of(slug, table.key, column.key)
                if isinstance(rule, Like):
                    assert keys == opened.rows(table.key, row.key, str(rule))[0], figure
                else:
                    assert rule(value, cells, rows), (figure, value, len(rows))
                tried.add((table.key, column.key))
    assert len(tried) > 15, tried


@pytest.mark.parametrize("slug", WORLDS)
def test_the_figures_in_words_open_too(cast, slug):
    kind = KIND_OF[slug]
    by = next(iter(kind.bys), By.CLINIC)
    scope = WORLDS[slug](cast, random.Random(f"{slug} in words"), by)
    report = kind.make(scope)
    for figure in (report.lead, *report.beside):
        if any(digit in figure.value for digit in "123456789"):
            assert figure.opens is not None, figure
            assert list(kind.behind(scope, *figure.opens).rows), figure
    assert report.lead


def test_each_report_is_tried_or_has_no_number():
    assert {*WORLDS, *WORDS} == set(KIND_OF)
    assert not [one for columns in WORDS.values() for one in columns if one.numeric]


def test_no_rule_and_no_reason_is_of_a_figure_that_there_is_not():
    columns = {
        (slug, one.key)
        for slug, kind in KIND_OF.items()
        for _, those in kind.columns
        for one in those
    }
    named = {(slug, key.rpartition(".")[2]) for slug, rules in RULES.items() for key in rules}
    assert named <= columns
    assert {(slug, column) for slug, _, column in CLOSED} <= columns


ODD = SimpleNamespace(tables=("", "months", "groups", "again"), rows=("", "total", "0", "x"))


@pytest.mark.parametrize("slug", WORLDS)
def test_a_figure_that_there_is_not_opens_nothing_or_no_row(cast, slug):
    kind = KIND_OF[slug]
    scope = WORLDS[slug](cast, random.Random(f"{slug} odd"), next(iter(kind.bys), By.CLINIC))
    for table in ODD.tables:
        for row in ODD.rows:
            found = kind.behind(scope, table, row, "no_such_column")
            assert found is None, (table, row)
