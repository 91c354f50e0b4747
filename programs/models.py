"""What should be lifted: exercises, programs, and who follows which from when."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clients.models import Client
from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.leaving import ACTIVE, EndKind

from .tracks import StandingTracks, TrackQuerySet, Voided, voided_by_somebody


class Lift(models.TextChoices):
    """A movement pattern with a ladder of exercises; loads compare within one exercise only."""

    HINGE = "hinge", "Deadlift"
    PRESS = "press", "Overhead press"
    SQUAT = "squat", "Back squat"
    IMPACT = "impact", "Drop landing"
    CHEST = "chest", "Chest press"
    ROW = "row", "Row"
    PULL = "pull", "Pull-down"
    STEP = "step", "Step-up"
    CARRY = "carry", "Loaded carry"
    BACK = "back", "Back extension"
    HIP_SIDE = "hip_side", "Hip to the side"
    HIP_BACK = "hip_back", "Hip to the back"
    KNEE = "knee", "Knee extension"
    CALF = "calf", "Calf raise"
    ONE_LEG = "one_leg", "One-leg stand"
    TANDEM = "tandem", "Tandem"
    SOFT = "soft", "Soft surface"
    SHIFT = "shift", "Weight shift"


class Exercise(models.Model):
    """One rung of a ladder. Reference data, the same for every clinic."""

    class LoadType(models.TextChoices):
        BARBELL = "barbell", "bar with plates, total"
        PER_HAND = "per_hand", "dumbbell, per hand"
        STACK = "stack", "machine stack"
        BODYWEIGHT = "bodyweight", "body weight"
        IMPACT = "impact", "landing"

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    lift = models.CharField(max_length=16, choices=Lift)
    level = models.PositiveSmallIntegerField()
    load_type = models.CharField(max_length=12, choices=LoadType)
    impact_level = models.PositiveSmallIntegerField(null=True, blank=True)
    base = models.BooleanField(default=False, help_text="The rung that the protocol names.")
    substitute_for = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict, help_text="Equipment, risks, criteria, source, tag.")

    class Meta:
        ordering = ["lift", "level", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(load_type="impact", impact_level__range=(0, 5))
                | (~Q(load_type="impact") & Q(impact_level=None)),
                name="exercise_impact_level",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Program(models.Model):
    """A template that a clinic offers; what is in it stands in its versions.

    A block is added to another program as a second Track, and has one phase.
    """

    class Kind(models.TextChoices):
        MAIN = "main", "Program"
        BLOCK = "block", "Block, added to a program"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="programs")
    slug = models.SlugField()
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MAIN)

    objects = ClinicQuerySet["Program"].as_manager()

    class Meta:
        constraints = [
            clinic_key("program"),
            models.UniqueConstraint(fields=["clinic", "slug"], name="program_slug_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProgramVersion(models.Model):
    """One published, immutable edition of a program; an edit publishes the next number."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    frequency = models.PositiveSmallIntegerField(help_text="Sessions a week.")
    weeks = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField(help_text="Length of a session.")
    detail = models.JSONField(default=dict, help_text="Each number's source, tag and basis.")
    fingerprint = models.CharField(max_length=64, help_text="Of the data it was made from.")
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Blank for a program that came with the catalogue.",
    )

    objects = ClinicQuerySet["ProgramVersion"].as_manager()

    class Meta:
        constraints = [
            clinic_key("program_version"),
            models.UniqueConstraint(fields=["clinic", "program", "number"], name="version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.program.name}, version {self.number}"

    @property
    def sessions(self) -> int:
        """The standard denominator of the program: 35 weeks × 2 = 70 (protocol.md 1.2)."""
        return self.weeks * self.frequency


class Phase(models.Model):
    """Weeks of a version. Planned by weeks; a therapist promotes."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="phases")
    code = models.CharField(max_length=16)
    name = models.CharField(max_length=60)
    summary = models.CharField(max_length=200, blank=True)
    first_week = models.PositiveSmallIntegerField()
    last_week = models.PositiveSmallIntegerField(null=True, blank=True)
    criteria = models.JSONField(default=list)

    objects = ClinicQuerySet["Phase"].as_manager()

    class Meta:
        ordering = ["first_week"]
        constraints = [
            clinic_key("phase"),
            models.UniqueConstraint(fields=["clinic", "version", "code"], name="phase_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Prescription(models.Model):
    """One lift in a phase: how many sets of what, at which effort."""

    class Kind(models.TextChoices):
        WORKING = "working", "Working sets"
        IMPACT = "impact", "Impact sets"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="prescriptions")
    position = models.PositiveSmallIntegerField()
    lift = models.CharField(max_length=16, choices=Lift)
    kind = models.CharField(max_length=8, choices=Kind)
    sets = models.PositiveSmallIntegerField()
    reps = models.PositiveSmallIntegerField(null=True, blank=True)
    landings = models.PositiveSmallIntegerField(null=True, blank=True)
    effort_low = models.PositiveSmallIntegerField(null=True, blank=True)
    effort_high = models.PositiveSmallIntegerField(null=True, blank=True)
    rest_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    reps_top = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Upper end of a range of reps, for double progression."
    )
    seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Of each set, where time is asked for and not reps."
    )
    drop_cm = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Height of a drop, for landings from a step."
    )
    tempo = models.CharField(max_length=12, blank=True, help_text="Seconds up-hold-down: 4-0-4.")
    gate = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Clean visits in a row before the load may rise; blank is the clinic's setting.",
    )
    rule = models.JSONField(
        default=dict, help_text="programs.load_rules: kind, and its numbers. Empty is effort."
    )
    detail = models.JSONField(default=dict)

    objects = ClinicQuerySet["Prescription"].as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            clinic_key("prescription"),
            models.UniqueConstraint(fields=["clinic", "phase", "lift"], name="lift_once_in_phase"),
        ]

    def __str__(self) -> str:
        return f"{self.get_lift_display()} {self.sets} × {self.reps or self.landings}"


class ProgramDraft(models.Model):
    """The next version of a program while it is being written. Publishing it makes the version.

    ``content`` is the document of ``programs.content``; ``revision`` counts its saves, so that
    nobody overwrites what somebody else has saved in the meantime.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, models.PROTECT, related_name="drafts")
    base = models.ForeignKey(
        ProgramVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    content = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = ClinicQuerySet["ProgramDraft"].as_manager()

    class Meta:
        constraints = [
            clinic_key("program_draft"),
            models.UniqueConstraint(fields=["clinic", "program"], name="one_draft_of_a_program"),
        ]

    def __str__(self) -> str:
        return f"{self.program.name}, draft"


class RuleSet(models.Model):
    """The immutable numbers that targets are computed under, from a moment on."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="rule_sets")
    number = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    values = models.JSONField(help_text="programs.rules.Rules as strings.")
    inventory = models.JSONField(help_text="programs.loads.Inventory: bars, plates, dumbbells.")
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClinicQuerySet["RuleSet"].as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            clinic_key("rule_set"),
            models.UniqueConstraint(fields=["clinic", "number"], name="rule_set_once"),
        ]

    def __str__(self) -> str:
        return f"Rules {self.number}"


class EnrollmentQuerySet(OwnedByClient["Enrollment"]):
    def active(self) -> EnrollmentQuerySet:
        return self.filter(status=Enrollment.Status.ACTIVE)


class Enrollment(models.Model):
    """A client in training with a responsible therapist, from a start to an end."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        FINISHED = "finished", "Finished"
        WITHDRAWN = "withdrawn", "Withdrawn"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="enrollments")
    therapist = models.ForeignKey(Membership, models.PROTECT, related_name="enrollments")
    starts_on = models.DateField()
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    ended_on = models.DateField(null=True, blank=True)
    end_kind = models.CharField(max_length=8, choices=EndKind, blank=True, db_default="")
    end_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("enrollment"),
            models.UniqueConstraint(
                fields=["clinic", "client"], condition=ACTIVE, name="one_active_enrollment"
            ),
            models.CheckConstraint(
                condition=Q(status="active", ended_on=None)
                | (~Q(status="active") & Q(ended_on__isnull=False)),
                name="enrollment_end",
            ),
            models.CheckConstraint(
                condition=Q(end_kind="") | Q(status="withdrawn"), name="end_kind_of_withdrawal"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} from {self.starts_on}"


class Track(Voided):
    """One program version followed within an enrollment from a date to a date."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="tracks")
    version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="tracks")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    #: Those that hold or held. Whatever asks for a track asks for one of these.
    objects = StandingTracks.from_queryset(TrackQuerySet)()
    with_voided = TrackQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("track"),
            voided_by_somebody("track"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="track_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} from {self.starts_on}"


class Decision(models.Model):
    """A therapist's dated word on an enrollment or a lift. Never edited: revoked by another."""

    class Kind(models.TextChoices):
        START = "start", "Start at"
        SET_LOAD = "set_load", "Set the load"
        CHANGE_RUNG = "change_rung", "Change the exercise"
        HOLD = "hold", "Hold the load"
        RELEASE = "release", "End the hold"
        PROMOTE = "promote", "Go to the phase"
        REVOKE = "revoke", "Take back"
        OVERRIDE = "override", "Let the load rise past the technique gate"
        ESTIMATE = "estimate", "Record a technical 5RM"
        RESCREEN = "rescreen", "Record a re-screen"
        AWAY = "away", "Record an illness, a fall or a stay in hospital"
        MOVE = "move", "Move to another version"
        ADD_BLOCK = "add_block", "Add a block"
        END_BLOCK = "end_block", "End a block"
        END = "end", "End the program"

    class Until(models.TextChoices):
        DATE = "date", "Until a date"
        REVIEW = "review", "Until I end it"
        CLEAN = "clean", "Until a clean visit"

    uid = models.UUIDField(default=uuid.uuid4)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="decisions")
    at = models.DateTimeField()
    by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    lift = models.CharField(max_length=16, choices=Lift, blank=True)
    exercise = models.ForeignKey(Exercise, models.PROTECT, null=True, blank=True, related_name="+")
    load = models.DecimalField("load in kg", max_digits=8, decimal_places=4, null=True, blank=True)
    phase = models.CharField(max_length=16, blank=True)
    until = models.CharField(max_length=6, choices=Until, blank=True, help_text="For a hold.")
    until_on = models.DateField(null=True, blank=True, help_text="First day without the hold.")
    version = models.ForeignKey(
        ProgramVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    observed = models.JSONField(default=dict, help_text="The technique set it rests on.")
    revokes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ClinicQuerySet["Decision"].as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            clinic_key("decision"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="decision_uid_once"),
        ]
        indexes = [models.Index(fields=["enrollment", "at"], name="decision_by_enrollment")]

    def __str__(self) -> str:
        return self.get_kind_display()
