"""Days in words, as flags say them. Standard library only."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def listed(words: Iterable[str]) -> str:
    """One after the other: "12, 16 and 19"."""
    known = list(words)
    if len(known) < 2:
        return "".join(known)
    return f"{', '.join(known[:-1])} and {known[-1]}"


def day_words(day: date, today: date) -> str:
    """A day as "9 November", with its year where that is not the one of ``today``."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {day:%B}{year}"


def weekday_words(day: date, today: date) -> str:
    """A day as "Monday 9 November"."""
    return f"{day:%A} {day_words(day, today)}"


def days_words(days: Iterable[date], today: date) -> str:
    """Days, a month named once: "28 October, 12 and 16 November"."""
    months = []
    for _, group in groupby(days, key=lambda day: (day.year, day.month)):
        same = list(group)
        *first, last = same
        months.append(listed([*(str(day.day) for day in first), day_words(last, today)]))
    return listed(months) if len(months) < 3 else "; ".join(months)


def counted(number: int, word: str) -> str:
    """ "two visits", "one visit", "12 visits"."""
    said = NUMBERS[number] if number < len(NUMBERS) else str(number)
    return f"{said} {word}" if number == 1 else f"{said} {word}s"
