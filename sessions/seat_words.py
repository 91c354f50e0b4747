"""What the desk reads of a seat: what it is, what became of it, who did it and when.

Nothing clinical is in these words. Times are those of the clinic.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bonefit.clinics.models import Clinic

from .models import SeatChange, Slot, Visit

#: What became of a seat, as the desk says it.
STATUS = {
    Visit.Status.PLANNED: "Coming",
    Visit.Status.CHECKED_IN: "Here",
    Visit.Status.UNRECORDED: "Nobody has said yet",
    Visit.Status.ATTENDED: "Came",
    Visit.Status.ATTENDED_PARTIAL: "Came for a part",
    Visit.Status.NO_SHOW: "Did not come",
    Visit.Status.LATE_CANCEL: "Cancelled late",
    Visit.Status.CANCELLED_CLIENT: "Cancelled in time",
    Visit.Status.EXCUSED: "Excused",
    Visit.Status.CLINIC_CANCELLED: "Cancelled by the clinic",
    Visit.Status.HOLIDAY_CLOSED: "Clinic closed",
    Visit.Status.RELEASED: "The program ended first",
}
#: A seat that was given up, and may be given back while its class is still to come.
GIVEN_UP = (
    Visit.Status.LATE_CANCEL,
    Visit.Status.CANCELLED_CLIENT,
    Visit.Status.EXCUSED,
    Visit.Status.CLINIC_CANCELLED,
)


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """One row of a seat's history."""

    at: datetime
    text: str
    who: str
    why: str


def day_words(moment: datetime, clinic: Clinic) -> str:
    """``Thursday 26 November`` in the clinic."""
    local = moment.astimezone(clinic.tz)
    return f"{local:%A} {local.day} {local:%B}"


def when_words(moment: datetime, clinic: Clinic) -> str:
    """``Thursday 26 November, 9:00`` in the clinic."""
    local = moment.astimezone(clinic.tz)
    return f"{day_words(moment, clinic)}, {local.hour}:{local:%M}"


def slot_words(slot: Slot, clinic: Clinic) -> str:
    """``Thursday 26 November, 9:00 to 9:30``."""
    ends = slot.ends_at.astimezone(clinic.tz)
    return f"{when_words(slot.starts_at, clinic)} to {ends.hour}:{ends:%M}"


def kind_words(visit: Visit, clinic: Clinic) -> str:
    """``Regular``, ``Extra``, or which session it makes up for. Needs ``makes_up`` loaded."""
    if visit.purpose == Visit.Purpose.MAKE_UP and visit.makes_up is not None:
        return f"Make-up of {day_words(visit.makes_up.starts_at, clinic)}"
    return str(visit.get_purpose_display())


def status_words(visit: Visit) -> str:
    """What became of a seat, in words."""
    return STATUS[Visit.Status(visit.status)]


def change_words(change: SeatChange, clinic: Clinic) -> ChangeInWords:
    """A row of the history of a seat. Needs ``by__user`` loaded."""
    who = change.by.user.name if change.by is not None else "by itself"
    return ChangeInWords(change.at, _what(change, clinic), who, change.why)


def _what(change: SeatChange, clinic: Clinic) -> str:
    before, after = change.before or {}, change.after
    match change.kind:
        case SeatChange.Kind.MOVED:
            return f"Moved from {_told(before, clinic)} to {_told(after, clinic)}"
        case SeatChange.Kind.CANCELLED:
            status = after.get("status", "")
            known = status in Visit.Status.values
            return STATUS[Visit.Status(status)] if known else "Cancelled"
        case SeatChange.Kind.BOOKED:
            return f"Booked for {_told(after, clinic)}"
        case SeatChange.Kind.RESTORED:
            return f"Given back: {_told(after, clinic)}"
    return f"The class was changed: {_told(after, clinic)}"


def _told(state: dict[str, Any], clinic: Clinic) -> str:
    """Time and room of a state (sessions.changing.state_of)."""
    if "starts_at" not in state:
        return "another time"
    starts_at = datetime.fromisoformat(state["starts_at"])
    return f"{when_words(starts_at, clinic)}, {state.get('room', '')}"


def done_words(change: SeatChange, visit: Visit, clinic: Clinic) -> str:
    """What was just done, for the one who did it. Needs ``visit.client`` and its slot."""
    name, when = visit.client.name, when_words(visit.starts_at, clinic)
    match change.kind:
        case SeatChange.Kind.BOOKED:
            return f"{name} is booked for {when}."
        case SeatChange.Kind.MOVED:
            return f"{name} comes on {when} now."
        case SeatChange.Kind.CANCELLED:
            return f"{name} does not come on {when}: {status_words(visit).lower()}."
        case SeatChange.Kind.RESTORED:
            return f"{name} has the place on {when} back."
    return f"{name}: {when}."
