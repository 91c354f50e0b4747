"""What a tablet reads of each class as a whole, and what that costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser

from sessions.models import Visit
from tests.cast import Cast
from tests.sessions.classes import check_in, class_of, supervise

pytestmark = pytest.mark.django_db
DAY = "/c/north/floor/day/"


@pytest.fixture
def tablet(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def whole(tablet: Browser) -> dict[str, Any]:
    (slot,) = tablet.get(DAY).json()["slots"]
    found: dict[str, Any] = slot
    return found


def test_everybody_who_may_supervise_is_in_it_and_nobody_else(tablet: Browser, cast: Cast):
    day = tablet.get(DAY).json()

    assert day["therapists"] == [
        {"id": cast.ana.pk, "name": "Ana T."},
        {"id": cast.tess.pk, "name": "Tess T."},
    ]


def test_a_class_says_who_is_planned_who_is_here_and_who_has_left(tablet: Browser, cast: Cast):
    ana, tess = (
        {"id": one.pk, "name": one.user.name, "here": False} for one in (cast.ana, cast.tess)
    )
    assert whole(tablet)["supervisors"] == [ana]
    supervise(cast.ana, cast.visit, cast.ana, cast.tess)
    assert whole(tablet)["supervisors"] == [{**ana, "here": True}, {**tess, "here": True}]
    supervise(cast.ana, cast.visit, cast.tess)
    assert whole(tablet)["supervisors"] == [ana, {**tess, "here": True}]


def test_the_numbers_of_the_ratio_are_the_clinics(tablet: Browser, cast: Cast):
    assert whole(tablet)["ratio"] == {"warn": 6, "block": 8, "line": ""}


def test_the_plan_has_each_bar_with_its_plates_and_what_is_short(tablet: Browser, cast: Cast):
    cal, zoe, zora = class_of(cast, 3)
    said = whole(tablet)

    hinge = [one for one in said["plan"] if one["lift"] == "hinge"]
    assert {one["visit"] for one in hinge} == {str(one.uid) for one in (cal, zoe, zora)}
    assert hinge[0] | {"visit": ""} == {
        "visit": "",
        "lift": "hinge",
        "load": "40",
        "bar": "20",
        "plates": ["10"],
    }
    assert [one["lift"] for one in said["plan"]] == ["hinge"] * 3 + ["squat"] * 3 + ["press"] * 3
    assert said["shortages"] == [
        "10 kg plates: 3 pairs if everybody begins at once (deadlift 3), and 2 pairs are there."
    ]


def test_who_is_done_with_a_lift_or_did_not_come_needs_no_plates_for_it(
    tablet: Browser, cast: Cast
):
    cal, zoe, zora = class_of(cast, 3)
    cast.log_all(cal)
    Visit.objects.filter(pk=zora.pk).update(status=Visit.Status.CANCELLED_CLIENT)
    said = whole(tablet)

    by_lift = {
        lift: {one["visit"] for one in said["plan"] if one["lift"] == lift}
        for lift in ("hinge", "squat")
    }
    assert by_lift == {"hinge": {str(zoe.uid)}, "squat": {str(cal.uid), str(zoe.uid)}}
    assert said["shortages"] == []


def test_a_missed_set_lowers_what_is_loaded_next(tablet: Browser, cast: Cast):
    cast.log(cast.visit, reps=2)
    (hinge,) = [one for one in whole(tablet)["plan"] if one["lift"] == "hinge"]

    assert hinge["load"] == "37.5"


QUERIES = 11


def test_thirty_lanes_take_as_many_queries_as_one(
    tablet: Browser, cast: Cast, django_assert_num_queries: Any
):
    tablet.get(DAY)  # a process knows the immutable program after its first page
    with django_assert_num_queries(QUERIES):
        tablet.get(DAY)
    visits = class_of(cast, 30)
    with django_assert_num_queries(QUERIES):
        assert len(whole(tablet)["lanes"]) == 30

    cast.log(visits[3], reps=4)
    check_in(cast.ana, *visits[4:8])
    with django_assert_num_queries(QUERIES):
        tablet.get(DAY)


def test_what_is_read_together_is_what_is_read_alone(tablet: Browser, cast: Cast):
    """Each client is told the same, whoever else is in the class."""
    visits = class_of(cast, 4)
    cast.promote()
    cast.log_all(visits[0], rpe=9, technique="clean", pain=0)
    monday = [visit.enrollment.visits.order_by("during")[1] for visit in visits]
    with time_machine.travel(monday[0].starts_at - timedelta(hours=1)):
        lanes = whole(tablet)["lanes"]
        for visit in monday:
            page = tablet.get(f"/c/north/visits/{visit.uid}/").content.decode()
            (lane,) = [one for one in lanes if one["visit"] == str(visit.uid)]
            assert lane["lifts"][0]["why"] in page
            assert "<strong>Deadlift</strong>" in page
            assert f"{lane['lifts'][0]['load']} kg" in page
    assert sorted(lane["lifts"][0]["last"] for lane in lanes) == ["", "", "", "40 kg × 5 @ 9"]
