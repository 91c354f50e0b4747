"""What the clinic's reports lead with and whose figures therapists see: the admin's choice."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from bonefit.clinics.models import Clinic
from tests.cast import Cast
from tests.doors import filled

SETTINGS = "/c/north/settings/"
SAVE = f"{SETTINGS}reports/"


def kept(cast: Cast) -> tuple[str, str]:
    clinic = Clinic.objects.get(pk=cast.north.pk)
    return clinic.headline, clinic.therapists_see


@pytest.fixture
def ada(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.ada.user)
    return client


def test_at_first_reports_lead_with_a3_and_therapists_see_their_own_clients(
    cast: Cast, ada: Browser
) -> None:
    page = ada.get(SETTINGS).text
    assert kept(cast) == ("A3", "own")
    assert '<option value="A3" selected>' in page
    assert '<option value="own" selected>' in page


@pytest.mark.parametrize("headline", ["A1", "A2", "A3", "A4"])
def test_what_the_admin_chooses_holds_for_her_clinic_alone(
    cast: Cast, ada: Browser, headline: str
) -> None:
    answer = ada.post(SAVE, {"headline": headline, "therapists_see": "clinic"}, follow=True)
    assert "Saved. Reports are made like this from now on." in answer.text
    assert f'<option value="{headline}" selected>' in answer.text
    assert kept(cast) == (headline, "clinic")
    harbor = Clinic.objects.get(pk=cast.harbor.pk)
    assert (harbor.headline, harbor.therapists_see) == ("A3", "own")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"headline": "A5"}, "There is no such definition. Choose one of the four."),
        ({"headline": ""}, "Choose one of the four definitions."),
        ({"therapists_see": "all"}, "There is no such choice. Choose one of the two."),
        ({"therapists_see": ""}, "Choose whose figures therapists see."),
    ],
)
def test_what_is_no_choice_is_said_beside_the_field_and_changes_nothing(
    cast: Cast, ada: Browser, said: dict[str, str], error: str
) -> None:
    answer = ada.post(SAVE, {"headline": "A1", "therapists_see": "clinic", **said})
    assert answer.status_code == 422
    assert error in answer.text
    other = "headline" if "therapists_see" in said else "therapists_see"
    value = {"headline": "A1", "therapists_see": "clinic"}[other]
    assert f'<option value="{value}" selected>' in answer.text, "what was right is kept"
    assert kept(cast) == ("A3", "own")


def test_saving_the_numbers_leaves_it_as_it_is(cast: Cast, ada: Browser) -> None:
    ada.post(SAVE, {"headline": "A4", "therapists_see": "clinic"})
    answer = ada.post(SETTINGS, filled(ada.get(SETTINGS).text, reason="As it was"))
    assert answer.status_code == 302
    assert kept(cast) == ("A4", "clinic")


@pytest.mark.parametrize("name", ["ana", "dee", "cal", "con", "otto", "lea"])
def test_nobody_else_changes_it(cast: Cast, client: Browser, name: str) -> None:
    client.force_login(getattr(cast, name).user)
    answer = client.post(SAVE, {"headline": "A1", "therapists_see": "clinic"})
    assert answer.status_code in (403, 404)
    assert kept(cast) == ("A3", "own")
