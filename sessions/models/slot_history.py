"""What became of the clinic's classes: who changed what, when and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .schedule import Slot
from .timetable import WeeklySlot


class SlotChange(models.Model):
    """One change of a slot, or of a row of the timetable, and what it was before. Append-only."""

    class Kind(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        CALLED_OFF = "called_off", "Called off"
        GIVEN_BACK = "given_back", "Held after all"
        ENDED = "ended", "Ended"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    slot = models.ForeignKey(
        Slot, models.PROTECT, null=True, blank=True, related_name="slot_changes"
    )
    weekly = models.ForeignKey(
        WeeklySlot, models.PROTECT, null=True, blank=True, related_name="slot_changes"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField()

    objects = ClinicQuerySet["SlotChange"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            clinic_key("slot_change"),
            models.CheckConstraint(
                condition=Q(slot__isnull=False) | Q(weekly__isnull=False),
                name="slot_change_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.slot_id or self.weekly_id}"
