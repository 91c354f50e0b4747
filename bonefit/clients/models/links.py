"""Links in mails by which a client answers questions without logging in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from bonefit.clinics.access import ClinicQuerySet
from bonefit.clinics.models import Clinic, Membership, clinic_key

from .falls import FallsMonth
from .intake import Screening


class AnswerLink(models.Model):
    """One link to one set of questions. Its secret is nowhere: only the hash is kept.

    It is looked up before a clinic is known, so it holds nothing of a person but what it points at.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    screening = models.ForeignKey(
        Screening, models.PROTECT, null=True, blank=True, related_name="links"
    )
    month = models.ForeignKey(
        FallsMonth, models.PROTECT, null=True, blank=True, related_name="links"
    )
    nonce = models.CharField(max_length=43, help_text="With the site’s key it makes the secret.")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Membership, models.PROTECT, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Taken back, or sent anew.")
    wrong = models.PositiveSmallIntegerField(
        default=0, help_text="Wrong dates of birth; after some it opens nothing more."
    )

    objects = ClinicQuerySet["AnswerLink"].as_manager()

    class Meta:
        constraints = [
            clinic_key("answer_link"),
            models.CheckConstraint(
                condition=Q(screening=None, month__isnull=False)
                | Q(screening__isnull=False, month=None),
                name="answer_link_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"Link {self.pk}"
