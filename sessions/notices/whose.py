"""Whose a flag is: whom it was handed to, else the therapist's; the clinic's own the admins'."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, F, Q, QuerySet, When
from django.db.models.functions import Coalesce

from bonefit.clinics.access import STAFF_ROLES, Role
from bonefit.clinics.held_roles import holding
from bonefit.clinics.models import Clinic, Cover, Membership
from sessions.models import Flag


@dataclass(frozen=True, slots=True)
class RedFlag:
    """An open red flag that is not put off. ``whose`` is None for one of the clinic's own."""

    pk: int
    clinic: int
    whose: int | None
    about: int | None
    opened_at: datetime
    seen: bool
    seen_by: int | None


@dataclass(slots=True)
class Staff:
    """The members of a clinic who can be written to, and the admins among them.

    ``covered``: of each therapist for whom somebody stands in today, who does.
    """

    members: set[int] = field(default_factory=set)
    admins: list[int] = field(default_factory=list)
    covered: dict[int, int] = field(default_factory=dict)

    def sees_to(self, whose: int) -> int:
        """Who is told of what is hers: who stands in for her, if she can be written to."""
        colleague = self.covered.get(whose, whose)
        return colleague if colleague in self.members else whose

    def told_of(self, flag: RedFlag) -> list[int]:
        """Who is told of a red flag at once.

        Whose it is, or who stands in for her; the admins where neither can be written to. Of the
        clinic's own the admins, and the supervisor whose papers it is about.
        """
        if flag.whose is not None:
            one = self.sees_to(flag.whose)
            return [one] if one in self.members else self.admins
        about = [flag.about] if flag.about in self.members and flag.about is not None else []
        return [*self.admins, *(one for one in about if one not in self.admins)]


def staff_of(clinics: Collection[int], now: datetime) -> Mapping[int, Staff]:
    """The staff of these clinics who have an address and may log in, and who stands in for whom."""
    found: dict[int, Staff] = {clinic: Staff() for clinic in clinics}
    rows = (
        reachable(Membership.objects.filter(clinic__in=list(clinics)))
        .filter(holding(STAFF_ROLES, now=now))
        .annotate(is_admin=_true(holding([Role.ADMIN], now=now)))
        .order_by("pk")
        .values_list("pk", "clinic_id", "is_admin")
    )
    for pk, clinic, is_admin in rows:
        found[clinic].members.add(pk)
        if is_admin:
            found[clinic].admins.append(pk)
    covers = Cover.objects.in_force(now).filter(clinic__in=list(clinics))
    for clinic, therapist, colleague in covers.values_list(
        "clinic_id", "therapist_id", "colleague_id"
    ):
        found[clinic].covered[therapist] = colleague
    return found


def _true(condition: Q) -> Case:
    """True where the condition holds; nothing said counts as no."""
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def reachable(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those of these members who may log in and have an address."""
    return members.filter(is_active=True, user__is_active=True).exclude(user__email="")


def with_whose(flags: QuerySet[Flag]) -> QuerySet[Any]:
    """Flags with ``whose``: whom it was handed to, else the therapist, else nobody."""
    return flags.annotate(whose=Coalesce(F("owner_id"), F("enrollment__therapist_id")))


def red_flags(clinics: Mapping[int, Clinic], now: datetime) -> list[RedFlag]:
    """The open red flags of these clinics that are not put off."""
    rows = (
        with_whose(Flag.objects.open().filter(severity=Flag.Severity.RED))
        .filter(clinic__in=list(clinics))
        .order_by("pk")
        .values_list(
            "pk", "clinic_id", "whose", "member_id", "opened_at", "seen_at", "seen_by_id",
            "snoozed_until",
        )
    )  # fmt: skip
    return [
        RedFlag(pk, clinic, whose, about, opened, seen is not None, seen_by)
        for pk, clinic, whose, about, opened, seen, seen_by, until in rows
        if until is None or until <= now.astimezone(clinics[clinic].tz).date()
    ]


def not_put_off(day: date) -> Q:
    """Flags that are there on a day of the clinic: not put off until a later one."""
    return Q(snoozed_until=None) | Q(snoozed_until__lte=day)
