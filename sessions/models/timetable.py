"""The clinic's week: rooms, a season's timetable, days on which it is closed, leave of staff."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class Room(models.Model):
    """A room and what it holds: how many people, and how many racks. Null is "nobody has said"."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    places = models.PositiveSmallIntegerField(null=True, blank=True)
    racks = models.PositiveSmallIntegerField(null=True, blank=True)

    objects = ClinicQuerySet["Room"].as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            clinic_key("room"),
            models.UniqueConstraint(fields=["clinic", "name"], name="room_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Season(models.Model):
    """A stretch of weeks with one timetable; both days are included."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = ClinicQuerySet["Season"].as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            clinic_key("season"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="season_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WeeklySlot(models.Model):
    """A slot of the timetable: the same every week of its season, from a day to a day.

    An edit of "this and following" ends one row and begins another, so that what was stays.
    """

    class Minutes(models.IntegerChoices):
        THIRTY = 30, "30 minutes"
        FORTY = 40, "40 minutes"
        FORTY_FIVE = 45, "45 minutes"
        SIXTY = 60, "60 minutes"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    season = models.ForeignKey(Season, models.PROTECT, related_name="weekly_slots")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    at = models.TimeField()
    minutes = models.PositiveSmallIntegerField(choices=Minutes, default=Minutes.THIRTY)
    room = models.CharField(max_length=60)
    most = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The most clients, whatever room and supervisors allow."
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = ClinicQuerySet["WeeklySlot"].as_manager()

    class Meta:
        ordering = ["weekday", "at", "room"]
        constraints = [
            clinic_key("weekly_slot"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekly_slot_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.at:%H:%M}, {self.room}"


class WeeklySupervisor(models.Model):
    """Who supervises a slot of the timetable."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    weekly = models.ForeignKey(WeeklySlot, models.PROTECT, related_name="supervisors")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = ClinicQuerySet["WeeklySupervisor"].as_manager()

    class Meta:
        constraints = [
            clinic_key("weekly_supervisor"),
            models.UniqueConstraint(
                fields=["clinic", "weekly", "member"], name="weekly_supervisor_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)


class ClosureQuerySet(ClinicQuerySet["Closure"]):
    def standing(self) -> ClosureQuerySet:
        """Closures that nobody has taken back."""
        return self.filter(removed_at=None)


class Closure(models.Model):
    """Days on which the clinic, or one room of it, is closed; both days are included."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    room = models.CharField(max_length=60, blank=True, help_text="Blank is the whole clinic.")
    starts_on = models.DateField()
    ends_on = models.DateField()
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            clinic_key("closure"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="closure_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LeaveQuerySet(ClinicQuerySet["Leave"]):
    def standing(self) -> LeaveQuerySet:
        """Leave that nobody has taken back."""
        return self.filter(removed_at=None)


class Leave(models.Model):
    """Days on which a supervisor is away; both days are included."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="leaves")
    starts_on = models.DateField()
    ends_on = models.DateField()
    why = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LeaveQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            clinic_key("leave"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="leave_ends_after_start"
            ),
        ]
        indexes = [models.Index(fields=["member", "ends_on"], name="leave_by_member")]

    def __str__(self) -> str:
        return f"Leave {self.pk}"
