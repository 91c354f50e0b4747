"""Flags that are worked, for the world behind the doors: a step, a review, a message to staff."""

from __future__ import annotations

from datetime import datetime, timedelta

from bonefit.clinics.models import Membership
from sessions.models import Flag, FlagStep, Review, StaffNotice


def taken_in_flags(flag: Flag, by: Membership, now: datetime) -> None:
    """One row of each, about this flag, which is put off for a week."""
    flag.snoozed_until = now.date() + timedelta(days=7)
    flag.save(update_fields=["snoozed_until"])
    FlagStep.objects.create(clinic=by.clinic, flag=flag, kind=FlagStep.Kind.SEEN, at=now, by=by)
    Review.objects.get_or_create(
        enrollment=flag.enrollment, defaults={"clinic": by.clinic, "next_at": now}
    )
    StaffNotice.objects.create(
        clinic=by.clinic,
        member=by,
        kind=StaffNotice.Kind.RED,
        key="red|made up",
        to="staff@example.org",
        due_at=now,
    )
