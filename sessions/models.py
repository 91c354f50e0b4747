"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment, Exercise, Lift, RuleSet


class Slot(models.Model):
    """A supervised time on the floor of one room."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    room = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()

    objects = ClinicQuerySet["Slot"].as_manager()

    class Meta:
        ordering = ["starts_at", "room"]
        constraints = [
            clinic_key("slot"),
            models.UniqueConstraint(fields=["clinic", "room", "starts_at"], name="slot_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="slot_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room}, {self.starts_at:%d %B %H:%M}"


class Supervision(models.Model):
    """Who stands on the floor in a slot."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="supervisions")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="supervisions")

    objects = ClinicQuerySet["Supervision"].as_manager()

    class Meta:
        constraints = [
            clinic_key("supervision"),
            models.UniqueConstraint(fields=["clinic", "slot", "member"], name="supervision_once"),
        ]

    def __str__(self) -> str:
        return str(self.member)


class StandingPlace(models.Model):
    """The weekly place of an enrollment: Monday 9:00 in this room with this therapist."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

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
    prescription = models.JSONField(null=True, blank=True)
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
                fields=["clinic", "enrollment", "slot"], name="one_place_per_slot"
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
            # Ranges instead of "=": the embedded PostgreSQL has no btree_gist.
            ExclusionConstraint(
                name="one_visit_at_a_time",
                expressions=[
                    (
                        Func(
                            "clinic_id",
                            "clinic_id",
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "client_id",
                            "client_id",
                            Value("[]"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=~Q(
                    status__in=[
                        "late_cancel",
                        "cancelled_client",
                        "excused",
                        "clinic_cancelled",
                        "holiday_closed",
                        "released",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["missed_after"],
                condition=Q(status__in=["planned", "checked_in"]),
                name="visit_overdue",
            ),
            models.Index(fields=["enrollment", "during"], name="visit_by_enrollment"),
            models.Index(fields=["slot"], name="visit_by_slot"),
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
    def attended(self) -> bool:
        return self.status in self.ATTENDANCE


class Operation(models.Model):
    """One thing that a person did on the floor, with an id made where it was done.

    The history of every set: inserted once, never changed. ``before`` is what the set said until then.
    """

    class Kind(models.TextChoices):
        CHECK_IN = "check_in", "Check in"
        LOG_SET = "log_set", "Log a set"
        CORRECT_SET = "correct_set", "Correct a set"
        CONFIRM_SET = "confirm_set", "Confirm a load"
        VOID_SET = "void_set", "Take a set back"

    class Outcome(models.TextChoices):
        APPLIED = "applied", "Applied"
        CONFLICT = "conflict", "Kept beside another entry"
        REFUSED = "refused", "Refused"

    uid = models.UUIDField()
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="operations")
    entry = models.UUIDField(null=True)
    kind = models.CharField(max_length=12, choices=Kind)
    payload = models.JSONField(default=dict)
    base_revision = models.PositiveIntegerField(null=True)
    made_at = models.DateTimeField(help_text="The device's clock: for reading, never for order.")
    received_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    before = models.JSONField(null=True)

    objects = ClinicQuerySet["Operation"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            clinic_key("operation"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="operation_once"),
        ]
        indexes = [models.Index(fields=["visit", "entry"], name="operation_by_entry")]

    def __str__(self) -> str:
        return self.get_kind_display()


class SetEntryQuerySet(ClinicQuerySet["SetEntry"]):
    client_path = "visit__client"

    def standing(self) -> SetEntryQuerySet:
        """Sets that count: not taken back."""
        return self.filter(voided=False)


class SetEntry(models.Model):
    """One set as prescribed and as done. Written by ``sessions.sync`` only.

    A field that nobody entered is null, and null is never a pass.
    """

    class Kind(models.TextChoices):
        WORKING = "working", "Working set"
        WARM_UP = "warm_up", "Warm-up set"
        IMPACT = "impact", "Impact set"

    uid = models.UUIDField()
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="sets")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="sets")
    lift = models.CharField(max_length=16, choices=Lift)
    exercise = models.ForeignKey(Exercise, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    number = models.PositiveSmallIntegerField()
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    prescribed_load = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    prescribed_reps = models.PositiveSmallIntegerField(null=True)
    prescribed_landings = models.PositiveSmallIntegerField(null=True)
    prescribed_level = models.PositiveSmallIntegerField(null=True)
    prescribed_reason = models.CharField(max_length=32, blank=True)
    effort_low = models.PositiveSmallIntegerField(null=True)
    load = models.DecimalField(max_digits=8, decimal_places=4, null=True)
    entered_load = models.CharField(max_length=16, blank=True, help_text="As typed or tapped.")
    entered_unit = models.CharField(max_length=2, choices=Clinic.Unit, blank=True)
    reps = models.PositiveSmallIntegerField(null=True)
    landings = models.PositiveSmallIntegerField(null=True)
    landing_level = models.PositiveSmallIntegerField(null=True)
    rpe = models.PositiveSmallIntegerField(null=True, help_text="Borg 6–20.")
    clean = models.BooleanField(null=True, help_text="Technique as observed.")
    pain = models.PositiveSmallIntegerField(null=True, help_text="0–10, worst during the set.")
    to_confirm = models.BooleanField(default=False)
    outside_clearance = models.BooleanField(default=False)
    voided = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)
    supervisor = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()

    objects = SetEntryQuerySet.as_manager()

    class Meta:
        ordering = ["lift", "kind", "number"]
        constraints = [
            clinic_key("set_entry"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="set_uid_once"),
            models.UniqueConstraint(
                fields=["clinic", "visit", "lift", "kind", "number"],
                condition=Q(voided=False),
                name="set_number_once",
            ),
            models.CheckConstraint(
                condition=(Q(rpe=None) | Q(rpe__range=(6, 20)))
                & (Q(pain=None) | Q(pain__lte=10))
                & (Q(landing_level=None) | Q(landing_level__lte=5))
                & (Q(load=None) | Q(load__gte=0)),
                name="set_in_range",
            ),
        ]
        indexes = [
            models.Index(
                fields=["enrollment", "visit"],
                condition=Q(voided=False),
                name="set_by_enrollment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_lift_display()}, set {self.number}"


class Flag(models.Model):
    """Something a therapist should act on, with the evidence it was raised on."""

    class Kind(models.TextChoices):
        MISSED = "missed", "Missed session"
        STALLED = "stalled", "Stalled"
        OUTSIDE_CLEARANCE = "outside_clearance", "Outside clearance"

    class Resolution(models.TextChoices):
        BY_ITSELF = "by_itself", "Resolved by itself"
        ANSWERED = "answered", "The visit was answered for"
        CALLED = "called", "Spoke with the client"
        PLAN_CHANGED = "plan_changed", "Changed the plan"
        REFERRED = "referred", "Referred on"
        EXPECTED = "expected", "Expected, nothing to do"
        NOT_USEFUL = "not_useful", "Not useful"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.CharField(
        max_length=60, blank=True, help_text="The visit's uid, the exercise's slug, or empty."
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="flags")
    rule = models.CharField(max_length=16, help_text="Id and version of the rule, as F01.1.")
    evidence = models.JSONField(default=dict, help_text="As shown on the day.")
    evidence_key = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["Flag"].as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            clinic_key("flag"),
            models.UniqueConstraint(
                fields=["clinic", "enrollment", "kind", "subject"],
                condition=Q(resolved_at=None),
                name="one_open_flag",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="flag_resolution_paired",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "opened_at"],
                condition=Q(resolved_at=None),
                name="flag_open",
            ),
            models.Index(fields=["enrollment", "kind", "subject"], name="flag_by_subject"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class CalendarFeed(models.Model):
    """A client's secret calendar address. Only the hash is stored; the token is made from the
    nonce and the site's key, so that a copy of the database opens no calendar."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="feeds")
    nonce = models.CharField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedByClient["CalendarFeed"].as_manager()

    class Meta:
        constraints = [
            clinic_key("calendar_feed"),
            models.UniqueConstraint(
                fields=["clinic", "client"],
                condition=Q(revoked_at=None),
                name="one_live_feed",
            ),
        ]

    def __str__(self) -> str:
        return "Calendar feed"
