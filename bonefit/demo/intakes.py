"""A complete intake for an invented client: a confirmed screening and a signed consent.

Shared by the demo, the bench and the tests, which make thousands of clients: it writes what
``intake.refresh`` would find, in four statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta

from bonefit.clients import consents
from bonefit.clients.eligibility import judge_answers
from bonefit.clients.intake import refresh
from bonefit.clients.intake_rules import Agreed, Cleared, Screened, judge
from bonefit.clients.models import Client, Consent, ConsentText, Screening
from bonefit.clients.questionnaires import CURRENT, questionnaire, read
from bonefit.clinics.models import Clinic, Membership
from programs.rules import DEFAULT_RULES
from sessions.intake_flags import review_client

#: One answer to every question that is asked of her; nothing in it stands in the way.
WELL: dict[str, str] = {
    **{one.key: "no" for one in questionnaire().questions() if one.kind == "yesno"},
    "falls_year": "0",
    "height_lost": "1",
    "scan_seen": "yes",
    "t_lumbar": "-2.6",
    "t_neck": "-1.9",
    "menopause": "after",
    "bone_medicine": "none",
    "bp_systolic": "128",
    "bp_diastolic": "78",
    "pain_now": "0",
    "aortic": "no",
    "aneurysm": "no",
    "walks_alone": "yes",
    "follows": "yes",
}


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
    today = now.astimezone(by.clinic.tz).date()
    found = _findings(client, WELL, today)
    screening = Screening.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        questionnaire=CURRENT,
        answers=WELL,
        revision=1,
        findings=found,
        status=Screening.Status.CONFIRMED,
        made_at=now,
        made_by=by,
        confirmed_at=now,
        confirmed_by=by,
        tier=Screening.Tier.CLEARED,
        impact_allowed=impact_allowed,
        good_until=good_until,
    )
    _agreed(client, text, by=by, now=now).save()
    intake = judge(
        screening=Screened(screening.tier, good_until, (), impact_allowed),
        clearance=Cleared(impact_level),
        consents=[Agreed(text.title, date.max)],
        today=today,
    )
    client.may_start_until, client.impact_cleared = intake.may_start_until, intake.impact_cleared
    client.intake_missing = [
        {"code": one.code, "words": one.words, "until": str(one.until)} for one in intake.missing
    ]
    client.save(update_fields=["may_start_until", "intake_missing", "impact_cleared"])
    return client


def _findings(client: Client, answers: dict[str, str], today: date) -> list[dict[str, object]]:
    """What her answers are found to say, as a confirmation keeps it."""
    values, _ = read(questionnaire(), answers, today=today)
    judged = judge_answers(
        values, DEFAULT_RULES, born_on=client.born_on, sex=client.sex, today=today
    )
    # Invented people are let in whatever their age.
    return [asdict(one) for one in judged.findings if one.rule != "E01"]


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
        answers = {**WELL, "bp_uncontrolled": "yes"}
        findings = _findings(client, answers, now.astimezone(client.clinic.tz).date())
        client.screenings.update(tier=Screening.Tier.LETTER, answers=answers, findings=findings)
        refresh([client], now=now)


def agree_to_research(
    clinic: Clinic, people: Iterable[tuple[Client, Membership]], *, now: datetime
) -> None:
    """Three of four clients agree that their figures may be used: enough for a research export.

    Each with who explained it to her.
    """
    text = consents.texts_in_force(clinic)[ConsentText.Kind.RESEARCH]
    Consent.objects.bulk_create(
        _agreed(client, text, by=by, now=now)
        for number, (client, by) in enumerate(people)
        if number % 4
    )


def _agreed(client: Client, text: ConsentText, *, by: Membership, now: datetime) -> Consent:
    """She has signed all of the text, today in the clinic of whoever explained it to her."""
    return Consent(
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


RUNS_OUT, NO_LETTER = "Nora F.", "Klara U."
