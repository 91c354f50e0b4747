"""What keeps a client safe: who cleared her for what, and what locks her."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from bonefit.clinics.access import OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


class Clearance(models.Model):
    """Who said that this client may train, when, and up to which landing (0 = heel raise).

    Append-only: the newest row is the one in force.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="clearances")
    cleared_by = models.CharField(max_length=120)
    cleared_on = models.DateField()
    impact_level = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(5)])
    expires_on = models.DateField(
        null=True, blank=True, help_text="Last day on which it holds; blank: no end."
    )
    document = models.ForeignKey(
        "Document", models.PROTECT, null=True, blank=True, related_name="clearances"
    )
    covers = models.JSONField(
        default=list, help_text="Rules of the screening that the letter answers for."
    )
    note = models.CharField(max_length=400, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = OwnedByClient["Clearance"].as_manager()

    class Meta:
        constraints = [
            clinic_key("clearance"),
            models.CheckConstraint(
                condition=models.Q(impact_level__lte=5), name="clearance_impact_level"
            ),
        ]
        indexes = [models.Index(fields=["client", "-id"], name="clearance_newest")]

    def __str__(self) -> str:
        return f"Impact level {self.impact_level}"


class LockQuerySet(OwnedByClient["Lock"]):
    def open(self) -> LockQuerySet:
        """Locks that nobody has released."""
        return self.filter(released_at=None)


class Lock(models.Model):
    """What stops prescribing and checking in until a named clinician releases it.

    Facts are recorded all the same. A lock is opened once for each fact (``fact``), so that
    recording the same fact again opens nothing new.
    """

    class Why(models.TextChoices):
        PAIN = "pain", "Pain that ends all loading"
        STOP = "stop", "Stopped on the floor"
        FRACTURE = "fracture", "A new fracture"
        DIZZY = "dizzy", "Dizzy on arrival"
        OTHER = "other", "Another reason"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="locks")
    why = models.CharField(max_length=12, choices=Why)
    fact = models.CharField(max_length=60, help_text="What it was opened for, as a key.")
    evidence = models.JSONField(default=dict)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank where she said herself, by a message, what it was opened for.",
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    clinician = models.CharField(max_length=120, blank=True, help_text="Who released it, by name.")
    finding = models.CharField(max_length=400, blank=True)

    objects = LockQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("lock"),
            models.UniqueConstraint(fields=["clinic", "client", "fact"], name="lock_once_a_fact"),
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by=None, clinician="")
                | (
                    models.Q(released_at__isnull=False, released_by__isnull=False)
                    & ~models.Q(clinician="")
                ),
                name="lock_release",
            ),
        ]
        indexes = [
            models.Index(
                fields=["client"],
                condition=models.Q(released_at=None),
                name="lock_open_by_client",
            )
        ]

    def __str__(self) -> str:
        return self.get_why_display()
