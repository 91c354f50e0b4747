"""Whose page it is: a client's own, or that of a client who lets a companion look."""

from __future__ import annotations

from bonefit.clients.models import Client, Companion
from bonefit.clinics.access import Role
from bonefit.clinics.models import Membership


def client_of(member: Membership) -> Client | None:
    """The member as a client. Staff see every client of the clinic, so herself is asked for."""
    return Client.objects.visible_to(member).filter(membership=member).first()


def accompanied_by(member: Membership) -> list[Client]:
    """The clients whose page the member may look at now as their companion, by name.

    Asked of the consents themselves: a therapist sees every client of her clinic, and is the
    companion of none of them.
    """
    if Role.COMPANION not in member.roles_now:
        return []
    live = Companion.objects.visible_to(member).filter(member=member, ended_at=None)
    return [one.client for one in live.select_related("client").order_by("client__name", "pk")]
