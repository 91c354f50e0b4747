"""The page and its download, as the admin of a clinic asks for them and as nobody else may."""

import csv
import io
import re
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from sessions.models import Visit
from sessions.reports.definitions import A1, A3, COLUMNS
from tests.cast import TODAY
from tests.reports.floor import (
    ATTENDED,
    EXCUSED,
    MAKE_UP,
    NO_SHOW,
    PLANNED,
    UNRECORDED,
    another_program,
    someone,
    twice_a_week,
    visit,
)

JANUARY = date(2026, 1, 5)
PAGE, DOWNLOAD = "/c/north/reports/adherence/", "/c/north/reports/adherence.csv"


class Table(HTMLParser):
    """The cells of the page's table, row by row; of a picture nothing, of a day its date."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in_cell = self._in_time = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td") and "strip" not in (attributes.get("class") or ""):
            self.rows[-1].append("")
            self._in_cell = True
        elif tag == "time":
            self.rows[-1][-1] = attributes["datetime"]
            self._in_time = True

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag not in ("th", "td")
        self._in_time = self._in_time and tag != "time"

    def handle_data(self, data):
        if self._in_cell and not self._in_time:
            self.rows[-1][-1] += data


def on_screen(html: str) -> list[list[str]]:
    """The rows of the page as the download would write them."""
    _head, *rows = Table(html).rows
    return [[_plain(cell) for cell in row] for row in rows]


def _plain(cell: str) -> str:
    text = " ".join(cell.split())
    text = "" if text == "none" else text
    return text.replace(",", "") if re.fullmatch(r"[\d,]+", text) else text


def downloaded(response) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Head, rows and what stands below the empty line."""
    text = response.content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    cut = lines.index([])
    return lines[0], lines[1:cut], lines[cut + 1 :]


@pytest.fixture
def ada(cast, client):
    client.force_login(cast.ada.user)
    return client


@pytest.fixture
def half_a_year(cast):
    """Three clients with a past; one of them never came."""
    ruth = someone(cast.ana, "Ruth K.", JANUARY)
    twice_a_week(ruth, [ATTENDED] * 9 + [NO_SHOW, EXCUSED, UNRECORDED])
    visit(ruth, JANUARY + timedelta(days=1), ATTENDED, MAKE_UP)
    visit(ruth, TODAY + timedelta(days=4), PLANNED)
    twice_a_week(someone(cast.tess, "Amy B.", JANUARY, therapist=cast.tess), [ATTENDED] * 7)
    someone(cast.ana, "Zoe N.", JANUARY)
    return ruth


def test_the_page_leads_with_the_figure_its_interval_and_both_definitions(ada, half_a_year):
    page = ada.get(PAGE).content.decode()

    assert '<p class="big">84.2<small> %</small></p>' in page
    # Ruth 9 of 11, Amy 7 of 7, and Cal's visit of this morning that nobody has recorded.
    assert "16 of 19" in page
    assert "<strong>62.4 to 94.5</strong> (Wilson)" in page
    for definition in (A3, A1):
        assert definition.formula in page
    assert "definitions, version 1" in page
    assert "As at Thursday 5 March 2026, 12:00, Brisbane time (UTC+10:00)" in page


@pytest.mark.parametrize(
    "query",
    ["", "?from=2026-01-05&to=2026-01-20", "?from=5 Jan 2026&to=1 Feb 2026", "?therapist={tess}"],
)
def test_the_download_has_exactly_the_rows_on_the_page(ada, cast, half_a_year, query):
    query = query.format(tess=cast.tess.pk)
    page = ada.get(PAGE + query)
    head, rows, _about = downloaded(ada.get(DOWNLOAD + query))

    assert head == ["Client", *(name for name, _ in COLUMNS)]
    assert rows == on_screen(page.content.decode())
    assert len(rows) > 2


def test_the_page_links_to_the_download_of_the_same_question(ada, cast, half_a_year):
    page = ada.get(PAGE, {"to": "1 March 2026", "therapist": cast.tess.pk}).content.decode()

    link = re.search(rf'href="({DOWNLOAD}[^"]*)"', page)[1].replace("&amp;", "&")
    assert link == f"{DOWNLOAD}?from=2025-09-02&to=2026-03-01&therapist={cast.tess.pk}"
    assert downloaded(ada.get(link))[1] == on_screen(page)


def test_the_download_says_below_its_rows_what_they_mean(ada, cast, half_a_year):
    response = ada.get(DOWNLOAD, {"from": "2026-01-05", "to": "2026-02-28"})
    about = {line[0]: line[1:] for line in downloaded(response)[2]}

    assert response.content.startswith(b"\xef\xbb\xbfClient,Planned,")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="adherence-north-2026-01-05-to-2026-02-28.csv"'
    )
    assert about["Clinic"] == ["Northside"]
    assert (about["From"], about["To"]) == (["2026-01-05"], ["2026-02-28"])
    assert about["Therapist"] == ["All therapists"]
    assert about["As at"] == ["2026-03-05T12:00+10:00", "Australia/Brisbane"]
    assert about["Definitions"] == ["version 1"]
    assert about["A3"][0] == A3.formula


