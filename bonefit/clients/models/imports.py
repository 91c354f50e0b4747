"""A file of clients or of measurements that is taken in whole, or not at all."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .papers import private_storage


class Import(models.Model):
    """One uploaded file: how it is read, how far it is, and what became of it."""

    class Kind(models.TextChoices):
        CLIENTS = "clients", "Clients"
        MEASUREMENTS = "measurements", "Past measurements"

    class Status(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        WRITING = "writing", "Being written"
        DONE = "done", "Taken in"
        FAILED = "failed", "Not taken in"
        DROPPED = "dropped", "Given up"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=160, help_text="The file’s own name.")
    file = models.FileField(max_length=200, storage=private_storage)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes.")
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADED)
    reading = models.JSONField(
        default=dict, help_text="Encoding, separator, decimal sign, order of a date."
    )
    mapping = models.JSONField(default=dict, help_text="Field by column.")
    rows = models.PositiveIntegerField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0, help_text="Rows looked at so far.")
    bad = models.PositiveIntegerField(default=0, help_text="Rows with a problem.")
    made = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0, help_text="Rows that were there already.")
    failure = models.CharField(max_length=400, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["Import"].as_manager()

    class Meta:
        constraints = [clinic_key("import")]
        indexes = [models.Index(fields=["clinic", "-id"], name="import_newest")]

    def __str__(self) -> str:
        return self.name


class ImportProblem(models.Model):
    """What is wrong with one cell of a file; ``column`` is "" where it is the whole row."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    source = models.ForeignKey(Import, models.PROTECT, related_name="problems")
    row = models.PositiveIntegerField(help_text="As a spreadsheet counts: the head is row 1.")
    column = models.CharField(max_length=120, blank=True)
    said = models.CharField(max_length=200, blank=True, help_text="What stands in the cell.")
    problem = models.CharField(max_length=300)

    objects = ClinicQuerySet["ImportProblem"].as_manager()

    class Meta:
        ordering = ["source", "row", "id"]
        constraints = [clinic_key("import_problem")]
        indexes = [models.Index(fields=["source", "row"], name="import_problem_by_row")]

    def __str__(self) -> str:
        return f"Row {self.row}"
