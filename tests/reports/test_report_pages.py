"""Every report: its page, its files and what is behind its figures, and who gets none of them."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from bonefit.clinics.models import Membership, Organisation, OrganisationMembership, User
from sessions.models import ReportExport
from sessions.reports import on_page
from sessions.reports.readers import ClinicReader
from sessions.reports.registry import KINDS, kind_of
from sessions.reports.scope import By
from sessions.reports.table import Report, Table, shown
from tests.cast import NOW, Cast
from tests.reports.behind_rules import as_many, rule_of
from tests.reports.floor import ATTENDED, EXCUSED, LATE, NO_SHOW, someone, twice_a_week
from tests.reports.printed import Table as Printed

pytestmark = pytest.mark.django_db
SLUGS = [kind.slug for kind in KINDS]
DAYS = "from=2025-10-01&to=2026-03-04"
START = date(2025, 10, 6)
#: More than this a page may not ask the database.
MOST = 15
#: Reports with a figure in words that counts rows of the few people here.
IN_WORDS = {"adherence", "retention", "fidelity", "operations", "safety"}


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def some(cast: Cast, count: int = 3, *, by: Membership | None = None) -> None:
    """So many people of different habits, twelve weeks long."""
    for number in range(count):
        one = someone(by or cast.ana, f"Ruth {number}", START + timedelta(days=7 * (number % 3)))
        twice_a_week(one, [ATTENDED] * 18 + [NO_SHOW, EXCUSED, LATE][: 1 + number % 3])


def made_of(slug: str, member: Membership) -> Report:
    """The report as its page makes it."""
    kind = kind_of(slug)
    assert kind is not None
    reader = ClinicReader(member)
    asked = dict(pair.split("=") for pair in DAYS.split("&"))
    form = reader.form(asked, kind, NOW)
    assert form.is_valid(), form.errors
    return kind.make(reader.scope(form.filters(), NOW))


def lines(table: Table) -> Iterator[list[str]]:
    """Head, rows and total, as a CSV writes them."""
    for row in [*table.rows, *([table.total] if table.total and list(table.rows) else [])]:
        yield [shown(cell, column) for cell, column in zip(row.cells, table.columns, strict=True)]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_page_says_figures_definitions_and_the_moment(slug: str, cast: Cast):
    some(cast)
    page = browser(cast.ada).get(f"/c/north/reports/{slug}/?{DAYS}")
    text = page.content.decode()

    assert page.status_code == 200
    kind = kind_of(slug)
    assert kind is not None
    assert f"{kind.title}, Northside" in text
    assert "As at Thursday 5 March 2026, 12:00 (Australia/Brisbane, UTC+10:00)" in text
    assert all(one.formula in text.replace("&#x27;", "'") for one in kind.definitions)


@pytest.mark.parametrize("slug", SLUGS)
def test_nobody_in_training_is_a_sentence_and_no_error(slug: str, cast: Cast):
    page = browser(cast.ada).get(f"/c/north/reports/{slug}/?from=2020-01-01&to=2020-01-31")
    assert page.status_code == 200
    for form in ("csv", "xlsx", "pdf"):
        file = browser(cast.ada).get(
            f"/c/north/reports/{slug}.{form}?from=2020-01-01&to=2020-01-31"
        )
        assert file.status_code == 200


@pytest.mark.parametrize("slug", SLUGS)
def test_page_csv_and_spreadsheet_have_the_same_rows(slug: str, cast: Cast):
    some(cast)
    report = made_of(slug, cast.ada)
    book = openpyxl.load_workbook(
        io.BytesIO(browser(cast.ada).get(f"/c/north/reports/{slug}.xlsx?{DAYS}").content)
    )
    for number, table in enumerate(report.tables):
        expected = list(lines(table))
        got = browser(cast.ada).get(f"/c/north/reports/{slug}.csv?{DAYS}&table={table.key}")
        text = b"".join(got.streaming_content).decode().removeprefix("\ufeff")  # type: ignore[attr-defined]
        rows = list(csv.reader(io.StringIO(text)))
        assert [
            [cell.removeprefix("'") for cell in row] for row in rows[1 : len(expected) + 1]
        ] == [[cell.removeprefix("'") for cell in row] for row in expected]
        sheet = book.worksheets[number]
        cells = [
            [cell.value for cell in row]
            for row in sheet.iter_rows(min_row=2)
            if any(cell.value is not None for cell in row)
        ]
        assert len(cells) == len(expected)
        for have, want in zip(cells, expected, strict=True):
            for cell, word, column in zip(have, want, table.columns, strict=True):
                if column.numeric:
                    assert (cell is None) == (word == "")
                    assert word == "" or float(word) == pytest.approx(float(cell))
        printed = on_page.printed(table, zone=cast.north.tz, opens=lambda *_: "", year=2026)
        for row, want in zip(printed.rows, expected, strict=False):
            for said, word, column in zip(
                Printed(row.html).rows[0], want, table.columns, strict=True
            ):
                if column.numeric:
                    assert said.replace(",", "") == word


@pytest.mark.parametrize("slug", SLUGS)
def test_the_paper_has_the_title_and_the_definitions(slug: str, cast: Cast):
    some(cast)
    file = browser(cast.ada).get(f"/c/north/reports/{slug}.pdf?{DAYS}")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(file.content)).pages)
    kind = kind_of(slug)
    assert kind is not None
    assert f"{kind.title}, Northside" in text
    assert "What these figures mean" in text


@pytest.mark.parametrize("slug", SLUGS)
def test_as_few_queries_for_many_as_for_few(slug: str, cast: Cast):
    def asked() -> int:
        admin = browser(cast.ada)
        admin.get(f"/c/north/reports/{slug}/?{DAYS}")  # what is read once a process
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"/c/north/reports/{slug}/?{DAYS}").status_code == 200
        return len(queries)

    some(cast)
    few = asked()
    some(cast, 12)
    assert asked() == few <= MOST


@pytest.mark.parametrize("slug", SLUGS)
def test_as_many_rows_behind_a_figure_as_it_says(slug: str, cast: Cast):
    some(cast)
    kind = kind_of(slug)
    assert kind is not None
    report = made_of(slug, cast.ada)
    tried = 0
    for table in report.tables:
        rows = [*table.rows, *([table.total] if table.total else [])]
        for row in rows:
            for cell, column in zip(row.cells, table.columns, strict=True):
                if column.key not in table.opens or not isinstance(cell, int) or not cell:
                    continue
                if rule_of(slug, table.key, column.key) is not as_many:
                    continue
                key = on_page.TOTAL if row is table.total else row.key
                page = browser(cast.ada).get(
                    f"/c/north/reports/{slug}/rows/",
                    {
                        "from": "2025-10-01",
                        "to": "2026-03-04",
                        "table": table.key,
                        "row": key,
                        "column": column.key,
                    },
                )
                assert page.status_code == 200, (table.key, key, column.key)
                shown_rows = page.context["table"].rows
                assert len(shown_rows) + page.context["table"].left_out == cell
                tried += 1
                if tried >= 25:
                    return


def test_every_row_behind_a_figure_is_on_one_of_its_pages(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    some(cast)
    monkeypatch.setattr(on_page, "MOST_ROWS", 4)
    asked = f"/c/north/reports/adherence/rows/?{DAYS}&table=clients&row=total&column=attended"
    found, more = [], asked
    while more:
        page = browser(cast.ada).get(more)
        text = page.content.decode()
        assert "downloads" not in text  # there are none of these rows
        found += [row.row.key for row in page.context["table"].rows]
        after = re.search(r'href="(\?[^"]*)">Rows after<', text)
        more = f"/c/north/reports/adherence/rows/{html.unescape(after[1])}" if after else ""
    assert len(found) == len(set(found)) == page.context["page"].paginator.count > 8


@pytest.mark.parametrize("slug", SLUGS)
def test_figures_in_words_open_what_they_count(slug: str, cast: Cast):
    some(cast)
    admin = browser(cast.ada)
    page = admin.get(f"/c/north/reports/{slug}/?{DAYS}").content.decode()
    above = page.partition('id="report"')[2].partition("report-table")[0]

    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/rows/[^"]*)"', above)}

    for link in links:
        assert admin.get(link).context["table"].rows, link
    assert bool(links) == (slug in IN_WORDS)


def test_each_step_of_the_funnel_opens_who_reached_it(cast: Cast):
    some(cast)
    funnel = made_of("adherence", cast.ada).tables[-1]
    assert funnel.key == "funnel"
    for row in funnel.rows:
        page = browser(cast.ada).get(
            f"/c/north/reports/adherence/rows/?{DAYS}&table=funnel&column=reached&row={row.key}"
        )
        assert len(page.context["table"].rows) == row.cells[1]


def test_another_report_is_asked_the_same_but_for_its_rows_and_usual_days(cast: Cast):
    some(cast)
    asked = f"by=therapist&therapist={cast.ana.pk}"
    page = browser(cast.ada).get(f"/c/north/reports/adherence/?{DAYS}&{asked}").content.decode()

    other = f"{DAYS}&therapist={cast.ana.pk}".replace("&", "&amp;")
    assert f'href="/c/north/reports/operations/?{other}"' in page
    plain = browser(cast.ada).get("/c/north/reports/adherence/").content.decode()
    assert 'href="/c/north/reports/retention/"' in plain


@pytest.mark.parametrize("slug", SLUGS)
def test_each_picture_is_drawn_and_says_in_words_what_it_shows(slug: str, cast: Cast):
    some(cast)
    for key, picture in made_of(slug, cast.ada).pictures.items():
        page = browser(cast.ada).get(f"/c/north/reports/{slug}/picture/{key}/?{DAYS}")
        text = page.content.decode()
        assert page.status_code == 200
        assert "<svg" in text
        assert picture.words
    nothing = browser(cast.ada).get(f"/c/north/reports/{slug}/picture/none/?{DAYS}")
    assert nothing.status_code == 404


def addresses(slug: str) -> list[str]:
    return [
        f"reports/{slug}/?{DAYS}",
        f"reports/{slug}.csv?{DAYS}",
        f"reports/{slug}.xlsx?{DAYS}",
        f"reports/{slug}.pdf?{DAYS}",
        f"reports/{slug}/rows/?{DAYS}&table=clients&row=1&column=attended",
        f"reports/{slug}/picture/trend/?{DAYS}",
        f"reports/{slug}/table/clients/?{DAYS}",
    ]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_client_the_desk_and_a_stranger_get_nothing(slug: str, cast: Cast):
    some(cast)
    for address in addresses(slug):
        for member in (cast.cal, cast.con, cast.dee):
            assert browser(member).get(f"/c/north/{address}").status_code == 403
        for member in (cast.otto, cast.olga, cast.lea):
            assert browser(member).get(f"/c/north/{address}").status_code == 404
        assert Browser().get(f"/c/north/{address}").status_code == 302
    assert not ReportExport.objects.exists()


def test_each_download_is_written_down_with_who_and_what(cast: Cast):
    some(cast)
    slug = SLUGS[0]
    for form in ("csv", "xlsx", "pdf"):
        browser(cast.ada).get(f"/c/north/reports/{slug}.{form}?{DAYS}")
    rows = ReportExport.objects.order_by("pk")

    assert [row.form for row in rows] == ["csv", "xlsx", "pdf"]
    assert {(row.member, row.user, row.report, row.status, row.named) for row in rows} == {
        (cast.ada, cast.ada.user, slug, "sent", True)
    }
    assert all("from=2025-10-01&to=2026-03-04" in row.query for row in rows)
    assert all(row.rows for row in rows)
    page = browser(cast.ada).get("/c/north/reports/files/").content.decode()
    assert page.count(str(cast.ada)) >= 3


def test_a_mistake_in_the_question_is_told_beside_the_field_and_answers_nothing(cast: Cast):
    wrong = "from=2026-03-04&to=2026-01-01"
    slug = SLUGS[0]
    page = browser(cast.ada).get(f"/c/north/reports/{slug}/?{wrong}")
    assert page.status_code == 422
    assert "This is before the first day" in page.content.decode()
    file = browser(cast.ada).get(f"/c/north/reports/{slug}.csv?{wrong}")
    assert (file.status_code, file.headers["Content-Type"]) == (422, "text/plain; charset=utf-8")
    assert not ReportExport.objects.exists()


# --- an organisation ------------------------------------------------------------------------------


@pytest.fixture
def gwen(cast: Cast) -> User:
    """She administers the organisation of Northside, and is a member of no clinic."""
    user = User.objects.create_user("gwen@example.org", name="Gwen O.")
    organisation = Organisation.objects.get(pk=cast.north.organisation_id)
    OrganisationMembership.objects.create(user=user, organisation=organisation)
    return user


@pytest.mark.parametrize("slug", [kind.slug for kind in KINDS if kind.across])
def test_an_organisation_reads_figures_and_no_name(slug: str, cast: Cast, gwen: User):
    some(cast, 6)
    place = Organisation.objects.get(pk=cast.north.organisation_id).slug
    made = Browser()
    made.force_login(gwen)
    kind = kind_of(slug)
    assert kind is not None
    for by in ["", *(by for by in kind.bys if by != By.CLIENT)]:
        page = made.get(f"/o/{place}/reports/{slug}/?{DAYS}&by={by}")
        assert page.status_code == 200
        assert "Ruth" not in page.content.decode()
        file = made.get(f"/o/{place}/reports/{slug}.csv?{DAYS}&by={by}")
        assert b"Ruth" not in b"".join(file.streaming_content)  # type: ignore[attr-defined]
    assert {row.named for row in ReportExport.objects.all()} <= {False}
    assert made.get(f"/c/north/reports/{slug}/?{DAYS}").status_code == 404
    assert browser(cast.ada).get(f"/o/{place}/reports/{slug}/").status_code == 404


def test_research_is_no_organisations(cast: Cast, gwen: User):
    place = Organisation.objects.get(pk=cast.north.organisation_id).slug
    made = Browser()
    made.force_login(gwen)
    assert made.get(f"/o/{place}/reports/research/").status_code == 404
