"""An invitation to work in a clinic. ``models`` brings it in."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from .access import ClinicQuerySet
from .models_people import roles_in_words


class InvitationQuerySet(ClinicQuerySet["Invitation"]):
    """Invitations by whether they still let anybody in."""

    def waiting(self, now: datetime) -> Self:
        """Neither taken up nor withdrawn, and not too old."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """Somebody was asked by mail to work here, in these roles. The secret of the link is nowhere.

    A row is changed once at most: when it is taken up, or withdrawn.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    email = models.EmailField()
    name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=16))
    until = models.JSONField(default=dict, blank=True)
    token_hash = models.CharField(max_length=64)
    by = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        "clinics.Membership", models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "clinics.Membership", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            # As clinic_key of ``models``, which needs this module.
            models.UniqueConstraint(fields=["clinic", "id"], name="invitation_clinic_id_key"),
            models.UniqueConstraint(fields=["clinic", "token_hash"], name="invitation_token_once"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="invitation_lives"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="invitation_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.made_at:%d.%m.%Y %H:%M}"

    @property
    def words(self) -> str:
        """Its roles: ``therapist, lead therapist until 4 December 2026``."""
        lasting = [role for role in self.roles if role not in self.until]
        return roles_in_words(lasting, self.until)

    @property
    def ends(self) -> dict[str, date]:
        """The last day of each role that has one."""
        return {role: date.fromisoformat(last) for role, last in self.until.items()}
