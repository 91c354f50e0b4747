"""The intake page: what is there, what is missing, and a named clinician's word against it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clients.intake import barred
from bonefit.clients.models import Client, ImpactOverride, IntakeOverride
from tests.cast import TODAY, Cast
from tests.intakes import BARS, HEART, lettered, new_text, screened, unscreened
from tests.sessions.timetabled import rules

pytestmark = pytest.mark.django_db
WHO = {"clinician": "Dr S. W., sports physician", "reason": "Strong, and closely watched."}


@pytest.fixture
def ana(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ana.user)
    return client


def url(client: Client, more: str = "") -> str:
    return f"/c/north/clients/{client.pk}/intake/{more}"


def page(browser: Browser, client: Client) -> str:
    return " ".join(browser.get(url(client)).text.split())


def start(browser: Browser, client: Client, **said: str) -> Any:
    return browser.post(url(client, "start/"), {**WHO, "until": "12 March 2026", **said})


# --- what is there -------------------------------------------------------------------------------
def test_a_whole_intake_is_said_to_be_complete(cast: Cast, ana: Browser):
    text = page(ana, cast.cal_client)

    assert "She may be booked and checked in." in text
    assert "Screening: there" in text
    assert "Consent: Training with heavy loads: there" in text


@pytest.mark.parametrize(
    ("bar", "words"),
    [
        ("no screening", "Screening: missing"),
        ("not now", "Screening: not now"),
        ("letter missing", "Clearance: missing"),
        ("letter expired", "Clearance: has run out"),
        ("consent missing", "Consent: Training with heavy loads: missing"),
        ("consent withdrawn", "Changed her mind."),
        ("new consent text past its date", "There is a new version 2 to sign."),
        ("screening expired", "Screening: has run out"),
    ],
)
def test_what_is_missing_is_said_with_its_state(cast: Cast, ana: Browser, bar: str, words: str):
    BARS[bar](cast.cal_client)
    text = page(ana, cast.cal_client)

    assert "Nothing is prescribed, booked or checked in" in text
    assert words in text


def test_a_letter_is_asked_for_from_whom_and_for_what(cast: Cast, ana: Browser):
    screened(cast.cal_client, tier="B", findings=(HEART,))
    needed = "Letter needed from her GP or cardiologist: training with heavy loads"
    assert needed in page(ana, cast.cal_client)

    lettered(cast.cal_client, expires_on=TODAY + timedelta(days=10))
    text = page(ana, cast.cal_client)
    assert "Letter is here from her GP or cardiologist" in text
    assert "Clearance: runs out soon" in text
    assert "Last good day: 15 March 2026." in text


def test_enrolled_before_there_was_an_intake_it_is_due(cast: Cast, ana: Browser):
    Client.objects.filter(pk=cast.cal_client.pk).update(intake_due_on=TODAY + timedelta(days=30))
    unscreened(cast.cal_client)

    assert "It is due by 4 April 2026" in page(ana, cast.cal_client)


def test_in_the_days_of_a_new_text_she_may_still_come(cast: Cast, ana: Browser):
    new_text(cast.cal_client, due_on=TODAY + timedelta(days=9))

    assert "She may be booked and checked in until 14 March 2026." in page(ana, cast.cal_client)


def test_the_list_today_and_her_page_show_who_is_barred(cast: Cast, ana: Browser):
    assert "</svg>intake</span>" not in ana.get("/c/north/clients/").text
    unscreened(cast.cal_client)

    for address in ("/c/north/clients/", "/c/north/today/"):
        assert "</svg>intake</span>" in ana.get(address).text
    hers = ana.get(f"/c/north/clients/{cast.cal_client.pk}/").text
    assert "Intake: screening" in hers


# --- a start without -----------------------------------------------------------------------------
def test_no_start_without_where_the_clinic_does_not_allow_it(cast: Cast, ana: Browser):
    unscreened(cast.cal_client)
    answer = start(ana, cast.cal_client)

    assert answer.status_code == 422
    assert "This clinic does not allow a start without a complete intake." in answer.text
    assert "Start before it is complete" not in page(ana, cast.cal_client)
    assert not IntakeOverride.objects.exists()


def test_a_named_clinician_lets_her_start_until_a_day_and_it_can_be_ended(cast: Cast, ana: Browser):
    rules(cast, start_without_intake=1)
    client = unscreened(cast.cal_client)
    assert start(ana, client).status_code == 302

    client.refresh_from_db()
    assert barred(client, TODAY + timedelta(days=7)) is None
    assert barred(client, TODAY + timedelta(days=8)) is not None
    row = IntakeOverride.objects.get()
    assert (row.clinician, row.reason, row.recorded_by) == (*WHO.values(), cast.ana)
    assert [one["code"] for one in row.missing] == ["screening"]
    assert "Until 12 March 2026, Dr S. W., sports physician" in page(ana, client)

    ana.post(url(client, "start/end/"))
    client.refresh_from_db()
    row.refresh_from_db()
    assert barred(client, TODAY) is not None
    assert row.ended_by == cast.ana
    assert "ended 5 March 2026, Ana T." in page(ana, client)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"clinician": " "}, "Write who decided, by name and profession."),
        ({"reason": ""}, "Write the reason in a sentence."),
        ({"until": ""}, "Write the last day on which this holds."),
        ({"until": "4 March 2026"}, "Choose a day from today to 19 March 2026."),
        ({"until": "20 March 2026"}, "Choose a day from today to 19 March 2026."),
    ],
)
def test_what_cannot_stand_is_said_beside_the_field_and_kept(
    cast: Cast, ana: Browser, said: dict[str, str], words: str
):
    rules(cast, start_without_intake=1)
    answer = start(ana, unscreened(cast.cal_client), **said)

    assert answer.status_code == 422
    assert words in answer.text
    for typed in {**WHO, **said}.values():
        assert typed.strip() in answer.text
    assert not IntakeOverride.objects.exists()


def test_nobody_starts_without_past_not_now(cast: Cast, ana: Browser):
    rules(cast, start_without_intake=1)
    client = screened(cast.cal_client, tier="C")
    answer = start(ana, client)

    assert answer.status_code == 422
    assert "The screening says: not now." in answer.text
    assert not IntakeOverride.objects.exists()


# --- a higher landing ----------------------------------------------------------------------------
def land(browser: Browser, client: Client, **said: str) -> Any:
    return browser.post(url(client, "landing/"), {**WHO, "level": "3", **said})


def test_a_clinician_allows_a_higher_landing_for_this_screening_only(cast: Cast, ana: Browser):
    client = screened(cast.cal_client, impact_allowed=0)
    client.clearances.update(impact_level=4)
    assert land(ana, client).status_code == 302

    client.refresh_from_db()
    assert client.impact_cleared == 3
    text = page(ana, client)
    assert "Dr S. W., sports physician allows level 3" in text
    assert "The clearance says level 4; the screening allows 3" in text
    screened(client, impact_allowed=1, now=timezone.now())
    client.refresh_from_db()
    assert client.impact_cleared == 1


def test_a_higher_landing_is_ended_again(cast: Cast, ana: Browser):
    client = screened(cast.cal_client, impact_allowed=0)
    client.clearances.update(impact_level=4)
    land(ana, client)
    land(ana, client, level="4")
    ana.post(url(client, "landing/end/"))

    client.refresh_from_db()
    assert client.impact_cleared == 0
    assert ImpactOverride.objects.filter(ended_by=cast.ana).count() == 2
    assert not ImpactOverride.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("level", ["", "1", "6", "x"])
def test_a_level_that_is_allowed_already_or_is_none_is_refused(
    cast: Cast, ana: Browser, level: str
):
    client = screened(cast.cal_client, impact_allowed=1)

    assert land(ana, client, level=level).status_code == 422
    assert not ImpactOverride.objects.exists()


def test_without_a_screening_no_higher_landing(cast: Cast, ana: Browser):
    answer = land(ana, unscreened(cast.cal_client))

    assert answer.status_code == 422
    assert not ImpactOverride.objects.exists()


def test_a_clearance_above_the_screening_is_recorded_and_the_page_says_what_counts(
    cast: Cast, ana: Browser
):
    client = screened(cast.cal_client, impact_allowed=1)
    said = {"cleared_by": "Dr L. H.", "cleared_on": "1 March 2026", "impact_level": "3"}
    answer = ana.post(f"/c/north/clients/{client.pk}/clearance/", said, follow=True)

    client.refresh_from_db()
    assert client.impact_cleared == 1
    assert "The intake allows landings up to level 1" in answer.text
