"""Clients whose intake lacks one thing: every kind of lock, and how it is come by.

``tests.cast.enroll`` gives everybody a complete intake. Each function here takes one thing away as
it happens in life, and works the intake out anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from bonefit.clients import intake
from bonefit.clients.models import (
    Clearance,
    Client,
    Consent,
    ConsentText,
    Document,
    Lock,
    Screening,
)
from tests.cast import NOW, TODAY

YESTERDAY = TODAY - timedelta(days=1)
HEART = {
    "rule": "heart",
    "tier": "B",
    "words": "Heart disease",
    "letter_from": "her GP or cardiologist",
    "letter_for": "training with heavy loads",
    "source": "ISSU",
    "tag": "V2",
}


def anew(client: Client, *, now: datetime = NOW) -> Client:
    """Work out what follows from her intake, as every action does."""
    intake.refresh([client], now=now)
    client.refresh_from_db()
    return client


def screened(
    client: Client,
    *,
    tier: str = "A",
    findings: tuple[dict[str, str], ...] = (),
    impact_allowed: int = 5,
    good_until: date | None = None,
    now: datetime = NOW,
) -> Client:
    """A newer confirmed screening."""
    by = client.created_by
    Screening.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        questionnaire="hirit-1",
        status=Screening.Status.CONFIRMED,
        made_at=now,
        made_by=by,
        confirmed_at=now,
        confirmed_by=by,
        tier=tier,
        findings=list(findings),
        impact_allowed=impact_allowed,
        good_until=good_until,
    )
    return anew(client, now=now)


def lettered(client: Client, *, expires_on: date | None, now: datetime = NOW) -> Client:
    """A clearance with a doctor's letter that answers for the heart."""
    by = client.created_by
    letter = Document.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        kind=Document.Kind.CLEARANCE,
        name="letter.pdf",
        file="letter.pdf",
        type=Document.Type.PDF,
        size=1,
        sha256="0" * 64,
        added_by=by,
    )
    Clearance.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        cleared_by="Dr L. H.",
        cleared_on=TODAY - timedelta(days=200),
        expires_on=expires_on,
        document=letter,
        covers=["heart"],
        recorded_at=now,
        recorded_by=by,
    )
    return anew(client, now=now)


def withdraw(client: Client, *, now: datetime = NOW) -> Client:
    """She takes her consent back."""
    Consent.objects.filter(client=client).update(
        withdrawn_at=now, withdrawn_by=client.created_by, withdrawn_why="Changed her mind."
    )
    return anew(client, now=now)


def unscreened(client: Client) -> Client:
    """Nobody has screened her."""
    Screening.objects.filter(client=client).update(
        status=Screening.Status.DRAFT, tier="", confirmed_at=None, confirmed_by=None
    )
    return anew(client)


def unsigned(client: Client) -> Client:
    """She has never signed anything."""
    Consent.objects.filter(client=client).delete()
    return anew(client)


def new_text(client: Client, *, due_on: date | None = YESTERDAY) -> Client:
    """There is a new version of what clients agree to, and what she signed holds until a day."""
    newest = ConsentText.objects.filter(clinic=client.clinic_id, kind="training").latest("version")
    ConsentText.objects.create(
        clinic_id=client.clinic_id,
        kind="training",
        version=newest.version + 1,
        title=newest.title,
        body="It says more now.",
        statements=newest.statements,
        required=True,
        due_on=due_on,
    )
    return anew(client)


def locked(client: Client) -> Client:
    """She was stopped on the floor, and nobody has released her."""
    Lock.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        why=Lock.Why.STOP,
        fact="a stop",
        evidence={"why": "stopped on the floor"},
        opened_at=NOW,
        opened_by=client.created_by,
    )
    return client


#: Everything that bars a client, and how it comes about.
BARS: dict[str, Callable[[Client], Client]] = {
    "no screening": unscreened,
    "not now": lambda client: screened(client, tier="C"),
    "letter missing": lambda client: screened(client, tier="B", findings=(HEART,)),
    "letter expired": lambda client: lettered(
        screened(client, tier="B", findings=(HEART,)), expires_on=YESTERDAY
    ),
    "consent missing": unsigned,
    "consent withdrawn": withdraw,
    "new consent text past its date": new_text,
    "screening expired": lambda client: screened(client, good_until=YESTERDAY),
}
#: The same with a lock of the floor.
ALL_BARS = {**BARS, "locked": locked}
