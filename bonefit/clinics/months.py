"""Months of the calendar between two checks. Standard library only."""

from calendar import monthrange
from datetime import date

#: Days that every month has.
SHORTEST = 28


def months_after(start: date, months: int) -> date:
    """The same day that many months later; the month's last day where it is too short for it."""
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if start.day <= SHORTEST:
        return date(year, month + 1, start.day)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
