"""How many people one supervisor may have is asked when somebody is checked in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser

from sessions import actions, sync
from sessions.models import Visit
from tests.cast import Cast
from tests.sessions.classes import check_in, class_of, do, said, supervise

pytestmark = pytest.mark.django_db


def test_six_are_fine_the_seventh_is_pointed_out_and_the_ninth_has_to_wait(
    cast: Cast, client: Browser
):
    """Vector 8.30 of the protocol sheet."""
    visits = class_of(cast, 9)
    assert check_in(cast.ana, *visits[:6]) == ["applied"] * 6
    assert line(cast, client) == ""
    assert check_in(cast.ana, visits[6]) == ["applied"]
    assert line(cast, client).startswith("7 people are here with one supervisor: more than 6.")
    assert check_in(cast.ana, visits[7]) == ["applied"]

    refused = do(cast.ana, said("check_in", visits[8]), visit=visits[8])[0]
    assert refused.outcome == "refused"
    assert refused.reason == (
        "8 people are here with one supervisor, and at most 8 may be. "
        "Name another supervisor first, then check her in again."
    )
    assert Visit.objects.get(pk=visits[8].pk).status == Visit.Status.PLANNED

    supervise(cast.ana, visits[0], cast.ana, cast.tess)
    assert check_in(cast.ana, visits[8]) == ["applied"]
    assert line(cast, client) == ""


def line(cast: Cast, client: Browser) -> str:
    """What the tablet's day says of the class."""
    client.force_login(cast.ana.user)
    with time_machine.travel(cast.visit.starts_at + timedelta(minutes=5)):
        slots = client.get("/c/north/floor/day/").json()["slots"]
        today = client.get("/c/north/today/").content.decode()
    (slot,) = [one for one in slots if one["id"] == cast.visit.slot_id]
    assert (slot["ratio"]["warn"], slot["ratio"]["block"]) == (6, 8)
    said_of_it: str = slot["ratio"]["line"]
    assert said_of_it in today
    assert ("Too many for" in today) == bool(said_of_it)
    return said_of_it


def test_who_is_complete_still_counts_and_who_did_not_come_does_not(cast: Cast):
    visits = class_of(cast, 9)
    assert check_in(cast.ana, *visits[:7]) == ["applied"] * 7
    cast.log(visits[0], now=visits[0].starts_at)
    actions.complete_visit(visit=visits[0], by=cast.ana, now=visits[0].starts_at)
    actions.say(visit=visits[7], status="no_show", by=cast.ana, now=visits[7].starts_at)

    assert check_in(cast.ana, visits[8], visits[7]) == ["applied", "refused"]


def test_checking_in_again_counts_once(cast: Cast):
    visits = class_of(cast, 9)
    assert check_in(cast.ana, *visits[:8]) == ["applied"] * 8

    assert check_in(cast.ana, visits[0], visits[7], visits[8]) == ["applied", "applied", "refused"]


def test_a_batch_counts_those_whom_it_lets_in_itself(cast: Cast):
    visits = class_of(cast, 9)
    results = do(cast.ana, *[said("check_in", visit) for visit in visits], visit=visits[0])

    assert [one.outcome for one in results] == ["applied"] * 8 + ["refused"]


def test_a_second_supervisor_and_the_next_client_may_come_in_one_batch(cast: Cast):
    visits = class_of(cast, 9)
    check_in(cast.ana, *visits[:8])
    both = f"{cast.ana.pk} {cast.tess.pk}"
    ops = [said("supervise", visits[0], members=both), said("check_in", visits[8])]

    assert [one.outcome for one in do(cast.ana, *ops, visit=visits[0])] == ["applied"] * 2


def test_a_set_is_recorded_however_many_are_there(cast: Cast):
    visits = class_of(cast, 9)
    check_in(cast.ana, *visits[:8])

    cast.log(visits[8], now=visits[8].starts_at)
    assert Visit.objects.get(pk=visits[8].pk).status == Visit.Status.CHECKED_IN


def test_after_the_class_a_check_in_is_a_record_and_is_taken(cast: Cast):
    """A tablet without a network sends it in the evening; whoever came has come."""
    visits = class_of(cast, 9)
    check_in(cast.ana, *visits[:8])

    result = sync.apply([said("check_in", visits[8])], by=cast.ana, now=visits[8].ends_at)[0]
    assert result.outcome == "applied"


def test_the_page_of_the_visit_says_why_she_has_to_wait(cast: Cast, client: Browser):
    visits = class_of(cast, 9)
    check_in(cast.ana, *visits[:8])
    client.force_login(cast.ana.user)

    with time_machine.travel(cast.visit.starts_at + timedelta(minutes=5)):
        address = f"/c/north/visits/{visits[8].uid}/"
        page = client.post(f"{address}check-in/", {"well": "1"}, follow=True).content.decode()
    assert "Name another supervisor first" in page
