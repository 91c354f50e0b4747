"""Who is training: the client, and under whose clearance."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key


class ClientQuerySet(ClinicQuerySet["Client"]):
    client_path = ""


class Client(models.Model):
    """A person who trains. She has a Membership only if she logs in."""

    class Sex(models.TextChoices):
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="clients")
    membership = models.OneToOneField(Membership, models.PROTECT, null=True, blank=True)
    name = models.CharField(max_length=120)
    born_on = models.DateField("date of birth")
    sex = models.CharField(max_length=8, choices=Sex)
    email = models.EmailField("e-mail", blank=True)
    phone = models.CharField("telephone", max_length=40, blank=True)
    emergency_contact = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(null=True, blank=True)
    invitation_sent_at = models.DateTimeField(null=True, blank=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [clinic_key("client")]
        indexes = [models.Index(fields=["clinic", "name"], name="client_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if words[1:] else words)).upper()


class Clearance(models.Model):
    """Who said that this client may train, when, and up to which landing (0 = heel raise).

    Append-only: the newest row is the one in force.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="clearances")
    cleared_by = models.CharField(max_length=120)
    cleared_on = models.DateField()
    impact_level = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(5)])
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
