"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from .flag import Flag
from .log import Operation, PainKind, SetEntry, Site
from .schedule import CalendarFeed, Slot, StandingPlace, Supervision, Visit

__all__ = [
    "CalendarFeed",
    "Flag",
    "Operation",
    "PainKind",
    "SetEntry",
    "Site",
    "Slot",
    "StandingPlace",
    "Supervision",
    "Visit",
]
