"""When the next check of strength and balance, or the next scan, is due.

Standard library only; the day it is and the months between are arguments. Nothing is known here of
what was found: a due day is a day of the calendar, counted from the start of the program.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

#: How long a day that has passed is still named: a scan is due at 12 months and overdue at 13
#: (protocol.md 3.3, a design default).
STILL_NAMED = timedelta(days=28)


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """A day on which something is due; ``past`` where it has gone by within the last weeks."""

    on: date
    past: bool


def months_after(start: date, months: int) -> date:
    """The same day that many months later; the month's last day where it is too short for it."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def next_due(start: date, *, every_months: int, today: date) -> Due | None:
    """The next due day, every so many months from ``start``; None where it is never due (0).

    One that has passed is named for four weeks more. ValueError for a negative number of months.
    """
    if every_months < 0:
        raise ValueError("The months between two checks cannot be negative.")
    if every_months == 0:
        return None
    times = 1
    while (on := months_after(start, every_months * times)) < today - STILL_NAMED:
        times += 1
    return Due(on, past=on < today)
