"""What becomes of a seat: pauses, its history, the waiting list, and what clients are told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment

from .message import Message
from .schedule import Slot, Visit


class PauseQuerySet(ClinicQuerySet["Pause"]):
    client_path: ClassVar[str | None] = "enrollment__client"


class Pause(models.Model):
    """Planned leave of a client from her standing places; both days are included.

    ``resumed_on`` is the first day she is back, where that is earlier than planned.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="pauses")
    starts_on = models.DateField()
    ends_on = models.DateField()
    why = models.CharField(max_length=200)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    resumed_on = models.DateField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True)
    resumed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            clinic_key("pause"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="pause_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["enrollment", "ends_on"], name="pause_by_enrollment")]

    def __str__(self) -> str:
        return f"Pause {self.pk}"


class SeatChange(models.Model):
    """One thing that became of a seat: who, when and why, and what it was before. Append-only."""

    class Kind(models.TextChoices):
        BOOKED = "booked", "Booked"
        MOVED = "moved", "Moved"
        CANCELLED = "cancelled", "Cancelled"
        RESTORED = "restored", "Given back"
        CLASS_CHANGED = "class_changed", "The class was changed"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="seat_changes")
    kind = models.CharField(max_length=14, choices=Kind)
    at = models.DateTimeField()
    #: None where nobody's word did it: a sweep, or a closure that was there already.
    by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField()

    objects = ClinicQuerySet["SeatChange"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [clinic_key("seat_change")]
        indexes = [models.Index(fields=["visit", "at"], name="seat_change_by_visit")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.visit_id}"


class WaitingQuerySet(OwnedByClient["Waiting"]):
    def open(self) -> WaitingQuerySet:
        """Those who still wait, or have an offer that nobody has answered."""
        return self.filter(closed_at=None)


class Waiting(models.Model):
    """A client who would come to a slot that is full. A freed place is offered in order.

    While an offer stands (``offered_at`` to ``offer_ends_at``) its place is kept for her.
    """

    class Outcome(models.TextChoices):
        TAKEN = "taken", "Took the place"
        DECLINED = "declined", "Said no"
        EXPIRED = "expired", "Did not answer in time"
        REMOVED = "removed", "Taken off the list"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="waiting")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="waiting")
    makes_up = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField(null=True, blank=True)
    offer_ends_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, blank=True, related_name="+")

    objects = WaitingQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            clinic_key("waiting"),
            models.UniqueConstraint(
                fields=["clinic", "slot", "client"],
                condition=Q(closed_at=None),
                name="waiting_once",
            ),
            models.CheckConstraint(
                condition=Q(offered_at=None, offer_ends_at=None)
                | Q(offered_at__isnull=False, offer_ends_at__gt=F("offered_at")),
                name="waiting_offer_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="waiting_closed_has_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["slot"], condition=Q(closed_at=None), name="waiting_open_by_slot"),
            models.Index(
                fields=["offer_ends_at"], condition=Q(closed_at=None), name="waiting_open_offers"
            ),
        ]

    def __str__(self) -> str:
        return f"Waiting {self.pk}"


class Notice(Message):
    """The outbox: one message to one client, from when it is due until it is sent.

    ``key`` names what it is about, so that the same thing is said once. A sender claims it
    (``claimed_at``); a claim that is too old is free again. ``facts`` are what the words are
    made of: times and places, nothing clinical.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", "Reminder"
        CHANGE = "change", "Change"
        OFFER = "offer", "Offer of a place"
        INTAKE = "intake", "Questions before the first visit"
        FALLS = "falls", "Monthly question about falls"
        ANSWER = "answer", "Answer to a request"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=8, choices=Kind)
    to = models.EmailField()
    #: Somebody at the desk has seen to one that was given up.
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ClinicQuerySet["Notice"].as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            clinic_key("notice"),
            models.UniqueConstraint(fields=["clinic", "key"], name="notice_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(sent_at=None, failed_at=None),
                name="notice_unsent",
            ),
            models.Index(
                fields=["clinic", "failed_at"],
                condition=Q(failed_at__isnull=False, seen_at=None),
                name="notice_to_see_to",
            ),
            models.Index(fields=["client", "-id"], name="notice_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
