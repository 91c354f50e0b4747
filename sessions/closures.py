"""Days on which the clinic or a room is closed, leave of staff, and which classes fall short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet

from bonefit.acting import because, because_of
from bonefit.clinics.models import Clinic, Membership
from programs.calendar import wall_time
from programs.plans import rules_at

from . import whole_classes
from .clashes import Clash
from .models import Closure, Leave, Slot, Supervision, Visit
from .slot_making import closed_by, closures_from
from .whole_classes import Word


@dataclass(frozen=True, slots=True)
class ShortSlot:
    """A class that lacks supervisors: how many clients are booked, and how many may be.

    ``away`` are those who are planned and on leave; ``here`` those who are left.
    """

    slot: Slot
    booked: int
    looked_after: int
    here: tuple[str, ...]
    away: tuple[str, ...]

    @property
    def why(self) -> str:
        """What is short, as a sentence."""
        if not self.here:
            return "Nobody supervises it."
        one = len(self.here) == 1
        return f"{self.looked_after} may be looked after by {'one' if one else len(self.here)}."


# --- closed days ----------------------------------------------------------------------------------


@because_of("name")
@transaction.atomic
def close(
    *, name: str, starts_on: date, ends_on: date, room: str = "", by: Membership, now: datetime
) -> tuple[Closure, int]:
    """Close the clinic, or one room of it, on these days; also how many seats were taken.

    Every class inside that is still to come is called off, and everyone in it is told why.
    Raises Clash where the days are the wrong way round or all over.
    """
    clinic = by.clinic
    if ends_on < starts_on:
        raise Clash("ends_on", "The last day is before the first.")
    if ends_on < now.astimezone(clinic.tz).date():
        raise Clash("ends_on", "These days are over. Choose days that are still to come.")
    slots = whole_classes.held(clinic, _inside(clinic, starts_on, ends_on, room, now))
    closure = Closure.objects.create(
        clinic=clinic,
        name=name[:80],
        room=room,
        starts_on=starts_on,
        ends_on=ends_on,
        added_at=now,
        added_by=by,
    )
    open_ones = [slot for slot in slots if slot.called_off_at is None]
    return closure, whole_classes.call_off(open_ones, Word(by, now, name), closure=closure)


@because("The days are open after all")
@transaction.atomic
def reopen(*, closure: Closure, by: Membership, now: datetime) -> int:
    """Take a closure back: what it closed and is still to come is given back, and nothing else.

    How many seats are taken again. What another closure covers as well stays closed by that one.
    Raises Clash where it was taken back already.
    """
    clinic = by.clinic
    slots = whole_classes.held(clinic, Slot.objects.filter(closure=closure, starts_at__gt=now))
    found = Closure.objects.select_for_update(no_key=True).get(pk=closure.pk)
    if found.removed_at is not None:
        raise Clash("", "This closure was taken back already.")
    found.removed_at, found.removed_by = now, by
    found.save(update_fields=["removed_at", "removed_by"])
    return keep_closed(clinic, slots, Word(by, now, f"{found.name}: open after all"))


def keep_closed(clinic: Clinic, slots: Sequence[Slot], word: Word) -> int:
    """Make these slots agree with the closures that stand; how many seats are taken again.

    The caller has locked them. A class that somebody called off by itself stays called off.
    """
    if not slots:
        return 0
    standing = closures_from(clinic, min(_day(clinic, slot) for slot in slots))
    of = {slot.pk: closed_by(standing, slot.room, _day(clinic, slot)) for slot in slots}
    shut: dict[int, list[Slot]] = {}
    for slot in slots:
        closure = of[slot.pk]
        if closure is None:
            continue
        if slot.called_off_at is None:
            shut.setdefault(closure.pk, []).append(slot)
        elif slot.closure_id not in (None, closure.pk):
            _closed_by_another(slot, closure)
    for closure in standing:
        shutting = Word(word.by, word.now, closure.name)
        whole_classes.call_off(shut.get(closure.pk, []), shutting, closure=closure)
    opened = [slot for slot in slots if slot.closure_id and of[slot.pk] is None]
    return whole_classes.hold_after_all(opened, word)


def _closed_by_another(slot: Slot, closure: Closure) -> None:
    visits = Visit.objects.filter(slot=slot, status=Visit.Status.HOLIDAY_CLOSED)
    visits.filter(said_at__gte=slot.called_off_at).update(said_why=closure.name)
    slot.closure, slot.called_off_why = closure, closure.name
    slot.save(update_fields=["closure", "called_off_why"])


def _day(clinic: Clinic, slot: Slot) -> date:
    return slot.starts_at.astimezone(clinic.tz).date()


def _inside(clinic: Clinic, first: date, last: date, room: str, now: datetime) -> QuerySet[Slot]:
    slots = Slot.objects.filter(
        starts_at__gt=now,
        starts_at__gte=wall_time(first, time.min, clinic.tz),
        starts_at__lt=wall_time(last + timedelta(days=1), time.min, clinic.tz),
    )
    return slots.filter(room=room) if room else slots


# --- leave ----------------------------------------------------------------------------------------


@because_of("why")
@transaction.atomic
def leave(
    *,
    member: Membership,
    starts_on: date,
    ends_on: date,
    why: str = "",
    by: Membership,
    now: datetime,
) -> Leave:
    """A supervisor is away on these days. Her classes stay hers, and show as short.

    Raises Clash where the days are the wrong way round, over, or meet another leave of hers.
    """
    clinic = by.clinic
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    if ends_on < starts_on:
        raise Clash("ends_on", "The last day is before the first.")
    if ends_on < now.astimezone(clinic.tz).date():
        raise Clash("ends_on", "These days are over. Choose days that are still to come.")
    hers = Leave.objects.standing().filter(member=member)
    other = hers.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first()
    if other is not None:
        raise Clash(
            "starts_on",
            f"{member} is on leave from {_say(other.starts_on)} to {_say(other.ends_on)} already.",
        )
    return Leave.objects.create(
        clinic=clinic,
        member=member,
        starts_on=starts_on,
        ends_on=ends_on,
        why=why[:120],
        added_at=now,
        added_by=by,
    )


@because("The leave is taken back")
@transaction.atomic
def end_leave(*, leave: Leave, by: Membership, now: datetime) -> Leave:
    """She is not away after all. Raises Clash where it was taken back already."""
    found = Leave.objects.select_for_update(no_key=True).get(pk=leave.pk)
    if found.removed_at is not None:
        raise Clash("", "This leave was taken back already.")
    found.removed_at, found.removed_by = now, by
    found.save(update_fields=["removed_at", "removed_by"])
    return found


def on_leave(leaves: Sequence[Leave], member_id: int, day: date) -> bool:
    """Whether one of these leaves is the member's and covers the day."""
    return any(one.member_id == member_id and one.starts_on <= day <= one.ends_on for one in leaves)


