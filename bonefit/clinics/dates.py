"""Days as people type them, read strictly: day, month, year, in several writings."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MONTHS = tuple(calendar.month_name)
#: Nobody was born before them or plans anything after them, and there are weeks on either side.
FIRST_YEAR, LAST_YEAR = 1850, 2200
HOW = "Write day, month and year, for example 3 February 1958."

_ISO = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_NUMBERS = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d+)")
_DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/., ]*([a-z]+)[-/., ]*(\d+)")
_WORD_DAY = re.compile(r"([a-z]+)[., ]*(\d{1,2})(?:st|nd|rd|th)?[., ]+(\d+)")


def read_day(text: str, *, ahead: bool = False) -> date:
    """The day that a person typed; ValueError is a sentence that says what to check.

    ``ahead`` only chooses the word: a month that is yet to come *has* 28 days.
    "3 2 1958", "03/02/1958", "3.2.1958", "3 Feb 1958", "3rd February, 1958", "February 3, 1958"
    and "1958-02-03" are the same day. Years have four digits: nobody guesses the century.
    """
    words = " ".join(text.lower().split())
    if found := _ISO.fullmatch(words):
        year, month, day = found.groups()
    elif found := _NUMBERS.fullmatch(words):
        day, month, year = found.groups()
    elif found := _DAY_WORD.fullmatch(words):
        day, name, year = found.groups()
        month = _month(name)
    elif found := _WORD_DAY.fullmatch(words):
        name, day, year = found.groups()
        month = _month(name)
    else:
        raise ValueError(HOW)
    return _day(year, int(month), int(day), "has" if ahead else "had")


def _month(name: str) -> str:
    """The number of "feb" or "february"; three letters tell the months apart."""
    for number, month in enumerate(MONTHS):
        if number and len(name) >= 3 and month.lower().startswith(name):
            return str(number)
    raise ValueError(f"There is no month called {name}. {HOW}")


def _day(year: str, month: int, day: int, verb: str) -> date:
    if len(year) != 4 or year.startswith("0"):
        raise ValueError(f"Write the year with four digits. {HOW}")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"Check the year {year}. {HOW}")
    if not 1 <= month <= 12:
        raise ValueError(f"There is no month {month}. {HOW}")
    last = calendar.monthrange(int(year), month)[1]
    if not 1 <= day <= last:
        raise ValueError(f"{MONTHS[month]} {year} {verb} {last} days. Check the day.")
    return date(int(year), month, day)


def say_day(day: date) -> str:
    """``3 February 1958``: how every page writes a day, and a writing that can be typed back."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


class DayField(forms.CharField):
    """A day, typed. What was typed stays in the field when it is wrong."""

    def __init__(self, *, ahead: bool = False, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)
        self.ahead = ahead
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        return say_day(value) if isinstance(value, date) else value

    def clean(self, value: Any) -> date | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return read_day(text, ahead=self.ahead)
        except ValueError as error:
            raise ValidationError(str(error), code="no_such_day") from error
