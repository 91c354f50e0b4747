"""A look whose row was just written here costs no statement, and the log stays the same for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clients import looks_lately
from bonefit.clients.models import Look
from tests.cast import NOW, Cast
from tests.looks.conftest import logged_in
from tests.looks.knocking import newest
from tests.uncounted import LOOK, every_query

HTMX = {"HX-Request": "true"}


def asked_for_a_part(browser: Browser, path: str, seconds: float, status: int = 200) -> int:
    """So many statements for the log does a part of a page take, so long after the first."""
    with (
        time_machine.travel(NOW + timedelta(seconds=seconds), tick=False),
        CaptureQueriesContext(connection) as asked,
    ):
        assert browser.get(path, headers=HTMX).status_code == status
    return sum(one["sql"].lstrip().startswith(LOOK) for one in every_query(asked))


def test_within_a_minute_the_log_is_asked_once(cast: Cast, ana: Browser, hers: str) -> None:
    before = newest()
    assert [asked_for_a_part(ana, hers, seconds) for seconds in (0, 1, 59, 60, 61)] == [
        *(1, 0, 0),
        *(1, 0),
    ]
    assert Look.objects.filter(pk__gt=before).count() == 2


def test_a_page_says_it_for_the_parts_that_follow(cast: Cast, ana: Browser, hers: str) -> None:
    with time_machine.travel(NOW, tick=False):
        ana.get(hers)
    assert asked_for_a_part(ana, hers, 30) == 0


def test_where_another_process_wrote_the_row_the_log_is_asked_and_holds_one(
    cast: Cast, ana: Browser, hers: str
) -> None:
    before = newest()
    asked_for_a_part(ana, hers, 0)
    looks_lately.forget()
    assert asked_for_a_part(ana, hers, 10) == 1
    assert Look.objects.filter(pk__gt=before).count() == 1
    # It is not known when that row was written, and so it is asked for each time.
    assert asked_for_a_part(ana, hers, 61) == 1
    assert Look.objects.filter(pk__gt=before).count() == 2


@pytest.mark.parametrize("whose", ["another_person", "another_client", "a_list"])
def test_what_is_another_look_is_asked_for(cast: Cast, ana: Browser, hers: str, whose: str) -> None:
    asked_for_a_part(ana, hers, 0)
    browser, path = {
        "another_person": (logged_in(cast.tess), hers),
        "another_client": (ana, f"/c/north/clients/{cast.cam_client.pk}/"),
        "a_list": (ana, "/c/north/clients/"),
    }[whose]
    assert asked_for_a_part(browser, path, 1) == 1


def test_a_try_is_always_asked_for(cast: Cast, cal: Browser, hers: str) -> None:
    assert [asked_for_a_part(cal, hers, seconds, 403) for seconds in (0, 1)] == [1, 1]


def test_a_new_connection_has_everything_asked_again(cast: Cast, ana: Browser, hers: str) -> None:
    """It may be one to a database that was put back to an earlier day."""
    asked_for_a_part(ana, hers, 0)
    other = connection.copy()
    other.ensure_connection()
    other.close()
    assert asked_for_a_part(ana, hers, 1) == 1


def test_it_remembers_no_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks_lately, "MOST", 3)
    for number in range(7):
        looks_lately.keep(number, NOW)
    assert not looks_lately.stands(0, within=60, now=NOW)
    assert looks_lately.stands(6, within=60, now=NOW)
    assert not looks_lately.stands(6, within=60, now=NOW - timedelta(seconds=1))
