"""One seat: booked, cancelled, given back, moved. The class goes on whatever becomes of it.

Whoever takes a place holds the rows of the client and of the slot, in this order, and counts then:
the last place is given once, and two bookings of one client cannot both overlook the other. Words
for the page come as ``NoSeat``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bonefit.acting import because_of
from bonefit.clients.models import Client
from bonefit.clinics.models import Clinic, Membership
from programs.models import Enrollment
from programs.plans import rules_at

from . import changing, seats
from .makeups import last_day
from .may_come import Speaker, day_in_words, may_come, speaker, staff_only, when
from .models import SeatChange, Slot, Visit, Waiting

FULL = "This class is full now. Please choose another time."
GONE = "This session has begun or is over. What became of it is said on its own page."
GONE_FOR_HER = "This session has begun or is over. Please call us."
CLIENT, CLINIC, EXCUSED = "client", "clinic", "excused"
CAUSES = (CLIENT, CLINIC, EXCUSED)

#: What a clash in the database means, where somebody was faster than the check.
_CLASHES = {
    "one_place_per_slot": "This client has a place in this class already.",
    "one_visit_at_a_time": "This client has another session at that time.",
    "made_up_once": "This session has been made up already.",
}


class NoSeat(Exception):
    """It was not done; the text says why, in words for the page."""


# --- book ----------------------------------------------------------------------------------------


@because_of("why")
def book(
    *,
    enrollment: Enrollment,
    slot: Slot,
    purpose: str,
    makes_up: Visit | None = None,
    by: Membership,
    now: datetime,
    why: str = "",
    over: bool = False,
) -> Visit:
    """Give a client a place in a slot; NoSeat says why there is none.

    A make-up names the session that it ``makes_up``, which must still be owed. ``over`` lets staff
    go beyond the number of places, with a ``why`` that is kept; never beyond her rest or a lock.
    """
    who = speaker(by, enrollment.client)
    if who is Speaker.CLIENT and (over or purpose != Visit.Purpose.MAKE_UP):
        raise PermissionDenied
    return take(
        enrollment=enrollment,
        slot=slot,
        purpose=purpose,
        makes_up=makes_up,
        by=by,
        who=who,
        now=now,
        why=why,
        over=over,
    )


@because_of("why")
def take(
    *,
    enrollment: Enrollment,
    slot: Slot,
    purpose: str,
    makes_up: Visit | None,
    by: Membership,
    who: Speaker,
    now: datetime,
    why: str = "",
    over: bool = False,
) -> Visit:
    """``book`` for those who have asked already whether ``by`` may."""
    if (purpose == Visit.Purpose.MAKE_UP) != (makes_up is not None):
        raise ValueError("A make-up names the session that it makes up, and nothing else does.")
    if makes_up is not None and makes_up.enrollment_id != enrollment.pk:
        raise NoSeat("That session belongs to another program.")
    if over and not why.strip():
        raise NoSeat("Write down why the class may have one more.")
    with words_for_clashes(), transaction.atomic():
        enrollment = hold_client(enrollment)
        slot = hold_slot(slot, enrollment)
        refuse(slot, enrollment, now=now, who=who, makes_up=makes_up, over=over)
        grace = timedelta(minutes=rules_at(enrollment.clinic, now).rules.missed_grace_minutes)
        visit = Visit.objects.create(
            clinic_id=slot.clinic_id,
            enrollment=enrollment,
            client_id=enrollment.client_id,
            slot=slot,
            during=DateTimeTZRange(slot.starts_at, slot.ends_at),
            missed_after=slot.ends_at + grace,
            purpose=purpose,
            makes_up=makes_up,
            created_at=now,
        )
        changing.touch(visit, None, kind=SeatChange.Kind.BOOKED, by=by, why=why, now=now)
        _no_longer_waiting(visit, by=by, now=now)
    return visit


def refuse(
    slot: Slot,
    enrollment: Enrollment,
    *,
    now: datetime,
    who: Speaker,
    makes_up: Visit | None = None,
    over: bool = False,
    instead_of: Visit | None = None,
) -> None:
    """NoSeat where a client may not come to a slot or has no room there. Hold both rows first.

    ``instead_of``: a visit of hers that gives way to this one, so that nothing is booked anew.
    """
    day = slot.starts_at.astimezone(enrollment.clinic.tz).date()
    hers = may_come(
        enrollment,
        now=now,
        first=day,
        last=day,
        who=who,
        makes_up=makes_up,
        anew=instead_of is None,
    )
    if text := hers.why_not_at_all(day):
        raise NoSeat(text)
    rooms, newcomer = seats.room_for([slot], enrollment, now=now)
    room = rooms[slot.pk]
    if room.shut:
        # Who supervises is no matter of hers: there is no place.
        raise NoSeat(FULL if who is Speaker.CLIENT and room.shut == seats.NOBODY else room.shut)
    besides = () if instead_of is None else (instead_of.pk,)
    if text := hers.why_not(slot, besides=besides):
        raise NoSeat(text)
    if not over and (full := room.why_not(newcomer=newcomer)):
        raise NoSeat(FULL if who is Speaker.CLIENT else full)


# --- cancel, and give back -----------------------------------------------------------------------


@because_of("why")
@transaction.atomic
def cancel(*, visit: Visit, cause: str, why: str, by: Membership, now: datetime) -> Visit:
    """Free one seat that is still to come; the class and everybody else in it stay as they are.

    ``cause``: "client" is a late cancel where it comes later than ``late_cancel_hours`` before;
    "clinic" and "excused" (medical or agreed, with its ``why``) are for staff to say.
    """
    if cause not in CAUSES:
        raise ValueError(f"A cause is one of {', '.join(CAUSES)}.")
    held = hold_visit(visit)
    who = speaker(by, held.client)
    if who is Speaker.CLIENT and cause != CLIENT:
        raise PermissionDenied
    if held.status in Visit.FREED:
        raise NoSeat("This session is cancelled already.")
    still_to_come(held, now, GONE_FOR_HER if who is Speaker.CLIENT else GONE)
    if cause == EXCUSED and not why.strip():
        raise NoSeat("Write down why: medical, or agreed leave.")
    status = {CLINIC: Visit.Status.CLINIC_CANCELLED, EXCUSED: Visit.Status.EXCUSED}.get(cause)
    free(held, status or _by_the_client(held, now), why=why, by=by, now=now)
    return held


def restore(*, visit: Visit, by: Membership, now: datetime) -> Visit:
    """Give a cancelled seat back, where there is still room and rest; a client her own cancel."""
    who = speaker(by, visit.client)
    with words_for_clashes(), transaction.atomic():
        enrollment = hold_client(visit.enrollment)
        slot = hold_slot(Slot.objects.get(visits=visit), enrollment)
        held = hold_visit(visit)
        if held.status not in Visit.FREED:
            raise NoSeat("This seat is not cancelled.")
        if who is Speaker.CLIENT and not _her_own_word(held, by):
            raise NoSeat("Please call us: this session was cancelled by the clinic.")
        made_up = Visit.objects.filter(makes_up=held).exclude(status__in=Visit.FREED).first()
        if made_up is not None:
            day = when(made_up.starts_at, enrollment.clinic.tz)
            raise NoSeat(f"It is made up on {day}. Cancel that one first.")
        refuse(slot, enrollment, now=now, who=who)
        give_back(held, slot, by=by, now=now)
    return held


@because_of("why")
def give_back(visit: Visit, slot: Slot, *, by: Membership, now: datetime, why: str = "") -> None:
    """Make a freed visit a seat again, at the time its slot has now. Hold both rows first."""
    before = changing.state_of(visit)
    visit.status = Visit.Status.PLANNED
    visit.said_at, visit.said_by, visit.said_why = None, None, ""
    _sit(visit, slot, now)
    visit.save(update_fields=[*SEAT, *SAID])
    changing.touch(visit, before, kind=SeatChange.Kind.RESTORED, by=by, why=why, now=now)
    _no_longer_waiting(visit, by=by, now=now)


@because_of("why")
def free(
    visit: Visit,
    status: str,
    *,
    why: str,
    by: Membership,
    now: datetime,
    seen: dict[str, Any] | None = None,
) -> None:
    """Free a seat with a word about it. Hold its row first; ``seen`` is how it was before."""
    before = seen or changing.state_of(visit)
    visit.status = status
    visit.said_at, visit.said_by, visit.said_why = now, by, why.strip()[:200]
    visit.save(update_fields=SAID)
    changing.touch(
        visit, before, kind=SeatChange.Kind.CANCELLED, by=by, why=visit.said_why, now=now
    )


# --- move ----------------------------------------------------------------------------------------


@because_of("why")
def move(*, visit: Visit, slot: Slot, by: Membership, why: str, now: datetime) -> Visit:
    """Move one seat to another slot: the same visit, so that calendars move it too. For staff."""
    who = staff_only(by, visit.client)
    with words_for_clashes(), transaction.atomic():
        enrollment = hold_client(visit.enrollment)
        slot = hold_slot(slot, enrollment)
        held = hold_visit(visit)
        if held.slot_id == slot.pk:
            raise NoSeat("The session is in this class already.")
        if held.status in Visit.FREED:
            raise NoSeat("This seat is cancelled. Give it back first.")
        still_to_come(held, now)
        refuse(slot, enrollment, now=now, who=who, instead_of=held)
        _not_after_its_last_day(held, slot, now)
        put(held, slot, by=by, why=why, now=now)
    return held


@because_of("why")
def put(
    visit: Visit,
    slot: Slot,
    *,
    by: Membership,
    why: str,
    now: datetime,
    seen: dict[str, Any] | None = None,
    off: str = "",
) -> None:
    """Write a visit into another slot. Hold both rows first.

    ``seen`` is how it was, where it is no longer that. Into a class that is ``off`` it goes with
    that status, so that it comes back with the class.
    """
    before = seen or changing.state_of(visit)
    _sit(visit, slot, now)
    visit.status = off or Visit.Status.PLANNED
    visit.said_at, visit.said_by = (now, by) if off else (None, None)
    visit.said_why = slot.called_off_why if off else ""
    visit.save(update_fields=[*SEAT, *SAID])
    changing.touch(visit, before, kind=SeatChange.Kind.MOVED, by=by, why=why.strip(), now=now)
    if not off:
        _no_longer_waiting(visit, by=by, now=now)


#: The fields of a visit that say where it is, and what was said of it.
SEAT = ("slot", "during", "missed_after", "prescription")
SAID = ("status", "said_at", "said_by", "said_why")


def _sit(visit: Visit, slot: Slot, now: datetime) -> None:
    if (visit.starts_at, visit.ends_at) != (slot.starts_at, slot.ends_at):
        grace = timedelta(minutes=rules_at(visit.clinic, now).rules.missed_grace_minutes)
        visit.during = DateTimeTZRange(slot.starts_at, slot.ends_at)
        visit.missed_after = slot.ends_at + grace
        # What is asked for depends on what was before: another day asks anew.
        visit.prescription = None
    visit.slot = slot


# --- held rows, and steps ------------------------------------------------------------------------


def hold_clinic(enrollment: Enrollment) -> Enrollment:
    """``hold_client`` after the clinic, like the planner and whoever changes whole classes."""
    Clinic.objects.select_for_update(no_key=True).get(pk=enrollment.clinic_id)
    return hold_client(enrollment)


def hold_client(enrollment: Enrollment) -> Enrollment:
    """Lock a client until the transaction ends, and read the enrollment as it is now."""
    # Rows that point at her may be written all the same: only other bookings of hers wait.
    Client.objects.select_for_update(no_key=True).get(pk=enrollment.client_id)
    return Enrollment.objects.select_related("clinic", "client").get(pk=enrollment.pk)


def hold_slot(slot: Slot, enrollment: Enrollment) -> Slot:
    """Lock a slot of the enrollment's clinic until the transaction ends."""
    held = Slot.objects.select_for_update().filter(pk=slot.pk, clinic=enrollment.clinic).first()
    if held is None:
        raise NoSeat("There is no such class any more.")
    held.clinic = enrollment.clinic
    return held


