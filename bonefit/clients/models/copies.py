"""Copies of everything that is kept about one client: who asked, and what became of it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .papers import private_storage
from .person import Client


class RecordCopy(models.Model):
    """One copy of a client's whole record, written by a worker into a file that expires.

    The row is written when it is asked for, before anything is read, and stays: who took it, when,
    how much was in it. ``own``: the client asked for it herself.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", "Waiting"
        WRITING = "writing", "Being written"
        DONE = "done", "Ready"
        FAILED = "failed", "Not written"
        GONE = "gone", "Expired"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="copies")
    uid = models.UUIDField(default=uuid.uuid4)
    member = models.ForeignKey(
        Membership, models.PROTECT, related_name="+", help_text="Who asked for it."
    )
    own = models.BooleanField(help_text="The client asked for it herself.")
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    steps = models.PositiveIntegerField(null=True, blank=True, help_text="Steps to write it.")
    done = models.PositiveIntegerField(default=0, help_text="Steps that are done.")
    rows = models.PositiveIntegerField(null=True, blank=True, help_text="In all tables together.")
    papers = models.PositiveIntegerField(null=True, blank=True, help_text="Uploaded files in it.")
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes.")
    file = models.FileField(max_length=200, storage=private_storage, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="The file goes then.")
    fetched_at = models.DateTimeField(null=True, blank=True, help_text="When it was last taken.")

    objects = OwnedByClient["RecordCopy"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            clinic_key("record_copy"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="record_copy_uid_once"),
            # Two taps at once are one copy.
            models.UniqueConstraint(
                fields=["clinic", "client", "member"],
                condition=Q(status__in=["waiting", "writing"]),
                name="record_copy_one_at_work",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-id"], name="record_copy_newest"),
            models.Index(
                fields=["asked_at"],
                condition=Q(status__in=["waiting", "writing"]),
                name="record_copy_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"Copy {self.pk}"

    @property
    def at_work(self) -> bool:
        """A worker is at it, or will be."""
        return self.status in (self.Status.WAITING, self.Status.WRITING)
