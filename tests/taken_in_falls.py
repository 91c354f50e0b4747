"""Falls, events by hand and letters, for the world behind the doors: one of each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bonefit.clients.answer_links import make_link
from bonefit.clients.models import AnswerLink, Client, Fall, FallsMonth, Told
from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions import events, letters
from sessions.models import AdverseEvent, ProgressLetter


@dataclass
class TakenInFalls:
    """A fall, a month that was asked about with its link, an event by hand, a drafted letter."""

    fall: Fall
    month: FallsMonth
    link: AnswerLink
    event: AdverseEvent
    letter: ProgressLetter


def taken_in_falls(
    client: Client, enrollment: Enrollment, by: Membership, now: datetime
) -> TakenInFalls:
    """One of each, of this client."""
    day = date(2026, 3, 2)
    fall = Fall.objects.create(
        clinic=client.clinic,
        client=client,
        key="told",
        fell_on=day,
        told=Told.STAFF,
        recorded_by=by,
        recorded_at=now,
    )
    month = FallsMonth.objects.create(
        clinic=client.clinic, client=client, month=date(2026, 2, 1), asked_at=now
    )
    said = {"what": "dizzy", "severity": "mild", "onset_at": "2026-03-02T10:00"}
    return TakenInFalls(
        fall,
        month,
        make_link(month=month, expires_at=now + timedelta(days=20), by=None, now=now),
        events.record(client=client, data=said, uid=uuid.uuid4(), by=by, now=now),
        letters.draft(
            enrollment=enrollment, first=day, last=now.date(), by=by, now=now, addressee="Dr L. H."
        ),
    )
