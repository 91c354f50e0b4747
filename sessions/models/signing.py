"""What is written of a visit beside its sets: the note of the session, and adverse events."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .log import Site
from .schedule import Visit


class SessionNote(models.Model):
    """One signed version of a visit's note (SOAP). Append-only: the newest version is in force."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="notes")
    version = models.PositiveIntegerField()
    subjective = models.TextField(blank=True)
    objective = models.TextField(blank=True)
    assessment = models.TextField(blank=True)
    plan = models.TextField(blank=True)
    drafted = ArrayField(
        models.CharField(max_length=12), default=list, help_text="Parts left as a rule wrote them."
    )
    reason = models.CharField(
        max_length=200, blank=True, help_text="Why it was amended, a day or more after signing."
    )
    signed_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["SessionNote"].as_manager()

    class Meta:
        ordering = ["visit", "version"]
        constraints = [
            clinic_key("session_note"),
            models.UniqueConstraint(
                fields=["clinic", "visit", "version"], name="session_note_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Note {self.version}"

    @property
    def by_rule(self) -> dict[str, bool]:
        """Whether each part was left as a rule wrote it, by its name."""
        return dict.fromkeys(self.drafted, True)


class AdverseEvent(models.Model):
    """Something untoward in or after a visit. A correction is a further row that replaces one.

    Fields after ICH E6 and the CERT's items 11 and 16 (protocol sheet 5.6). What nobody said stays
    blank.
    """

    class What(models.TextChoices):
        DIZZY = "dizzy", "Dizzy or faint"
        CHEST = "chest", "Chest pain or pressure"
        BREATH = "breath", "Short of breath"
        NAUSEA = "nausea", "Nausea"
        WEAK = "weak", "Weak or unsteady"
        PALPITATIONS = "palpitations", "Palpitations"
        SHARP = "sharp", "Sharp pain"
        BACK = "back", "Sudden back or rib pain"
        RADIATING = "radiating", "Pain or numbness down a leg"
        BLADDER = "bladder", "Loss of bladder or bowel control"
        CRACK = "crack", "Felt a crack"
        BAR = "bar", "Uncontrolled drop of the bar"
        FALL = "fall", "A fall"
        OTHER = "other", "Something else"

    class Severity(models.TextChoices):
        MILD = "mild", "Mild"
        MODERATE = "moderate", "Moderate"
        SEVERE = "severe", "Severe"

    class Related(models.TextChoices):
        UNRELATED = "unrelated", "Unrelated"
        UNLIKELY = "unlikely", "Unlikely"
        POSSIBLE = "possible", "Possible"
        PROBABLE = "probable", "Probable"
        DEFINITE = "definite", "Definite"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    uid = models.UUIDField()
    client = models.ForeignKey(Client, models.PROTECT, related_name="adverse_events")
    visit = models.ForeignKey(
        Visit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adverse_events",
        help_text="Blank where it did not happen in or after one visit.",
    )
    what = models.CharField(max_length=14, choices=What)
    severity = models.CharField(max_length=8, choices=Severity)
    onset_at = models.DateTimeField()
    lift = models.CharField(max_length=16, blank=True)
    set_number = models.PositiveSmallIntegerField(null=True, blank=True)
    site = models.CharField(max_length=12, choices=Site, blank=True)
    serious = models.BooleanField(
        null=True, help_text="Death, danger to life, hospital or disability."
    )
    related = models.CharField(max_length=9, choices=Related, blank=True)
    action = models.CharField("what was done", max_length=400, blank=True)
    outcome = models.CharField(max_length=400, blank=True)
    described = models.TextField("what happened", blank=True)
    reported_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    reviewed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["AdverseEvent"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            clinic_key("adverse_event"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="adverse_event_once"),
            models.CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="adverse_event_reviewed",
            ),
        ]

    def __str__(self) -> str:
        return self.get_what_display()