@pytest.mark.parametrize("name", ["=1+1", "+61 7", "-2", "@sum", "\t=1"])
def test_a_name_cannot_become_a_formula_in_a_spreadsheet(ada, cast, name):
    someone(cast.ana, name, JANUARY)

    names = [row[0] for row in downloaded(ada.get(DOWNLOAD))[1]]

    assert f"'{name}" in names
    assert name not in names


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("from=2026-02-30", "from", "February 2026 had 28 days."),
        ("from=soon", "from", "Write day, month and year"),
        ("to=31 April 2026", "to", "April 2026 has 30 days."),
        ("from=1066-10-14", "from", "Choose a day from 2000 to 2099."),
        ("to=9999-12-31", "to", "Choose a day from 2000 to 2099."),
        ("from=1 March 2026&to=28 Feb 2026", "to", "Choose 1 March 2026 or a later day."),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_day_that_is_wrong_is_told_beside_the_field_and_kept(
    ada, half_a_year, query, field, sentence, headers
):
    response = ada.get(f"{PAGE}?{query}", headers=headers)

    html = response.content.decode()
    assert response.status_code == 422
    wrong = re.search(rf'<div id="id_{field}_error">(.*?)</div>', html, re.S)[1]
    assert sentence in wrong
    typed = dict(pair.split("=") for pair in query.split("&"))[field]
    assert re.search(rf'<input[^>]*name="{field}"[^>]*value="{typed}"', html)
    assert 'class="big"' not in html
    assert ("<!doctype html>" in html) is (not headers)


@pytest.mark.parametrize("field", ["therapist", "program"])
@pytest.mark.parametrize("wrong", ["0", "999999999", "9" * 30, "x", "-1", "stranger"])
def test_a_guessed_id_is_an_error_and_tells_nothing(ada, cast, field, wrong):
    strangers = {
        "therapist": cast.otto.pk,
        "program": another_program(cast.harbor, frequency=2, weeks=3, slug="secret").program_id,
    }
    asked = {field: strangers[field] if wrong == "stranger" else wrong}

    page, download = ada.get(PAGE, asked), ada.get(DOWNLOAD, asked)

    assert (page.status_code, download.status_code) == (422, 422)
    assert f"There is no such {field} here. Choose one." in page.content.decode()
    assert download.content.decode() == f"There is no such {field} here. Choose one."
    for secret in ("Otto", "Olga", "Secret"):
        assert secret not in page.content.decode()


def test_another_clinics_clients_are_in_no_row_no_total_and_no_filter(ada, cast, half_a_year):
    before = ada.get(PAGE).content.decode()
    secret = someone(cast.otto, "Sofia S.", JANUARY)
    twice_a_week(secret, [ATTENDED] * 9)
    another_program(cast.harbor, frequency=2, weeks=3, slug="secret")

    after = ada.get(PAGE).content.decode()

    assert on_screen(after) == on_screen(before)
    for word in ("Sofia", "Olga", "Otto", "Secret"):
        assert word not in after
    assert "Sofia" not in ada.get(DOWNLOAD).content.decode()


@pytest.mark.parametrize("name", ["sessions:adherence", "sessions:adherence-csv"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 200), ("ana", 403), ("cal", 403), ("otto", 404), ("olga", 404), ("lea", 404)],
)
def test_only_the_clinics_admin_runs_reports(cast, client, name, who, status):
    client.force_login(getattr(cast, who).user)

    assert client.get(reverse(name, args=["north"])).status_code == status


@pytest.mark.parametrize("name", ["sessions:adherence", "sessions:adherence-csv"])
def test_nobody_is_asked_to_log_in_first(cast, client, name):
    response = client.get(reverse(name, args=["north"]))

    assert response.status_code == 302
    assert "/accounts/" in response["Location"] or "log" in response["Location"]


def test_a_report_is_read_and_never_sent(ada):
    assert ada.post(PAGE).status_code == 405
    assert ada.post(DOWNLOAD).status_code == 405


def test_the_therapist_filter_is_about_the_one_responsible(ada, cast, half_a_year):
    names = [
        row[0] for row in on_screen(ada.get(PAGE, {"therapist": cast.tess.pk}).content.decode())
    ]

    assert names == ["Amy B.", "Cam Q.", "All 2 clients"]


def test_a_therapist_who_left_can_still_be_chosen(ada, cast):
    someone(cast.ana, "Old P.", JANUARY, therapist=cast.lea)

    page = ada.get(PAGE, {"therapist": cast.lea.pk}).content.decode()

    assert "Lea T. (left)" in page
    assert [row[0] for row in on_screen(page)] == ["Old P.", "1 client"]


