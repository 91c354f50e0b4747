"""How long a signed visit, and its note, are open to change: after that a change has a reason.

Works on loaded values only. The hours are those of the rules that were in force when it was signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bonefit.clinics.models import Clinic
from programs.plans import rules_at

from .models import Visit

#: How long a reason may be, as the tables have it.
LONGEST_WHY = 200


def open_until(signed_at: datetime, clinic: Clinic) -> datetime:
    """Until when something that was signed at a moment may be changed without a reason."""
    return signed_at + timedelta(hours=rules_at(clinic, signed_at).rules.reopen_hours)


def reopen_until(visit: Visit) -> datetime | None:
    """Until when a signed visit can be opened again; None where it is not signed."""
    if not visit.took_place or visit.completed_at is None:
        return None
    return open_until(visit.completed_at, visit.clinic)


def needs_why(visit: Visit, now: datetime) -> bool:
    """Whether a visit was signed so long ago that a change is an amendment, with its reason."""
    until = reopen_until(visit)
    return until is not None and now > until


def read_why(typed: Any, *, needed: bool) -> tuple[str, str]:
    """The reason as it is kept, and what is wrong with it; "" where nothing is."""
    why = "" if typed is None else str(typed).strip()
    if needed and not why:
        return why, "It was signed a while ago. Write why it is changed."
    if len(why) > LONGEST_WHY:
        return why, f"Write the reason in at most {LONGEST_WHY} characters."
    return why, ""


def as_lane(visit: Visit) -> Mapping[str, Any]:
    """What a tablet is told of the signature; the visit has ``noted`` from the lanes' query."""
    until = reopen_until(visit)
    signed_at = visit.completed_at if visit.took_place else None
    return {
        "signed_at": signed_at.isoformat() if signed_at else None,
        "reopen_until": until.isoformat() if until else None,
        "note_due": visit.took_place and not visit.noted,  # type: ignore[attr-defined]
    }
