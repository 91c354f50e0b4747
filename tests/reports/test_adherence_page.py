"""The page and its download, as the admin of a clinic asks for them and as nobody else may."""

import csv
import io
import re
from datetime import date, timedelta

import pytest

from sessions.models import Visit
from sessions.reports.define import VERSION
from sessions.reports.define_attendance import DEFINITIONS
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
from tests.reports.printed import Table

JANUARY = date(2026, 1, 5)
A3 = next(one for one in DEFINITIONS if one.code == "A3")
PAGE, DOWNLOAD = "/c/north/reports/adherence/", "/c/north/reports/adherence.csv"


def on_screen(html: str) -> list[list[str]]:
    """The rows of the page as the download would write them."""
    _head, *rows = Table(html).rows
    return [[_plain(cell) for cell in row] for row in rows]


def column(html: str, name: str) -> list[str]:
    """One column of the page's table, from top to total."""
    place = [word.strip() for word in Table(html).rows[0]].index(name)
    return [row[place] for row in on_screen(html)]


def _plain(cell: str) -> str:
    text = " ".join(cell.split())
    text = "" if text == "none" else text
    return text.replace(",", "") if re.fullmatch(r"[\d,]+", text) else text


def downloaded(response) -> tuple[list[str], list[list[str]], list[list[str]]]:
    """Head, rows and what stands below the empty line."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
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
    assert "16 of 19. 95 % interval <strong>62.4 to 94.5</strong>." in page
    for definition in DEFINITIONS:
        assert definition.formula in page
    assert f"definitions, version {VERSION}" in page
    assert "As at Thursday 5 March 2026, 12:00 (Australia/Brisbane, UTC+10:00)" in page


@pytest.mark.parametrize(
    "query",
    ["", "?from=2026-01-05&to=2026-01-20", "?from=5 Jan 2026&to=1 Feb 2026", "?therapist={tess}"],
)
def test_the_download_has_exactly_the_rows_on_the_page(ada, cast, half_a_year, query):
    query = query.format(tess=cast.tess.pk)
    page = ada.get(PAGE + query)
    head, rows, _about = downloaded(ada.get(DOWNLOAD + query))

    assert head == ["".join(name.split("  ")) for name in Table(page.content.decode()).rows[0]]
    assert rows == on_screen(page.content.decode())
    assert len(rows) > 2


def test_the_page_links_to_the_download_of_the_same_question(ada, cast, half_a_year):
    page = ada.get(PAGE, {"to": "1 March 2026", "therapist": cast.tess.pk}).content.decode()

    link = re.search(rf'href="({DOWNLOAD}[^"]*)"', page)[1].replace("&amp;", "&")
    asked = f"from=2025-09-02&to=2026-03-01&by=client&therapist={cast.tess.pk}"
    assert link == f"{DOWNLOAD}?{asked}&table=clients"
    assert downloaded(ada.get(link))[1] == on_screen(page)


def test_the_download_says_below_its_rows_what_they_mean(ada, cast, half_a_year):
    response = ada.get(DOWNLOAD, {"from": "2026-01-05", "to": "2026-02-28"})
    content = b"".join(response.streaming_content)
    response.streaming_content = [content]
    below = downloaded(response)[2]
    about = {line[0]: line[1:] for line in below[: below.index(["Clients"])]}

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="adherence-2026-01-05-to-2026-02-28.csv"'
    )
    assert content.startswith(b"\xef\xbb\xbfClient,A3,Attended,")
    assert about["Of"] == ["Northside"]
    assert (about["From"], about["To"]) == (["5 January 2026"], ["28 February 2026"])
    assert about["Therapist"] == ["All therapists"]
    assert about["As at"] == ["2026-03-05 12:00+10:00 (Australia/Brisbane)"]
    assert about["Asked by"] == ["Ada A."]
    assert about["Definitions"] == [f"version {VERSION}"]
    assert about[f"A3, {A3.name}"] == [A3.formula]


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
        ("from=1966-10-14", "from", "Choose a day from 2000 to 2099."),
        ("to=9999-12-31", "to", "Check the year 9999."),
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
    assert f"There is no such {field} here. Choose one." in download.content.decode()
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
    assert "Sofia" not in str(downloaded(ada.get(DOWNLOAD)))


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
@pytest.mark.parametrize(
    ("who", "status"),
    [("ada", 200), ("ana", 200), ("cal", 403), ("otto", 404), ("olga", 404), ("lea", 404)],
)
def test_only_those_who_run_reports_get_one(cast, client, address, who, status):
    client.force_login(getattr(cast, who).user)

    assert client.get(address).status_code == status


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
def test_nobody_is_asked_to_log_in_first(cast, client, address):
    response = client.get(address)

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
    assert re.search(r'href="\?from=2025-09-06&amp;to=2026-03-05&amp;by=client" aria-curr', page)


def test_quick_ranges_are_whole_months_and_keep_the_therapist(ada, cast, half_a_year):
    page = ada.get(PAGE, {"therapist": cast.tess.pk}).content.decode()

    tess = f"&amp;by=client&amp;therapist={cast.tess.pk}"
    assert f'href="?from=2026-03-01&amp;to=2026-03-31{tess}"' in page
    assert f'href="?from=2026-02-01&amp;to=2026-02-28{tess}"' in page


def test_a_clinic_without_clients_sees_words_and_no_figure(ada, cast):
    page = ada.get(PAGE, {"from": "2001-01-01", "to": "2001-12-31"})

    assert page.status_code == 200
    assert "Nobody who fits the filters was in training" in page.content.decode()
    assert "<table" not in page.content.decode()
    head, rows, about = downloaded(ada.get(DOWNLOAD, {"from": "2001-01-01", "to": "2001-12-31"}))
    assert (head, rows) == (["Nobody who fits the filters was in training on these days."], [])
    assert ["Of", "Northside"] in about


def test_days_to_come_are_said_in_words_and_no_percentage_is_made_up(ada, cast):
    page = ada.get(PAGE, {"from": "6 March 2026"}).content.decode()

    assert "These days have not come yet." in page
    assert 'class="big"' not in page


def test_nothing_due_yet_is_a_blank_and_no_percentage_is_made_up(ada, cast):
    """Cam trains with Tess, and her first session is tomorrow."""
    page = ada.get(PAGE, {"therapist": cast.tess.pk}).content.decode()

    assert "%" not in re.search(r'<p class="big">.*?</p>', page + '<p class="big"></p>')[0]
    assert column(page, "A3") == ["", ""]


def test_one_day_and_ten_years_are_ranges_like_any_other(ada, half_a_year):
    day = ada.get(PAGE, {"from": "2026-01-05", "to": "2026-01-05"}).content.decode()
    assert (column(day, "Planned")[-1], column(day, "Attended")[-1]) == ("2", "2")

    page = ada.get(PAGE, {"from": "2020-01-01", "to": "2029-12-31"}).content.decode()
    assert (column(page, "Planned")[-1], column(page, "Attended")[-1]) == ("20", "16")
    assert "The picture shows the last 28 weeks" in page


def test_each_clients_weeks_are_told_in_words_too(ada, half_a_year):
    page = ada.get(PAGE).content.decode()

    assert 'aria-label="9 attended, 1 no-show, 1 unrecorded, 1 excused, 1 make-up or extra"' in page
    assert '<span class="vh">no session</span>' in page


def test_htmx_gets_the_report_alone(ada, half_a_year):
    fragment = ada.get(PAGE, headers={"HX-Request": "true"}).content.decode()

    assert fragment.strip().startswith('<div id="report">')
    assert "<!doctype" not in fragment
    assert on_screen(fragment) == on_screen(ada.get(PAGE).content.decode())


def test_the_report_writes_nothing(ada, half_a_year):
    before = list(Visit.objects.order_by("pk").values())

    ada.get(PAGE)
    ada.get(DOWNLOAD)

    assert list(Visit.objects.order_by("pk").values()) == before
