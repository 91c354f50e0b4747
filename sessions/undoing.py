"""A slip of the desk, taken back: exactly what was before, within ten minutes.

Booking changes wait three minutes before anybody is told, so that a slip that is mended in time
sends nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bonefit.acting import because
from bonefit.clinics.models import Membership

from . import booking
from .models import SeatChange, Slot, Visit, Waiting

#: How long the way back is offered.
UNDO = timedelta(minutes=10)
SLIP = "Undone: it was a slip."
CHANGED_SINCE = "This seat was changed again since. Nothing was undone."
TOO_LATE = "Only your own change of the last ten minutes is undone. Change the seat instead."

_UNDOABLE = (SeatChange.Kind.BOOKED, SeatChange.Kind.MOVED, SeatChange.Kind.CANCELLED)


def newest(pk: int, *, by: Membership, now: datetime) -> SeatChange | None:
    """The change with this number, if the member made it herself a moment ago."""
    return (
        SeatChange.objects.visible_to(by)
        .filter(pk=pk, by=by, at__gt=now - UNDO)
        .select_related("visit__client", "visit__slot")
        .first()
    )


def can_be_undone(change: SeatChange) -> bool:
    """Whether there is a way back from this kind of change."""
    return change.kind in _UNDOABLE


@because(SLIP)
@transaction.atomic
def undo(*, change: SeatChange, by: Membership, now: datetime) -> Visit:
    """Take a booking, a move or a cancelling back; return the seat as it is then.

    Raises NoSeat with words where the seat was changed since, where ten minutes are over, or where
    the place it had is taken by now.
    """
    visit = Visit.objects.visible_to(by).select_for_update(of=("self",)).get(pk=change.visit_id)
    latest = visit.seat_changes.order_by("-pk").first()
    if latest is None or latest.pk != change.pk or not can_be_undone(change):
        raise booking.NoSeat(CHANGED_SINCE)
    if change.at <= now - UNDO or change.by_id != by.pk:
        raise booking.NoSeat(TOO_LATE)
    visit.clinic = by.clinic
    match change.kind:
        case SeatChange.Kind.BOOKED:
            _waits_again(visit, change)
            return booking.cancel(visit=visit, cause="clinic", why=SLIP, by=by, now=now)
        case SeatChange.Kind.CANCELLED:
            return booking.restore(visit=visit, by=by, now=now)
    slot = Slot.objects.visible_to(by).get(pk=(change.before or {})["slot"])
    return booking.move(visit=visit, slot=slot, by=by, why=SLIP, now=now)


def _waits_again(visit: Visit, change: SeatChange) -> None:
    """Who had waited for the class until it was booked is on its list again, in her turn."""
    Waiting.objects.filter(visit=visit, closed_at=change.at).update(
        closed_at=None, closed_by=None, outcome="", visit=None
    )
