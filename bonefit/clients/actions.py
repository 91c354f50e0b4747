"""Writes about clients: enrolling a person, her clearance, her locks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from bonefit.acting import because_of
from bonefit.clinics.models import Membership

from . import intake
from .models import Clearance, Client, Document, Lock


@transaction.atomic
def enroll_client(
    *,
    by: Membership,
    name: str,
    born_on: date,
    sex: str,
    emergency_contact: str,
    cleared_by: str,
    cleared_on: date,
    impact_level: int = 0,
    email: str = "",
    phone: str = "",
    notes: str = "",
    now: datetime | None = None,
) -> Client:
    """A new client of the member's clinic. Nobody is enrolled without a clearance."""
    now = now or timezone.now()
    client = Client.objects.create(
        clinic=by.clinic,
        name=name,
        born_on=born_on,
        sex=sex,
        email=email,
        phone=phone,
        emergency_contact=emergency_contact,
        notes=notes,
        created_by=by,
        created_at=now,
    )
    record_clearance(
        client=client,
        by=by,
        cleared_by=cleared_by,
        cleared_on=cleared_on,
        impact_level=impact_level,
        now=now,
    )
    return client


@transaction.atomic
def record_clearance(
    *,
    client: Client,
    by: Membership,
    cleared_by: str,
    cleared_on: date,
    impact_level: int,
    expires_on: date | None = None,
    document: Document | None = None,
    covers: Sequence[str] = (),
    note: str = "",
    now: datetime | None = None,
) -> Clearance:
    """A further clearance; it takes the place of the earlier one, which stays readable.

    ``covers``: rules of the screening that its letter, ``document``, answers for.
    """
    now = now or timezone.now()
    clearance = Clearance.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        cleared_by=cleared_by,
        cleared_on=cleared_on,
        impact_level=impact_level,
        expires_on=expires_on,
        document=document,
        covers=list(covers),
        note=note,
        recorded_by=by,
        recorded_at=now,
    )
    intake.refresh([client], now=now)
    return clearance


def edit_client(*, client: Client, by: Membership, **changes: object) -> Client:
    """Correct who somebody is and how to reach her; only the named columns are written."""
    for field, value in changes.items():
        setattr(client, field, value)
    client.save(update_fields=list(changes))
    return client


def open_lock(
    *,
    client: Client,
    why: str,
    fact: str,
    evidence: Mapping[str, Any],
    by: Membership | None,
    now: datetime,
) -> Lock:
    """Stop prescribing and checking in until a named clinician releases the client.

    ``by`` is None where the client said herself what it is opened for.
    """
    return Lock.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        why=why,
        fact=fact,
        evidence=dict(evidence),
        opened_at=now,
        opened_by=by,
    )


@because_of("finding")
def release(*, client: Client, clinician: str, finding: str, by: Membership, now: datetime) -> int:
    """A named clinician releases a client: all her open locks; how many there were."""
    return client.locks.filter(released_at=None).update(
        released_at=now, released_by=by, clinician=clinician, finding=finding
    )
