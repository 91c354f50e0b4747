"""What was done: operations, and the sets that they make."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key
from programs.models import Enrollment, Exercise, Lift, RuleSet

from .schedule import Visit


class Operation(models.Model):
    """One thing that a person did on the floor, with an id made where it was done.

    The history of every set and of what was said of a visit: inserted once, never changed.
    ``before`` is what the row said until then.
    """

    class Kind(models.TextChoices):
        CHECK_IN = "check_in", "Check in"
        LOG_SET = "log_set", "Log a set"
        CORRECT_SET = "correct_set", "Correct a set"
        CONFIRM_SET = "confirm_set", "Confirm a load"
        VOID_SET = "void_set", "Take a set back"
        COMPLETE = "complete", "Complete the visit"
        SAY = "say", "Say what happened"
        ANSWER = "answer", "Answer the questions of the day"
        STOP = "stop", "Stop: nothing more is lifted"
        SUPERVISE = "supervise", "Say who supervises"
        REPORT = "report", "Report an adverse event"
        REOPEN = "reopen", "Open a signed visit again"

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


class Site(models.TextChoices):
    """Where it hurt. Spine, ribs and groin are no limb: other rules hold for them."""

    NECK = "neck", "Neck"
    UPPER_BACK = "upper_back", "Upper or middle back"
    LOWER_BACK = "lower_back", "Lower back"
    RIBS = "ribs", "Ribs"
    GROIN = "groin", "Groin"
    SHOULDER = "shoulder", "Shoulder"
    ARM = "arm", "Elbow or arm"
    HAND = "hand", "Wrist or hand"
    HIP = "hip", "Hip, outside"
    THIGH = "thigh", "Thigh"
    KNEE = "knee", "Knee"
    LEG = "leg", "Lower leg"
    FOOT = "foot", "Ankle or foot"


class PainKind(models.TextChoices):
    """What kind of pain it is. Blank is not asked, which is no pass."""

    KNOWN = "known", "Known and unchanged"
    NEW = "new", "New or changed"
    NIGHT = "night", "At night"
    RADIATING = "radiating", "Spreads into an arm or a leg"


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
    # Django's Model.clean() is for model forms, and no form writes a set.
    clean = models.BooleanField(  # type: ignore[assignment]
        null=True, help_text="Technique as observed."
    )
    pain = models.PositiveSmallIntegerField(null=True, help_text="0–10, worst during the set.")
    pain_site = models.CharField(max_length=12, choices=Site, blank=True)
    pain_kind = models.CharField(max_length=10, choices=PainKind, blank=True)
    seconds = models.PositiveSmallIntegerField(null=True, help_text="Of a timed set.")
    prescribed_seconds = models.PositiveSmallIntegerField(null=True)
    tolerated = models.BooleanField(null=True, help_text="Landings, as the client felt them.")
    drop_cm = models.PositiveSmallIntegerField(null=True, help_text="Height dropped from.")
    disputed = models.BooleanField(
        default=False,
        help_text="Two entries differ: until a person chooses, the more cautious values count.",
    )
    reps_top = models.PositiveSmallIntegerField(null=True, help_text="Of the range asked for.")
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
            ),
            # A handful of rows: whoever asks what was outside clearance reads nothing else.
            models.Index(
                fields=["enrollment", "visit"],
                condition=Q(outside_clearance=True, voided=False),
                name="set_outside_clearance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_lift_display()}, set {self.number}"

    @property
    def said(self) -> str:
        """What the set says, as "57.5 kg × 5 @ 15, clean, pain 0". A blank stays a blank."""
        words = [self._done]
        if self.clean is not None:
            words.append("clean" if self.clean else "not clean")
        if self.pain is not None:
            words.append(f"pain {self.pain}")
        return ", ".join(words)

    @property
    def _done(self) -> str:
        if self.landings is not None:
            felt = {True: ", tolerated", False: ", not tolerated", None: ""}[self.tolerated]
            dropped = "" if self.drop_cm is None else f", from {self.drop_cm} cm"
            return f"{self.landings} landings, level {self.landing_level}{dropped}{felt}"
        effort = f" @ {self.rpe}" if self.rpe else ""
        if self.load is None:
            return f"{self.reps} reps{effort}"
        return f"{self.load.normalize():f} kg × {self.reps}{effort}"
