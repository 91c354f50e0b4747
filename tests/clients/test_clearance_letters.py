"""A clearance with its letter: until when it holds, and what of the screening it answers for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clients import documents, intake
from bonefit.clients.models import Clearance, Client, Document, Screening
from bonefit.demo.intakes import take_in
from tests.cast import NOW, TODAY, Cast
from tests.clients.paper_files import MEGABYTE, encrypted, pdf, picture, upload
from tests.doors import browser

FRACTURE = {
    "rule": "fracture_letter",
    "tier": "B",
    "words": "A fracture within a year",
    "letter_from": "GP",
    "letter_for": "lifting",
    "source": "2.4",
    "tag": "D",
}
STEROIDS = {**FRACTURE, "rule": "steroids", "words": "Steroids for months"}
CLEARED = {**FRACTURE, "rule": "age", "tier": "A", "words": "Younger than 58"}


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return browser(cast, "ana")


@pytest.fixture
def in_need(cast: Cast) -> Client:
    """Cal is screened anew: two of the findings want a letter."""
    Screening.objects.create(
        clinic=cast.north,
        client=cast.cal_client,
        questionnaire="hirit-1",
        status=Screening.Status.CONFIRMED,
        made_at=NOW,
        made_by=cast.ana,
        confirmed_at=NOW,
        confirmed_by=cast.ana,
        tier=Screening.Tier.LETTER,
        findings=[FRACTURE, STEROIDS, CLEARED],
        impact_allowed=5,
    )
    intake.refresh([cast.cal_client], now=NOW)
    return cast.cal_client


def clear(ana: Browser, cast: Cast, **said: Any) -> Any:
    typed = {"cleared_by": "Dr L. H., GP", "cleared_on": "1 March 2026", "impact_level": "0"}
    return ana.post(f"/c/north/clients/{cast.cal_client.pk}/clearance/", {**typed, **said})


def barred(client: Client) -> bool:
    client.refresh_from_db()
    return intake.barred(client, TODAY) is not None


def test_a_letter_that_answers_for_every_finding_lets_her_start(
    ana: Browser, cast: Cast, in_need: Client
) -> None:
    assert barred(in_need)
    response = clear(ana, cast, covers=["fracture_letter", "steroids"], letter=upload(pdf()))
    assert response.status_code == 302, response.content.decode()
    newest = Clearance.objects.filter(client=in_need).latest("pk")
    assert newest.covers == ["fracture_letter", "steroids"]
    assert newest.document is not None
    assert newest.document.kind == Document.Kind.CLEARANCE
    assert newest.expires_on == date(2027, 3, 1)
    assert not barred(in_need)
    assert in_need.may_start_until == date(2027, 3, 1)


def test_a_letter_that_leaves_one_finding_out_does_not(
    ana: Browser, cast: Cast, in_need: Client
) -> None:
    assert clear(ana, cast, covers=["steroids"], letter=upload(pdf())).status_code == 302
    assert barred(in_need)


def test_what_wants_no_letter_is_not_asked_about(ana: Browser, cast: Cast, in_need: Client) -> None:
    page = ana.get(f"/c/north/clients/{in_need.pk}/clearance/").content.decode()
    assert "A fracture within a year" in page
    assert "Younger than 58" not in page
    assert clear(ana, cast, covers=["age"], letter=upload(pdf())).status_code == 422


def test_only_a_letter_can_answer_for_a_finding(ana: Browser, cast: Cast, in_need: Client) -> None:
    response = clear(ana, cast, covers=["steroids"], note="No bending")
    page = response.content.decode()
    assert response.status_code == 422
    assert "Add the letter: only a letter can answer for this." in page
    assert "No bending" in page
    assert Clearance.objects.filter(client=in_need).count() == 1


def test_a_letter_that_is_kept_can_be_taken_again(
    ana: Browser, cast: Cast, in_need: Client
) -> None:
    both = ["fracture_letter", "steroids"]
    clear(ana, cast, covers=both, letter=upload(pdf()))
    kept = Document.objects.get()
    response = clear(ana, cast, covers=both, on_file=str(kept.uid), impact_level="2")
    assert response.status_code == 302, response.content.decode()
    assert Document.objects.count() == 1
    assert Clearance.objects.latest("pk").document == kept
    assert not barred(in_need)


def test_a_letter_of_another_client_cannot_be_taken(ana: Browser, cast: Cast) -> None:
    other = documents.store(
        client=cast.cam_client, kind="clearance", file=upload(pdf()), by=cast.ana, now=NOW
    )
    clear(ana, cast, letter=upload(pdf()))
    assert clear(ana, cast, on_file=str(other.uid)).status_code == 422


def test_a_letter_that_is_removed_answers_for_nothing(
    ana: Browser, cast: Cast, in_need: Client
) -> None:
    clear(ana, cast, covers=["fracture_letter", "steroids"], letter=upload(pdf()))
    assert not barred(in_need)
    documents.remove(document=Document.objects.get(), why="Of another", by=cast.ana, now=NOW)
    assert barred(in_need)


def test_a_letter_runs_out_with_its_last_day(ana: Browser, cast: Cast, in_need: Client) -> None:
    both = ["fracture_letter", "steroids"]
    clear(ana, cast, covers=both, letter=upload(pdf()), expires_on="10 March 2026")
    in_need.refresh_from_db()
    assert intake.barred(in_need, date(2026, 3, 10)) is None
    assert intake.barred(in_need, date(2026, 3, 11)) is not None


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"expires_on": "4 March 2026"}, "expires_on", "This day is past"),
        ({"expires_on": "1 March 2099"}, "expires_on", "more than 10 years ahead"),
        ({"expires_on": "soon"}, "expires_on", "Write day, month and year"),
        (
            {"cleared_on": "1 March 2024", "letter": "a letter"},
            "expires_on",
            "A letter of this day held until 1 March 2025",
        ),
        ({"note": "x" * 401}, "note", "at most 400"),
        ({"letter": "locked"}, "letter", "locked with a password"),
        ({"letter": "too large"}, "letter", "The file is larger than 10 MB."),
        ({"letter": "a letter", "cleared_by": ""}, "letter", "Choose the file again"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    ana: Browser, cast: Cast, said: dict[str, Any], field: str, words: str
) -> None:
    made = {
        "a letter": lambda: upload(pdf()),
        "locked": lambda: upload(encrypted()),
        "too large": lambda: upload(b"%PDF-" + b"x" * 11 * MEGABYTE),
    }
    sent = {name: made[value]() if name == "letter" else value for name, value in said.items()}
    before = Clearance.objects.count()
    response = clear(ana, cast, **{"note": "No bending", **sent})
    page = response.content.decode()
    assert response.status_code == 422
    beside = page[page.index(f'id="id_{field}_error"') :]
    assert words in beside[: beside.index("</div>")]
    assert 'value="1 March' in page
    if field != "note":
        assert "No bending" in page
    assert Clearance.objects.count() == before
    assert not Document.objects.exists()


def test_a_clearance_without_a_letter_has_no_end_unless_one_is_written(
    ana: Browser, cast: Cast
) -> None:
    assert clear(ana, cast).status_code == 302
    newest = Clearance.objects.latest("pk")
    assert (newest.document, newest.expires_on, newest.covers) == (None, None, [])


def test_earlier_clearances_and_their_letters_stay_readable(ana: Browser, cast: Cast) -> None:
    clear(ana, cast, letter=upload(picture("JPEG"), "first.jpg"), note="No bending")
    clear(ana, cast, cleared_by="Dr Second")
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/papers/").content.decode()
    assert "Dr Second" in page
    assert "first.jpg" in page
    assert "No bending" in page
    letter = Document.objects.get()
    assert ana.get(f"/c/north/clients/{cast.cal_client.pk}/papers/{letter.uid}/").status_code == 200


def test_the_day_that_is_offered_follows_the_clinics_setting(cast: Cast, ana: Browser) -> None:
    take_in(cast.cal_client, by=cast.ana, now=NOW)
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/clearance/").content.decode()
    assert "for example 5 March 2027" in page
