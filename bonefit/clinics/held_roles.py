"""Which roles a member holds today: those without an end, and those with a last day.

The day is the clinic's. A role that is over grants nothing from then on; no sweep takes it away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from .access import (
    STAFF_ROLES,
    SUPERVISING_ROLES,
    Can,
    ClinicQuerySet,
    Role,
    granted,
    granted_to_write,
)

if TYPE_CHECKING:
    from .models import Clinic, Membership  # noqa: F401 - named in a type below

_STAFF = sorted(str(role) for role in STAFF_ROLES)


def day_there(zone: str, now: datetime) -> Func:
    """The day it is in the time zone that the column ``zone`` names, as PostgreSQL's date."""
    local = Func(F(zone), Value(now, models.DateTimeField()), function="timezone")
    return Func(local, function="date", output_field=models.DateField())


def holding(
    roles: Iterable[Role],
    *,
    member: str = "",
    zone: str = "clinic__timezone",
    now: datetime | None = None,
) -> Q:
    """Rows whose member holds one of these roles now. ``member`` leads from the row to her, with
    ``__`` behind it, and ``zone`` to the clinic's time zone."""
    wanted = sorted(str(role) for role in roles)
    today = Func(
        day_there(zone, now or timezone.now()),
        Value("YYYY-MM-DD"),
        function="to_char",
        output_field=models.TextField(),
    )
    held = Q(**{f"{member}roles__overlap": wanted})
    for role in wanted:
        last = KeyTextTransform(role, f"{member}roles_until")
        held |= Q(GreaterThanOrEqual(last, today))
    return held


def works_here(member: str = "") -> Q:
    """Rows whose member has, or for a while had, a role of the staff."""
    return Q(**{f"{member}roles__overlap": _STAFF}) | ~Q(**{f"{member}roles_until": {}})


class MembershipQuerySet(ClinicQuerySet["Membership"]):
    """Members by what they are."""

    def active(self) -> Self:
        return self.filter(is_active=True)

    def supervisors(self) -> Self:
        """Those who may stand beside a loaded bar."""
        return self.active().filter(holding(SUPERVISING_ROLES))

    def staff(self) -> Self:
        """Those who work in a clinic, whether or not a role of theirs is over by now."""
        return self.active().filter(works_here())

    def working(self) -> Self:
        """Those who work in a clinic today: a role of the staff holds."""
        return self.active().filter(holding(STAFF_ROLES))


class HoldsRoles:
    """What follows from the roles of a membership. A mixin without fields."""

    if TYPE_CHECKING:
        roles: Any
        roles_until: Any
        clinic: Clinic

    @property
    def roles_now(self) -> list[str]:
        """The roles that hold today, by the clinic's clock."""
        if not self.roles_until:
            return list(self.roles)
        today = timezone.now().astimezone(self.clinic.tz).date().isoformat()
        held = {role for role, last in self.roles_until.items() if last >= today}
        return [str(role) for role in Role if role in self.roles or role in held]

    @property
    def ends_of_roles(self) -> dict[str, date]:
        """The last day of each role that has one, also of those that are over."""
        return {role: date.fromisoformat(last) for role, last in self.roles_until.items()}

    @cached_property
    def can(self) -> frozenset[Can]:
        """All that she may do, or look at."""
        return granted(self.roles_now)

    @cached_property
    def can_write(self) -> frozenset[Can]:
        """What she may do with a request that could change something."""
        return granted_to_write(self.roles_now)

    @property
    def supervises(self) -> bool:
        return bool(SUPERVISING_ROLES & set(self.roles_now))
