"""What a client would notice of her visit, and that it has changed.

Whoever changes the time, the room, or whether a visit will be, says so here in the same
transaction. From that follow the SEQUENCE of her calendar, the history of the seat, and what she
is told: a notice compares what she was last told with what is true when it is sent, so that a slip
that was mended in time says nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bonefit.clinics.models import Membership

from .models import SeatChange, Visit
from .soon import review_soon

#: The fields of a visit that ``touched`` sets: save them with what was changed.
FIELDS = ("sequence", "changed_at", "told")


def state_of(visit: Visit) -> dict[str, Any]:
    """What a client would notice, and the status for the history. Needs ``visit.slot``."""
    return {
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "room": visit.slot.room,
        "slot": visit.slot_id,
        "on": visit.status not in Visit.FREED,
        "status": str(visit.status),
    }


def noticeable(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Whether a client would notice the difference between two states."""
    seen = ("starts_at", "ends_at", "room", "on")
    return before is None or any(before[name] != after[name] for name in seen)


def touched(
    visit: Visit,
    before: dict[str, Any] | None,
    *,
    kind: str,
    by: Membership | None,
    now: datetime,
    why: str = "",
) -> SeatChange:
    """The history row of a change, for the caller to save; the visit's ``FIELDS`` are set.

    ``before`` is ``state_of`` before the change, None for a visit that is new.
    """
    after = state_of(visit)
    if noticeable(before, after):
        if before is not None:
            if visit.sequence == visit.told_sequence:
                visit.told = before  # until now she knew it like this
            visit.sequence += 1
        elif visit.told is None and visit.sequence == 0:
            visit.sequence = 1  # new, and she has heard nothing of it
        visit.changed_at = now
    return SeatChange(
        clinic_id=visit.clinic_id,
        visit=visit,
        kind=kind,
        at=now,
        by=by,
        why=why[:200],
        before=before,
        after=after,
    )


def touch(
    visit: Visit,
    before: dict[str, Any] | None,
    *,
    kind: str,
    by: Membership | None,
    now: datetime,
    why: str = "",
) -> SeatChange:
    """``touched``, saved: the history row and the visit's ``FIELDS``. Flags follow after commit."""
    change = touched(visit, before, kind=kind, by=by, now=now, why=why)
    visit.save(update_fields=FIELDS)
    change.save()
    review_soon([visit.enrollment_id], clinic=visit.clinic_id, now=now)
    return change
