"""A complete intake for an invented client: a confirmed screening and a signed consent.

Shared by the demo, the bench and the tests, which make thousands of clients: it writes what
``intake.refresh`` would find, in four statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from bonefit.clients import consents
from bonefit.clients.intake import refresh
from bonefit.clients.intake_rules import Agreed, Cleared, Screened, judge
from bonefit.clients.models import Client, Consent, ConsentText, Screening
from bonefit.clinics.models import Clinic, Membership
from sessions.intake_flags import review_client

QUESTIONNAIRE = "hirit-1"


def training_text(clinic: Clinic) -> ConsentText:
    """What the clients of a clinic agree to before they lift: the newest version."""
    return consents.texts_in_force(clinic)[ConsentText.Kind.TRAINING]


def take_in(
    client: Client,
    *,
    by: Membership,
    now: datetime,
    impact_allowed: int = 5,
    impact_level: int = 0,
    good_until: date | None = None,
) -> Client:
    """Screened as tier A and agreed; ``impact_level`` is that of her newest clearance (0 to 5).

    ``good_until``: last good day of the screening; None where it has no end.
    """
    text = training_text(by.clinic)
    screening = Screening.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        questionnaire=QUESTIONNAIRE,
        status=Screening.Status.CONFIRMED,
        made_at=now,
        made_by=by,
        confirmed_at=now,
        confirmed_by=by,
        tier=Screening.Tier.CLEARED,
        impact_allowed=impact_allowed,
        good_until=good_until,
    )
    Consent.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        text=text,
        agreed=[one["key"] for one in text.statements],
        explained_by=by,
        signed_name=client.name,
        signed_on=now.astimezone(by.clinic.tz).date(),
        recorded_at=now,
        recorded_by=by,
    )
    intake = judge(
        screening=Screened(screening.tier, good_until, (), impact_allowed),
        clearance=Cleared(impact_level),
        consents=[Agreed(text.title, date.max)],
        today=now.astimezone(by.clinic.tz).date(),
    )
    client.may_start_until, client.impact_cleared = intake.may_start_until, intake.impact_cleared
    client.intake_missing = [
        {"code": one.code, "words": one.words, "until": str(one.until)} for one in intake.missing
    ]
    client.save(update_fields=["may_start_until", "intake_missing", "impact_cleared"])
    return client


def leave_open(people: Iterable[Client], *, now: datetime) -> None:
    """Two intakes that somebody has to come back to: one runs out soon, one lacks a letter.

    The flag of the first is raised at once; who has no program yet has none.
    """
    found = {client.name: client for client in people if client.name in (RUNS_OUT, NO_LETTER)}
    if client := found.get(RUNS_OUT):
        soon = now.astimezone(client.clinic.tz).date() + timedelta(days=12)
        client.screenings.update(good_until=soon)
        refresh([client], now=now)
        review_client(client, now=now)
    if client := found.get(NO_LETTER):
        client.screenings.update(tier=Screening.Tier.LETTER, findings=[PRESSURE])
        refresh([client], now=now)


RUNS_OUT, NO_LETTER = "Nora F.", "Klara U."
PRESSURE = {
    "rule": "E66",
    "tier": "B",
    "words": "High blood pressure",
    "letter_from": "her GP",
    "letter_for": "training with heavy loads at her blood pressure",
    "source": "",
    "tag": "D",
}
