"""Writes about clients: enrolling a person, her clearance, her invitation to log in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership

from .models import Clearance, Client, Lock
from .tasks import send_invitation


class CannotInvite(Exception):
    """The client cannot be invited; the text says why."""


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


def record_clearance(
    *,
    client: Client,
    by: Membership,
    cleared_by: str,
    cleared_on: date,
    impact_level: int,
    now: datetime | None = None,
) -> Clearance:
    """A further clearance; it takes the place of the earlier one, which stays readable."""
    return Clearance.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        cleared_by=cleared_by,
        cleared_on=cleared_on,
        impact_level=impact_level,
        recorded_by=by,
        recorded_at=now or timezone.now(),
    )


def edit_client(*, client: Client, by: Membership, **changes: object) -> Client:
    """Correct who somebody is and how to reach her; only the named columns are written."""
    for field, value in changes.items():
        setattr(client, field, value)
    client.save(update_fields=list(changes))
    return client


@transaction.atomic
def invite(*, client: Client, by: Membership, now: datetime | None = None) -> Client:
    """Give the client a log-in and send her an e-mail about it, once this transaction stands.

    Inviting again sends the mail again. Raises CannotInvite without an address, or where the
    address already is another client's of this clinic.
    """
    client = Client.objects.select_for_update().get(pk=client.pk)
    if not client.email:
        raise CannotInvite("There is no e-mail address to invite. Add one first.")
    member = add_member(
        clinic=client.clinic, email=client.email, name=client.name, roles=[Role.CLIENT]
    )
    taken = Client.objects.filter(membership=member).exclude(pk=client.pk).exists()
    if taken:
        raise CannotInvite("Another client of this clinic logs in with this address.")
    client.membership = member
    client.invited_at = now or timezone.now()
    client.invitation_sent_at = None
    client.save(update_fields=["membership", "invited_at", "invitation_sent_at"])
    # The invitation stands even where the queue is down: the error is logged, and the client's page
    # says that nothing was sent yet and offers to send it again.
    transaction.on_commit(lambda: send_invitation.delay(client.pk), robust=True)
    return client


def open_lock(
    *,
    client: Client,
    why: str,
    fact: str,
    evidence: Mapping[str, Any],
    by: Membership,
    now: datetime,
) -> Lock:
    """Stop prescribing and checking in until a named clinician releases the client."""
    return Lock.objects.create(
        clinic_id=client.clinic_id,
        client=client,
        why=why,
        fact=fact,
        evidence=dict(evidence),
        opened_at=now,
        opened_by=by,
    )


def release(*, client: Client, clinician: str, finding: str, by: Membership, now: datetime) -> int:
    """A named clinician releases a client: all her open locks; how many there were."""
    return client.locks.filter(released_at=None).update(
        released_at=now, released_by=by, clinician=clinician, finding=finding
    )
