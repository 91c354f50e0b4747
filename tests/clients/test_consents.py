"""What clients agree to: ticked, signed, signed again in a new version, taken back."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from bonefit.clients import consents, documents, intake
from bonefit.clients.consent_words import blocks, write_statements
from bonefit.clients.models import Client, Consent, ConsentText, Document
from tests.cast import NOW, TODAY, Cast
from tests.clients.paper_files import MEGABYTE, pdf, upload
from tests.doors import browser
from tests.portal.reading import grade

STROKES = [[[0, 0], [10, 20], [600, 200]], [[5, 5], [6, 6], [7, 7]]]


@pytest.fixture
def ana(cast: Cast) -> Browser:
    return browser(cast, "ana")


@pytest.fixture
def ada(cast: Cast) -> Browser:
    return browser(cast, "ada")


def page_of(cast: Cast, kind: str = "training") -> str:
    return f"/c/north/clients/{cast.cal_client.pk}/consents/{kind}/"


def typed(cast: Cast, kind: str = "training", **said: Any) -> dict[str, Any]:
    text = consents.texts_in_force(cast.north)[kind]
    ticks = {f"agree-{one['key']}": "on" for one in text.statements if one["required"]}
    return {
        **ticks,
        "version": str(text.version),
        "explained_by": str(cast.tess.pk),
        "signed_name": "Cal P.",
        "signed_on": "5 March 2026",
        **said,
    }


def publish(
    cast: Cast, *, due_on: date | None, kind: str = "training", required: bool = False
) -> ConsentText:
    newest = consents.texts_in_force(cast.north)[kind]
    return consents.publish(
        clinic=cast.north,
        kind=kind,
        title=newest.title,
        body=f"{newest.body}\nOne more line.",
        statements=newest.statements,
        due_on=due_on,
        required=required,
        after=newest.version,
        by=cast.ada,
        now=NOW,
    )


def sign(cast: Cast, client: Client | None = None, **said: Any) -> Consent:
    text = consents.texts_in_force(cast.north)["training"]
    return consents.sign(
        **{
            "client": client or cast.cal_client,
            "text": text,
            "agreed": [one["key"] for one in text.statements],
            "explained_by": cast.ana,
            "signed_name": "Cal P.",
            "signed_on": TODAY,
            "by": cast.ana,
            "now": NOW,
            **said,
        }
    )


def bars(client: Client, day: date = TODAY) -> tuple[str, ...]:
    client.refresh_from_db()
    found = intake.barred(client, day)
    return found.codes if found else ()


# --- the texts ------------------------------------------------------------------------------------
KINDS = ["training", "data", "photos", "research"]


def test_a_clinic_has_its_texts_the_first_time_that_they_are_asked_for(cast: Cast) -> None:
    ConsentText.objects.filter(clinic=cast.harbor).exclude(kind="training").delete()
    found = consents.texts_in_force(cast.harbor)
    assert list(found) == KINDS
    assert {text.version for text in found.values()} == {1}
    assert [kind for kind, text in found.items() if text.required] == ["training"]
    again = consents.texts_in_force(cast.harbor)
    assert {one.pk for one in again.values()} == {one.pk for one in found.values()}


def test_the_text_of_the_training_has_every_element_of_the_sheet(cast: Cast) -> None:
    body = consents.texts_in_force(cast.north)["training"].body.lower()
    for words in (
        "what it is for",
        "heavy",
        "a bone can break",
        "nobody knows yet",
        "what else you could do",
        "stop at once",
        "others train in the same room",
        "what we write down",
        "you can stop at any time",
    ):
        assert words in body, words


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_in_plain_words_and_promises_nothing(cast: Cast, kind: str) -> None:
    text = consents.texts_in_force(cast.north)[kind]
    said = "<main>" + "".join(
        f"<p>{line}</p>" for block in blocks(text.body) for line in block.lines
    )
    said += "".join(f"<p>{one['words']}</p>" for one in text.statements)
    assert grade(said) <= 8
    for never in ("no risk", "risk-free", "safe for", "will gain", "stronger bones", "cure"):
        assert never not in said.lower()


# --- signing --------------------------------------------------------------------------------------
def test_a_consent_says_what_was_agreed_to_by_whom_it_was_explained_and_who_signed(
    ana: Browser, cast: Cast
) -> None:
    response = ana.post(page_of(cast, "photos"), typed(cast, "photos", **{"agree-teach": "on"}))
    assert response.status_code == 302, response.content.decode()
    one = Consent.objects.latest("pk")
    assert one.agreed == ["film", "teach"]
    assert (one.explained_by, one.recorded_by) == (cast.tess, cast.ana)
    assert (one.signed_name, one.signed_on) == ("Cal P.", TODAY)
    page = ana.get(response["Location"]).content.decode()
    assert "You may film or photograph me" in page
    assert "not ticked" in page
    assert "Tess T." in page


def test_a_signature_can_be_drawn_and_is_drawn_again_by_the_server(
    ana: Browser, cast: Cast
) -> None:
    response = ana.post(page_of(cast), typed(cast, strokes=json.dumps(STROKES)))
    page = ana.get(response["Location"]).content.decode()
    assert Consent.objects.latest("pk").strokes == STROKES
    assert 'd="M0 0L10 20L600 200M5 5L6 6L7 7"' in page


def test_a_paper_that_was_signed_can_be_attached(ana: Browser, cast: Cast) -> None:
    ana.post(page_of(cast), typed(cast, scan=upload(pdf(), "signed.pdf")))
    one = Consent.objects.latest("pk")
    assert one.document is not None
    assert (one.document.name, one.document.kind) == ("signed.pdf", "consent")


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"agree-risks": ""}, "agree-risks", "Tick this, or do not sign."),
        ({"signed_name": " "}, "signed_name", "Write the name."),
        ({"signed_on": "6 March 2026"}, "signed_on", "Nobody has signed tomorrow"),
        ({"signed_on": "1 March 2024"}, "signed_on", "more than a year ago"),
        ({"explained_by": ""}, "explained_by", "Choose who explained it."),
        ({"strokes": "[[[1,2]]]"}, "strokes", "too little for a signature"),
        ({"strokes": "[[[1,2,3]]]"}, "strokes", "did not arrive whole"),
        ({"scan": "a program"}, "scan", "This is a program"),
        ({"scan": "too large"}, "scan", "larger than 10 MB"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_signed(
    ana: Browser, cast: Cast, said: dict[str, Any], field: str, words: str
) -> None:
    made = {"a program": b"MZ" + b"\0" * 99, "too large": b"%PDF-" + b"x" * 11 * MEGABYTE}
    sent = {name: upload(made[one]) if name == "scan" else one for name, one in said.items()}
    before = Consent.objects.count()
    response = ana.post(page_of(cast), {**typed(cast), **sent})
    page = response.content.decode()
    assert response.status_code == 422
    beside = page[page.index(f'id="id_{field}_error"') :]
    assert words in beside[: beside.index("</div>")]
    assert page.count(" checked") >= 5
    assert Consent.objects.count() == before
    assert not Document.objects.exists()


def test_who_explains_is_a_therapist_of_the_clinic(ana: Browser, cast: Cast) -> None:
    for who in (cast.ada, cast.otto, cast.lea):
        assert ana.post(page_of(cast), typed(cast, explained_by=who.pk)).status_code == 422
    with pytest.raises(consents.CannotSign):
        sign(cast, explained_by=cast.otto)


def test_the_same_signed_twice_is_one_consent(ana: Browser, cast: Cast) -> None:
    before = Consent.objects.count()
    for _ in range(2):
        assert ana.post(page_of(cast), typed(cast)).status_code == 302
    assert Consent.objects.count() == before + 1
    sign(cast, signed_name="Cal’s guardian")
    assert Consent.objects.count() == before + 2
    assert bars(cast.cal_client) == ()


def test_a_statement_that_has_to_be_agreed_to_cannot_be_left_out(cast: Cast) -> None:
    with pytest.raises(consents.CannotSign):
        sign(cast, agreed=["read", "loads"])


# --- a new version --------------------------------------------------------------------------------
def test_a_new_version_is_asked_for_and_until_its_day_the_one_before_holds(
    ana: Browser, cast: Cast
) -> None:
    due = TODAY + timedelta(days=30)
    publish(cast, due_on=due)
    assert bars(cast.cal_client, due) == ()
    assert bars(cast.cal_client, due + timedelta(days=1)) == ("consent",)
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/papers/").content.decode()
    assert "A new version is out" in page
    assert "Sign it by 4 April 2026" in page
    assert ana.post(page_of(cast), typed(cast)).status_code == 302
    assert bars(cast.cal_client, due + timedelta(days=365)) == ()


def test_a_third_version_gives_nobody_time_again_who_never_signed_the_second(cast: Cast) -> None:
    publish(cast, due_on=TODAY + timedelta(days=1))
    publish(cast, due_on=TODAY + timedelta(days=40))
    assert bars(cast.cal_client, TODAY + timedelta(days=2)) == ("consent",)


def test_better_wording_alone_is_not_asked_for_again(cast: Cast) -> None:
    publish(cast, due_on=None)
    assert bars(cast.cal_client, date(2036, 1, 1)) == ()


def test_who_has_signed_nothing_has_no_time_to_sign_it(cast: Cast) -> None:
    Consent.objects.filter(client=cast.cal_client).update(
        withdrawn_at=NOW, withdrawn_by=cast.ana, withdrawn_why="x"
    )
    publish(cast, due_on=TODAY + timedelta(days=30))
    assert bars(cast.cal_client) == ("consent",)


def test_what_was_read_before_a_new_version_came_out_is_not_signed(
    ana: Browser, cast: Cast
) -> None:
    old = typed(cast)
    text = consents.texts_in_force(cast.north)["training"]
    publish(cast, due_on=TODAY)
    response = ana.post(page_of(cast), old)
    assert response.status_code == 422
    assert "A new version came out" in response.content.decode()
    with pytest.raises(consents.Stale):
        sign(cast, text=text)


def test_what_was_signed_keeps_the_words_that_were_read(ana: Browser, cast: Cast) -> None:
    one = sign(cast)
    publish(cast, due_on=TODAY)
    page = ana.get(f"/c/north/clients/{cast.cal_client.pk}/consents/signed/{one.pk}/")
    assert "Version 1," in page.content.decode()
    assert "One more line." not in page.content.decode()


def test_an_admin_publishes_the_next_version_and_sees_how_many_signed(
    ada: Browser, cast: Cast
) -> None:
    url = "/c/north/clients/consent-texts/training/"
    text = consents.texts_in_force(cast.north)["training"]
    sent = {
        "after": "1",
        "title": text.title,
        "body": text.body + "\n## And this\nIt is new.",
        "statements": write_statements(text.statements) + "\nI may be called (optional)",
        "due_on": "",
    }
    assert ada.post(url, sent).status_code == 302
    newest = consents.texts_in_force(cast.north)["training"]
    assert (newest.version, newest.required, newest.published_by) == (2, True, cast.ada)
    assert newest.due_on == TODAY + timedelta(days=30)
    assert newest.statements[:-1] == text.statements
    assert newest.statements[-1] == {
        "key": "i-may-be-called",
        "words": "I may be called",
        "required": False,
    }
    assert "It is new." in ada.get(url).content.decode()
    page = ada.get("/c/north/clients/consent-texts/").content.decode()
    assert "Signed by 0 of 2 clients. To be signed by 4 April 2026." in page
    again = ada.post(url, sent)
    assert again.status_code == 422
    assert "A new version came out while this page was open." in again.content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Nothing was changed"),
        ({"title": ""}, "Write a title."),
        ({"due_on": "1 March 2026"}, "This day is past."),
        ({"statements": "Only by choice (optional)"}, "One statement at least"),
    ],
)
def test_a_version_that_cannot_stand_is_not_published(
    ada: Browser, cast: Cast, said: dict[str, str], words: str
) -> None:
    text = consents.texts_in_force(cast.north)["photos"]
    sent = {
        "after": "1",
        "title": text.title,
        "body": text.body.replace("\n", "\r\n"),
        "statements": write_statements(text.statements),
        **said,
    }
    response = ada.post("/c/north/clients/consent-texts/photos/", sent)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert consents.texts_in_force(cast.north)["photos"].version == 1


# --- withdrawing ----------------------------------------------------------------------------------
def test_a_withdrawal_bars_and_its_history_stays(ana: Browser, cast: Cast) -> None:
    one = sign(cast)
    url = f"/c/north/clients/{cast.cal_client.pk}/consents/signed/{one.pk}/"
    assert bars(cast.cal_client) == ()
    assert ana.post(f"{url}withdraw/", {"why": ""}).status_code == 422
    assert bars(cast.cal_client) == ()
    assert ana.post(f"{url}withdraw/", {"why": "Too much for me"}).status_code == 302
    assert bars(cast.cal_client) == ("consent",)
    page = ana.get(url).content.decode()
    assert "Too much for me" in page
    assert "I know that I can get hurt, and that a bone can break." in page


def test_with_the_newest_every_earlier_yes_to_the_same_is_taken_back(cast: Cast) -> None:
    publish(cast, due_on=TODAY + timedelta(days=30))
    one = sign(cast)
    consents.withdraw(consent=one, why="No", by=cast.ana, now=NOW)
    assert bars(cast.cal_client) == ("consent",)
    assert not Consent.objects.filter(client=cast.cal_client, withdrawn_at=None).exists()
    assert Consent.objects.filter(client=cast.cam_client, withdrawn_at=None).exists()
    assert consents.withdraw(consent=one, why="Again", by=cast.ana, now=NOW) == 0
    one.refresh_from_db()
    assert one.withdrawn_why == "No"


def test_after_a_withdrawal_she_can_sign_again(cast: Cast) -> None:
    one = sign(cast)
    consents.withdraw(consent=one, why="No", by=cast.ana, now=NOW)
    assert sign(cast).pk != one.pk
    assert bars(cast.cal_client) == ()


def test_what_is_by_choice_bars_nobody(cast: Cast) -> None:
    text = consents.texts_in_force(cast.north)["photos"]
    one = sign(cast, text=text, agreed=["film"])
    consents.withdraw(consent=one, why="No", by=cast.ana, now=NOW)
    assert bars(cast.cal_client) == ()


# --- who may --------------------------------------------------------------------------------------
def test_a_consent_of_another_clinic_or_client_is_not_there(ana: Browser, cast: Cast) -> None:
    hers = Consent.objects.get(client=cast.olga_client)
    cams = Consent.objects.get(client=cast.cam_client)
    for one in (hers, cams):
        url = f"/c/north/clients/{cast.cal_client.pk}/consents/signed/{one.pk}/"
        assert ana.get(url).status_code == 404
        assert ana.post(f"{url}withdraw/", {"why": "x"}).status_code == 404
    assert ana.get(page_of(cast, "nothing")).status_code == 404


def _sign_with_a_paper(cast: Cast, **said: Any) -> None:
    with documents.filing():
        paper = documents.store(
            client=cast.cal_client, kind="consent", file=upload(pdf()), by=cast.ana, now=NOW
        )
        sign(cast, document=paper, **said)


def test_where_the_signing_is_refused_its_paper_is_not_kept(cast: Cast) -> None:
    with pytest.raises(consents.CannotSign):
        _sign_with_a_paper(cast, agreed=[])
    assert not Document.objects.exists()
