"""The intake: what was asked and answered, what was overridden and by whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


class ScreeningQuerySet(ClinicQuerySet["Screening"]):
    def confirmed(self) -> ScreeningQuerySet:
        """Those that a therapist has confirmed: they alone decide anything."""
        return self.filter(status=Screening.Status.CONFIRMED)


class Screening(models.Model):
    """One questionnaire filled for one client; immutable once a therapist has confirmed it.

    Answers are kept as they were typed. The newest confirmed one is in force.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Being filled in"
        SENT = "sent", "Sent to the client"
        ANSWERED = "answered", "Answered by the client"
        CONFIRMED = "confirmed", "Confirmed"
        DROPPED = "dropped", "Not used"

    class Tier(models.TextChoices):
        CLEARED = "A", "Cleared by the clinician"
        LETTER = "B", "A doctor’s letter is needed"
        NOT_NOW = "C", "Not now"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="screenings")
    questionnaire = models.CharField(max_length=40, help_text="Name and version, as hirit-1.")
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    answers = models.JSONField(default=dict, help_text="As typed, by question.")
    revision = models.PositiveIntegerField(default=0, help_text="Rises with every saved change.")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    from_client = models.JSONField(null=True, blank=True, help_text="Just as she sent them.")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(max_length=1, choices=Tier, blank=True)
    findings = models.JSONField(default=list, help_text="Each with its rule, source and tag.")
    impact_allowed = models.PositiveSmallIntegerField(null=True, blank=True)
    rules = models.JSONField(default=dict, help_text="The thresholds it was judged under.")
    good_until = models.DateField(null=True, blank=True)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("screening"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, tier="")
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(tier="")),
                name="screening_confirmed",
            ),
        ]
        indexes = [models.Index(fields=["client", "-id"], name="screening_newest")]

    def __str__(self) -> str:
        return f"Screening {self.pk}"

    @property
    def open(self) -> bool:
        return self.status in (self.Status.DRAFT, self.Status.SENT, self.Status.ANSWERED)


class ScreeningEdit(models.Model):
    """One saved change of a draft: nothing that was typed is lost. Append-only."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    screening = models.ForeignKey(Screening, models.PROTECT, related_name="edits")
    revision = models.PositiveIntegerField()
    changed = models.JSONField(help_text="By question: what stood there, what stands there now.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Nobody where the client answered by her link.",
    )

    objects = ClinicQuerySet["ScreeningEdit"].as_manager()

    class Meta:
        ordering = ["screening", "revision"]
        constraints = [
            clinic_key("screening_edit"),
            models.UniqueConstraint(
                fields=["clinic", "screening", "revision"], name="screening_edit_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Change {self.revision}"


class ImpactOverride(models.Model):
    """A named clinician lets a client land higher than her screening allows, with the reason."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="impact_overrides")
    screening = models.ForeignKey(Screening, models.PROTECT, related_name="overrides")
    level = models.PositiveSmallIntegerField()
    clinician = models.CharField(max_length=120)
    reason = models.CharField(max_length=400)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OwnedByClient["ImpactOverride"].as_manager()

    class Meta:
        constraints = [
            clinic_key("impact_override"),
            models.CheckConstraint(condition=Q(level__lte=5), name="impact_override_level"),
            models.UniqueConstraint(
                fields=["clinic", "client"],
                condition=Q(ended_at=None),
                name="impact_override_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Impact level {self.level}"


class IntakeOverride(models.Model):
    """A start before the intake is complete, where the clinic allows it: by whom, why, how long."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="intake_overrides")
    missing = models.JSONField(help_text="What was missing when it was recorded.")
    clinician = models.CharField(max_length=120)
    reason = models.CharField(max_length=400)
    until = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OwnedByClient["IntakeOverride"].as_manager()

    class Meta:
        constraints = [
            clinic_key("intake_override"),
            models.UniqueConstraint(
                fields=["clinic", "client"],
                condition=Q(ended_at=None),
                name="intake_override_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Start without, until {self.until}"
