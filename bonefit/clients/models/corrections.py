"""What somebody says is wrong in a client's record, and what the clinic answered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


class CorrectionRequestQuerySet(OwnedByClient["CorrectionRequest"]):
    def open(self) -> CorrectionRequestQuerySet:
        """Those that nobody has answered yet."""
        return self.filter(answered_at=None)


class CorrectionRequest(models.Model):
    """One thing in the record that a client, or her companion, says is wrong; answered once.

    It changes nothing else: who corrects the record does so where it stands, and says so here.
    """

    class Part(models.TextChoices):
        PERSON = "person", "Name, date of birth, how to reach me"
        HEALTH = "health", "Health questions"
        SESSIONS = "sessions", "Sessions and weights"
        TESTS = "tests", "Tests and scans"
        EVENTS = "events", "Falls, pains and other events"
        PAPERS = "papers", "Papers and what I agreed to"
        OTHER = "other", "Something else"

    class Answer(models.TextChoices):
        CORRECTED = "corrected", "Corrected"
        NOTED = "noted", "Noted beside the record"
        DECLINED = "declined", "Not changed"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="corrections")
    part = models.CharField(max_length=8, choices=Part, help_text="Which part of the record.")
    wrong = models.TextField(help_text="What is wrong, as she wrote it.")
    right = models.TextField(help_text="What would be right, as she wrote it.")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    due_on = models.DateField(help_text="Last day on which an answer is in time.")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(
        max_length=9, choices=Answer, blank=True, help_text="What the clinic did."
    )
    words = models.TextField(blank=True, help_text="The clinic’s words to her.")

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            clinic_key("correction_request"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="", words="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False)
                    & ~Q(answer="")
                    & ~Q(words="")
                ),
                name="correction_request_answered",
            ),
            models.CheckConstraint(
                condition=~Q(wrong="") & ~Q(right=""), name="correction_request_says_something"
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-id"], name="correction_request_newest"),
            models.Index(
                fields=["clinic", "due_on"],
                condition=Q(answered_at=None),
                name="correction_request_open",
            ),
        ]

    def __str__(self) -> str:
        return f"Request {self.pk}"
