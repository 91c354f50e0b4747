"""The clinic's week: its classes day by day, how full each is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from bonefit.clinics.models import Clinic, Membership
from programs.calendar import wall_time
from programs.plans import rules_at
from programs.rules import Rules

from .capacity import Limits, places
from .closures import leaves_between, on_leave
from .models import Closure, Leave, Room, Slot, Supervision, Visit, Waiting


class Filter(NamedTuple):
    """What of the week is asked for: "" and None leave all in."""

    room: str = ""
    member: int | None = None


@dataclass(frozen=True, slots=True)
class ClassOfWeek:
    """One class: how many seats are taken of how many, who waits, who supervises.

    ``short`` says what is lacking, "" where nothing is.
    """

    slot: Slot
    booked: int
    places: int
    waiting: int
    supervisors: tuple[str, ...]
    away: tuple[str, ...]
    short: str

    @property
    def full(self) -> bool:
        """Whether nobody fits in any more."""
        return self.booked >= self.places


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """One day: its classes, the earliest first, and what closes the whole clinic that day."""

    day: date
    is_today: bool
    closed: str
    classes: tuple[ClassOfWeek, ...]


def week_of(member: Membership, *, monday: date, now: datetime, only: Filter) -> dict[str, Any]:
    """The context of the week from a Monday on, in a fixed number of queries."""
    clinic, sunday = member.clinic, monday + timedelta(days=6)
    rooms = {room.name: room for room in Room.objects.visible_to(member)}
    leaves = leaves_between(clinic, monday, sunday)
    rules = rules_at(clinic, now).rules
    slots = slots_between(member, monday, sunday)
    found = [_class(clinic, slot, rooms, leaves, rules) for slot in slots if _asked(slot, only)]
    days = _days(clinic, found, monday, now, _closed(member, monday, sunday))
    while len(days) > 5 and not (days[-1].classes or days[-1].is_today or days[-1].closed):
        days.pop()  # a weekend without classes leaves its room to the others
    return {
        "days": days,
        "classes": len(found),
        "monday": monday,
        "sunday": sunday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "this_week": _monday(now.astimezone(clinic.tz).date()),
        "rooms": sorted({*rooms, *(slot.room for slot in slots)}),
        "members": _members(slots),
        "only": only,
        "filtered": any(only),
    }


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def slots_between(member: Membership, first: date, last: date) -> list[Slot]:
    """The slots of these days with ``booked``, ``waits`` and the supervisors ``planned``."""
    clinic = member.clinic
    planned = (
        Supervision.objects.select_related("member__user")
        .filter(Q(during__isnull=False) | Q(named_at__isnull=False) | Q(slot__called_off_at=None))
        .order_by("member__user__name", "pk")
    )
    waits = (
        Waiting.objects.filter(slot=OuterRef("pk"), closed_at=None)
        .order_by()
        .values("slot")
        .annotate(many=Count("pk"))
        .values("many")
    )
    return list(
        Slot.objects.visible_to(member)
        .filter(
            starts_at__gte=wall_time(first, time.min, clinic.tz),
            starts_at__lt=wall_time(last + timedelta(days=1), time.min, clinic.tz),
        )
        .annotate(
            booked=Count("visits", filter=~Q(visits__status__in=Visit.FREED)),
            waits=Coalesce(Subquery(waits), 0),
        )
        .prefetch_related(Prefetch("supervisions", queryset=planned, to_attr="planned"))
        .order_by("starts_at", "room")
    )


def _asked(slot: Any, only: Filter) -> bool:
    hers = only.member is None or only.member in {row.member_id for row in slot.planned}
    return hers and only.room in ("", slot.room)


def _class(
    clinic: Clinic, slot: Any, rooms: dict[str, Room], leaves: Sequence[Leave], rules: Rules
) -> ClassOfWeek:
    day = slot.starts_at.astimezone(clinic.tz).date()
    # Planned, or really there: somebody who was left out of the plan is neither.
    rows = [row for row in slot.planned if row.during is not None or row.named_at is not None]
    here = tuple(str(row.member) for row in rows if not on_leave(leaves, row.member_id, day))
    away = tuple(str(row.member) for row in rows if on_leave(leaves, row.member_id, day))
    room = rooms.get(slot.room)
    limits = Limits(
        supervisors=len(here),
        room_places=room.places if room else None,
        racks=room.racks if room else None,
        most=slot.capacity,
    )
    count = places(limits, rules).count
    short = ""
    if slot.called_off_at is None and not here:
        short = "Nobody supervises"
    elif slot.called_off_at is None and slot.booked > len(here) * rules.group_warn_above:
        short = "Too few supervisors"
    return ClassOfWeek(slot, slot.booked, count, slot.waits, here, away, short)


def _days(
    clinic: Clinic, found: Sequence[ClassOfWeek], monday: date, now: datetime, closed: list[Closure]
) -> list[DayOfWeek]:
    today = now.astimezone(clinic.tz).date()
    of: dict[date, list[ClassOfWeek]] = {}
    for one in found:
        of.setdefault(one.slot.starts_at.astimezone(clinic.tz).date(), []).append(one)
    return [
        DayOfWeek(
            day,
            day == today,
            next((one.name for one in closed if one.starts_on <= day <= one.ends_on), ""),
            tuple(of.get(day, ())),
        )
        for day in (monday + timedelta(days=number) for number in range(7))
    ]


def _closed(member: Membership, first: date, last: date) -> list[Closure]:
    whole = Closure.objects.visible_to(member).standing().filter(room="")
    return list(whole.filter(starts_on__lte=last, ends_on__gte=first))


def _members(slots: Sequence[Any]) -> list[tuple[int, str]]:
    """Who supervises a class of the week, by name."""
    found = {row.member_id: str(row.member) for slot in slots for row in slot.planned}
    return sorted(found.items(), key=lambda one: (one[1], one[0]))
