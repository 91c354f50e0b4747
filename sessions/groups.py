"""Who comes together: the weekly classes of a clinic, and its rooms."""

from __future__ import annotations

from collections import Counter
from datetime import date

from django.db.models import Count, Q

from bonefit.clinics.models import Membership
from programs.forms import Group
from programs.models import Enrollment

from .models import Room, StandingPlace, WeeklySlot
from .seasons import rows_with_supervisors
from .slot_making import days_of

#: Weekday, minutes after midnight, room, supervisor.
_Key = tuple[int, int, str, int]


def standing_groups(member: Membership, today: date) -> list[Group]:
    """Weekly classes: those where clients stand, counted, and those of the timetable, free or not.

    Ordered by weekday and time.
    """
    standing = (
        StandingPlace.objects.visible_to(member)
        .filter(
            Q(ends_on=None) | Q(ends_on__gte=today), enrollment__status=Enrollment.Status.ACTIVE
        )
        .order_by("weekday", "at", "room", "supervisor")
        .values("weekday", "at", "minutes", "room", "supervisor", "supervisor__user__name")
        .annotate(clients=Count("pk"))
    )
    found: dict[_Key, Group] = {}
    clients: Counter[_Key] = Counter()
    for row in standing:
        begins = row["at"].hour * 60 + row["at"].minute
        key = (row["weekday"], begins, row["room"], row["supervisor"])
        clients[key] += row["clients"]
        found[key] = Group(
            weekday=row["weekday"],
            begins=begins,
            ends=begins + row["minutes"],
            room=row["room"],
            supervisor_id=row["supervisor"],
            supervisor=row["supervisor__user__name"],
            clients=clients[key],
        )
    for key, group in _of_the_timetable(member, today).items():
        found.setdefault(key, group)
    return [found[key] for key in sorted(found)]


def _of_the_timetable(member: Membership, today: date) -> dict[_Key, Group]:
    rows = WeeklySlot.objects.visible_to(member).filter(
        Q(ends_on=None) | Q(ends_on__gte=today), season__ends_on__gte=today
    )
    found = {}
    for row in rows_with_supervisors(rows):
        begins = row.at.hour * 60 + row.at.minute
        for one in row.supervisors.all():
            found[row.weekday, begins, row.room, one.member_id] = Group(
                weekday=row.weekday,
                begins=begins,
                ends=begins + row.minutes,
                room=row.room,
                supervisor_id=one.member_id,
                supervisor=str(one.member),
                clients=0,
                last=days_of(row)[1],
            )
    return found


def rooms(member: Membership) -> list[str]:
    """The rooms of the clinic by name."""
    return list(Room.objects.visible_to(member).values_list("name", flat=True))
