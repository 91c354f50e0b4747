"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from .flag import Flag
from .log import Operation, PainKind, SetEntry, Site
from .schedule import CalendarFeed, Slot, StandingPlace, Supervision, Visit
from .signing import AdverseEvent, SessionNote
from .tablet import HeldOperation, UploadToken

__all__ = [
    "AdverseEvent",
    "CalendarFeed",
    "Flag",
    "HeldOperation",
    "Operation",
    "PainKind",
    "SessionNote",
    "SetEntry",
    "Site",
    "Slot",
    "StandingPlace",
    "Supervision",
    "UploadToken",
    "Visit",
]
