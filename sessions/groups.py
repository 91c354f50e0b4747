"""Who comes together: the standing groups of a clinic, and its rooms."""

from __future__ import annotations

from django.db.models import Count

from bonefit.clinics.models import Membership
from programs.forms import Group
from programs.models import Enrollment

from .models import Slot, StandingPlace


def standing_groups(member: Membership) -> list[Group]:
    """Clients with a place at the same weekday and time with the same supervisor, counted."""
    rows = (
        StandingPlace.objects.visible_to(member)
        .filter(ends_on=None, enrollment__status=Enrollment.Status.ACTIVE)
        .order_by("weekday", "at", "supervisor")
        .values("weekday", "at", "minutes", "room", "supervisor", "supervisor__user__name")
        .annotate(clients=Count("pk"))
    )
    return [
        Group(
            weekday=row["weekday"],
            begins=row["at"].hour * 60 + row["at"].minute,
            ends=row["at"].hour * 60 + row["at"].minute + row["minutes"],
            room=row["room"],
            supervisor_id=row["supervisor"],
            supervisor=row["supervisor__user__name"],
            clients=row["clients"],
        )
        for row in rows
    ]


def rooms(member: Membership) -> list[str]:
    """The rooms of the clinic's slots, by name."""
    return list(
        Slot.objects.visible_to(member).order_by("room").values_list("room", flat=True).distinct()
    )
