"""Who stands in for whom, and what became of somebody's roles. ``models`` brings both in."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from .access import STAFF_ROLES, SUPERVISING_ROLES, ClinicQuerySet, Role
from .dates import say_day
from .held_roles import day_there, holding


class CoverQuerySet(ClinicQuerySet["Cover"]):
    """Covers by when they hold."""

    def standing(self) -> Self:
        """Nobody has ended them early."""
        return self.filter(ended_at=None)

    def in_force(self, now: datetime) -> Self:
        """Those that hold today, by each clinic's clock.

        Of a colleague who has left, or does not treat any more, none does: she gets nothing, and
        what she stood in for is the therapist's own again.
        """
        today = day_there("clinic__timezone", now)
        return self.standing().filter(
            holding(SUPERVISING_ROLES, member="colleague__", now=now),
            starts_on__lte=today,
            ends_on__gte=today,
            colleague__is_active=True,
            colleague__user__is_active=True,
        )


class Cover(models.Model):
    """A therapist's clients are a colleague's to see to, from a day until a day; both included.

    Whose they are does not change. A row is never changed but to end it early.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    therapist = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="covers")
    colleague = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="covering")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.CharField(max_length=200)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "clinics.Membership", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = CoverQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-starts_on", "-pk"]
        constraints: ClassVar = [
            # As clinic_key of ``models``, which needs this module.
            models.UniqueConstraint(fields=["clinic", "id"], name="cover_clinic_id_key"),
            models.CheckConstraint(
                condition=~Q(therapist=F("colleague")), name="cover_by_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="cover_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="cover_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="cover_ended_by_somebody",
            ),
            ExclusionConstraint(
                name="one_cover_at_a_time",
                expressions=[
                    *(
                        (
                            Func(
                                name,
                                name,
                                Value("[]"),
                                function="int8range",
                                output_field=BigIntegerRangeField(),
                            ),
                            RangeOperators.OVERLAPS,
                        )
                        for name in ("clinic_id", "therapist_id")
                    ),
                    (
                        Func("starts_on", "ends_on", Value("[]"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at=None),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["colleague", "ends_on"],
                condition=Q(ended_at=None),
                name="cover_of_colleague",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.colleague} for {self.therapist}, until {self.ends_on}"


class RoleChange(models.Model):
    """One change of somebody's roles: who, when, from what to what, why.

    Written with the change and never changed itself.
    """

    clinic = models.ForeignKey("clinics.Clinic", models.PROTECT, related_name="+")
    member = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    by = models.ForeignKey("clinics.Membership", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    roles_before = ArrayField(models.CharField(max_length=16), blank=True)
    until_before = models.JSONField(default=dict, blank=True)
    roles = ArrayField(models.CharField(max_length=16), blank=True)
    until = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=200)

    objects = ClinicQuerySet["RoleChange"].as_manager()

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "id"], name="role_change_clinic_id_key"),
            models.CheckConstraint(condition=~Q(member=F("by")), name="role_change_of_another"),
            models.CheckConstraint(condition=~Q(reason=""), name="role_change_has_a_reason"),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "-id"], name="role_change_newest")]

    def __str__(self) -> str:
        return f"Roles of {self.member} since {self.at:%d.%m.%Y %H:%M}"

    @property
    def words(self) -> str:
        """From what to what."""
        before = roles_in_words(self.roles_before, self.until_before)
        if not STAFF_ROLES & {*self.roles, *self.until}:
            return f"has left; was {before}"
        if not self.roles_before and not self.until_before:
            return f"has joined as {roles_in_words(self.roles, self.until)}"
        return f"from {before} to {roles_in_words(self.roles, self.until)}"


def roles_in_words(roles: list[str], until: dict[str, str]) -> str:
    """``therapist, lead therapist until 4 December 2026``; "nothing" for none."""
    said = []
    for role in Role:
        if role in roles:
            said.append(role.label.lower())
        elif role in until:
            said.append(f"{role.label.lower()} until {say_day(date.fromisoformat(until[role]))}")
    return ", ".join(said) or "nothing"
