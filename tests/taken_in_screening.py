"""A screening that goes on in the world of ``tests/doors.py``, and a link to answer it by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bonefit.clients import screening as screenings
from bonefit.clients.models import AnswerLink, Client, Screening
from bonefit.clinics.models import Membership
from tests.clients.screening.answers import WELL


@dataclass
class TakenInScreening:
    """A draft with every answer, saved once, and the link that its client was sent."""

    draft: Screening
    link: AnswerLink


def taken_in_screening(client: Client, by: Membership, now: datetime) -> TakenInScreening:
    """A further screening of somebody who has one that holds."""
    client.email = f"fay@{by.clinic.slug}.example.org"
    client.save(update_fields=["email"])
    draft = screenings.start(client=client, by=by, now=now)
    screenings.save(screening=draft, typed=WELL, revision=0, by=by, now=now)
    link = screenings.make_link(screening=draft, by=by, now=now)
    draft.refresh_from_db()
    return TakenInScreening(draft, link)
