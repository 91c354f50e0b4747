"""The access log of a clinic: its admin searches it, page by page, and takes it as a file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clients import looks
from bonefit.clients.models import Client, Look
from bonefit.clinics.actions import add_organiser
from bonefit.clinics.models import Membership
from sessions import who_looked
from sessions.models import ReportExport
from tests.cast import NOW, Cast
from tests.looks.conftest import logged_in

LOG = "/c/north/settings/looks/"
FILE = "/c/north/settings/looks.csv"
QUERIES = 12


def look(
    cast: Cast,
    member: Membership | None,
    client: Client | None = None,
    *,
    ago: timedelta = timedelta(0),
    what: str = "viewed",
    kind: str = "record",
) -> None:
    """A row as the site writes it."""
    where = looks.clinic_at("north")
    of = looks.NOBODY
    if client is not None:
        of = looks.Which(
            "SELECT id FROM clients_client WHERE clinic_id = c.id AND id = %(client)s", client.pk
        )
    seen = looks.Seen(where, of, Look.What(what), "clients:client", Look.Kind(kind), Look.How.PAGE)
    user = member.user_id if member else None
    assert looks.note(seen, user_id=user, address="192.0.2.7", now=NOW - ago) == 1


def lines(page: HttpResponse) -> list[tuple[str, str]]:
    """Who and what of the shown lines."""
    return [(one.who, one.what) for one in page.context["entries"]]


def test_it_says_who_when_in_which_role_what_and_whose(cast: Cast, ada: Browser) -> None:
    look(cast, cast.ana, cast.cal_client, kind="plan")
    page = ada.get(LOG)
    for words in (
        "5 March 2026, 12:00:00",
        "Ana T.",
        "therapist",
        "Looked",
        "Plan and loads",
        "Cal P.",
        "192.0.2.7",
    ):
        assert words in page.text


def test_it_is_searched_by_person_kind_days_and_client(cast: Cast, ada: Browser) -> None:
    day = timedelta(days=1)
    look(cast, cast.ana, cast.cal_client, ago=3 * day)
    look(cast, cast.tess, cast.cam_client, ago=2 * day)
    look(cast, cast.cal, cast.cam_client, ago=day, what="refused")
    look(cast, None, ago=day, what="refused")
    for query, expected in (
        ("", 4),
        (f"person={cast.ana.pk}", 1),
        ("what=refused", 2),
        ("what=viewed", 2),
        ("person=others", 1),
        ("person=organisers", 0),
        (f"client={cast.cam_client.pk}", 2),
        (f"client={cast.cam_client.pk}&what=refused", 1),
        ("first=3+March+2026", 3),
        ("last=3+March+2026", 2),
        ("first=3+March+2026&last=3+March+2026", 1),
        ("first=6+March+2026", 0),
    ):
        # Ada reads the log meanwhile, which stands in it.
        found = [who for who, _ in lines(ada.get(f"{LOG}?{query}")) if who != "Ada A."]
        assert len(found) == expected, query


def test_a_client_is_found_by_a_posted_name_and_stands_in_the_address_as_a_number(
    cast: Cast, ada: Browser
) -> None:
    found = ada.post(f"{LOG}?what=viewed", {"q": "cal"})
    assert found["Location"] == f"{LOG}?what=viewed&client={cast.cal_client.pk}"
    several = ada.post(LOG, {"q": "ca"})
    assert "Which of them?" in several.text
    assert f"?client={cast.cam_client.pk}" in several.text
    for name, words in (("nobody at all", "Nobody has that name."), ("", "Write a name.")):
        wrong = ada.post(LOG, {"q": name})
        assert wrong.status_code == 422
        assert words in wrong.text
        assert f'value="{name}"' in wrong.text or not name
    assert ada.post(LOG, {"q": "Olga"}).status_code == 422, "she trains elsewhere"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("first=31+February+2026", "February 2026 had 28 days"),
        ("first=3+March+2026&last=2+March+2026", "This is before the first day."),
        ("person=999999", "Choose somebody listed."),
        ("person=%00", "Choose somebody listed."),
        ("what=canary", "Choose one of these."),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(
    cast: Cast, ada: Browser, query: str, words: str
) -> None:
    page = ada.get(f"{LOG}?{query}")
    assert page.status_code == 422
    assert words in page.text
    assert "Nothing found" not in page.text
    assert ada.get(f"{FILE}?{query}").status_code == 302


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "٣"])
def test_a_client_who_is_not_here_is_not_there(cast: Cast, ada: Browser, number: str) -> None:
    assert ada.get(f"{LOG}?client={number}").status_code == 404


def test_a_client_of_another_clinic_is_not_there(cast: Cast, ada: Browser) -> None:
    assert ada.get(f"{LOG}?client={cast.olga_client.pk}").status_code == 404


def test_whoever_is_no_member_is_not_told_by_name(cast: Cast, ada: Browser) -> None:
    otto = logged_in(cast.otto)
    otto.get("/c/north/today/")
    page = ada.get(f"{LOG}?person=others")
    assert lines(page) == [(who_looked.STRANGER, "Was refused")]
    assert "Otto" not in page.text


def test_whoever_has_left_is_said_to_have(cast: Cast, ada: Browser) -> None:
    logged_in(cast.lea).get("/c/north/today/")
    assert "therapist, has left" in ada.get(f"{LOG}?person={cast.lea.pk}").text


# --- files of figures -----------------------------------------------------------------------------
def test_a_file_of_figures_stands_in_the_list_once(cast: Cast, ada: Browser) -> None:
    assert ada.get("/c/north/reports/adherence.csv").status_code == 200
    page = ada.get(f"{LOG}?what=exported")
    assert lines(page) == [("Ada A.", "Took a file")]
    assert "Adherence, CSV, with names" in page.text
    assert not Look.objects.filter(what="exported").exists()
    assert ReportExport.objects.count() == 1


def test_a_file_about_one_client_is_found_by_her(cast: Cast, ada: Browser) -> None:
    ada.get(f"/c/north/reports/adherence.csv?enrollment={cast.enrollment.pk}")
    for client, expected in ((cast.cal_client, 1), (cast.cam_client, 0)):
        page = ada.get(f"{LOG}?what=exported&client={client.pk}")
        assert len(page.context["entries"]) == expected


def test_an_organisers_file_is_hers(cast: Cast, ada: Browser) -> None:
    greta = add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    browser = Browser()
    browser.force_login(greta.user)
    b"".join(browser.get("/o/northside/reports/adherence.csv"))
    browser.get("/o/northside/reports/adherence/")
    page = ada.get(f"{LOG}?person=organisers")
    assert lines(page) == [("Greta G.", "Looked"), ("Greta G.", "Took a file")]
    assert "organisation admin" in page.text


# --- page by page ---------------------------------------------------------------------------------
def test_every_line_is_on_one_page_also_where_many_are_of_one_moment(
    cast: Cast, ada: Browser, settings
) -> None:
    """The clock stands still here: only the place of a line in its table tells them apart."""
    for number in range(120):
        look(cast, cast.ana, cast.cal_client, ago=timedelta(minutes=number // 100))
    for _ in range(7):
        b"".join(ada.get("/c/north/reports/adherence.csv"))
    seen, query = [], f"?person={cast.ana.pk}"
    while query:
        page = ada.get(f"{LOG}{query}")
        seen += [one.key for one in page.context["entries"]]
        query = page.context["older"]
    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, reverse=True)

    both, query = [], "?what=exported"
    look(cast, cast.ana, what="exported")
    with time_machine.travel(NOW, tick=False):
        while query:
            page = ada.get(f"{LOG}{query}")
            both += [one.key for one in page.context["entries"]]
            query = page.context["older"]
    assert len(both) == len(set(both)) == 8


@pytest.mark.parametrize("key", ["x", "1.2", "1.1.x", "9" * 18 + ".1.1", "1.1.1.1", "-1.1.1"])
def test_a_place_that_was_never_given_out_is_a_page_all_the_same(
    cast: Cast, ada: Browser, key: str
) -> None:
    assert ada.get(f"{LOG}?before={key}").status_code == 200


def test_many_lines_cost_as_many_queries_as_few(cast: Cast, ada: Browser) -> None:
    def asked(query: str = "") -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ada.get(f"{LOG}{query}").status_code == 200
        return len(queries)

    look(cast, cast.ana, cast.cal_client)
    asked()
    assert asked() == QUERIES
    for number in range(80):
        who = (cast.ana, cast.tess, cast.cal, None)[number % 4]
        look(cast, who, (cast.cal_client, cast.cam_client, None)[number % 3])
    assert asked() == QUERIES
    assert asked(f"?client={cast.cal_client.pk}") == QUERIES


# --- the file of the log --------------------------------------------------------------------------
def rows_of(answer: HttpResponse) -> list[list[str]]:
    text = b"".join(answer).decode()  # type: ignore[arg-type]
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_the_file_has_the_lines_of_the_page_and_is_in_the_log_itself(
    cast: Cast, ada: Browser, monkeypatch
) -> None:
    for number in range(7):
        look(cast, cast.ana, cast.cal_client, ago=timedelta(minutes=number))
    Client.objects.filter(pk=cast.cam_client.pk).update(name="=1+1")
    look(cast, cast.tess, cast.cam_client)
    shown = [one.who for one in ada.get(LOG).context["entries"]]
    monkeypatch.setattr(who_looked, "AT_ONCE", 3)

    head, *rows = rows_of(ada.get(FILE))

    assert head[:3] == ["When", "Who", "Role"]
    # The file and the page were looked at meanwhile, by whoever reads them.
    assert [row[1] for row in rows if row[1] != "Ada A."] == [
        who for who in shown if who != "Ada A."
    ]
    assert rows[-1][0] == "2026-03-05T11:54:00+10:00"
    assert "'=1+1" in {row[6] for row in rows}
    row = Look.objects.latest("pk")
    assert (row.what, row.route, row.member) == ("exported", "clinics:looks-csv", cast.ada)


def test_the_file_is_narrowed_as_the_page_is(cast: Cast, ada: Browser) -> None:
    look(cast, cast.ana, cast.cal_client)
    look(cast, cast.tess, cast.cam_client)
    rows = rows_of(ada.get(f"{FILE}?client={cast.cal_client.pk}&person={cast.ana.pk}"))
    assert [row[1] for row in rows[1:]] == ["Ana T."]
    assert Look.objects.latest("pk").client == cast.cal_client


# --- how long -------------------------------------------------------------------------------------
def test_what_is_older_than_the_clinic_keeps_it_is_counted_and_stays(
    cast: Cast, ada: Browser
) -> None:
    look(cast, cast.ana, cast.cal_client, ago=timedelta(days=5 * 365))
    assert "are older" not in ada.get(LOG).text
    look(cast, cast.ana, cast.cal_client, ago=timedelta(days=7 * 365))
    text = " ".join(ada.get(LOG).text.split())
    assert "Lines are kept for 6 years" in text
    assert "<strong>1</strong> is older." in text
    assert Look.objects.filter(at__lt=datetime(2020, 1, 1, tzinfo=UTC)).count() == 1
