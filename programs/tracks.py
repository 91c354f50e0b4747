"""Which tracks there are: those that hold or held, and those that were taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Membership

if TYPE_CHECKING:
    from .models import Track


class Voided(models.Model):
    """A row that is taken back, with who, when and why, and stays where it is."""

    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    void_why = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        abstract = True


def voided_by_somebody(name: str) -> models.CheckConstraint:
    """Nobody takes a row back without a name."""
    return models.CheckConstraint(
        condition=Q(voided_at=None, voided_by=None)
        | Q(voided_at__isnull=False, voided_by__isnull=False),
        name=f"{name}_voided_by_somebody",
    )


class TrackQuerySet(ClinicQuerySet["Track"]):
    def main(self) -> TrackQuerySet:
        """The programs themselves, without the blocks beside them."""
        return self.filter(version__program__kind="main")


class StandingTracks(models.Manager["Track"]):
    def get_queryset(self) -> models.QuerySet[Track]:
        """Without those that were taken back before they held for a day."""
        return super().get_queryset().filter(voided_at=None)
