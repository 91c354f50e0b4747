"""What a therapist should act on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment

from .schedule import Visit


class Flag(models.Model):
    """Something a therapist should act on, with the evidence it was raised on."""

    class Kind(models.TextChoices):
        MISSED = "missed", "Missed session"
        STALLED = "stalled", "Stalled"
        OUTSIDE_CLEARANCE = "outside_clearance", "Outside clearance"
        PAIN_RISING = "pain_rising", "Pain rising"
        LOCKED = "locked", "Locked"
        INTAKE = "intake", "Intake"
        FALL = "fall", "A fall"

    class Resolution(models.TextChoices):
        BY_ITSELF = "by_itself", "Resolved by itself"
        ANSWERED = "answered", "The visit was answered for"
        CALLED = "called", "Spoke with the client"
        PLAN_CHANGED = "plan_changed", "Changed the plan"
        REFERRED = "referred", "Referred on"
        EXPECTED = "expected", "Expected, nothing to do"
        NOT_USEFUL = "not_useful", "Not useful"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(
        max_length=60, blank=True, help_text="The visit's uid, the exercise's slug, or empty."
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="flags")
    rule = models.CharField(max_length=16, help_text="Id and version of the rule, as F01.1.")
    evidence = models.JSONField(default=dict, help_text="As shown on the day.")
    evidence_key = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["Flag"].as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            clinic_key("flag"),
            models.UniqueConstraint(
                fields=["clinic", "enrollment", "kind", "subject"],
                condition=Q(resolved_at=None),
                name="one_open_flag",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="flag_resolution_paired",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "opened_at"],
                condition=Q(resolved_at=None),
                name="flag_open",
            ),
            models.Index(fields=["enrollment", "kind", "subject"], name="flag_by_subject"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
