"""How much room slots have, and which of them a client could take.

A seat is a visit that is not freed; an offer that stands holds one too. What a slot has room for
follows from its room, its racks, the most that was set for it, and the supervisors who are planned
and not on leave (``sessions.capacity``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from bonefit.clinics.models import Clinic
from programs.models import Enrollment
from programs.plans import rules_at
from programs.rules import Rules

from . import capacity, roster
from .makeups import Credit, last_day
from .may_come import Speaker, may_come
from .models import Closure, Leave, Room, Slot, Supervision, Visit, Waiting

BEGUN = "The class has begun."
CALLED_OFF = "The class is called off."
NOBODY = "Nobody is planned to supervise it."


@dataclass(frozen=True, slots=True)
class SlotRoom:
    """The room of one slot.

    ``places`` are there for clients who count once and ``because`` says what bounds them; ``free``
    is how many more of those fit. ``weight_free`` is what its supervisors can still look after: a
    newcomer may weigh more. ``offered`` places are kept for those who were offered one, ``waiting``
    counts who has no offer. ``shut`` says why nobody can be booked at all, however much room; where
    the class is off, ``off`` is the status that a seat in it has.
    """

    taken: int
    offered: int
    waiting: int
    places: int
    free: int
    weight_free: Decimal
    because: str
    shut: str
    off: str
    supervisors: tuple[str, ...]
    limits: capacity.Limits
    rules: Rules
    there: tuple[bool, ...]

    def why_not(self, *, newcomer: bool) -> str:
        """Why there is no place for one more; "" where there is."""
        if self.shut:
            return self.shut
        return capacity.fits(self.limits, self.rules, newcomers=self.there, newcomer=newcomer)


@dataclass(frozen=True, slots=True)
class FreePlace:
    """A slot that somebody might come to; ``why_not`` is empty where she can.

    ``may_wait``: it is full, and nothing else keeps her from it.
    """

    slot: Slot
    free: int
    why_not: str
    supervisors: tuple[str, ...] = ()
    may_wait: bool = False


def room_in(
    slots: Iterable[Slot], *, now: datetime, not_counting: int | None = None
) -> dict[int, SlotRoom]:
    """The room of slots of one clinic, in four queries, six where newcomers weigh more.

    ``not_counting``: a client whose own offers hold no place against her. Slots that were read
    ``with_limits`` are not read again.
    """
    wanted = list({slot.pk: slot for slot in slots}.values())
    if not wanted:
        return {}
    clinic = wanted[0].clinic
    return _rooms(_limited(wanted, clinic), clinic, now=now, not_counting=not_counting)[0]


def free_places(
    enrollment: Enrollment,
    *,
    now: datetime,
    first: date,
    last: date,
    makes_up: Visit | None = None,
    credit: Credit | None = None,
    who: Speaker = Speaker.DESK,
    besides: Collection[int] = (),
    anew: bool = True,
) -> list[FreePlace]:
    """The slots of coming days, soonest first, each with why she cannot take it.

    ``first`` and ``last`` are days of the clinic, both included. A make-up is
    looked for until its last day; a ``credit`` that is known is not asked for again. ``besides``:
    visits of hers that give way; then, and where it is known that she is not locked, nothing is
    booked ``anew``. At most ten queries.
    """
    clinic = enrollment.clinic
    if makes_up is not None:
        days = rules_at(clinic, now).rules.makeup_days
        last = min(last, last_day(makes_up, clinic, days))
    begin = datetime.combine(first, time.min, tzinfo=clinic.tz)
    end = datetime.combine(last + timedelta(days=1), time.min, tzinfo=clinic.tz)
    coming = Slot.objects.filter(
        clinic=clinic, starts_at__gt=max(now, begin - timedelta(seconds=1)), starts_at__lt=end
    )
    slots = list(with_limits(coming, clinic).order_by("starts_at", "room"))
    if not slots:
        return []
    rooms, newcomers = _rooms(
        slots, clinic, now=now, not_counting=enrollment.client_id, asking=enrollment.pk
    )
    hers = may_come(
        enrollment,
        now=now,
        first=first,
        last=last,
        who=who,
        makes_up=makes_up,
        credit=credit,
        anew=anew and not besides,
    )
    new = enrollment.pk in newcomers
    return [
        _place(slot, rooms[slot.pk], hers.why_not(slot, besides=besides), newcomer=new)
        for slot in slots
    ]


def place_in(slot: Slot, enrollment: Enrollment, *, now: datetime, anew: bool = True) -> FreePlace:
    """``free_places`` of one slot. Not ``anew``: it is known that she is not locked."""
    rooms, newcomer = room_for([slot], enrollment, now=now)
    day = slot.starts_at.astimezone(enrollment.clinic.tz).date()
    hers = may_come(enrollment, now=now, first=day, last=day, who=Speaker.DESK, anew=anew)
    return _place(slot, rooms[slot.pk], hers.why_not(slot), newcomer=newcomer)


def _place(slot: Slot, room: SlotRoom, against: str, *, newcomer: bool) -> FreePlace:
    """``against``: why she may not come, however much room there is."""
    full = room.why_not(newcomer=newcomer)
    waits = bool(full) and not (room.shut or against)
    return FreePlace(slot, room.free, full or against, room.supervisors, waits)


def room_for(
    slots: Iterable[Slot], enrollment: Enrollment, *, now: datetime
) -> tuple[dict[int, SlotRoom], bool]:
    """The room of slots as it is for one client, and whether she is a newcomer."""
    rooms, newcomers = _rooms(
        _limited(list(slots), enrollment.clinic),
        enrollment.clinic,
        now=now,
        not_counting=enrollment.client_id,
        asking=enrollment.pk,
    )
    return rooms, enrollment.pk in newcomers


# --- steps ----------------------------------------------------------------------------------------


def _limited(slots: Sequence[Slot], clinic: Clinic) -> list[Slot]:
    """These slots ``with_limits``; read again where they are without."""
    if all(hasattr(slot, "room_places") for slot in slots):
        return list(slots)
    return list(with_limits(Slot.objects.filter(pk__in=[one.pk for one in slots]), clinic))


def with_limits(slots: QuerySet[Slot], clinic: Clinic) -> QuerySet[Slot]:
    """Slots with what their rooms hold and whether a closure falls on their day."""
    room = Room.objects.filter(clinic=OuterRef("clinic"), name=OuterRef("room"))
    closed = Closure.objects.standing().filter(
        Q(room="") | Q(room=OuterRef("room")),
        clinic=OuterRef("clinic"),
        starts_on__lte=OuterRef("local_day"),
        ends_on__gte=OuterRef("local_day"),
    )
    return slots.annotate(
        local_day=TruncDate("starts_at", tzinfo=clinic.tz),
        room_places=Subquery(room.values("places")),
        room_racks=Subquery(room.values("racks")),
    ).annotate(closed=Subquery(closed.values("name")[:1]))


def _rooms(
    slots: Sequence[Slot],
    clinic: Clinic,
    *,
    now: datetime,
    not_counting: int | None = None,
    asking: int | None = None,
) -> tuple[dict[int, SlotRoom], set[int]]:
    """The rooms of slots ``with_limits``, and which of the enrollments asked about are new."""
    rules = rules_at(clinic, now).rules
    supervisors = _supervisors(slots, clinic)
    taken: dict[int, list[int]] = defaultdict(list)
    seats = Visit.objects.filter(slot__in=slots).exclude(status__in=Visit.FREED).order_by()
    for slot_id, enrollment in seats.values_list("slot_id", "enrollment_id"):
        taken[slot_id].append(enrollment)
    offered: dict[int, list[int]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)
    rows = Waiting.objects.open().filter(slot__in=slots).order_by()
    for slot_id, enrollment, client, ends in rows.values_list(
        "slot_id", "enrollment_id", "client_id", "offer_ends_at"
    ):
        if ends is None:
            waiting[slot_id] += 1
        elif ends > now and client != not_counting:
            offered[slot_id].append(enrollment)
    newcomers: set[int] = set()
    if rules.newcomer_weight != 1:
        there = {one for group in (*taken.values(), *offered.values()) for one in group}
        newcomers = roster.newcomers(there | ({asking} if asking else set()))
    found = {}
    for slot in slots:
        found[slot.pk] = _room(
            slot,
            rules,
            now=now,
            supervisors=supervisors.get(slot.pk, []),
            taken=[one in newcomers for one in taken[slot.pk]],
            offered=[one in newcomers for one in offered[slot.pk]],
            waiting=waiting[slot.pk],
        )
    return found, newcomers


def _supervisors(slots: Sequence[Slot], clinic: Clinic) -> dict[int, list[str]]:
    """Who is planned for each slot and not on leave that day, by name."""
    away = Leave.objects.standing().filter(
        member=OuterRef("member"),
        starts_on__lte=OuterRef("local_day"),
        ends_on__gte=OuterRef("local_day"),
    )
    planned = (
        Supervision.objects.filter(slot__in=slots, during__isnull=False, member__is_active=True)
        .annotate(local_day=TruncDate("slot__starts_at", tzinfo=clinic.tz))
        .filter(~Exists(away))
        .order_by("pk")
        .values_list("slot_id", "member__user__name")
    )
    found: dict[int, list[str]] = defaultdict(list)
    for slot_id, name in planned:
        found[slot_id].append(name)
    return found


def _room(
    slot: Slot,
    rules: Rules,
    *,
    now: datetime,
    supervisors: Sequence[str],
    taken: Sequence[bool],
    offered: Sequence[bool],
    waiting: int,
) -> SlotRoom:
    limits = capacity.Limits(
        supervisors=len(supervisors),
        room_places=slot.room_places,  # type: ignore[attr-defined]  # annotated
        racks=slot.room_racks,  # type: ignore[attr-defined]
        most=slot.capacity,
    )
    shut = _shut(slot, supervised=bool(supervisors), now=now)
    places = capacity.places(limits, rules)
    there = (*taken, *offered)
    weight = sum((rules.newcomer_weight if new else Decimal(1) for new in there), Decimal(0))
    weight_free = max(Decimal(0), limits.supervisors * rules.group_warn_above - weight)
    return SlotRoom(
        taken=len(taken),
        offered=len(offered),
        waiting=waiting,
        places=0 if shut else places.count,
        free=0 if shut else capacity.free(limits, rules, newcomers=there),
        weight_free=weight_free,
        because=shut or places.because,
        shut=shut,
        off=_off(slot),
        supervisors=tuple(supervisors),
        limits=limits,
        rules=rules,
        there=there,
    )


def _shut(slot: Slot, *, supervised: bool, now: datetime) -> str:
    closed: str | None = slot.closed  # type: ignore[attr-defined]  # annotated
    if closed:
        return f"Closed: {closed}."
    if slot.called_off_at is not None:
        return CALLED_OFF
    if slot.starts_at <= now:
        return BEGUN
    return "" if supervised else NOBODY


def _off(slot: Slot) -> str:
    if slot.closed:  # type: ignore[attr-defined]  # annotated
        return Visit.Status.HOLIDAY_CLOSED
    return Visit.Status.CLINIC_CANCELLED if slot.called_off_at is not None else ""
