"""Log-ins in the world of ``tests/doors.py``: her app, and a second step that was reset once."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.mfa.webauthn.internal.auth import WebAuthn

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership, SecondStepReset
from bonefit.clinics.second_step import set_up_app
from tests.passkey_device import Device

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: What a page asks a device for, as far as it matters to what the device makes.
ASKED = {"publicKey": {"user": {"id": "hers"}, "challenge": "once"}}


def taken_in_log_ins(by: Membership, now: datetime) -> None:
    """``by`` has an app and a passkey; that of somebody who has left was reset the day before."""
    set_up_app(user=by.user, secret=SECRET, counter=0)
    WebAuthn.add(by.user, "My phone", Device().make(ASKED))
    email = f"lin@{by.clinic.slug}.example.org"
    left = add_member(clinic=by.clinic, email=email, name="Lin E.", roles=[Role.DESK])
    left.is_active = False
    left.save(update_fields=["is_active"])
    SecondStepReset.objects.create(
        clinic=by.clinic,
        member=left,
        by=by,
        at=now - timedelta(days=1),
        reason="Telephone lost",
    )
