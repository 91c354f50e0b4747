"""What is measured of a client: scans, tests of strength and balance, questionnaires."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet, OwnedByClient
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .person import Client

#: A value is kept as a whole number of these parts of its unit, so that none is ever a binary
#: float: 0.8000 g/cm² is 8000, 11.4 s is 114000.
PARTS = 10_000


class Site(models.TextChoices):
    """Where bone density is measured."""

    LUMBAR = "lumbar", "Lumbar spine"
    FEMORAL_NECK = "femoral_neck", "Femoral neck"
    TOTAL_HIP = "total_hip", "Total hip"


class Side(models.TextChoices):
    LEFT = "left", "Left"
    RIGHT = "right", "Right"


class ScanDevice(models.Model):
    """One bone scanner. Values of two of them are never compared."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="scan_devices")
    name = models.CharField(max_length=120, help_text="As the clinic calls it.")
    maker = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=120, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    retired_on = models.DateField(null=True, blank=True)

    objects = ClinicQuerySet["ScanDevice"].as_manager()

    class Meta:
        constraints = [
            clinic_key("scan_device"),
            models.UniqueConstraint(fields=["clinic", "name"], name="scan_device_once"),
        ]

    def __str__(self) -> str:
        return self.name


class PrecisionStudy(models.Model):
    """Repeated scans of the same people: how far two of them differ by chance (ISCD).

    Append-only: the newest of a device and site that stands is in force.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    device = models.ForeignKey(ScanDevice, models.PROTECT, related_name="studies")
    site = models.CharField(max_length=12, choices=Site)
    done_on = models.DateField()
    repeats = models.JSONField(help_text="For each person her values, in 0.0001 g/cm².")
    rms_micro = models.PositiveIntegerField(help_text="Precision error in 0.000001 g/cm².")
    lsc_micro = models.PositiveIntegerField(help_text="LSC in 0.000001 g/cm²: 2.77 times that.")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    void_at = models.DateTimeField(null=True, blank=True, help_text="The device was moved.")
    void_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    void_why = models.CharField(max_length=200, blank=True)

    objects = ClinicQuerySet["PrecisionStudy"].as_manager()

    class Meta:
        constraints = [clinic_key("precision_study")]
        indexes = [models.Index(fields=["device", "site", "-id"], name="precision_newest")]

    def __str__(self) -> str:
        return f"Precision study {self.pk}"


class MeasureNumber(models.Model):
    """A clinic's own number for a measure, in place of the catalogue's. The newest is in force."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    measure = models.CharField(max_length=24)
    key = models.CharField(max_length=24, help_text="mdc, mcid, cut_off, plausible_low, …")
    value = models.DecimalField(
        max_digits=12, decimal_places=4, null=True, help_text="Blank: the catalogue’s own again."
    )
    basis = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = ClinicQuerySet["MeasureNumber"].as_manager()

    class Meta:
        constraints = [clinic_key("measure_number")]
        indexes = [models.Index(fields=["clinic", "measure", "-id"], name="measure_number_newest")]

    def __str__(self) -> str:
        return f"{self.measure} {self.key}"


class Battery(models.Model):
    """Tests of one day, entered on one page."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="batteries")
    uid = models.UUIDField(default=uuid.uuid4)
    taken_on = models.DateField()
    assessor = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    treating = models.BooleanField(
        null=True, help_text="Whether the one who measured also treats her."
    )
    note = models.CharField(max_length=400, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")

    objects = OwnedByClient["Battery"].as_manager()

    class Meta:
        constraints = [
            clinic_key("battery"),
            models.UniqueConstraint(fields=["clinic", "uid"], name="battery_uid_once"),
        ]
        indexes = [models.Index(fields=["client", "taken_on"], name="battery_by_day")]

    def __str__(self) -> str:
        return f"Battery of {self.taken_on}"


class MeasurementQuerySet(OwnedByClient["Measurement"]):
    def standing(self) -> MeasurementQuerySet:
        """Those that no correction has replaced."""
        return self.filter(replaced_by=None)


class Measurement(models.Model):
    """One measure of one client on one day. A correction is a further row that replaces one."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, models.PROTECT, related_name="measurements")
    battery = models.ForeignKey(
        Battery, models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    measure = models.CharField(max_length=24, help_text="A name of the catalogue, as tug.")
    taken_on = models.DateField()
    amount = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="In ten-thousandths of the measure’s unit; blank: not done.",
    )
    not_done = models.CharField(max_length=120, blank=True, help_text="Why there is no value.")
    entered = models.CharField(max_length=40, blank=True, help_text="As it was typed.")
    entered_unit = models.CharField(max_length=12, blank=True)
    trials = models.JSONField(default=list, help_text="Every trial as typed.")
    # Of a scan:
    site = models.CharField(max_length=12, choices=Site, blank=True)
    side = models.CharField(max_length=5, choices=Side, blank=True)
    region = models.CharField(max_length=24, blank=True, help_text="As L1-L4, or L2-L4.")
    device = models.ForeignKey(
        ScanDevice, models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    t_score = models.DecimalField(
        max_digits=3, decimal_places=1, null=True, blank=True, help_text="As the report has it."
    )
    detail = models.JSONField(default=dict, help_text="Position, aid, reference of the T-score.")
    assessor = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_why = models.CharField(max_length=200, blank=True)
    imported = models.ForeignKey(
        "Import", models.PROTECT, null=True, blank=True, related_name="measurements"
    )
    external_id = models.CharField(max_length=80, blank=True)

    objects = MeasurementQuerySet.as_manager()

    class Meta:
        constraints = [
            clinic_key("measurement"),
            models.UniqueConstraint(
                fields=["clinic", "external_id"],
                condition=~Q(external_id=""),
                name="measurement_external_id_once",
            ),
            models.CheckConstraint(
                condition=(Q(amount__isnull=False, not_done="") | Q(amount=None) & ~Q(not_done="")),
                name="measurement_or_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "measure", "taken_on"], name="measurement_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} of {self.taken_on}"

    @property
    def value(self) -> Decimal | None:
        """The value in the measure's unit, exactly; None where it was not done."""
        return None if self.amount is None else Decimal(self.amount) / PARTS