def hold_visit(visit: Visit) -> Visit:
    """Lock a visit until the transaction ends, and read it as it is now."""
    # Alone first: a row that was moved while we waited would be missed beside its old slot.
    Visit.objects.select_for_update().only("pk").get(pk=visit.pk)
    return Visit.objects.select_related("clinic", "client", "slot", "enrollment__clinic").get(
        pk=visit.pk
    )


@contextmanager
def words_for_clashes() -> Iterator[None]:
    """What the database refuses, as NoSeat; put it around the transaction."""
    try:
        yield
    except IntegrityError as clash:
        constraint = getattr(getattr(clash.__cause__, "diag", None), "constraint_name", "")
        if constraint not in _CLASHES:
            raise
        raise NoSeat(_CLASHES[constraint]) from clash


def still_to_come(visit: Visit, now: datetime, words: str = GONE) -> None:
    """NoSeat where a visit is not planned any more, or has begun."""
    if visit.status != Visit.Status.PLANNED or visit.starts_at <= now:
        raise NoSeat(words)


def _by_the_client(visit: Visit, now: datetime) -> str:
    hours = rules_at(visit.clinic, now).rules.late_cancel_hours
    late = visit.starts_at - now < timedelta(hours=hours)
    return Visit.Status.LATE_CANCEL if late else Visit.Status.CANCELLED_CLIENT


def _her_own_word(visit: Visit, by: Membership) -> bool:
    hers = (Visit.Status.CANCELLED_CLIENT, Visit.Status.LATE_CANCEL)
    return visit.status in hers and visit.said_by_id == by.pk


def _not_after_its_last_day(visit: Visit, slot: Slot, now: datetime) -> None:
    """A make-up stays within the days of the session that it makes up."""
    if visit.makes_up is None:
        return
    tz, days = visit.clinic.tz, rules_at(visit.clinic, now).rules.makeup_days
    until = last_day(visit.makes_up, visit.clinic, days)
    if slot.starts_at.astimezone(tz).date() > until:
        raise NoSeat(f"It makes up a session, and can do so until {day_in_words(until)}.")


def _no_longer_waiting(visit: Visit, *, by: Membership, now: datetime) -> None:
    """Who has a place in a class waits for it no more."""
    Waiting.objects.open().filter(slot=visit.slot, client=visit.client_id).update(
        closed_at=now, closed_by=by, outcome=Waiting.Outcome.TAKEN, visit=visit
    )
