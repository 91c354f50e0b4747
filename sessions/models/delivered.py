"""What was delivered in each attended session, kept so that reports over many of them are quick.

Nothing is decided by these rows, as by those of ``rollups``: they can be thrown away and made
again at any time, and what is not up to date is worked out anew for the report.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment, Exercise, Lift

from .schedule import Slot, Visit


class DeliveredSession(models.Model):
    """An attended session, its class, and the items of fidelity told from its sets.

    As ``reports.delivered_sql`` works it out. ``day`` is by the clinic's calendar. ``clients`` of
    the class are there or came, ``together`` came; ``named``: somebody said who supervised it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+", db_index=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+", db_index=False)
    began = models.DateTimeField()
    ended = models.DateTimeField()
    day = models.DateField()
    signed_at = models.DateTimeField(null=True)
    clients = models.SmallIntegerField()
    together = models.SmallIntegerField()
    supervisors = models.SmallIntegerField()
    named = models.BooleanField()
    exercises = models.BooleanField(null=True)
    technique = models.BooleanField(null=True)
    load = models.BooleanField(null=True)
    effort = models.BooleanField(null=True)
    sets = models.BooleanField(null=True)

    objects = ClinicQuerySet["DeliveredSession"].as_manager()

    class Meta:
        constraints = [clinic_key("delivered_session")]
        indexes = [
            # With all that a report reads, so that it reads no row of the table itself.
            models.Index(
                fields=["enrollment", "began"],
                include=[
                    *("clinic", "visit", "slot", "by", "ended", "day", "signed_at", "clients"),
                    *("together", "supervisors", "named", "exercises", "technique", "load"),
                    *("effort", "sets"),
                ],
                name="delivered_session_by_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Delivered {self.began:%d %B %H:%M}"


class DeliveredLift(models.Model):
    """An exercise of a lift in an attended session: its first and last working set with a load.

    ``worked``: whether there was a working set. ``best``: what the best of them says of a best
    single in kg, by the clinic's formula; None where none of them says it.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+", db_index=False)
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="+")
    began = models.DateTimeField()
    lift = models.CharField(max_length=16, choices=Lift)
    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="+", db_index=False)
    first_number = models.SmallIntegerField(null=True)
    first_load = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    last_number = models.SmallIntegerField(null=True)
    last_load = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    worked = models.BooleanField(default=False, db_default=False)
    best = models.DecimalField(max_digits=9, decimal_places=4, null=True)

    objects = ClinicQuerySet["DeliveredLift"].as_manager()

    class Meta:
        constraints = [clinic_key("delivered_lift")]
        indexes = [
            models.Index(
                fields=["enrollment", "lift", "exercise", "began"],
                include=[
                    *("slot", "first_number", "first_load", "last_number", "last_load"),
                    *("worked", "best", "clinic"),
                ],
                name="delivered_lift_by_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_lift_display()} of {self.began:%d %B %H:%M}"


class DeliveryReady(models.Model):
    """The rows of a clinic are there, worked out with the numbers that ``key`` names."""

    clinic = models.OneToOneField(Clinic, models.PROTECT, related_name="+")
    key = models.CharField(max_length=160)
    made_at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["DeliveryReady"].as_manager()

    class Meta:
        constraints = [clinic_key("delivery_ready")]

    def __str__(self) -> str:
        return f"Delivered sessions of {self.clinic_id}"


class DeliveryChanged(models.Model):
    """Something that the rows of a class rest on has changed since they were made.

    Triggers of the database write these rows, as those of ``Changed``: append-only, so that nobody
    on the floor waits. A class without a session may be gone when its row is looked at.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    slot = models.ForeignKey(Slot, models.DO_NOTHING, related_name="+", db_constraint=False)
    at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["DeliveryChanged"].as_manager()

    class Meta:
        constraints = [clinic_key("delivery_changed")]

    def __str__(self) -> str:
        return f"Delivery changed {self.pk}"
