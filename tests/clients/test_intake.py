"""What follows from an intake is kept on the client, and is right however it came about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from bonefit.clients import actions, intake
from bonefit.clients.models import Client
from tests.cast import NOW, TODAY, Cast, enroll
from tests.intakes import BARS, lettered, new_text, screened, unscreened

pytestmark = pytest.mark.django_db


def test_the_cast_is_what_a_refresh_would_find(cast: Cast):
    before = list(Client.objects.order_by("pk").values())

    assert intake.refresh_clinic(cast.north, now=NOW) == 0
    assert list(Client.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("bar", "words"),
    [
        ("no screening", "screening"),
        ("not now", "the screening says: not now"),
        ("letter missing", "doctor’s letter"),
        ("letter expired", "doctor’s letter"),
        ("consent missing", "consent: training with heavy loads"),
        ("consent withdrawn", "consent: training with heavy loads"),
        ("new consent text past its date", "consent: training with heavy loads"),
        ("screening expired", "screening"),
    ],
)
def test_each_thing_that_is_missing_is_named(cast: Cast, bar: str, words: str):
    gone = intake.barred(BARS[bar](cast.cal_client), TODAY)

    assert gone is not None
    assert gone.words == words


def test_a_letter_holds_on_its_last_day_and_not_after(cast: Cast):
    last = TODAY + timedelta(days=3)
    client = lettered(screened(cast.cal_client), expires_on=last)

    assert intake.barred(client, last) is None
    assert intake.barred(client, last + timedelta(days=1)) is not None


def test_what_was_signed_holds_until_the_new_text_is_due(cast: Cast):
    client = new_text(cast.cal_client, due_on=TODAY)

    assert intake.barred(client, TODAY) is None
    assert intake.barred(client, TODAY + timedelta(days=1)) is not None


def test_a_clearance_above_what_the_screening_allows_is_capped(cast: Cast):
    client = screened(cast.cal_client, impact_allowed=2)
    actions.record_clearance(
        client=client,
        by=cast.ana,
        cleared_by="Dr L. H.",
        cleared_on=TODAY,
        impact_level=4,
        now=NOW,
    )
    client.refresh_from_db()
    assert client.impact_cleared == 2


def test_enrolled_before_there_was_an_intake_she_has_her_days(cast: Cast):
    due = TODAY + timedelta(days=30)
    Client.objects.filter(pk=cast.cal_client.pk).update(intake_due_on=due)
    client = unscreened(cast.cal_client)

    assert client.may_start_until == due
    assert intake.barred(client, due) is None
    assert intake.barred(client, due + timedelta(days=1)) is not None


def test_who_is_enrolled_now_waits_for_the_rest_of_her_intake(cast: Cast):
    ned = actions.enroll_client(
        by=cast.ana,
        name="Ned M.",
        born_on=date(1958, 4, 2),
        sex="male",
        emergency_contact="Mia",
        cleared_by="Dr L. H.",
        cleared_on=TODAY,
        impact_level=3,
        now=NOW,
    )
    assert (ned.may_start_until, ned.impact_cleared) == (None, 0)
    assert {one["code"] for one in ned.intake_missing} == {"screening", "consent"}


def test_thirty_clients_cost_as_many_statements_as_one(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
):
    with django_assert_num_queries(10):
        intake.refresh([cast.cal_client], now=NOW)
    everybody = [enroll(cast.ana, f"Zoe Z{number}.") for number in range(30)]
    with django_assert_num_queries(10):
        intake.refresh(everybody, now=NOW)
