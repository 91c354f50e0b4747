"""What the PIN of a tablet shows of the floor: the classes of the clinic's day, and no others."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bonefit.clinics.models import Clinic
from bonefit.clinics.tablet_pins import end_of_today, today_of

from .models import Slot

_Slots = TypeVar("_Slots", bound=QuerySet[Slot])


def by_pin(request: HttpRequest) -> bool:
    """Whether who asks came in by the PIN of a tablet."""
    return getattr(request, "by_pin", None) is not None


def of_today(slots: _Slots, clinic: Clinic) -> _Slots:
    """Of some slots those of the day that it is in the clinic."""
    now = timezone.now()
    start = datetime.combine(today_of(clinic, now), datetime.min.time(), tzinfo=clinic.tz)
    return slots.filter(starts_at__gte=start, starts_at__lt=end_of_today(clinic, now))
