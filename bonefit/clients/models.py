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
    reminders_off_at = models.DateTimeField(
        null=True, blank=True, help_text="She wants no reminders; blank is wanted."
    )

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
    opened_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
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
