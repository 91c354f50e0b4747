"""Flags F22: an intake that is missing, has run out or soon will; they close by themselves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client as Browser

from sessions import flag_work, flags, intake_flags
from sessions.models import Flag
from tests.cast import NOW, TODAY, Cast
from tests.intakes import BARS, screened, withdraw

pytestmark = pytest.mark.django_db


def standing() -> list[tuple[str, str]]:
    rows = Flag.objects.filter(kind=Flag.Kind.INTAKE, resolved_at=None)
    return [(row.enrollment.client.name, row.evidence["severity"]) for row in rows.order_by("pk")]


def test_where_nothing_is_missing_nothing_is_flagged(cast: Cast):
    assert intake_flags.review_intakes(NOW) == 0
    assert standing() == []


@pytest.mark.parametrize("bar", BARS)
def test_each_thing_that_bars_her_is_flagged_red_once(cast: Cast, bar: str):
    BARS[bar](cast.cal_client)
    intake_flags.review_intakes(NOW)

    assert intake_flags.review_intakes(NOW) == 0
    assert ("Cal P.", "red") in standing()
    assert standing().count(("Cal P.", "red")) == 1


def test_before_it_runs_out_it_is_said_and_on_the_day_after_it_is_red(cast: Cast):
    last = TODAY + timedelta(days=31)
    screened(cast.cal_client, good_until=last)
    assert intake_flags.review_intakes(NOW) == 0

    intake_flags.review_intakes(NOW + timedelta(days=1))
    assert standing() == [("Cal P.", "amber")]
    intake_flags.review_intakes(NOW + timedelta(days=31))
    assert standing() == [("Cal P.", "amber")]
    intake_flags.review_intakes(NOW + timedelta(days=32))
    assert standing() == [("Cal P.", "red")]
    assert Flag.objects.filter(kind=Flag.Kind.INTAKE, resolution="by_itself").count() == 1


def test_it_closes_by_itself_once_the_intake_is_complete(cast: Cast):
    BARS["no screening"](cast.cal_client)
    intake_flags.review_intakes(NOW)
    screened(cast.cal_client)

    intake_flags.review_client(cast.cal_client, now=NOW)
    assert standing() == []
    assert Flag.objects.get(kind=Flag.Kind.INTAKE).resolution == "by_itself"


def test_what_a_person_has_closed_comes_back_only_on_new_evidence(cast: Cast):
    screened(cast.cal_client, good_until=TODAY + timedelta(days=5))
    intake_flags.review_intakes(NOW)
    flag = Flag.objects.get(kind=Flag.Kind.INTAKE)
    flag_work.resolve_flag(flag=flag, by=cast.ana, resolution="called", now=NOW)

    assert intake_flags.review_intakes(NOW) == 0
    assert standing() == []
    withdraw(cast.cal_client)
    assert intake_flags.review_intakes(NOW) == 1
    assert standing() == [("Cal P.", "red")]


def test_the_flag_says_what_is_missing_and_leads_to_the_intake(cast: Cast, client: Browser):
    BARS["consent missing"](cast.cal_client)
    intake_flags.review_intakes(NOW)
    client.force_login(cast.ana.user)
    page = client.get("/c/north/flags/").text

    assert "has no complete intake" in page
    assert "Consent: Training with heavy loads: missing" in page
    assert f"/c/north/clients/{cast.cal_client.pk}/intake/" in page


@pytest.mark.parametrize(
    ("missing", "until", "severity"),
    [
        ([], date.max, None),
        ([("screening", TODAY + timedelta(days=31))], TODAY + timedelta(days=31), None),
        ([("screening", TODAY + timedelta(days=30))], TODAY + timedelta(days=30), "amber"),
        ([("screening", TODAY)], TODAY, "amber"),
        ([("screening", TODAY - timedelta(days=1))], TODAY - timedelta(days=1), "red"),
        ([("consent", None)], None, "red"),
        ([("consent", None)], TODAY + timedelta(days=14), "amber"),
    ],
)
def test_when_it_is_worth_a_flag(
    missing: list[tuple[str, date | None]], until: date | None, severity: str | None
):
    said = [{"code": code, "words": code, "until": day and str(day)} for code, day in missing]
    found = flags.intake(said, until=until, today=TODAY, warn_days=30)

    assert (found.evidence["severity"] if found else None) == severity
