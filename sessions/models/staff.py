"""What the staff and an organisation's admins are told by mail: that something waits, no more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership, clinic_key

from .message import Message


class StaffNotice(Message):
    """The outbox of the staff: one message to one member, from when it is due until it is sent.

    ``key`` names what it is about, so that the same thing is said once. A sender claims it
    (``claimed_at``); a claim that is too old is free again. ``facts`` are numbers and ids only.
    """

    class Kind(models.TextChoices):
        RED = "red", "A red flag"
        MORNING = "morning", "The morning list"
        WEEKLY = "weekly", "The week for the admin"
        UNREAD = "unread", "A red flag that nobody has read"
        MONTHLY = "monthly", "A saved report for the month"
        ASKED = "asked", "A client asks for a correction"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    to = models.EmailField(blank=True)

    objects = ClinicQuerySet["StaffNotice"].as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            clinic_key("staff_notice"),
            models.UniqueConstraint(fields=["clinic", "key"], name="staff_notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="staff_notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class OrganiserNotice(Message):
    """The outbox of organisations' admins: that a saved report has its month. It is of no clinic.

    ``facts``: the id of the saved question, and the month.
    """

    organiser = models.ForeignKey(OrganisationMembership, models.PROTECT, related_name="notices")
    to = models.EmailField(blank=True)

    #: There is one kind; the log names it.
    kind = "monthly"

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["key"], name="organiser_notice_once")]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="organiser_notice_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"Link for the month {self.pk}"
