"""What the tries of this folder found, each by itself: refused in words, and nothing breaks."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clients.models import Lock
from bonefit.clinics.models import RefusedByBrowser
from sessions import calendars
from sessions.on_sets import TAKEN
from tests.cast import NOW, Cast
from tests.sessions.flagged import raise_flag

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31", "2200-01-02"])
@pytest.mark.parametrize("page", ["today/", "week/", "floor/day/"])
def test_a_day_at_the_end_of_all_days_is_today(ana: Browser, page: str, day: str):
    assert ana.get(f"/c/north/{page}?day={day}").status_code == 200


def test_a_revision_without_end_is_refused_and_its_batch_goes_on(ana: Browser, cast: Cast):
    operation = {
        "id": str(uuid.uuid4()),
        "kind": "log_set",
        "visit": str(cast.visit.uid),
        "base_revision": float("inf"),
        "payload": {},
    }
    body = json.dumps({"author": cast.ana.pk, "operations": [operation]})
    answer = ana.post("/c/north/floor/operations/", body, content_type="application/json")
    assert answer.status_code == 200
    assert [one["outcome"] for one in answer.json()["results"]] == ["refused"]


@pytest.mark.parametrize("revision", ["9" * 10, "9" * 9_000], ids=["great", "long"])
@pytest.mark.parametrize("act", ["void", "confirm", "correct"])
def test_a_revision_that_no_set_has_is_another_one(
    ana: Browser, cast: Cast, act: str, revision: str
):
    entry = cast.log(cast.visit, load="40", now=cast.visit.ends_at)
    path = f"/c/north/visits/{cast.visit.uid}/hinge/sets/{entry.uid}/{act}/"
    said = {"revision": revision, "load": "45", "reps": "5", "why": "Typed"}
    assert ana.post(path, said).status_code in (200, 302, 409, 422)
    entry.refresh_from_db()
    # Two said two things of it, as where it was changed in between; there is nothing to confirm.
    assert (entry.voided, entry.disputed) == (False, act != "confirm")


DEEP = "[" * 9_000
NUL = {"document-uri": "/", "effective-directive": "img-src", "blocked-uri": "https://a\x00b/"}


@pytest.mark.parametrize("report", [DEEP, json.dumps({"csp-report": NUL})])
def test_a_report_that_no_browser_sends_is_none(client: Browser, report: str, db: None):
    answer = client.post("/refused/", report, content_type="application/csp-report")
    assert answer.status_code == 400
    assert not RefusedByBrowser.objects.exists()


@pytest.mark.parametrize("page", ["http://[", "http://testserver:x/", "http://[::1"])
def test_an_htmx_request_from_no_address_leads_to_the_front_door(client: Browser, page: Any, cast):
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = client.get("/c/north/today/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/login/code/?next=/"


@pytest.mark.parametrize("typed", ["1e400", "1e27", "1E+999999999"])
def test_a_number_of_too_many_digits_is_no_number(ana: Browser, cast: Cast, typed: str):
    url = f"/c/north/clients/{cast.cal_client.pk}/battery/"
    answer = ana.post(url, {"tug_1": typed, "taken_on": "5 March 2026"})
    assert answer.status_code == 422
    assert "Write a number." in answer.content.decode()


@pytest.mark.parametrize("last", ["31 December 9999", "1 January 2201", "9999-12-31"])
def test_a_day_after_which_there_is_none_is_said_beside_its_field(ana: Browser, last: str):
    said = {"name": "Spring", "starts_on": "1 March 2027", "ends_on": last}
    answer = ana.post("/c/north/week/timetable/add/", said)
    assert answer.status_code == 422
    assert "Check the year" in answer.content.decode()


@pytest.mark.parametrize("there", ["-", "home", "clients", "x:y", "//evil.example/"])
def test_a_word_is_no_page_to_go_back_to(ana: Browser, cast: Cast, there: str):
    client = f"/c/north/clients/{cast.cal_client.pk}/"
    answer = ana.post(f"{client}send-login/", {"next": there})
    assert (answer.status_code, answer.headers["Location"]) == (302, client)


def test_after_a_flag_any_number_of_digits_is_the_next_one_or_none(ana: Browser, cast: Cast):
    flag = raise_flag(cast.enrollment)
    answer = ana.post(f"/c/north/flags/{flag.pk}/resolve/", {"next": "9" * 5000})
    assert answer.status_code == 422
    said = {"until": "20 March 2026", "why": "On holiday", "next": "9" * 5000}
    assert ana.post(f"/c/north/flags/{flag.pk}/put-off/", said).status_code == 302


@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages", "known"])
def test_a_cookie_with_a_nul_in_it_is_no_cookie(client: Browser, cast: Cast, name: str):
    answer = client.get("/c/north/today/", headers={"Cookie": f'{name}="aaaaaaaaaaaa\\000"'})
    assert (answer.status_code, answer.headers["Location"][:12]) == (302, "/login/code/")


@pytest.mark.parametrize("kept", ["of this visit", "of another visit"])
def test_the_id_of_another_set_is_refused_and_its_batch_goes_on(
    ana: Browser, cast: Cast, kept: str
):
    visit = cast.visit if kept == "of this visit" else cast.cam_enrollment.visits.first()
    assert visit is not None
    there = cast.log(visit, now=visit.ends_at)
    sets = [
        {
            "id": str(uuid.uuid4()),
            "kind": "log_set",
            "visit": str(cast.visit.uid),
            "entry": str(entry),
            "payload": {"lift": "squat", "number": str(number), "load": "30", "reps": "5"},
        }
        for number, entry in enumerate((there.uid, uuid.uuid4()), 1)
    ]
    body = json.dumps({"author": cast.ana.pk, "operations": sets})
    answer = ana.post("/c/north/floor/operations/", body, content_type="application/json")
    said = [(one["outcome"], one["reason"]) for one in answer.json()["results"]]
    assert said == [("refused", TAKEN), ("applied", "")]
    assert cast.visit.sets.filter(lift="squat").count() == 1


@pytest.mark.parametrize("path", ["/login/code/", "/login/closed/", "/login/", "/login/again/"])
def test_what_is_no_address_is_nowhere_to_go_after_the_log_in(ana: Browser, path: str):
    for browser in (ana, Browser()):
        for said in (browser.get(path, {"next": "http://["}), browser.post(path, {"next": "//["})):
            assert said.status_code < 500
            assert "[" not in said.headers.get("Location", "")


def test_a_line_break_in_the_name_of_a_clinic_breaks_no_calendar(cast: Cast, client: Browser):
    feed = calendars.open_feed(client=cast.cal_client, now=NOW)
    type(cast.north).objects.filter(pk=cast.north.pk).update(name="North\r\nside")
    answer = client.get(f"/calendar/{calendars.token_of(feed)}.ics")
    assert answer.status_code == 200
    assert b"North side" in answer.content


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("release/", {"clinician": "Dr L.\x00 H.", "finding": "No fracture.\x00"}),
        ("re-screen/", {"found": "No change.\x00"}),
        ("say/", {"status": "excused", "why": "The bus\x00"}),
        ("say/", {"status": "exc\x00used"}),
    ],
)
def test_a_nul_in_what_is_typed_is_left_out(ana: Browser, cast: Cast, path: str, said: Any):
    lock = Lock.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        why=Lock.Why.PAIN,
        fact="visit",
        opened_at=NOW,
        opened_by=cast.ana,
    )
    answer = ana.post(f"/c/north/visits/{cast.visit.uid}/{path}", said)
    assert answer.status_code == 302
    if path == "release/":
        lock.refresh_from_db()
        assert (lock.clinician, lock.finding) == ("Dr L. H.", "No fracture.")
