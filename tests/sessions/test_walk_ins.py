"""Somebody comes without a place: two taps, and a lane of her own."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from bonefit.clients.models import Lock
from sessions import actions, moving, unrecorded
from sessions.models import SetEntry, Slot, Visit
from tests.cast import NOW, THURSDAY, Cast, assign, enroll

pytestmark = pytest.mark.django_db
ADDRESS = "/c/north/floor/walk-in/"


@pytest.fixture
def tablet(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def come(tablet: Browser, cast: Cast, **said: Any) -> Any:
    usual = {
        "slot": cast.visit.slot_id,
        "client": cast.cam_client.pk,
        "uid": "5b0f8f0c-8d83-4a64-9d4c-3a3c9fd4f6a1",
    }
    return post(tablet, json.dumps({**usual, **said}))


def post(tablet: Browser, body: str | bytes) -> Any:
    return tablet.post(ADDRESS, body, content_type="application/json")


def extras() -> int:
    return Visit.objects.filter(purpose=Visit.Purpose.EXTRA).count()


def test_those_without_a_place_in_the_class_may_walk_in(tablet: Browser, cast: Cast):
    enroll(cast.ana, "Ned M.")  # has no program yet
    people = tablet.get(f"/c/north/floor/people/?slot={cast.visit.slot_id}").json()["people"]

    assert [one["id"] for one in people] == [cast.cam_client.pk]
    assert people[0]["name"] == "Cam Q."
    assert people[0]["initials"] == "CQ"
    assert people[0]["tint"].startswith("p")


@pytest.mark.parametrize(
    ("slot", "answer"),
    [
        ("", 400),
        ("x", 400),
        ("-1", 400),
        ("1.5", 400),
        ("٣", 400),
        ("9" * 30, 400),
        ("987654", 404),
    ],
)
def test_a_class_that_is_none_has_no_people(tablet: Browser, slot: str, answer: int):
    said = tablet.get("/c/north/floor/people/", {"slot": slot})

    assert said.status_code == answer
    assert said.json()["error"]


def test_another_clinics_class_is_as_if_it_were_not_there(tablet: Browser, cast: Cast):
    theirs = cast.olga_enrollment.visits.first()
    assert theirs is not None
    address = f"/c/north/floor/people/?slot={theirs.slot_id}"

    assert tablet.get(address).status_code == 404
    assert come(tablet, cast, slot=theirs.slot_id).status_code == 422
    assert extras() == 0


def test_a_walk_in_has_a_lane_with_what_she_is_to_lift(tablet: Browser, cast: Cast):
    answer = come(tablet, cast)

    assert answer.status_code == 200
    lane = answer.json()["lane"]
    assert (lane["name"], lane["status"]) == ("Cam Q.", "planned")
    assert [one["lift"] for one in lane["lifts"]] == ["hinge", "squat", "press", "impact"]
    visit = Visit.objects.get(uid=lane["visit"])
    assert (visit.purpose, visit.slot_id) == ("extra", cast.visit.slot_id)
    assert visit.enrollment == cast.cam_enrollment

    cast.log(visit)
    assert SetEntry.objects.get().visit == visit


def test_the_same_tap_twice_is_one_visit(tablet: Browser, cast: Cast):
    first, second = come(tablet, cast), come(tablet, cast)

    assert first.json() == second.json()
    assert extras() == 1


def test_an_id_that_is_another_visit_is_not_taken_over(tablet: Browser, cast: Cast):
    answer = come(tablet, cast, uid=str(cast.visit.uid))

    assert answer.status_code == 409
    assert extras() == 0


def test_who_is_in_the_class_is_not_added_twice(tablet: Browser, cast: Cast):
    come(tablet, cast)
    again = come(tablet, cast, uid=str(uuid.uuid4()))

    assert again.status_code == 409
    assert again.json()["error"] == "This client is in this class already."
    assert extras() == 1


def test_who_is_in_another_class_at_the_time_is_not_added(tablet: Browser, cast: Cast):
    visit = cast.visit
    beside = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=visit.starts_at + timedelta(minutes=10),
        ends_at=visit.ends_at + timedelta(minutes=10),
        capacity=6,
    )
    answer = come(tablet, cast, slot=beside.pk, client=cast.cal_client.pk)

    assert answer.status_code == 409
    assert "another visit at the same time" in answer.json()["error"]
    assert extras() == 0


def test_who_cancelled_there_may_walk_in_here(tablet: Browser, cast: Cast):
    visit = cast.visit
    actions.say(visit=visit, status="cancelled_client", by=cast.ana)
    beside = Slot.objects.create(
        clinic=cast.north,
        room="Room 2",
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        capacity=6,
    )
    assert come(tablet, cast, slot=beside.pk, client=cast.cal_client.pk).status_code == 200


def test_who_is_locked_is_not_added_and_it_is_said_why(tablet: Browser, cast: Cast):
    Lock.objects.create(
        clinic=cast.north,
        client=cast.cam_client,
        why=Lock.Why.FRACTURE,
        fact="x",
        opened_by=cast.ana,
    )
    answer = come(tablet, cast)

    assert answer.status_code == 409
    assert answer.json()["error"] == "Locked: a new fracture. A clinician releases her first."
    assert extras() == 0


def test_another_day_takes_no_walk_in(tablet: Browser, cast: Cast):
    answer = come(tablet, cast, slot=cast.visits[1].slot_id)

    assert answer.status_code == 409
    assert "not today" in answer.json()["error"]


def test_who_has_no_program_or_one_that_has_not_begun_is_not_added(tablet: Browser, cast: Cast):
    nobody = enroll(cast.ana, "Ned M.")
    later = enroll(cast.ana, "Lil M.")
    assign(later, cast.ana, starts_on=date(2026, 3, 9), weekdays=(THURSDAY,))
    moving.end_enrollment(
        enrollment=cast.cam_enrollment,
        status="withdrawn",
        reason="Moved away",
        on=NOW.date(),
        by=cast.ana,
        now=NOW,
    )
    said = [
        come(tablet, cast, client=one.pk, uid=str(uuid.uuid4()))
        for one in (nobody, later, cast.cam_client)
    ]
    assert [one.status_code for one in said] == [409] * 3
    assert "follows no program" in said[0].json()["error"]
    assert said[1].json()["error"] == "The program of this client begins on Monday 9 March."
    assert extras() == 0


@pytest.mark.parametrize("who", ["olga_client", "nobody"])
def test_who_is_not_of_the_clinic_is_not_there(tablet: Browser, cast: Cast, who: str):
    client = cast.olga_client.pk if who == "olga_client" else 10**9
    answer = come(tablet, cast, client=client)

    assert answer.status_code == 422
    assert answer.json() == {"error": "There is no such client in this clinic."}


@pytest.mark.parametrize(
    "said",
    [
        {"client": None},
        {"client": True},
        {"client": "x"},
        {"client": -1},
        {"client": 1.5},
        {"client": [1]},
        {"client": {"a": 1}},
        {"client": 10**30},
        {"slot": None},
        {"slot": "٣"},
        {"slot": []},
        {"uid": None},
        {"uid": "x"},
        {"uid": 7},
        {"uid": ["a"]},
    ],
)
def test_what_cannot_be_read_is_refused_with_words(tablet: Browser, cast: Cast, said: Any):
    answer = come(tablet, cast, **said)

    assert answer.status_code == 422
    assert answer.json() == {"error": "Say who comes, and to which class."}
    assert extras() == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"\x00", b"[" * 3000, b"1" * 9000]
)
def test_what_is_no_walk_in_is_said_so(tablet: Browser, body: bytes):
    answer = post(tablet, body)

    assert answer.status_code == 400
    assert answer.json() == {"error": "That is no walk-in."}


def test_a_walk_in_after_the_class_is_not_missed_at_once(tablet: Browser, cast: Cast):
    come(tablet, cast)
    visit = Visit.objects.get(purpose=Visit.Purpose.EXTRA)

    unrecorded.flag_missed(NOW + timedelta(hours=2))
    visit.refresh_from_db()
    assert visit.status == Visit.Status.PLANNED


def test_a_walk_in_is_checked_in_like_everybody_else(tablet: Browser, cast: Cast):
    with time_machine.travel(cast.visit.starts_at + timedelta(minutes=5)):
        come(tablet, cast)
        cast.check_in(Visit.objects.get(purpose=Visit.Purpose.EXTRA))
        slots = tablet.get("/c/north/floor/day/").json()["slots"]

    assert [lane["status"] for lane in slots[0]["lanes"]] == ["planned", "checked_in"]
