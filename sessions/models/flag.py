"""What a therapist should act on, what was done about it, and when it is looked at again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment

from .schedule import Slot, Visit


class FlagQuerySet(ClinicQuerySet["Flag"]):
    def open(self) -> FlagQuerySet:
        """Those that nobody has closed, good news and what is put off included."""
        return self.filter(resolved_at=None)

    def to_act_on(self) -> FlagQuerySet:
        """Those that are open and ask for something: no good news."""
        return self.open().exclude(severity=Flag.Severity.GOOD)


class Flag(models.Model):
    """Something a therapist should act on, with the evidence it was raised on.

    It is about an enrollment; or about the clinic, then about a slot or a supervisor (``member``).
    ``owner`` is whom it was handed to; else it is the enrollment's therapist's.
    """

    class Kind(models.TextChoices):
        MISSED = "missed", "Missed session"
        NO_SHOW = "no_show", "No-show"
        INTERRUPTED = "interrupted", "Interrupted"
        LOW_ATTENDANCE = "low_attendance", "At risk"
        LAPSED = "lapsed", "Lapsed"
        AWAY = "away", "Long away"
        STALLED = "stalled", "Stalled"
        PLATEAU = "plateau", "Plateau"
        REGRESSION = "regression", "Falling load"
        LOW_INTENSITY = "low_intensity", "Below target"
        TOO_HARD = "too_hard", "Too hard"
        ESTIMATE_STALE = "estimate_stale", "Old estimate"
        SCAN_DUE = "scan_due", "Scan due"
        TESTS_DUE = "tests_due", "Tests due"
        PAIN_RISING = "pain_rising", "Pain rising"
        LOCKED = "locked", "Locked"
        FALL = "fall", "A fall"
        HEIGHT_LOSS = "height_loss", "Height lost"
        BONE_LOSS = "bone_loss", "Bone lost"
        GROUP_TOO_BIG = "group_too_big", "Group too big"
        SUPERVISOR = "supervisor", "Supervisor’s papers"
        NOTE_UNSIGNED = "note_unsigned", "Note not signed"
        INTAKE = "intake", "Intake"
        OUTSIDE_CLEARANCE = "outside_clearance", "Outside clearance"
        PHASE_LAG = "phase_lag", "Phase behind"
        HELD_LONG = "held_long", "Held for long"
        FIRST_UNASSISTED = "first_unassisted", "First unassisted squat"
        CLEAN_WEEKS = "clean_weeks", "Clean weeks"
        ATTENDANCE_RUN = "attendance_run", "Longest run"

    class Severity(models.TextChoices):
        RED = "red", "Red"
        AMBER = "amber", "Amber"
        INFO = "info", "For information"
        GOOD = "good", "Good news"

    class Resolution(models.TextChoices):
        BY_ITSELF = "by_itself", "Resolved by itself"
        ANSWERED = "answered", "The visit was answered for"
        CALLED = "called", "Spoke with the client"
        MADE_UP = "made_up", "Booked a make-up"
        PLAN_CHANGED = "plan_changed", "Changed the plan"
        REFERRED = "referred", "Referred on"
        EXPECTED = "expected", "Expected, nothing to do"
        NOT_USEFUL = "not_useful", "Not useful"
        SEEN = "seen", "Seen"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(
        Enrollment, models.PROTECT, null=True, blank=True, related_name="flags"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    severity = models.CharField(max_length=5, choices=Severity, default=Severity.AMBER)
    subject = models.CharField(
        max_length=60, blank=True, help_text="The visit's uid, the exercise's slug, or empty."
    )
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="flags")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, blank=True, related_name="+")
    member = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    rule = models.CharField(max_length=16, help_text="Id and version of the rule, as F01.1.")
    evidence = models.JSONField(default=dict, help_text="As shown on the day.")
    evidence_key = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    owner = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="flags_handed_over"
    )
    snoozed_until = models.DateField(null=True, blank=True, help_text="First day it is back.")
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=16, choices=Resolution, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at", "id"]
        constraints = [
            clinic_key("flag"),
            models.UniqueConstraint(
                fields=["clinic", "enrollment", "kind", "subject"],
                condition=Q(resolved_at=None),
                name="one_open_flag",
            ),
            models.UniqueConstraint(
                fields=["clinic", "kind", "subject"],
                condition=Q(resolved_at=None, enrollment=None),
                name="one_open_flag_of_clinic",
            ),
            models.CheckConstraint(
                condition=Q(enrollment__isnull=False)
                | Q(slot__isnull=False)
                | Q(member__isnull=False),
                name="flag_about_something",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="flag_resolution_paired",
            ),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None)
                | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="flag_seen_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic", "opened_at"],
                condition=Q(resolved_at=None),
                name="flag_open",
            ),
            models.Index(fields=["enrollment", "kind", "subject"], name="flag_by_subject"),
            models.Index(
                fields=["opened_at"],
                condition=Q(resolved_at=None, seen_at=None, severity="red"),
                name="flag_red_unread",
            ),
            models.Index(fields=["clinic", "-resolved_at"], name="flag_closed_lately"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class FlagStep(models.Model):
    """One thing that a person did with a flag. Append-only: the history of working it."""

    class Kind(models.TextChoices):
        SEEN = "seen", "Read"
        SNOOZED = "snoozed", "Put off"
        WOKEN = "woken", "Taken up again"
        HANDED_OVER = "handed_over", "Handed over"
        CLOSED = "closed", "Closed"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    flag = models.ForeignKey(Flag, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    until = models.DateField(null=True, blank=True, help_text="Of what is put off.")
    to = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose now."
    )
    why = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["FlagStep"].as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            clinic_key("flag_step"),
            models.CheckConstraint(
                condition=~Q(kind="snoozed") | Q(until__isnull=False), name="put_off_until"
            ),
            models.CheckConstraint(
                condition=~Q(kind="handed_over") | Q(to__isnull=False), name="handed_to_somebody"
            ),
        ]
        indexes = [models.Index(fields=["flag", "at"], name="flag_step_by_flag")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Review(models.Model):
    """When an enrollment was last looked at by the rules, and when time alone may change it.

    Only reviewers lock this row, so nobody on the floor ever waits for a review.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.OneToOneField(Enrollment, models.PROTECT, related_name="review")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField()

    objects = ClinicQuerySet["Review"].as_manager()

    class Meta:
        constraints = [clinic_key("review")]
        indexes = [models.Index(fields=["next_at"], name="review_next")]

    def __str__(self) -> str:
        return f"Review {self.enrollment_id}"


class Changed(models.Model):
    """A fact of an enrollment has changed, and no rule has looked at it since.

    Triggers of the database write these rows, so that no way of writing a fact can forget it; a
    review deletes those that it has seen. Append-only and without a key on the enrollment, so that
    nobody who writes a fact waits for a review.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["Changed"].as_manager()

    class Meta:
        constraints = [clinic_key("changed")]

    def __str__(self) -> str:
        return f"Changed {self.pk}"
