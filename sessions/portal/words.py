"""Days, times and names as people say them. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime


def day_words(day: date, *, today: date) -> str:
    """``Thursday 26 November``; with the year where it is another one."""
    words = f"{day:%A} {day.day} {day:%B}"
    return words if day.year == today.year else f"{words} {day.year}"


def around(day: date, *, today: date) -> str:
    """``3 July``, for a day that is not meant to the day; with the year where it is another."""
    words = f"{day.day} {day:%B}"
    return words if day.year == today.year else f"{words} {day.year}"


def month_words(day: date) -> str:
    """``July 2026``."""
    return f"{day:%B %Y}"


def days_until(day: date, *, today: date) -> str:
    """``today``, ``tomorrow`` or ``in 3 days``."""
    ahead = max(0, (day - today).days)  # a session over midnight began yesterday
    return ("today", "tomorrow")[ahead] if ahead < 2 else f"in {ahead} days"


def part_of_day(moment: datetime) -> str:
    """``in the morning`` until noon, ``in the afternoon`` until five, then ``in the evening``."""
    if moment.hour < 12:
        return "in the morning"
    return "in the afternoon" if moment.hour < 17 else "in the evening"


def clock(moment: datetime) -> str:
    """``9:00`` or ``2:30``: the twelve hours of a clock face."""
    return f"{moment.hour % 12 or 12}:{moment:%M}"


def clock_am(moment: datetime) -> str:
    """``9:00 am`` or ``2:30 pm``."""
    return f"{clock(moment)} {'am' if moment.hour < 12 else 'pm'}"


def span_words(start: datetime, end: datetime) -> str:
    """``9:00 to 9:30 in the morning``; both parts of the day are said where they differ."""
    first, last = part_of_day(start), part_of_day(end)
    between = "" if first == last else f" {first}"
    return f"{clock(start)}{between} to {clock(end)} {last}"


def when_words(start: datetime, end: datetime, *, today: date) -> str:
    """``Thursday 26 November, 9:00 to 9:30 in the morning``; both moments in the clinic's zone."""
    return f"{day_words(start.date(), today=today)}, {span_words(start, end)}"


def moment_words(moment: datetime, *, today: date) -> str:
    """``2:00 pm today``, ``2:00 pm tomorrow`` or ``2:00 pm on Thursday 26 November``."""
    ahead = (moment.date() - today).days
    if ahead in (0, 1):
        return f"{clock_am(moment)} {('today', 'tomorrow')[ahead]}"
    return f"{clock_am(moment)} on {day_words(moment.date(), today=today)}"


def names(people: Iterable[str]) -> str:
    """``Ana T.``, ``Ana T. and Tess T.``; "" for nobody."""
    *most, last = [*people] or [""]
    return f"{', '.join(most)} and {last}" if most else last
