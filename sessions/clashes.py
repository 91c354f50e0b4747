"""What stands in the way of a change of the timetable, in words for the field it is about.

The database refuses all of it as well. Here it is found first, so that a form can say who and when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.db.models import Q

from bonefit.clinics.models import Clinic, Membership

from .models import Slot, Supervision, Visit
from .rest import too_close


class Clash(ValueError):
    """A change that cannot be. ``field`` is what to look at again, "" where it is no field's."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field, self.text = field, text


@dataclass(frozen=True, slots=True)
class Span:
    """When and where a slot would be."""

    room: str
    starts_at: datetime
    ends_at: datetime

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the two have a moment in common."""
        return self.starts_at < ends_at and starts_at < self.ends_at


def room_taken(clinic: Clinic, spans: Sequence[Span], *, but: Collection[int] = ()) -> str:
    """A sentence where another class begins at the same moment in the same room; "" if none."""
    wanted = {(span.room, span.starts_at) for span in spans}
    there = Slot.objects.filter(
        clinic=clinic,
        room__in={room for room, _ in wanted},
        starts_at__in={starts_at for _, starts_at in wanted},
    ).exclude(pk__in=but)
    for slot in there.order_by("starts_at"):
        if (slot.room, slot.starts_at) in wanted:
            return f"{slot.room} has a class that begins {_on(slot.starts_at, clinic.tz)} already."
    return ""


def supervisor_elsewhere(
    clinic: Clinic,
    members: Sequence[Membership],
    spans: Sequence[Span],
    *,
    but: Collection[int] = (),
) -> str:
    """A sentence where one of them is planned for another slot at one of these times; "" if none.

    ``but`` are the slots that are being changed themselves.
    """
    for row in _planned(clinic, [member.pk for member in members], spans, but=but):
        for span in spans:
            if span.meets(row.during.lower, row.during.upper):
                who = next(str(member) for member in members if member.pk == row.member_id)
                when = _from_to(row.during.lower, row.during.upper, clinic.tz)
                day = _day(row.during.lower, clinic.tz)
                return f"{who} supervises {row.slot.room} {when} that day, {day}."
    return ""


def busy(
    clinic: Clinic, members: Collection[int], spans: Sequence[Span], *, but: Collection[int] = ()
) -> dict[int, list[tuple[datetime, datetime]]]:
    """When these members are planned already around these times, by member."""
    found: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in _planned(clinic, members, spans, but=but):
        found[row.member_id].append((row.during.lower, row.during.upper))
    return found


def _planned(
    clinic: Clinic, members: Collection[int], spans: Sequence[Span], *, but: Collection[int]
) -> Iterable[Supervision]:
    if not members or not spans:
        return []
    first = min(span.starts_at for span in spans)
    last = max(span.ends_at for span in spans)
    return (
        Supervision.objects.filter(clinic=clinic, member__in=members, during__overlap=(first, last))
        .exclude(slot__in=but)
        .select_related("slot")
        .order_by("during", "pk")
    )


def client_elsewhere(
    clinic: Clinic, moves: Sequence[tuple[Visit, Span]], *, rest_hours: int
) -> str:
    """A sentence where a client of a class that moves could not come, or not rested; "" if none.

    Each visit comes with where it would be. Needs ``visit.client``.
    """
    if not moves:
        return ""
    rest = timedelta(hours=rest_hours, minutes=61)  # a clock change is an hour
    first = min(span.starts_at for _, span in moves) - rest
    last = max(span.ends_at for _, span in moves) + rest
    others: dict[int, list[Visit]] = defaultdict(list)
    rows = Visit.objects.filter(
        clinic=clinic,
        client__in={visit.client_id for visit, _ in moves},
        during__overlap=(first, last),
    ).exclude(Q(status__in=Visit.FREED) | Q(pk__in=[visit.pk for visit, _ in moves]))
    for row in rows.order_by("during"):
        others[row.client_id].append(row)
    for visit, span in moves:
        hers = others[visit.client_id]
        name = visit.client.name
        for other in hers:
            if span.meets(other.starts_at, other.ends_at):
                when = _from_to(other.starts_at, other.ends_at, clinic.tz)
                return f"{name} has another visit {when}, {_day(other.starts_at, clinic.tz)}."
        was_close = too_close(
            visit.starts_at,
            [other.starts_at for other in hers],
            tz=clinic.tz,
            rest_hours=rest_hours,
        )
        near = too_close(
            span.starts_at,
            [other.starts_at for other in hers],
            tz=clinic.tz,
            rest_hours=rest_hours,
        )
        if near is not None and was_close is None:  # what was close before is not this change's
            return (
                f"{name} also comes {_on(near, clinic.tz)}: that leaves less than "
                f"{rest_hours} hours between. Move her first."
            )
    return ""


# --- words ----------------------------------------------------------------------------------------


def _on(moment: datetime, tz: ZoneInfo) -> str:
    return f"at {moment.astimezone(tz):%H:%M} on {_day(moment, tz)}"


def _day(moment: datetime, tz: ZoneInfo) -> str:
    local = moment.astimezone(tz)
    return f"{local:%A} {local.day} {local:%B}"


def _from_to(starts_at: datetime, ends_at: datetime, tz: ZoneInfo) -> str:
    starts, ends = starts_at.astimezone(tz), ends_at.astimezone(tz)
    return f"from {starts:%H:%M} to {ends:%H:%M}"


#: What the database refuses where somebody else was faster than the look beforehand.
_REFUSED = {
    "supervisor_once_at_a_time": (
        "supervisors",
        "One of them was planned for another class at that time a moment ago. Look again.",
    ),
    "slot_once": ("at", "Somebody put another class into that room at that time a moment ago."),
    "one_visit_at_a_time": (
        "at",
        "Somebody in this class was booked elsewhere at that time a moment ago. Look again.",
    ),
}


def from_database(refusal: IntegrityError) -> Clash | None:
    """What the database refused, as a Clash; None where it is no double booking."""
    name = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", "")
    found = _REFUSED.get(name or "")
    return Clash(*found) if found else None
