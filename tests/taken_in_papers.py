"""What an intake leaves behind, for the world behind the doors: one of each in a clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bonefit.clients import documents
from bonefit.clients.models import Client, Consent, Document
from bonefit.clinics import credentials
from bonefit.clinics.models import Credential, Membership
from tests.clients.paper_files import pdf


@dataclass
class Papers:
    """A paper of a client, what she agreed to, and what her therapist has shown."""

    document: Document
    consent: Consent
    credential: Credential


def taken_in_papers(client: Client, by: Membership, now: datetime) -> Papers:
    """One document, the consent that the client has, a credential that is in order."""
    today = now.astimezone(by.clinic.tz).date()
    document = documents.store_bytes(
        client=client, kind="scan", name="Scan.pdf", data=pdf(), by=by, now=now
    )
    credential = credentials.record(
        member=by,
        profession="Physiotherapist",
        licence="P 12",
        jurisdiction="Queensland",
        expires_on=today + timedelta(days=400),
        insured_until=None,
        first_aid_until=today + timedelta(days=200),
        trained_on=None,
        by=by,
        now=now,
    )
    return Papers(document, Consent.objects.get(client=client), credential)
