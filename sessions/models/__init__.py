"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from .booking import Notice, Pause, SeatChange, Waiting
from .feeds import CalendarFeed
from .flag import Flag
from .letters import ProgressLetter
from .log import Operation, PainKind, SetEntry, Site
from .schedule import Slot, StandingPlace, Supervision, Visit
from .signing import AdverseEvent, SessionNote
from .slot_history import SlotChange
from .tablet import HeldOperation, UploadToken
from .timetable import Closure, Leave, Room, Season, Weekday, WeeklySlot, WeeklySupervisor

__all__ = [
    "AdverseEvent",
    "CalendarFeed",
    "Closure",
    "Flag",
    "HeldOperation",
    "Leave",
    "Notice",
    "Operation",
    "PainKind",
    "Pause",
    "ProgressLetter",
    "Room",
    "Season",
    "SeatChange",
    "SessionNote",
    "SetEntry",
    "Site",
    "Slot",
    "SlotChange",
    "StandingPlace",
    "Supervision",
    "UploadToken",
    "Visit",
    "Waiting",
    "Weekday",
    "WeeklySlot",
    "WeeklySupervisor",
]
