"""A report’s page answers with its figures and first rows; all else comes when it is read."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions.reports import on_page
from sessions.reports.registry import KINDS
from sessions.reports.table import Table
from tests.cast import Cast
from tests.reports.doses import sets
from tests.reports.floor import ATTENDED, someone, visit
from tests.reports.parts import brought, parts_of, tables_on_screen
from tests.reports.printed import Table as Printed
from tests.reports.test_report_pages import DAYS, SLUGS, START, browser, lines, made_of, some

pytestmark = pytest.mark.django_db
IN_PARTS = [kind.slug for kind in KINDS if kind.parts is not None]
#: More than this no part asks the database: four find out who asks for what. That of CERT quotes
#: three reports.
MOST = {"dose": 7, "change": 7, "cert": 9}
USUAL = 6


def busy(cast: Cast, count: int) -> None:
    """So many people, one of whom also lifted."""
    some(cast, count)
    one = someone(cast.ana, "Mo", START)
    sets(visit(one, START, ATTENDED), "hinge", 5, 5, load="60", rpe=17)


def numbers(rows: list[list[str]], table: Table) -> list[list[str]]:
    """The cells of the columns that are numbers."""
    return [
        [
            cell.replace(",", "").strip()
            for cell, column in zip(row, table.columns, strict=True)
            if column.numeric
        ]
        for row in rows
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_page_and_parts_together_have_the_rows_of_the_report(
    slug: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(on_page, "FIRST_ROWS", 2)
    monkeypatch.setattr(on_page, "NEXT_ROWS", 3)
    busy(cast, 7)
    seen = tables_on_screen(browser(cast.ada), f"/c/north/reports/{slug}/?{DAYS}")
    report = made_of(slug, cast.ada)

    assert list(seen) == [table.key for table in report.tables]
    for table in report.tables:
        # The total stands at the foot, wherever the rows above it come from.
        assert numbers(seen[table.key], table) == numbers(list(lines(table)), table), table.key


def test_rows_come_a_hundred_at_a_time_each_with_its_weeks(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(on_page, "FIRST_ROWS", 2)
    monkeypatch.setattr(on_page, "NEXT_ROWS", 3)
    busy(cast, 7)
    admin = browser(cast.ada)
    page = admin.get(f"/c/north/reports/adherence/?{DAYS}").content.decode()
    (more,) = [one for one in parts_of(page) if "start=" in one]
    came = brought(admin, more)

    assert len(Printed(came).rows) == 3 + 1  # and where the next ones will stand
    assert came.count("<svg") == 3
    # The first of them takes the focus from the link that brought them.
    assert 'id="clients-2"' in page
    assert came.strip().startswith(
        '<tbody><tr class="pale"><th scope="row" id="clients-2" tabindex="-1"'
    )
    assert "start=5" in came
    assert "<table" not in came


@pytest.mark.parametrize("slug", IN_PARTS)
def test_each_part_asks_as_little_for_many_as_for_few(slug: str, cast: Cast):
    admin = browser(cast.ada)
    address = f"/c/north/reports/{slug}/?{DAYS}"

    def asked() -> dict[str, int]:
        found = {}
        for part in parts_of(admin.get(address).content.decode()):
            brought(admin, part)
            with CaptureQueriesContext(connection) as queries:
                brought(admin, part)
            found[part] = len(queries)
        return found

    busy(cast, 3)
    few = asked()
    busy(cast, 12)
    assert few
    assert asked() == few
    assert max(few.values()) <= MOST.get(slug, USUAL)


def test_a_page_asks_for_nothing_that_it_brings_later(cast: Cast):
    busy(cast, 3)
    admin = browser(cast.ada)
    admin.get(f"/c/north/reports/adherence/?{DAYS}")
    with CaptureQueriesContext(connection) as queries:
        admin.get(f"/c/north/reports/adherence/?{DAYS}")
    sent = " ".join(query["sql"] for query in queries)
    assert "AS longest" in sent  # the rows of the clients
    assert "AS cell" not in sent  # those of months, weeks and phases


@pytest.mark.parametrize("slug", IN_PARTS)
def test_without_a_script_a_link_opens_each_table_as_a_page(
    slug: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(on_page, "FIRST_ROWS", 2)
    busy(cast, 7)
    admin = browser(cast.ada)
    page = admin.get(f"/c/north/reports/{slug}/?{DAYS}").content.decode()
    links = {one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*/table/[^"]*)"', page)}
    report = {table.key: table for table in made_of(slug, cast.ada).tables}

    assert links
    for link in links:
        alone = admin.get(link).content.decode()
        key = link.partition("/table/")[2].partition("/")[0]
        assert "<!doctype html>" in alone
        assert f"{report[key].title}</h1>" in alone
        rows = Printed(alone).rows[1:] if "<table" in alone else []
        assert numbers(rows, report[key]) == numbers(list(lines(report[key])), report[key])


def test_the_headings_stand_there_before_their_tables(cast: Cast):
    busy(cast, 3)
    page = browser(cast.ada).get(f"/c/north/reports/operations/?{DAYS}").content.decode()
    for jump in re.findall(r'<a href="#(t-\w+)">', page):
        assert f'<h2 id="{jump}">' in page
    assert page.count('class="report-later"') == len(parts_of(page)) == 7


@pytest.mark.parametrize(
    "wrong", ["none/", "clients/?start=x", "clients/?start=-1", "clients/?start=99999999"]
)
def test_a_part_that_there_is_not_is_not_found(wrong: str, cast: Cast):
    busy(cast, 3)
    end = "&" if "?" in wrong else "?"
    address = f"/c/north/reports/adherence/table/{wrong}{end}{DAYS}"
    assert browser(cast.ada).get(address).status_code == 404


def test_a_wrong_day_brings_no_table(cast: Cast):
    busy(cast, 3)
    address = "/c/north/reports/adherence/table/clients/?from=2026-03-04&to=2026-01-01"
    assert browser(cast.ada).get(address).status_code == 404
