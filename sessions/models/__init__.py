"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from .booking import Notice, Pause, SeatChange, Waiting
from .feeds import CalendarFeed
from .flag import Changed, Flag, FlagStep, Review
from .letters import ProgressLetter
from .log import Operation, PainKind, SetEntry, Site
from .schedule import Slot, StandingPlace, Supervision, Visit
from .signing import AdverseEvent, SessionNote
from .slot_history import SlotChange
from .staff import StaffNotice
from .tablet import HeldOperation, UploadToken
from .timetable import Closure, Leave, Room, Season, Weekday, WeeklySlot, WeeklySupervisor

__all__ = [
    "AdverseEvent",
    "CalendarFeed",
    "Changed",
    "Closure",
    "Flag",
    "FlagStep",
    "HeldOperation",
    "Leave",
    "Notice",
    "Operation",
    "PainKind",
    "Pause",
    "ProgressLetter",
    "Review",
    "Room",
    "Season",
    "SeatChange",
    "SessionNote",
    "SetEntry",
    "Site",
    "Slot",
    "SlotChange",
    "StaffNotice",
    "StandingPlace",
    "Supervision",
    "UploadToken",
    "Visit",
    "Waiting",
    "Weekday",
    "WeeklySlot",
    "WeeklySupervisor",
]
