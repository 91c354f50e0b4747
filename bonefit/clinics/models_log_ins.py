"""What is kept about how people log in, beside ``User``. ``models`` brings it in."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .access import ClinicQuerySet

# Tables of its own file belong to this app only if they are brought in.
from .models_open import BrowserLogIn as BrowserLogIn
from .models_open import TabletPin as TabletPin


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
