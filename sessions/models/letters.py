"""What is written to the doctor who referred a client."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clients.models import Client, Document
from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment


class ProgressLetter(models.Model):
    """A letter about one client’s progress: a draft that is edited, then signed and kept as it is.

    The figures are frozen when the draft is made or renewed, so that what was signed stays true.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="progress_letters")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="progress_letters")
    addressee = models.CharField("to", max_length=120)
    address = models.CharField(max_length=300, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    parts = models.JSONField(default=dict, help_text="The text by part, as edited.")
    figures = models.JSONField(default=dict, help_text="What it is made from, as it was then.")
    revision = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="progress_letters"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["ProgressLetter"].as_manager()

    class Meta:
        constraints = [
            clinic_key("progress_letter"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="progress_letter_signed",
            ),
        ]
        indexes = [models.Index(fields=["client", "-id"], name="progress_letter_newest")]

    def __str__(self) -> str:
        return f"Letter {self.pk}"
