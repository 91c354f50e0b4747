"""Falls of a client, and the question that is asked every month (ProFaNE)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


class Told(models.TextChoices):
    """How it came to be known."""

    CHECK_IN = "check_in", "At a check-in"
    MAIL = "mail", "By the monthly message"
    STAFF = "staff", "Told to the clinic"


class FallsMonth(models.Model):
    """The question about one month: asked, and answered. No answer is not "no fall"."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="falls_months")
    month = models.DateField(help_text="Its first day.")
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    how_many = models.PositiveSmallIntegerField(null=True, blank=True)
    told = models.CharField(max_length=8, choices=Told, blank=True)
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = OwnedByClient["FallsMonth"].as_manager()

    class Meta:
        ordering = ["month"]
        constraints = [
            clinic_key("falls_month"),
            models.UniqueConstraint(fields=["clinic", "client", "month"], name="falls_month_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, how_many=None)
                | Q(answered_at__isnull=False, how_many__isnull=False),
                name="falls_month_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"Falls of {self.month:%B %Y}"


class Fall(models.Model):
    """One fall. A correction is a further row that replaces one."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="falls")
    key = models.CharField(
        max_length=80, help_text="What it was recorded from, so that it is once."
    )
    fell_on = models.DateField()
    roughly = models.BooleanField(default=False, help_text="The day is a guess.")
    injured = models.BooleanField(null=True)
    fracture = models.BooleanField(null=True)
    confirmed = models.BooleanField(null=True, help_text="The fracture, by an image.")
    described = models.TextField(blank=True)
    told = models.CharField(max_length=8, choices=Told)
    month = models.ForeignKey(
        FallsMonth, models.PROTECT, null=True, blank=True, related_name="falls"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    taken_back_why = models.CharField(
        max_length=200, blank=True, help_text="It was no fall; the row that says so replaces it."
    )

    objects = OwnedByClient["Fall"].as_manager()

    class Meta:
        ordering = ["fell_on", "id"]
        constraints = [
            clinic_key("fall"),
            models.UniqueConstraint(fields=["clinic", "client", "key"], name="fall_once"),
        ]

    def __str__(self) -> str:
        return f"Fall of {self.fell_on}"
