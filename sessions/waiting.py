"""The waiting list of a slot: a freed place is offered in order, and held until the offer ends.

The order is that of asking. Who cannot take the place now (her rest, a lock, a pause) keeps her
turn and is passed over. Every way in holds the slot's row, so that two sweeps at once offer a place
once; a sweep leaves a slot that somebody else holds to the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from bonefit.clinics.models import Membership
from programs.models import Enrollment
from programs.plans import rules_at

from . import booking, notices, seats
from .booking import NoSeat
from .makeups import credits_of
from .may_come import OVER, Speaker, may_come, speaker, staff_only
from .models import Slot, Visit, Waiting

#: An offer ends at the latest so long before the class: somebody has to get there.
BEFORE_CLASS = timedelta(hours=1)
NO_OFFER = "This offer has ended. You can ask for the next free place."
CLOSED = "This client is not on the list any more."


# --- on the list ---------------------------------------------------------------------------------


@transaction.atomic
def wait(
    *,
    enrollment: Enrollment,
    slot: Slot,
    by: Membership,
    now: datetime,
    makes_up: Visit | None = None,
) -> Waiting:
    """Put a client on the list of a slot; NoSeat says why she need not or cannot wait.

    A client can put herself on it for a session that she may make up; staff for an extra one too.
    """
    who = speaker(by, enrollment.client)
    if who is Speaker.CLIENT and makes_up is None:
        raise PermissionDenied
    enrollment = booking.hold_client(enrollment)
    slot = booking.hold_slot(slot, enrollment)
    day = slot.starts_at.astimezone(enrollment.clinic.tz).date()
    hers = may_come(enrollment, now=now, first=day, last=day, who=who)
    if text := hers.why_not_at_all(day):
        raise NoSeat(text)
    if any(one.slot == slot.pk for one in hers.held):
        has = "You have" if who is Speaker.CLIENT else "This client has"
        raise NoSeat(f"{has} a place in this class already.")
    if slot.called_off_at is not None:
        raise NoSeat(seats.CALLED_OFF)
    if slot.starts_at <= now:
        raise NoSeat(seats.BEGUN)
    if makes_up is not None:
        until = {one.visit.pk: one.until for one in credits_of(enrollment, now=now)}
        if makes_up.pk not in until or day > until[makes_up.pk]:
            raise NoSeat(OVER)
    known = Waiting.objects.open().filter(slot=slot, client=enrollment.client_id).first()
    if known is not None:
        waits = "You wait" if who is Speaker.CLIENT else "This client waits"
        raise NoSeat(f"{waits} for this class already.")
    return Waiting.objects.create(
        clinic_id=enrollment.clinic_id,
        slot=slot,
        enrollment=enrollment,
        client_id=enrollment.client_id,
        makes_up=makes_up,
        asked_at=now,
        asked_by=by,
    )


@transaction.atomic
def remove(*, waiting: Waiting, by: Membership, now: datetime) -> Waiting:
    """Take a client off the list; a place that was kept for her goes to the next."""
    speaker(by, waiting.client)
    return _leave(waiting, Waiting.Outcome.REMOVED, by=by, now=now)


# --- offers --------------------------------------------------------------------------------------


def offer_free_places(now: datetime) -> int:
    """Offer every free place that somebody waits for; how many offers were made.

    Offers that have ended and lists of classes that have begun are closed first. Twice, late or in
    parallel is harmless.
    """
    _close_begun(now)
    _end_offers(now)
    asked = Waiting.objects.open().filter(offered_at=None, slot__starts_at__gt=now)
    slots = asked.order_by("slot__starts_at", "slot").values_list("slot", flat=True).distinct()
    return sum(_offer_alone(slot, now) for slot in list(slots))


def expire(now: datetime) -> int:
    """Close the offers that ended unanswered and offer their places to the next; how many."""
    ended = _end_offers(now)
    for slot in ended:
        _offer_alone(slot, now)
    return sum(ended.values())


@transaction.atomic
def offer_to(*, waiting: Waiting, by: Membership, now: datetime) -> Waiting:
    """Offer a free place to this client now, whoever asked before her. For staff."""
    who = staff_only(by, waiting.client)
    enrollment = booking.hold_client(waiting.enrollment)
    slot = booking.hold_slot(waiting.slot, enrollment)
    held = _held(waiting)
    if held.closed_at is not None:
        raise NoSeat(CLOSED)
    if held.offered_at is not None:
        raise NoSeat("The place is offered to this client already.")
    booking.refuse(slot, enrollment, now=now, who=who, makes_up=held.makes_up)
    if not _offer(held, slot, now):
        raise NoSeat("The class begins too soon for an offer. Book the place instead.")
    return held


def accept(*, waiting: Waiting, by: Membership, now: datetime) -> Visit:
    """Take the place that is offered: it is booked. Twice is the same visit."""
    who = speaker(by, waiting.client)
    with booking.words_for_clashes(), transaction.atomic():
        enrollment = booking.hold_client(waiting.enrollment)
        slot = booking.hold_slot(waiting.slot, enrollment)
        held = _held(waiting)
        if held.outcome == Waiting.Outcome.TAKEN and held.visit is not None:
            return held.visit
        if held.closed_at is not None or held.offer_ends_at is None or held.offer_ends_at <= now:
            raise NoSeat(NO_OFFER)
        return booking.take(
            enrollment=enrollment,
            slot=slot,
            purpose=Visit.Purpose.MAKE_UP if held.makes_up else Visit.Purpose.EXTRA,
            makes_up=held.makes_up,
            by=by,
            who=who,
            now=now,
        )


@transaction.atomic
def decline(*, waiting: Waiting, by: Membership, now: datetime) -> Waiting:
    """Say no to an offer; the place goes to the next who waits."""
    speaker(by, waiting.client)
    return _leave(waiting, Waiting.Outcome.DECLINED, by=by, now=now)


# --- steps ---------------------------------------------------------------------------------------


def _leave(waiting: Waiting, outcome: str, *, by: Membership, now: datetime) -> Waiting:
    Slot.objects.select_for_update().get(pk=waiting.slot_id)
    held = _held(waiting)
    if held.closed_at is not None:
        raise NoSeat(CLOSED)
    offered = held.offered_at is not None
    held.closed_at, held.closed_by, held.outcome = now, by, outcome
    held.save(update_fields=["closed_at", "closed_by", "outcome"])
    if offered:
        _offer_in(held.slot_id, now)
    return held


def _held(waiting: Waiting) -> Waiting:
    return (
        Waiting.objects.select_for_update(of=("self",))
        .select_related("client", "makes_up__slot", "visit", "slot", "clinic")
        .get(pk=waiting.pk)
    )


def _close_begun(now: datetime) -> int:
    """Nobody waits for a class that has begun or is called off."""
    over = Waiting.objects.open().filter(
        Q(slot__starts_at__lte=now) | Q(slot__called_off_at__isnull=False)
    )
    return over.update(closed_at=now, outcome=Waiting.Outcome.REMOVED)


def _end_offers(now: datetime) -> dict[int, int]:
    """Close the offers that have ended; how many of each slot."""
    ended = Waiting.objects.open().filter(offer_ends_at__lte=now)
    closed: dict[int, int] = {}
    for slot in list(ended.order_by("slot").values_list("slot", flat=True).distinct()):
        with transaction.atomic():
            if _hold_free(slot):
                closed[slot] = ended.filter(slot=slot).update(
                    closed_at=now, outcome=Waiting.Outcome.EXPIRED
                )
    return closed


def _hold_free(slot: int) -> Slot | None:
    """The slot, locked; None where somebody else holds it."""
    held = Slot.objects.select_for_update(of=("self",), skip_locked=True).select_related("clinic")
    return held.filter(pk=slot).first()


@transaction.atomic
def _offer_alone(slot: int, now: datetime) -> int:
    return _offer_in(slot, now) if _hold_free(slot) else 0


def _offer_in(slot_id: int, now: datetime) -> int:
    """Offer the free places of a slot that is held, in the order of asking."""
    slot = Slot.objects.select_related("clinic").get(pk=slot_id)
    offered = 0
    queue = (
        Waiting.objects.open()
        .filter(slot=slot, offered_at=None)
        .select_related("enrollment__clinic", "client", "makes_up__slot", "clinic")
        .order_by("asked_at", "pk")
    )
    for waiting in queue:
        waiting.enrollment.client = waiting.client
        rooms, newcomer = seats.room_for([slot], waiting.enrollment, now=now)
        room = rooms[slot.pk]
        if not room.free or room.shut:
            break
        if not waiting.client.email or room.why_not(newcomer=newcomer):
            continue  # nobody would hear of it; the desk can call her and offer it
        if _may_take(waiting, slot, now) and _offer(waiting, slot, now):
            offered += 1
    return offered


def _may_take(waiting: Waiting, slot: Slot, now: datetime) -> bool:
    day = slot.starts_at.astimezone(waiting.clinic.tz).date()
    hers = may_come(
        waiting.enrollment,
        now=now,
        first=day,
        last=day,
        who=Speaker.DESK,
        makes_up=waiting.makes_up,
    )
    return not hers.why_not(slot)


def _offer(waiting: Waiting, slot: Slot, now: datetime) -> bool:
    """Make the offer and write its message; False where the class is too near for one."""
    due = notices.offer_due(waiting, now=now)  # its hours are counted from when she hears of it
    hours = rules_at(waiting.clinic, now).rules.offer_hours
    ends = min(due + timedelta(hours=hours), slot.starts_at - BEFORE_CLASS)
    if ends <= due:
        return False
    waiting.offered_at, waiting.offer_ends_at = now, ends
    waiting.save(update_fields=["offered_at", "offer_ends_at"])
    if waiting.client.email:
        notices.offer(waiting, now=now)
    return True
