"""A client asks who has looked at her record, and reads it in plain words; so may a companion."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from pytest_django import DjangoAssertNumQueries

from bonefit.clients import companions
from bonefit.clients.models import Companion
from tests.cast import NOW, Cast
from tests.looks.test_log_page import look

MY = "/c/north/my/looked/"
QUERIES = 10


def words(browser: Browser, url: str) -> str:
    page = browser.get(url)
    assert page.status_code == 200
    return " ".join(re.sub("<[^>]+>", " ", page.text[page.text.index("<main") :]).split())


def lines(browser: Browser, url: str = MY) -> list[tuple[str, str, str]]:
    return [(one.who, one.role, one.what) for one in browser.get(url).context["lines"]]


def test_each_person_is_one_line_a_day_with_what_she_looked_at(cast: Cast, cal: Browser) -> None:
    for kind in ("plan", "record", "plan"):
        look(cast, cast.ana, cast.cal_client, kind=kind)
    look(cast, cast.tess, cast.cal_client, kind="papers", ago=timedelta(days=1))
    look(cast, cast.ana, cast.cam_client)
    text = words(cal, MY)
    assert "5 March 2026 Ana T., therapist plan and weights, main page" in text
    assert "4 March 2026 Tess T., therapist papers" in text
    assert len(lines(cal)) == 2


def test_her_own_looks_and_what_was_refused_are_left_out(cast: Cast, cal: Browser) -> None:
    cal.get("/c/north/my/")
    look(cast, cast.cam, cast.cal_client, what="refused")
    assert lines(cal) == []
    assert "Nobody looked at your record in these days." in words(cal, MY)


def test_a_companion_and_whoever_has_her_calendar_link_are_told(
    cast: Cast, cal: Browser, con: Browser
) -> None:
    con.get(f"/c/north/my/of/{cast.cal_client.pk}/")
    assert lines(cal) == [("Con P.", "companion", "own pages")]


def test_a_file_about_her_alone_is_told_and_one_about_all_is_not(
    cast: Cast, cal: Browser, ada: Browser
) -> None:
    ada.get(f"/c/north/reports/adherence.csv?enrollment={cast.enrollment.pk}")
    ada.get("/c/north/reports/adherence.csv")
    assert lines(cal) == [("Ada A.", "clinic admin", "figures in a report")]
    assert "Took as a file: figures in a report" in words(cal, MY)


def test_no_network_address_is_told(cast: Cast, cal: Browser) -> None:
    look(cast, cast.ana, cast.cal_client)
    assert "192.0.2.7" not in cal.get(MY).text


def test_it_goes_back_three_months_at_a_time_as_far_as_there_is_something(
    cast: Cast, cal: Browser
) -> None:
    look(cast, cast.ana, cast.cal_client)
    look(cast, cast.tess, cast.cal_client, ago=timedelta(days=91))
    newest = cal.get(MY)
    assert [one.who for one in newest.context["lines"]] == ["Ana T."]
    assert newest.context["earlier"] == "?back=1"
    before = cal.get(f"{MY}?back=1")
    assert [one.who for one in before.context["lines"]] == ["Tess T."]
    assert (before.context["earlier"], before.context["later"]) == ("", "?back=0")
    for text in ("x", "-1", "9" * 20, "999"):
        assert cal.get(f"{MY}?back={text}").status_code == 200


def test_a_companion_reads_it_while_she_may_look(cast: Cast, con: Browser) -> None:
    look(cast, cast.ana, cast.cal_client)
    of = f"/c/north/my/of/{cast.cal_client.pk}/looked/"
    assert "Who has looked at the record of Cal P." in words(con, of)
    assert ("Ana T.", "therapist", "main page") in lines(con, of)
    assert con.get(f"/c/north/my/of/{cast.cam_client.pk}/looked/").status_code == 404
    companions.take_away(companion=Companion.objects.get(member=cast.con), by=cast.ana, now=NOW)
    assert con.get(of).status_code in (403, 404)


def test_her_pages_lead_there(cast: Cast, cal: Browser, con: Browser) -> None:
    assert f'href="{MY}"' in cal.get("/c/north/my/").text
    of = f"/c/north/my/of/{cast.cal_client.pk}/"
    assert f'href="{of}looked/"' in con.get(of).text


def test_the_clinic_prints_the_same_list_for_her(
    cast: Cast, ana: Browser, cal: Browser, hers: str
) -> None:
    look(cast, cast.tess, cast.cal_client)
    tess = ("Tess T.", "therapist", "main page")
    assert lines(ana, f"{hers}looked/") == [tess]
    # To print it is to look at it.
    assert lines(cal) == [("Ana T.", "therapist", "this list"), tess]
    assert f'href="{hers}looked/"' in ana.get(hers).text


@pytest.mark.parametrize("rows", [1, 40])
def test_many_looks_cost_as_many_queries_as_one(
    cast: Cast, cal: Browser, django_assert_num_queries: DjangoAssertNumQueries, rows: int
) -> None:
    for number in range(rows):
        who = (cast.ana, cast.tess)[number % 2]
        look(cast, who, cast.cal_client, ago=timedelta(days=number))
    cal.get(MY)
    with django_assert_num_queries(QUERIES):
        cal.get(MY)
