"""The rows that reports are quick by, for the world behind the doors."""

from __future__ import annotations

from datetime import datetime

from bonefit.clinics.models import Membership
from programs.models import Enrollment
from sessions.models import DeliveredSession, DeliveryChanged, DoseChanged
from sessions.reports import delivered_kept, rollups


def taken_in_rollups(enrollment: Enrollment, by: Membership, now: datetime) -> None:
    """Rows of every kind: made, and then something changes."""
    rollups.keep([enrollment.pk], now)
    DoseChanged.objects.create(clinic=by.clinic, enrollment=enrollment, at=now)
    delivered_kept.keep(now)
    # That made those of every clinic again, so something changes in each of them.
    for kept in DeliveredSession.objects.order_by("clinic").distinct("clinic"):
        DeliveryChanged.objects.create(clinic_id=kept.clinic_id, slot_id=kept.slot_id, at=now)
