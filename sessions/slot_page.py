"""One class as the desk sees it: who comes, who waits, how many there is room for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Subquery

from bonefit.clients.intake import barred
from bonefit.clients.models import Client, Lock
from bonefit.clinics.access import Can
from bonefit.clinics.models import Membership

from . import seats
from .models import Slot, Visit, Waiting
from .seat_words import GIVEN_UP, kind_words, status_words

ASK_FIRST = "Ask the therapist first"
#: For clinicians, beside a name.
NO_INTAKE = "Intake"


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat of a class, in words. ``lock`` is what whoever looks may know of a lock."""

    visit: Visit
    kind: str
    status: str
    lock: str = ""
    can_change: bool = False
    can_give_back: bool = False


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """Somebody who waits: her turn, and until when a place is kept for her."""

    waiting: Waiting
    turn: int
    lock: str = ""
    offered_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClassAtTheDesk:
    """A class with its seats. ``past`` ones are read only."""

    slot: Slot
    room: seats.SlotRoom
    coming: tuple[SeatLine, ...]
    given_up: tuple[SeatLine, ...]
    waiting: tuple[WaitingLine, ...]
    past: bool

    @property
    def open(self) -> bool:
        """Whether seats of it may still be booked, moved and cancelled."""
        return not self.past and self.slot.called_off_at is None

    @property
    def told(self) -> int:
        """How many people are told when the class changes."""
        return len(self.coming)


def class_at_the_desk(slot: Slot, *, member: Membership, now: datetime) -> ClassAtTheDesk:
    """A class with its people, in a fixed number of queries. ``slot`` is one of the member's."""
    visits = list(
        Visit.objects.visible_to(member)
        .filter(slot=slot)
        .exclude(status=Visit.Status.RELEASED)
        .select_related("client", "makes_up")
        .annotate(**with_lock("client"))
        .order_by("client__name", "pk")
    )
    waiting = list(
        Waiting.objects.visible_to(member)
        .open()
        .filter(slot=slot)
        .select_related("client")
        .annotate(**with_lock("client"))
        .order_by("asked_at", "pk")
    )
    past = slot.starts_at <= now
    day = slot.starts_at.astimezone(member.clinic.tz).date()
    lines = [_line(visit, slot, member, past=past) for visit in visits]
    room = seats.room_in([slot], now=now)[slot.pk]
    return ClassAtTheDesk(
        slot=slot,
        room=room,
        coming=tuple(line for line in lines if line.visit.status not in Visit.FREED),
        given_up=tuple(line for line in lines if line.visit.status in Visit.FREED),
        waiting=tuple(
            WaitingLine(
                one,
                turn,
                lock_words(one, member=member, day=day),
                one.offer_ends_at if one.offer_ends_at and one.offer_ends_at > now else None,
            )
            for turn, one in enumerate(waiting, start=1)
        ),
        past=past,
    )


def with_lock(path: str) -> dict[str, Any]:
    """Annotations with the oldest open lock of the client that ``path`` leads to."""
    locks = Lock.objects.open().filter(client=OuterRef(path)).order_by("pk")
    return {
        "lock_kind": Subquery(locks.values("why")[:1]),
        "lock_why": Subquery(locks.values("evidence__why")[:1]),
    }


def lock_words(row: Any, *, member: Membership, day: date) -> str:
    """What the member may know of a lock, or of what her intake lacks on a day; "" where nothing
    stands in the way. ``row`` is one ``with_lock``: a client, or something with its client.

    The front desk is told whom to ask, and nothing of why.
    """
    if row.lock_kind is None:
        gone = barred(row if isinstance(row, Client) else row.client, day)
        if gone is None:
            return ""
        return f"{NO_INTAKE}: {gone.words}" if Can.SEE_CLIENTS in member.can else ASK_FIRST
    if Can.SEE_CLIENTS not in member.can:
        return ASK_FIRST
    return f"Locked: {row.lock_why or Lock.Why(row.lock_kind).label.lower()}"


def _line(visit: Visit, slot: Slot, member: Membership, *, past: bool) -> SeatLine:
    open_ = not past and slot.called_off_at is None
    day = slot.starts_at.astimezone(member.clinic.tz).date()
    return SeatLine(
        visit,
        kind_words(visit, member.clinic),
        status_words(visit),
        lock_words(visit, member=member, day=day),
        can_change=open_ and visit.status == Visit.Status.PLANNED,
        can_give_back=open_ and visit.status in GIVEN_UP,
    )
