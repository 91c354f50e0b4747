"""Papers of the demo: what supervisors have shown, and who may look at a client's page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bonefit.clients.models import Client, Companion
from bonefit.clinics import actions as clinics
from bonefit.clinics.access import Role
from bonefit.clinics.cover import hand_over
from bonefit.clinics.models import Credential, Membership

#: Whoever supervises, in the order of the staff: days until the licence and first aid run out. The
#: first is in order, of the second something runs out soon, of the others nothing is recorded.
SHOWN = ((420, 300), (200, 20))


def show_credentials(staff: Mapping[str, Membership], *, now: datetime) -> None:
    """What the admin has recorded of those who supervise."""
    supervising = [member for member in staff.values() if member.supervises]
    admin = next((one for one in staff.values() if Role.ADMIN in one.roles), None)
    Credential.objects.bulk_create(
        Credential(
            clinic_id=member.clinic_id,
            member=member,
            profession="Physiotherapist",
            licence=f"PHY 00{number}4 {number}71",
            jurisdiction="Queensland",
            expires_on=now.date() + timedelta(days=licence),
            first_aid_until=now.date() + timedelta(days=first_aid),
            trained_on=now.date() - timedelta(days=500),
            recorded_at=now - timedelta(days=60),
            recorded_by=admin or member,
        )
        for number, (member, (licence, first_aid)) in enumerate(
            zip(supervising, SHOWN, strict=False), start=1
        )
    )


def cover_one(staff: Mapping[str, Membership], *, now: datetime) -> None:
    """A lead therapist stands in for the last of the therapists, for ten days."""
    lead = next((one for one in staff.values() if Role.LEAD in one.roles), None)
    treating = [one for one in staff.values() if one.roles == [Role.THERAPIST]]
    if lead is not None and treating:
        today = now.astimezone(lead.clinic.tz).date()
        hand_over(
            therapist=treating[-1],
            colleague=lead,
            starts_on=today,
            ends_on=today + timedelta(days=10),
            reason="On leave",
            by=lead,
            now=now,
        )


def accompany(client: Client, name: str, email: str, *, by: Membership, now: datetime) -> None:
    """A companion of a client, who agreed to it at the desk."""
    member = clinics.add_member(
        clinic=client.clinic, email=email, name=name, roles=[Role.COMPANION]
    )
    Companion.objects.create(
        clinic=client.clinic,
        client=client,
        member=member,
        consent="Said at the desk that her daughter may see when she trains.",
        given_at=now,
        given_by=by,
    )
