"""What was lifted: slots, visits, the operations that record them, and the flags they raise."""

from .booking import Notice, Pause, SeatChange, Waiting
from .delivered import DeliveredLift, DeliveredSession, DeliveryChanged, DeliveryReady
from .feeds import CalendarFeed
from .flag import Changed, Flag, FlagStep, Review
from .letters import ProgressLetter
from .log import Operation, PainKind, SetEntry, Site
from .reports import ReportExport, SavedAcross, SavedReport
from .rollups import DoseChanged, DoseMonth, DoseReady, DoseRow
from .schedule import Slot, StandingPlace, Supervision, Visit
from .signing import AdverseEvent, SessionNote
from .slot_history import SlotChange
from .staff import OrganiserNotice, StaffNotice
from .tablet import HeldOperation, UploadToken
from .timetable import Closure, Leave, Room, Season, Weekday, WeeklySlot, WeeklySupervisor

__all__ = [
    "AdverseEvent",
    "CalendarFeed",
    "Changed",
    "Closure",
    "DeliveredLift",
    "DeliveredSession",
    "DeliveryChanged",
    "DeliveryReady",
    "DoseChanged",
    "DoseMonth",
    "DoseReady",
    "DoseRow",
    "Flag",
    "FlagStep",
    "HeldOperation",
    "Leave",
    "Notice",
    "Operation",
    "OrganiserNotice",
    "PainKind",
    "Pause",
    "ProgressLetter",
    "ReportExport",
    "Review",
    "Room",
    "SavedAcross",
    "SavedReport",
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
