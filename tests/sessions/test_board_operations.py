"""What a tablet reads of a day, and what becomes of the operations that it sends."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client as Browser

from sessions.models import Operation, SetEntry
from tests.cast import Cast

pytestmark = pytest.mark.django_db
OPERATIONS = "/c/north/floor/operations/"


@pytest.fixture
def tablet(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def tapped(cast: Cast, number: int = 1, **more: Any) -> dict[str, Any]:
    payload = {"lift": "hinge", "number": str(number), "load": "40", "reps": "5"}
    return {
        "id": str(uuid.uuid4()),
        "kind": "log_set",
        "visit": str(cast.visit.uid),
        "entry": str(uuid.uuid4()),
        "base_revision": None,
        "payload": payload,
        "at": "2026-03-06T09:00:00Z",
        **more,
    }


def send(tablet: Browser, cast: Cast, operations: list[Any], **more: Any) -> Any:
    body = {"author": cast.ana.pk, "operations": operations, **more}
    return tablet.post(OPERATIONS, json.dumps(body), content_type="application/json")


def outcomes(answer: Any) -> list[str]:
    return [one["outcome"] for one in answer.json()["results"]]


def test_a_batch_is_applied_in_its_order_and_answered_one_by_one(tablet: Browser, cast: Cast):
    answer = send(tablet, cast, [tapped(cast, number) for number in (1, 2, 3)])

    assert outcomes(answer) == ["applied"] * 3
    assert [one["number"] for one in answer.json()["lanes"][str(cast.visit.uid)]["sets"]] == [
        1,
        2,
        3,
    ]
    assert SetEntry.objects.count() == 3


def test_what_was_sent_twice_is_applied_once(tablet: Browser, cast: Cast):
    batch = [tapped(cast, number) for number in (1, 2)]
    send(tablet, cast, batch)
    again = send(tablet, cast, [*reversed(batch), *batch])

    assert outcomes(again) == ["applied"] * 4
    assert SetEntry.objects.count() == 2
    assert Operation.objects.count() == 2


def test_a_malformed_operation_does_not_hold_up_the_others(tablet: Browser, cast: Cast):
    heavy = tapped(cast, 2, payload={"lift": "hinge", "number": "2", "load": "heavy", "reps": "5"})
    answer = send(tablet, cast, [{"id": "x"}, "nothing", heavy, tapped(cast, 3)])

    assert outcomes(answer) == ["refused", "refused", "refused", "applied"]
    said = answer.json()["results"]
    assert said[2]["errors"] == {"load": "Write the load as a number in kg, for example 57.5."}
    assert all(one.get("reason") or one.get("errors") for one in said[:3])


@pytest.mark.parametrize("payload", [["a list"], {"lift": ["hinge"]}, {"number": {"a": 1}}, "text"])
def test_a_strange_payload_is_refused_and_breaks_nothing(tablet: Browser, cast: Cast, payload: Any):
    answer = send(tablet, cast, [tapped(cast, payload=payload), tapped(cast, 2)])

    assert outcomes(answer) == ["refused", "applied"]


def test_a_queue_of_somebody_else_is_not_sent_as_mine(tablet: Browser, cast: Cast):
    answer = send(tablet, cast, [tapped(cast)], author=cast.tess.pk)

    assert answer.status_code == 409
    assert SetEntry.objects.count() == 0


def test_another_clinics_visit_is_as_if_it_were_not_there(tablet: Browser, cast: Cast):
    visit = cast.olga_enrollment.visits.first()
    assert visit is not None
    answer = send(tablet, cast, [tapped(cast, visit=str(visit.uid))])

    assert outcomes(answer) == ["refused"]
    assert answer.json()["lanes"] == {}
    assert SetEntry.objects.count() == 0


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"author": 1, "operations": 3}', "\x00"])
def test_what_is_no_list_of_operations_is_said_so(tablet: Browser, body: str):
    assert tablet.post(OPERATIONS, body, content_type="application/json").status_code == 400


def test_too_many_at_once_are_refused_whole(tablet: Browser, cast: Cast):
    answer = send(tablet, cast, [tapped(cast)] * 101)

    assert answer.status_code == 413
    assert SetEntry.objects.count() == 0


def test_fifty_sets_cost_few_queries(
    tablet: Browser, cast: Cast, django_assert_max_num_queries: Any
):
    batch = [tapped(cast, 1 + number % 20, id=str(uuid.uuid4())) for number in range(50)]
    with django_assert_max_num_queries(22):
        send(tablet, cast, batch)


def test_the_day_has_a_lane_for_each_client_and_the_lower_loads(tablet: Browser, cast: Cast):
    today = tablet.get("/c/north/floor/day/").json()

    assert today["author"] == {"id": cast.ana.pk, "name": cast.ana.user.name}
    lane = next(
        one
        for slot in today["slots"]
        for one in slot["lanes"]
        if one["visit"] == str(cast.visit.uid)
    )
    hinge = lane["lifts"][0]
    assert hinge["lift"] == "hinge"
    assert all(
        below is None or float(below) < float(load) for load, below in hinge["below"].items()
    )
    assert set(hinge["loads"]) <= set(hinge["below"])


def test_the_board_itself_names_nobody(tablet: Browser, cast: Cast):
    page = tablet.get("/c/north/floor/").content.decode()

    assert cast.ana.user.name not in page
    assert cast.cal_client.name not in page