def leaves_between(clinic: Clinic, first: date, last: date) -> list[Leave]:
    """The leaves that stand and have a day from ``first`` to ``last``."""
    standing = Leave.objects.standing().filter(clinic=clinic)
    return list(standing.filter(starts_on__lte=last, ends_on__gte=first))


# --- which classes fall short ---------------------------------------------------------------------


def short_slots(
    clinic: Clinic,
    first: date,
    last: date,
    now: datetime,
    *,
    member: Membership | None = None,
) -> list[ShortSlot]:
    """Classes still to come that nobody supervises, or with more clients than those who do may
    look after; with ``member`` only hers. A fixed number of queries.

    Supervisors on leave do not count. Empty classes that nobody supervises are short too: nobody
    can be booked into them.
    """
    leaves = leaves_between(clinic, first, last)
    ratio = rules_at(clinic, now).rules.group_warn_above
    planned = (
        Supervision.objects.filter(during__isnull=False)
        .select_related("member__user")
        .order_by("member__user__name", "pk")
    )
    slots = (
        Slot.objects.filter(
            clinic=clinic,
            called_off_at=None,
            ends_at__gt=now,
            starts_at__gte=wall_time(first, time.min, clinic.tz),
            starts_at__lt=wall_time(last + timedelta(days=1), time.min, clinic.tz),
        )
        .annotate(booked=Count("visits", filter=~Q(visits__status__in=Visit.FREED)))
        .prefetch_related(Prefetch("supervisions", queryset=planned, to_attr="planned"))
        .order_by("starts_at", "room")
    )
    if member is not None:
        slots = slots.filter(
            pk__in=Supervision.objects.filter(member=member, during__isnull=False).values("slot")
        )
    found = (_short(clinic, slot, leaves, ratio) for slot in slots)
    return [one for one in found if one is not None]


def _short(clinic: Clinic, slot: Slot, leaves: Sequence[Leave], ratio: int) -> ShortSlot | None:
    day = _day(clinic, slot)
    rows = slot.planned  # type: ignore[attr-defined]
    here = tuple(str(row.member) for row in rows if not on_leave(leaves, row.member_id, day))
    away = tuple(str(row.member) for row in rows if on_leave(leaves, row.member_id, day))
    booked = slot.booked  # type: ignore[attr-defined]
    if here and booked <= len(here) * ratio:
        return None
    return ShortSlot(slot, booked, len(here) * ratio, here, away)


def _say(day: date) -> str:
    return f"{day.day} {day:%B}"
