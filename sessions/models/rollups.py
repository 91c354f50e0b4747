"""Rows that are worked out of the log and kept, so that a report over millions of sets is quick.

Nothing is decided by them: they can be thrown away and made again at any time
(``manage.py rebuild_rollups``), and what is not up to date is worked out anew for the report.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, clinic_key
from programs.models import Enrollment, Lift, Program

from .schedule import Visit


class DoseRow(models.Model):
    """What one session asked for of one lift and what was done of it: ``reports.dose_sql``.

    A session without any lift has one row with an empty one; ``first`` holds for one row of each
    session. Volumes are in 0.0001 kg × reps. ``month`` is that of the clinic's calendar. ``loose``:
    it did not count yet when it was made, so no ``DoseMonth`` has it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+", db_index=False)
    program = models.ForeignKey(
        Program, models.PROTECT, related_name="+", null=True, db_index=False
    )
    began = models.DateTimeField()
    counts_from = models.DateTimeField()
    month = models.DateField()
    phase = models.CharField(max_length=16, blank=True)
    loose = models.BooleanField()
    came = models.BooleanField()
    extra = models.BooleanField()
    excused = models.BooleanField()
    known = models.BooleanField(help_text="Whether it is known what the session asked for.")
    first = models.BooleanField()
    lift = models.CharField(max_length=16, choices=Lift, blank=True)
    level = models.SmallIntegerField(null=True)
    asked = models.BigIntegerField()
    done = models.BigIntegerField()
    beside = models.BigIntegerField(help_text="Lifted without a load that was asked for.")
    landings_asked = models.IntegerField()
    landings = models.IntegerField()
    load_sets = models.IntegerField()
    rated = models.IntegerField()
    hits = models.IntegerField()
    no_effort = models.IntegerField()

    objects = ClinicQuerySet["DoseRow"].as_manager()

    class Meta:
        constraints = [clinic_key("dose_row")]
        indexes = [
            models.Index(fields=["enrollment", "month"], name="dose_row_by_month"),
            models.Index(fields=["began"], condition=Q(loose=True), name="dose_row_loose"),
        ]

    def __str__(self) -> str:
        return f"{self.lift} of {self.began:%d %B %H:%M}"


class DoseMonth(models.Model):
    """The dose rows of an enrollment and month that are not loose, added up."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+", db_index=False)
    program = models.ForeignKey(
        Program, models.PROTECT, related_name="+", null=True, db_index=False
    )
    month = models.DateField()
    phase = models.CharField(max_length=16, blank=True)
    lift = models.CharField(max_length=16, choices=Lift, blank=True)
    level = models.SmallIntegerField(null=True)
    sessions = models.IntegerField()
    came = models.IntegerField()
    excused = models.IntegerField()
    unknown = models.IntegerField()
    asked = models.BigIntegerField()
    asked_came = models.BigIntegerField()
    done = models.BigIntegerField()
    beside = models.BigIntegerField()
    landings_asked = models.IntegerField()
    landings = models.IntegerField()
    load_sets = models.IntegerField()
    rated = models.IntegerField()
    hits = models.IntegerField()
    no_effort = models.IntegerField()

    objects = ClinicQuerySet["DoseMonth"].as_manager()

    class Meta:
        constraints = [clinic_key("dose_month")]
        indexes = [models.Index(fields=["enrollment", "month"], name="dose_month_by_month")]

    def __str__(self) -> str:
        return f"{self.lift} of {self.month:%B %Y}"


class DoseReady(models.Model):
    """The dose rows of an enrollment are there, worked out with the numbers that ``key`` names.

    What changes after ``anchor`` needs no row before it: that session stands for missed ones after
    it, and ``singles`` is what was known of each exercise as it began.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    made_at = models.DateTimeField(default=timezone.now)
    anchor = models.DateTimeField(null=True, blank=True)
    singles = models.JSONField(null=True, blank=True)

    objects = ClinicQuerySet["DoseReady"].as_manager()

    class Meta:
        constraints = [clinic_key("dose_ready")]

    def __str__(self) -> str:
        return f"Dose of {self.enrollment_id}"


class DoseChanged(models.Model):
    """Something that the dose rows of an enrollment rest on has changed since they were made.

    Of sessions from ``since`` on; of all where it is blank. Triggers of the database write these
    rows, as those of ``Changed``: append-only, so that nobody on the floor waits for who makes the
    rows.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["DoseChanged"].as_manager()

    class Meta:
        constraints = [clinic_key("dose_changed")]

    def __str__(self) -> str:
        return f"Dose changed {self.pk}"