def test_the_program_filter_is_about_what_was_followed_within_the_days(ada, cast, half_a_year):
    other = another_program(cast.north, frequency=1, weeks=10)
    theo = someone(cast.ana, "Theo O.", JANUARY, version=other)
    theo.tracks.update(ends_on=JANUARY + timedelta(days=20))

    def names(**days):
        html = ada.get(PAGE, {"program": other.program_id, **days}).content.decode()
        return [row[0] for row in on_screen(html)] if "<tbody>" in html else []

    assert names() == ["Theo O.", "1 client"]
    assert names(**{"from": "2026-01-26"}) == []


def test_a_blank_filter_means_the_last_six_months(ada, half_a_year):
    page = ada.get(PAGE, {"from": "", "to": "", "therapist": "", "program": ""}).content.decode()

    assert 'value="6 September 2025"' in page
    assert 'value="5 March 2026"' in page
    assert re.search(r'href="\?from=2025-09-06&amp;to=2026-03-05" aria-current="true"', page)


def test_quick_ranges_are_whole_months_and_keep_the_therapist(ada, cast, half_a_year):
    page = ada.get(PAGE, {"therapist": cast.tess.pk}).content.decode()

    tess = f"&amp;therapist={cast.tess.pk}"
    assert f'href="?from=2026-03-01&amp;to=2026-03-31{tess}"' in page
    assert f'href="?from=2026-02-01&amp;to=2026-02-28{tess}"' in page


def test_a_clinic_without_clients_sees_words_and_no_figure(ada, cast):
    page = ada.get(PAGE, {"from": "2001-01-01", "to": "2001-12-31"})

    assert page.status_code == 200
    assert "Nobody was enrolled then" in page.content.decode()
    assert "<table" not in page.content.decode()
    head, rows, about = downloaded(ada.get(DOWNLOAD, {"from": "2001-01-01", "to": "2001-12-31"}))
    assert (head[0], rows) == ("Client", [])
    assert about[0] == ["Clinic", "Northside"]


def test_nothing_due_yet_is_said_in_words_and_no_percentage_is_made_up(ada, cast):
    page = ada.get(PAGE, {"from": "6 March 2026"}).content.decode()

    assert "No session could be attended" in page
    assert 'class="big"' not in page
    assert on_screen(page)[-1][8] == ""


def test_one_day_and_ten_years_are_ranges_like_any_other(ada, half_a_year):
    day = on_screen(ada.get(PAGE, {"from": "2026-01-05", "to": "2026-01-05"}).content.decode())
    assert day[-1][1:3] == ["2", "2"]

    page = ada.get(PAGE, {"from": "2020-01-01", "to": "2029-12-31"}).content.decode()
    assert on_screen(page)[-1][1:3] == ["20", "16"]
    assert "The picture shows the last 28 weeks" in page


def test_each_clients_weeks_are_told_in_words_too(ada, half_a_year):
    page = ada.get(PAGE).content.decode()

    assert 'aria-label="9 attended, 1 no-show, 1 unrecorded, 1 excused, 1 make-up or extra"' in page
    assert 'aria-label="no session"' in page


def test_htmx_gets_the_report_alone(ada, half_a_year):
    fragment = ada.get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert fragment.strip().startswith('<div id="report">')
    assert "<!doctype" not in fragment
    assert on_screen(fragment) == on_screen(ada.get(PAGE).content.decode())


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
def test_thirty_clients_take_as_many_queries_as_one(ada, cast, address, django_assert_num_queries):
    def clients(number):
        for each in range(number):
            jo = someone(cast.ana, f"Jo {each}", JANUARY)
            twice_a_week(jo, [ATTENDED, NO_SHOW, ATTENDED])

    asked = {"therapist": cast.ana.pk}
    overhead = 3  # log-in, person, membership
    figures = {PAGE: 4, DOWNLOAD: 3}[address]  # sessions, pictures, enrollments, tracks
    filters = {PAGE: 3, DOWNLOAD: 1}[address]  # the therapist asked for; what may be chosen
    # Her other clinics, open flags, operations to decide on, credentials to see to.
    frame = {PAGE: 4, DOWNLOAD: 0}[address]

    clients(1)
    with django_assert_num_queries(overhead + figures + filters + frame):
        assert ada.get(address, asked).status_code == 200
    clients(29)
    with django_assert_num_queries(overhead + figures + filters + frame):
        response = ada.get(address, asked)
    assert response.content.decode().count("Jo ") == 30


def test_the_report_writes_nothing(ada, half_a_year):
    before = list(Visit.objects.order_by("pk").values())

    ada.get(PAGE)
    ada.get(DOWNLOAD)

    assert list(Visit.objects.order_by("pk").values()) == before
