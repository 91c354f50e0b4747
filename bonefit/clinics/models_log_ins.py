"""What is kept about how people log in, beside ``User``. ``models`` brings it in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .access import ClinicQuerySet

# Tables of its own file belong to this app only if they are brought in.
from .models_open import BrowserLogIn as BrowserLogIn
from .models_open import TabletPin as TabletPin

#: What an admin did to somebody's log-in, where the access log is asked for that alone.
CHANGED_A_LOG_IN = ("log_in", "Ended or reset a log-in")


class SecondStepReset(models.Model):
    """An admin took a colleague's second step away, because its device was lost: who, when, why.

    Written with the reset and never changed.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    member = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    by = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200)

    objects = ClinicQuerySet["SecondStepReset"].as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            # As clinic_key of ``models``, which needs this module.
            models.UniqueConstraint(
                fields=["clinic", "id"], name="second_step_reset_clinic_id_key"
            ),
            models.CheckConstraint(
                condition=~models.Q(member=models.F("by")), name="second_step_reset_of_another"
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="second_step_reset_has_a_reason"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "-id"], name="second_step_reset_new")]

    def __str__(self) -> str:
        return f"Reset of {self.at:%d.%m.%Y %H:%M}"


class LogInsEnded(models.Model):
    """An admin ended every log-in of somebody in her clinic: who, whose, when.

    Written with the ending and never changed.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    member = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    by = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = ClinicQuerySet["LogInsEnded"].as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            # As clinic_key of ``models``, which needs this module.
            models.UniqueConstraint(fields=["clinic", "id"], name="log_ins_ended_clinic_id_key"),
            models.CheckConstraint(
                condition=~models.Q(member=models.F("by")), name="log_ins_ended_of_another"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["clinic", "-at", "-id"], name="log_ins_ended_new")
        ]

    def __str__(self) -> str:
        return f"Log-ins ended {self.at:%d.%m.%Y %H:%M}"
