"""What a client is shown of her own sessions, in plain words and in the clinic's time.

``words`` says days and times, ``page`` makes the page and ``shown`` is what stands on it,
``growth`` what was lifted from visit to visit, ``cannot_come`` what it means not to come, ``whose``
who may look at whose page.
"""

from .lifted import Lifted, lifted
from .page import own_portal, portal_of
from .shown import Portal
from .whose import accompanied_by, client_of
from .words import (
    clock,
    clock_am,
    day_words,
    days_until,
    moment_words,
    names,
    part_of_day,
    span_words,
    when_words,
)

__all__ = [
    "Lifted",
    "Portal",
    "accompanied_by",
    "client_of",
    "clock",
    "clock_am",
    "day_words",
    "days_until",
    "lifted",
    "moment_words",
    "names",
    "own_portal",
    "part_of_day",
    "portal_of",
    "span_words",
    "when_words",
]
