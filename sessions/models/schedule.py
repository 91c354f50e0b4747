"""When and with whom: slots, who supervises them, standing places and visits."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment

from .timetable import Closure, Weekday, WeeklySlot


def _alone(column: str) -> tuple[Any, str]:
    """``column`` as a range of one number: the embedded PostgreSQL has no btree_gist for "="."""
    of_one = Func(
        column, column, Value("[]"), function="int8range", output_field=BigIntegerRangeField()
    )
    return of_one, RangeOperators.OVERLAPS


class Slot(models.Model):
    """A supervised time on the floor of one room.

    ``capacity`` is the most clients it may have whoever supervises it; None leaves that to room,
    racks and supervisors. A ``detached`` slot was changed alone: its series leaves it as it is.
    ``sequence`` rises with each change that somebody who comes would notice.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    room = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly = models.ForeignKey(
        WeeklySlot, models.PROTECT, null=True, blank=True, related_name="slots"
    )
    #: Which occurrence of the timetable's row this is, wherever the slot has gone since.
    weekly_on = models.DateField(null=True, blank=True)
    detached = models.BooleanField(default=False)
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    called_off_at = models.DateTimeField(null=True, blank=True)
    called_off_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    called_off_why = models.CharField(max_length=200, blank=True)
    #: The closure that called it off; None where somebody called off just this class.
    closure = models.ForeignKey(
        Closure, models.PROTECT, null=True, blank=True, related_name="slots"
    )

    objects = ClinicQuerySet["Slot"].as_manager()

    class Meta:
        ordering = ["starts_at", "room"]
        constraints = [
            clinic_key("slot"),
            models.UniqueConstraint(fields=["clinic", "room", "starts_at"], name="slot_once"),
            models.UniqueConstraint(
                fields=["clinic", "weekly", "weekly_on"], name="one_slot_an_occurrence"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "starts_at"], name="slot_by_start"),
            # A few of many: a report that asks for them reads no other.
            models.Index(
                fields=["clinic", "starts_at"],
                condition=Q(called_off_at__isnull=False),
                name="slot_called_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}, {self.starts_at:%d %B %H:%M}"


class Supervision(models.Model):
    """Who is planned on the floor of a slot; with ``named_at`` also who was really there.

    ``during`` is the slot's time while she is planned for it, and the database keeps it from
    overlapping another one of hers. Somebody who was only named on the floor has none: that is a
    fact, and facts are always recorded.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="supervisions")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="supervisions")
    named_at = models.DateTimeField(null=True, blank=True, help_text="Said to be on the floor.")
    left_at = models.DateTimeField(null=True, blank=True)
    during = DateTimeRangeField(null=True, blank=True)

    objects = ClinicQuerySet["Supervision"].as_manager()

    class Meta:
        constraints = [
            clinic_key("supervision"),
            models.UniqueConstraint(fields=["clinic", "slot", "member"], name="supervision_once"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(named_at__isnull=False), name="supervision_left_after"
            ),
            ExclusionConstraint(
                name="supervisor_once_at_a_time",
                expressions=[
                    _alone("clinic_id"),
                    _alone("member_id"),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)


class StandingPlace(models.Model):
    """The weekly place of an enrollment: Monday 9:00 in this room with this therapist."""

    Weekday = Weekday

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="places")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    at = models.TimeField()
    minutes = models.PositiveSmallIntegerField()
    room = models.CharField(max_length=60)
    supervisor = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = ClinicQuerySet["StandingPlace"].as_manager()

    class Meta:
        ordering = ["weekday", "at"]
        constraints = [
            clinic_key("standing_place"),
            models.UniqueConstraint(
                fields=["clinic", "enrollment", "weekday"],
                condition=Q(ends_on=None),
                name="one_place_a_weekday",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="place_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.at:%H:%M}"


#: The values of ``Visit.FREED``, for constraints.
_FREED = [
    "late_cancel",
    "cancelled_client",
    "excused",
    "clinic_cancelled",
    "holiday_closed",
    "released",
]


class VisitQuerySet(OwnedByClient["Visit"]):
    def overdue(self, now: datetime) -> VisitQuerySet:
        """Visits that nobody has said anything about although their grace is over."""
        return self.filter(status__in=Visit.OPEN, missed_after__lte=now)

    def with_names(self) -> VisitQuerySet:
        return self.select_related("client", "slot", "enrollment")


class Visit(models.Model):
    """One client's place in a slot: one supervised session.

    ``missed_after`` is when silence becomes *unrecorded*. ``prescription`` is what the client
    was told, fixed with the first set; it is cleared when an earlier fact changes.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        CHECKED_IN = "checked_in", "Here"
        UNRECORDED = "unrecorded", "Unrecorded"
        ATTENDED = "attended", "Attended"
        ATTENDED_PARTIAL = "attended_partial", "Attended in part"
        NO_SHOW = "no_show", "No-show"
        LATE_CANCEL = "late_cancel", "Cancelled late"
        CANCELLED_CLIENT = "cancelled_client", "Cancelled by the client"
        EXCUSED = "excused", "Excused"
        CLINIC_CANCELLED = "clinic_cancelled", "Cancelled by the clinic"
        HOLIDAY_CLOSED = "holiday_closed", "Clinic closed"
        RELEASED = "released", "Released: the program ended first"

    class Purpose(models.TextChoices):
        REGULAR = "regular", "Regular"
        MAKE_UP = "make_up", "Make-up"
        EXTRA = "extra", "Extra"

    OPEN = (Status.PLANNED, Status.CHECKED_IN)
    ATTENDANCE = (Status.ATTENDED, Status.ATTENDED_PARTIAL)
    MISSED = (Status.NO_SHOW, Status.LATE_CANCEL, Status.CANCELLED_CLIENT)
    #: The seat is free again: such a visit may overlap another one of the same client.
    FREED = (
        Status.LATE_CANCEL,
        Status.CANCELLED_CLIENT,
        Status.EXCUSED,
        Status.CLINIC_CANCELLED,
        Status.HOLIDAY_CLOSED,
        Status.RELEASED,
    )

    uid = models.UUIDField(default=uuid.uuid4)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="visits")
    client = models.ForeignKey(Client, models.PROTECT, related_name="visits")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="visits")
    during = DateTimeRangeField(help_text="The slot's time, kept here for the constraint.")
    missed_after = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Status, default=Status.PLANNED)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.REGULAR)
    makes_up = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    #: Which occurrence of which standing place this is, whatever became of it and wherever it went.
    place = models.ForeignKey(
        StandingPlace, models.PROTECT, null=True, blank=True, related_name="visits"
    )
    place_on = models.DateField(null=True, blank=True)
    #: Rises with each change that the client would notice: sessions.changing.
    sequence = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True, blank=True)
    told = models.JSONField(null=True, blank=True, help_text="What the client was last told.")
    told_sequence = models.PositiveIntegerField(default=0)
    prescription = models.JSONField(null=True, blank=True)
    answers = models.JSONField(
        null=True, blank=True, help_text="What was asked on arrival: programs.pain.Answers."
    )
    said_at = models.DateTimeField(null=True, blank=True)
    said_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    said_why = models.CharField(max_length=200, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    completed_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="completed_visits"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["during"]
        constraints = [
            clinic_key("visit"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="visit_uid_once"),
            models.UniqueConstraint(
                fields=["clinic", "enrollment", "slot"],
                condition=~Q(status__in=_FREED),
                name="one_place_per_slot",
            ),
            models.UniqueConstraint(
                fields=["clinic", "place", "place_on"], name="one_visit_an_occurrence"
            ),
            models.UniqueConstraint(
                fields=["clinic", "makes_up"],
                condition=~Q(status__in=_FREED),
                name="made_up_once",
            ),
            models.CheckConstraint(
                condition=Q(place=None, place_on=None)
                | Q(place__isnull=False, place_on__isnull=False),
                name="place_with_its_day",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["attended", "attended_partial"],
                    completed_at__isnull=False,
                    completed_by__isnull=False,
                )
                | (
                    ~Q(status__in=["attended", "attended_partial"])
                    & Q(completed_at=None, completed_by=None)
                ),
                name="attended_has_a_supervisor",
            ),
            models.CheckConstraint(
                condition=Q(said_at=None, said_by=None)
                | Q(said_at__isnull=False, said_by__isnull=False),
                name="said_by_somebody",
            ),
            ExclusionConstraint(
                name="one_visit_at_a_time",
                expressions=[
                    _alone("clinic_id"),
                    _alone("client_id"),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=~Q(status__in=_FREED),
            ),
        ]
        indexes = [
            models.Index(
                fields=["missed_after"],
                condition=Q(status__in=["planned", "checked_in"]),
                name="visit_overdue",
            ),
            # With what became of them, so that a review of many reads no row of the table itself,
            # and with what a row is held against before it is shown at all, here and below.
            models.Index(
                fields=["enrollment", "during"],
                include=["status", "purpose", "id", "clinic", "client"],
                name="visit_for_reviews",
            ),
            # The same by the instant at which they begin, which is dear to take from a range. A
            # report over all of a clinic's visits reads them in this order, and no other column.
            models.Index(
                F("enrollment"),
                RangeStartsWith("during"),
                include=["status", "purpose", "id", "during", "clinic", "client"],
                name="visit_for_reports",
            ),
            # With what became of them: who counts the clients of a class reads no row of the table.
            models.Index(
                fields=["slot"], include=["status", "clinic", "client"], name="visit_of_slot"
            ),
            models.Index(
                fields=["changed_at"],
                condition=Q(sequence__gt=F("told_sequence")),
                name="visit_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}, {self.starts_at:%d %B %H:%M}"

    @property
    def starts_at(self) -> datetime:
        return self.during.lower

    @property
    def ends_at(self) -> datetime:
        return self.during.upper

    @property
    def took_place(self) -> bool:
        return self.status in self.ATTENDANCE
