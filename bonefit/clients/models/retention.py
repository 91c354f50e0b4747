"""What an admin decided about a record that is past the time for which it has to be kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


class RetentionDecision(models.Model):
    """One decision about one client's record. Rows are only added; the newest is in force.

    Nothing is deleted because of it: that is done by whoever runs the site, outside of the app.
    """

    class Kind(models.TextChoices):
        KEEP = "keep", "Keep it for longer"
        RELEASE = "release", "It may be deleted"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="retention_decisions")
    kind = models.CharField(max_length=7, choices=Kind)
    until = models.DateField(null=True, blank=True, help_text="Last day on which it is kept.")
    reason = models.CharField(max_length=400)
    last_entry_on = models.DateField(help_text="Day of the last entry, when it was decided.")
    years = models.PositiveSmallIntegerField(help_text="The clinic’s years, when it was decided.")
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = ClinicQuerySet["RetentionDecision"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            clinic_key("retention_decision"),
            models.CheckConstraint(
                condition=Q(kind="keep", until__isnull=False) | Q(kind="release", until=None),
                name="retention_decision_until",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="retention_decision_has_reason"),
        ]
        indexes = [
            models.Index(fields=["client", "-id"], name="retention_decision_newest"),
            models.Index(fields=["clinic", "-id"], name="retention_decision_by_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
