"""What stands in a cell: a day, a number, text. ValueError says what is wrong with it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
NUMERIC_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/., ]*([a-z]{3,})[-/., ]*(\d{4}|\d{2})")
_WORD_DAY = re.compile(r"([a-z]{3,})[., ]*(\d{1,2})(?:st|nd|rd|th)?[., ]+(\d{4}|\d{2})")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NUMBER = {
    ".": re.compile(r"[-−+]?\d+(\.\d+)?"),
    ",": re.compile(r"[-−+]?\d+(,\d+)?"),
}
_OTHER = {".": "comma", ",": "dot"}


def without_time(text: str) -> str:
    """A day without the hour that a spreadsheet wrote behind it."""
    return _TIME.sub("", text.strip())


def read_day(text: str, dates: str, *, earliest: date, latest: date) -> date:
    """The day in a cell, between two days. ``dates`` (dmy, mdy, iso) says the order of numbers."""
    words = without_time(text).lower()
    if found := _YEAR_FIRST.fullmatch(words):
        year, _, month, day = found.groups()
    elif found := NUMERIC_DAY.fullmatch(words):
        one, _, two, year = found.groups()
        if dates == "iso":
            raise ValueError("Day or month first? Say above in which order dates are written.")
        day, month = (one, two) if dates == "dmy" else (two, one)
    elif found := _DAY_WORD.fullmatch(words):
        day, name, year = found.groups()
        month = str(_month(name))
    elif found := _WORD_DAY.fullmatch(words):
        name, day, year = found.groups()
        month = str(_month(name))
    else:
        raise ValueError("This is no date. Write it as 2025-12-31.")
    return _day(year, int(month), int(day), earliest, latest)


def _month(name: str) -> int:
    for number, month in enumerate(MONTHS, 1):
        if month.startswith(name):
            return number
    raise ValueError(f"There is no month called {name}.")


def _day(year: str, month: int, day: int, earliest: date, latest: date) -> date:
    if not 1 <= month <= 12:
        raise ValueError(f"There is no month {month}. Is the order of dates right?")
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    possible = [found for one in years if (found := _date(one, month, day)) is not None]
    if not possible:
        raise ValueError(f"{MONTHS[month - 1].capitalize()} {year} has no day {day}.")
    fits = [one for one in possible if earliest <= one <= latest]
    if len(fits) == 2:
        raise ValueError(f"{fits[0].year} or {fits[1].year}? Write the year with four digits.")
    if fits:
        return fits[0]
    if all(one > latest for one in possible):
        raise ValueError("This day is still to come. Check the year.")
    raise ValueError("This is too long ago. Check the year.")


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_number(text: str, decimal: str) -> Decimal:
    """The number in a cell, exactly. The other sign is never taken for a decimal sign, nor left
    out as one of thousands: that would be a factor of a thousand.
    """
    if _NUMBER[decimal].fullmatch(text):
        return Decimal(text.replace("−", "-").replace(",", "."))
    if any(sign in text for sign in ".,") and re.fullmatch(r"[-−+]?[\d., ]+", text):
        sign = "dot" if decimal == "." else "comma"
        raise ValueError(
            f"The decimal sign of this file is the {sign}, so a {_OTHER[decimal]} has no meaning "
            "here. Write no sign between thousands."
        )
    raise ValueError("This is no number.")


def read_text(text: str, most: int) -> str:
    """Text as it stands, of at most ``most`` letters."""
    if len(text) > most:
        raise ValueError(f"This is longer than {most} letters.")
    return text


def damage(text: str) -> str:
    """What is wrong with the signs of a cell, whatever it means; "" where nothing is."""
    if "\ufffd" in text:
        return "A letter here cannot be read. Check above in which letters the file is written."
    if any(ord(sign) < 32 and sign not in "\t\r\n" for sign in text):
        return "A sign stands here that is no letter (a NUL, for example). Take it out."
    return ""
