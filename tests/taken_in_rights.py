"""What clients and the clinic ask of a record, for ``tests/doors.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.files.base import ContentFile

from bonefit.clients.models import Client, CorrectionRequest, RecordCopy, RetentionDecision
from bonefit.clinics.models import Membership


@dataclass
class Rights:
    """A copy of her record for a therapist, one for herself, a request of hers; two old records."""

    copy: RecordCopy
    own: RecordCopy
    asked: CorrectionRequest
    old: Client
    decided: RetentionDecision


def taken_in_rights(client: Client, by: Membership, now: datetime) -> Rights:
    """The copies are good for three days, and the request may wait for thirty."""
    herself = client.membership
    assert herself is not None
    asked = CorrectionRequest.objects.create(
        clinic=by.clinic,
        client=client,
        part=CorrectionRequest.Part.HEALTH,
        wrong="I never broke a wrist.",
        right="It was the ankle.",
        asked_at=now,
        asked_by=herself,
        due_on=now.date() + timedelta(days=30),
    )
    old = [_long_ago(name, by, now) for name in ("Ola D.", "Oda D.")]
    decided = RetentionDecision.objects.create(
        clinic=by.clinic,
        client=old[1],
        kind=RetentionDecision.Kind.RELEASE,
        reason="Nobody has asked for it.",
        last_entry_on=old[1].created_at.date(),
        years=7,
        decided_at=now,
        decided_by=by,
    )
    return Rights(_copy(client, by, now), _copy(client, herself, now), asked, old[0], decided)


def _long_ago(name: str, by: Membership, now: datetime) -> Client:
    """Somebody who came once, nine years ago."""
    return Client.objects.create(
        clinic=by.clinic,
        name=name,
        born_on=date(1940, 5, 1),
        sex=Client.Sex.FEMALE,
        emergency_contact="Ivo D., son, 07 5550 0177",
        created_at=now - timedelta(days=9 * 366),
        created_by=by,
    )


def _copy(client: Client, member: Membership, now: datetime) -> RecordCopy:
    made = RecordCopy.objects.create(
        clinic=client.clinic,
        client=client,
        member=member,
        own=member == client.membership,
        asked_at=now,
        status=RecordCopy.Status.DONE,
        finished_at=now,
        expires_at=now + timedelta(days=3),
        size=4,
    )
    made.file.save(f"exports/{client.clinic_id}/{made.uid}.zip", ContentFile(b"copy"))
    return made
