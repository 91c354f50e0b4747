"""Two more of the staff, somebody who stands in for somebody, and a role that was changed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Clinic, Cover, Invitation, Membership, RoleChange
from tests.cast import Cast


def join_the_staff(cast: Cast) -> None:
    """Lin leads the therapists at Northside; Aud reads there, and changes nothing."""
    cast.lin = add_member(
        clinic=cast.north, email="lin@example.org", name="Lin L.", roles=[Role.LEAD]
    )
    cast.aud = add_member(
        clinic=cast.north, email="aud@example.org", name="Aud U.", roles=[Role.AUDITOR]
    )


def invitation_token(clinic: Clinic) -> str:
    """The secret of the invitation that the clinic has open."""
    return f"an-invitation-to-{clinic.slug}"


def taken_in_people(by: Membership, now: datetime) -> Cover:
    """A colleague of ``by`` stands in for her since yesterday, and for a week more."""
    others = Membership.objects.filter(clinic=by.clinic).supervisors().exclude(pk=by.pk)
    colleague = others.order_by("pk").first() or add_member(
        clinic=by.clinic, email="ida@example.org", name="Ida T.", roles=[Role.THERAPIST]
    )
    RoleChange.objects.create(
        clinic=by.clinic,
        member=colleague,
        by=by,
        at=now,
        roles_before=["therapist"],
        until_before={"lead": "2026-03-01"},
        roles=["therapist"],
        until={},
        reason="Back from leave",
    )
    token = invitation_token(by.clinic)
    Invitation.objects.create(
        clinic=by.clinic,
        email=f"ivy@{by.clinic.slug}.example.org",
        name="Ivy N.",
        roles=["desk"],
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        by=Membership.objects.filter(clinic=by.clinic, roles__contains=["admin"]).first() or by,
        made_at=now,
        expires_at=now + timedelta(days=3),
    )
    today = now.astimezone(by.clinic.tz).date()
    return Cover.objects.create(
        clinic=by.clinic,
        therapist=by,
        colleague=colleague,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=7),
        reason="On leave",
        given_at=now,
        given_by=by,
    )
