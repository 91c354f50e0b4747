"""Reports that are kept: a question under a name, and what left the house as a file."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clients.models.papers import private_storage
from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, OrganisationMembership, clinic_key


class SavedReport(models.Model):
    """A question to a report under a name: its address, never its answer.

    ``shared``: everybody who may run reports in the clinic finds it, and sees of it what she may
    see. ``monthly``: its owner gets a link by mail after each month; then ``query`` names no days.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Membership, models.PROTECT, related_name="saved_reports")
    name = models.CharField(max_length=80)
    report = models.SlugField(max_length=20)
    query = models.CharField(max_length=400, blank=True)
    shared = models.BooleanField(default=False)
    monthly = models.BooleanField(default=False)
    saved_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ClinicQuerySet["SavedReport"].as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            clinic_key("saved_report"),
            models.UniqueConstraint(
                fields=["clinic", "owner", "name"],
                condition=Q(removed_at=None),
                name="saved_report_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedAcross(models.Model):
    """A question to a report across an organisation's clinics, kept by one of its admins.

    As ``SavedReport``, but it belongs to no clinic: clinics come to an organisation and leave it.
    ``shared``: the organisation's other admins find it too. ``monthly``: its owner gets a link by
    mail once a month is over in each of the clinics; then ``query`` names no days.
    """

    owner = models.ForeignKey(OrganisationMembership, models.PROTECT, related_name="saved_reports")
    name = models.CharField(max_length=80)
    report = models.SlugField(max_length=20)
    query = models.CharField(max_length=400, blank=True)
    shared = models.BooleanField(default=False)
    monthly = models.BooleanField(default=False, db_default=False)
    saved_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                condition=Q(removed_at=None),
                name="saved_across_name_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReportExport(models.Model):
    """One file of figures that somebody took out: who, what, when, how many rows.

    A row is written for every download, before its first byte. Of an organisation's, each clinic
    in it has a row of its own, so that it can say who took its figures. A long one is written by a
    worker into ``file``, which goes when ``expires_at`` is past; the row stays. An organisation's
    rows share their ``uid``: of a long one the first is written, the others are PART of it.
    """

    class Form(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        PDF = "pdf", "PDF"
        ZIP = "zip", "Research tables"

    class Status(models.TextChoices):
        SENT = "sent", "Downloaded at once"
        WAITING = "waiting", "Waiting"
        WRITING = "writing", "Being written"
        DONE = "done", "Ready"
        FAILED = "failed", "Not written"
        GONE = "gone", "Expired"
        PART = "part", "In a file across clinics"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    uid = models.UUIDField(default=uuid.uuid4)
    #: Who took it: a member of the clinic, or somebody who administers its organisation.
    member = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    organiser = models.ForeignKey(
        OrganisationMembership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    user = models.ForeignKey("clinics.User", models.PROTECT, related_name="+")
    report = models.SlugField(max_length=20)
    query = models.CharField(max_length=400, blank=True, help_text="The address's filters.")
    form = models.CharField(max_length=4, choices=Form)
    table = models.CharField(
        max_length=40, blank=True, db_default="", help_text="Of a CSV, which of the tables."
    )
    definitions = models.PositiveSmallIntegerField(help_text="Version of the definitions.")
    as_at = models.DateTimeField()
    named = models.BooleanField(help_text="Whether clients' names are in it.")
    whole = models.BooleanField(
        default=True, db_default=True, help_text="Whether it is about the whole clinic."
    )
    cohort = models.JSONField(default=dict, help_text="Whom a research export is about.")
    status = models.CharField(max_length=8, choices=Status, default=Status.SENT)
    rows = models.PositiveIntegerField(null=True, blank=True)
    expected = models.PositiveIntegerField(null=True, blank=True, help_text="Rows to write.")
    size = models.PositiveBigIntegerField(null=True, blank=True, help_text="Bytes.")
    file = models.FileField(max_length=200, storage=private_storage, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["ReportExport"].as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            clinic_key("report_export"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="report_export_uid_once"),
        ]
        indexes = [
            models.Index(fields=["clinic", "-id"], name="report_export_newest"),
            models.Index(
                fields=["made_at"],
                condition=Q(status__in=["waiting", "writing"]),
                name="report_export_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report}, {self.get_form_display()}"
