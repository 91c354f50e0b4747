"""Log-ins in the world of ``tests/doors.py``: her app, her PIN, a step that was reset."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.mfa.webauthn.internal.auth import WebAuthn

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import LogInsEnded, Membership, SecondStepReset
from bonefit.clinics.models_open import TabletPin
from bonefit.clinics.second_step import set_up_app
from bonefit.clinics.tablet_pins import hash_of, today_of
from tests.passkey_device import Device

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
#: What a page asks a device for, as far as it matters to what the device makes.
ASKED = {"publicKey": {"user": {"id": "hers"}, "challenge": "once"}}


def taken_in_log_ins(by: Membership, now: datetime) -> None:
    """``by`` has an app, a passkey and a PIN; the step of one who left was reset the day before."""
    set_up_app(user=by.user, secret=SECRET, counter=0)
    WebAuthn.add(by.user, "My phone", Device().make(ASKED))
    TabletPin.objects.create(
        user=by.user,
        opens=by.clinic,
        tablet_hash=hash_of(f"the tablet of {by.clinic.slug}"),
        pin_hash="not one",
        day=today_of(by.clinic, now),
        set_at=now,
    )
    email = f"eve@{by.clinic.slug}.example.org"
    left = add_member(clinic=by.clinic, email=email, name="Eve E.", roles=[Role.DESK])
    left.is_active = False
    left.save(update_fields=["is_active"])
    SecondStepReset.objects.create(
        clinic=by.clinic,
        member=left,
        by=by,
        at=now - timedelta(days=1),
        reason="Telephone lost",
    )
    LogInsEnded.objects.create(clinic=by.clinic, member=left, by=by, at=now - timedelta(days=1))
