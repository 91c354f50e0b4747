"""What clients and the staff are written: rows of an outbox, made from what is true.

``reminders`` and ``changes`` look at the visits, ``offers`` is called by the waiting list, ``desk``
is what becomes of messages that did not arrive. ``staff`` looks at the flags, ``monthly_across`` at
what organisations' admins want each month. All of it may run twice, late or in parallel: the key
of a message is unique in the database. ``outbox``, ``staff_outbox`` and ``organiser_outbox`` send
them.
"""

from .changes import tell_changes
from .desk import send_again, set_reminders, set_seen, to_see_to
from .falls import ask_about_falls
from .intake import ask_intake
from .monthly_across import tell_organisers
from .offers import offer, offer_due
from .reminders import remind
from .staff import tell_staff

__all__ = [
    "ask_about_falls",
    "ask_intake",
    "offer",
    "offer_due",
    "remind",
    "send_again",
    "set_reminders",
    "set_seen",
    "tell_changes",
    "tell_organisers",
    "tell_staff",
    "to_see_to",
]
