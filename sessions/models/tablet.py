"""What a tablet may send without a log-in, and what waits for an admin before it counts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key


class UploadToken(models.Model):
    """One author's leave to send what she did on one tablet in the slots of one day.

    It sends and reads nothing. Only its hash is stored; the tablet keeps the token beside the
    operations.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="upload_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    device = models.UUIDField(help_text="The tablet's own number, made there.")
    slots = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["UploadToken"].as_manager()

    class Meta:
        constraints = [
            clinic_key("upload_token"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="upload_token_expires"
            ),
        ]
        indexes = [models.Index(fields=["member", "device"], name="upload_token_by_device")]

    def __str__(self) -> str:
        return f"Upload token of {self.member}"


class HeldOperation(models.Model):
    """An operation whose author may not log any more when it arrives. Nothing of it is lost.

    An admin decides: then it is applied as what it was, or set aside; the row stays.
    """

    class Decision(models.TextChoices):
        APPLIED = "applied", "Applied"
        SET_ASIDE = "set_aside", "Set aside"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    uid = models.UUIDField()
    author = models.ForeignKey(Membership, models.PROTECT, related_name="held_operations")
    body = models.JSONField(help_text="As the tablet sent it.")
    received_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["HeldOperation"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            clinic_key("held_operation"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="held_operation_once"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, decision="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="held_operation_decided",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic"], condition=Q(decided_at=None), name="held_operation_open"
            )
        ]

    def __str__(self) -> str:
        return f"Held operation {self.pk}"
