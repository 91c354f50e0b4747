"""Documents of a client, the texts that clients agree to, and who agreed to what."""

from __future__ import annotations

import uuid

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client


def private_storage() -> Storage:
    """Files of health data: outside the web root, served by a view that asks who wants them."""
    return storages["private"]


class Document(models.Model):
    """A paper of a client: a letter, a scan report. The file is never changed or replaced."""

    class Kind(models.TextChoices):
        CLEARANCE = "clearance", "Clearance letter"
        SCAN = "scan", "Scan report"
        CONSENT = "consent", "Signed consent"
        LETTER = "letter", "Letter to a doctor"
        OTHER = "other", "Another paper"

    class Type(models.TextChoices):
        PDF = "application/pdf", "PDF"
        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="documents")
    uid = models.UUIDField(default=uuid.uuid4)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=160, help_text="The file’s own name, without any folder.")
    file = models.FileField(max_length=200, storage=private_storage)
    type = models.CharField(max_length=20, choices=Type, help_text="By its content.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    removed_why = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["Document"].as_manager()

    class Meta:
        constraints = [
            clinic_key("document"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="document_uid_once"),
        ]
        indexes = [models.Index(fields=["client", "-id"], name="document_newest")]

    def __str__(self) -> str:
        return self.name


class ConsentText(models.Model):
    """One version of what clients agree to. Never edited: a change is the next version."""

    class Kind(models.TextChoices):
        TRAINING = "training", "Training with heavy loads"
        DATA = "data", "Use of health data"
        PHOTOS = "photos", "Photos and video"
        RESEARCH = "research", "Research and audit"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="consent_texts")
    kind = models.CharField(max_length=10, choices=Kind)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    body = models.TextField()
    statements = models.JSONField(help_text="Each: key, words, whether it has to be agreed to.")
    required = models.BooleanField(help_text="Without it nothing is prescribed.")
    due_on = models.DateField(
        null=True, blank=True, help_text="Until then an agreement to the one before holds."
    )
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ClinicQuerySet["ConsentText"].as_manager()

    class Meta:
        ordering = ["kind", "version"]
        constraints = [
            clinic_key("consent_text"),
            models.UniqueConstraint(
                fields=["clinic", "kind", "version"], name="consent_text_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class Consent(models.Model):
    """What a client agreed to, who explained it, her signature; and the withdrawal."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="consents")
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="consents")
    agreed = models.JSONField(help_text="Keys of the statements that were agreed to.")
    explained_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    signed_name = models.CharField(max_length=120)
    signed_on = models.DateField()
    strokes = models.JSONField(null=True, blank=True, help_text="The signature as it was drawn.")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="consents"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_why = models.CharField(max_length=400, blank=True)

    objects = OwnedByClient["Consent"].as_manager()

    class Meta:
        constraints = [
            clinic_key("consent"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="consent_withdrawn",
            ),
        ]
        indexes = [models.Index(fields=["client", "-id"], name="consent_newest")]

    def __str__(self) -> str:
        return f"Consent {self.pk}"
