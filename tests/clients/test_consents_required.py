"""Which consents are required is the clinic's word; what becomes required gives time to sign."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client as Browser

from bonefit.clients import consents
from bonefit.clients.intake import barred
from tests.cast import TODAY, Cast
from tests.clients.test_consents import ada, publish

__all__ = ["ada"]


def test_training_stays_required_whatever_is_said(cast: Cast) -> None:
    assert publish(cast, due_on=None, required=False).required is True


def test_a_text_that_becomes_required_gives_everybody_until_its_day(cast: Cast) -> None:
    due = TODAY + timedelta(days=30)
    publish(cast, due_on=due, kind="data", required=True)
    cast.cal_client.refresh_from_db()
    assert cast.cal_client.may_start_until == due
    assert {"code": "consent", "words": "Consent: " + _title(cast, "data"), "until": str(due)} in (
        cast.cal_client.intake_missing
    )
    assert barred(cast.cal_client, due) is None
    assert barred(cast.cal_client, due + timedelta(days=1)) is not None


def _title(cast: Cast, kind: str) -> str:
    return consents.texts_in_force(cast.north)[kind].title


def test_what_nobody_has_signed_cannot_be_required_from_today(ada: Browser, cast: Cast) -> None:
    newest = consents.texts_in_force(cast.north)["data"]
    said = {
        "after": newest.version,
        "title": newest.title,
        "body": f"{newest.body}\nOne more line.",
        "statements": "I agree.",
        "required": "on",
        "keeps": "on",
    }
    page = ada.post(f"/c/{cast.north.slug}/clients/consent-texts/data/", said)
    assert page.status_code == 422
    assert "Nobody has signed it yet. Give a day to sign by instead." in page.content.decode()
    assert (
        ada.post(
            f"/c/{cast.north.slug}/clients/consent-texts/data/", {**said, "keeps": ""}
        ).status_code
        == 302
    )
    assert consents.texts_in_force(cast.north)["data"].required is True
