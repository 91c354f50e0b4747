"""Who is training, and who may look on: the client and her companions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
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
    reminders_off_at = models.DateTimeField(
        null=True, blank=True, help_text="She wants no reminders; blank is wanted."
    )

    external_id = models.CharField(
        "number in another system", max_length=80, blank=True, help_text="As it came by an import."
    )
    # Written by ``intake.refresh`` alone, in the transaction of whatever changes them.
    may_start_until = models.DateField(
        null=True, blank=True, help_text="Last day on which her intake lets her lift; blank: none."
    )
    intake_missing = models.JSONField(
        default=list, help_text="What is missing or runs out: code, words, last good day."
    )
    intake_due_on = models.DateField(
        null=True, blank=True, help_text="Enrolled before there was an intake: last day without."
    )
    impact_cleared = models.PositiveSmallIntegerField(
        default=0, help_text="Highest landing that is cleared today (0 = heel raise)."
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("client"),
            models.UniqueConstraint(
                fields=["clinic", "external_id"],
                condition=~Q(external_id=""),
                name="client_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(impact_cleared__lte=5), name="client_impact_cleared"
            ),
        ]
        indexes = [models.Index(fields=["clinic", "name"], name="client_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.replace(".", " ").split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if words[1:] else words)).upper()


class Companion(models.Model):
    """Somebody who may look at a client's page, because the client agreed: a daughter, a partner.

    The row stays when it is taken away: who could look, and until when.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="companions")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="accompanies")
    consent = models.CharField(max_length=400, help_text="What the client agreed to, and how.")
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OwnedByClient["Companion"].as_manager()

    class Meta:
        constraints = [
            clinic_key("companion"),
            models.UniqueConstraint(
                fields=["clinic", "client", "member"],
                condition=models.Q(ended_at=None),
                name="companion_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Companion {self.pk}"
