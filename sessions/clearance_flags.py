"""What was lifted outside a client's clearance is flagged in the transaction that saves it: F23.

A review heals a flag that was lost, and closes one whose sets were corrected (``flags/health.py``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from programs.reasons import INTAKE

from .flagging import close_by_itself, closed_keys, open_of_visit
from .flags import OUTSIDE_CLEARANCE_RULE
from .models import Flag, SetEntry, Visit


def flag_outside_clearance(visit: Visit, entries: Iterable[SetEntry], *, now: datetime) -> None:
    """Flag what was lifted outside a client's clearance, in the transaction that saves it.

    Landings too high, or any set while she was locked or barred by her intake. While one such
    flag of the enrollment is open there is no second; a visit that a person has answered for is
    not raised again unless it gets worse.
    """
    above = [entry for entry in entries if entry.outside_clearance and not entry.voided]
    if not above:
        return
    level = max(entry.landing_level or 0 for entry in above)
    key = f"{OUTSIDE_CLEARANCE_RULE}|{visit.uid}|{level}"
    of_enrollment = Flag.objects.filter(
        kind=Flag.Kind.OUTSIDE_CLEARANCE, enrollment_id=visit.enrollment_id
    )
    if closed_keys(of_enrollment, [key]):
        return
    evidence = {
        "cleared": visit.client.impact_cleared,
        "sets": [{"number": entry.number, "level": entry.landing_level} for entry in above],
    }
    if any(entry.prescribed_reason == INTAKE for entry in above):
        evidence["intake"] = [one["words"] for one in visit.client.intake_missing]
    open_of_visit(
        visit,
        Flag.Kind.OUTSIDE_CLEARANCE,
        OUTSIDE_CLEARANCE_RULE,
        evidence,
        key,
        now,
        severity=Flag.Severity.RED,
    )


def resolve_outside_clearance(visit: Visit, *, now: datetime) -> int:
    """Close the flag of a visit whose landings were corrected to what is cleared; 1 if it did."""
    if SetEntry.objects.standing().filter(visit=visit, outside_clearance=True).exists():
        return 0
    raised_here = Flag.objects.filter(kind=Flag.Kind.OUTSIDE_CLEARANCE, visit=visit)
    return close_by_itself(raised_here, now)
