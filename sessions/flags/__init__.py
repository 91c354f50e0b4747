"""When something is worth a therapist's attention, decided from facts alone.

Standard library only, and no clock: what is true now is worked out from the facts again each time
and compared with what is open. A flag is a prompt to a clinician and never changes a load.
"""

from .attendance import MISSED_RULE, missed, missed_runs
from .finding import Asked, Changes, Finding, Severity, reconcile
from .floor import group_size
from .health import INTAKE_RULE, OUTSIDE_CLEARANCE_RULE, intake
from .history import MISSED_STATES
from .registry import BY_ID, BY_KIND, RULES
from .rule import Action, Rule

__all__ = [
    "BY_ID",
    "BY_KIND",
    "INTAKE_RULE",
    "MISSED_RULE",
    "MISSED_STATES",
    "OUTSIDE_CLEARANCE_RULE",
    "RULES",
    "Action",
    "Asked",
    "Changes",
    "Finding",
    "Rule",
    "Severity",
    "group_size",
    "intake",
    "missed",
    "missed_runs",
    "reconcile",
]
