"""The days that are asked of a report, from its address. Nothing here writes."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, say_day

HALF_YEAR = 6
#: The days that a report may be asked for: far from where calendars and time zones end.
FIRST_YEAR, LAST_YEAR = 2000, 2099


def months_before(day: date, months: int) -> date:
    """The same day so many months ago; the last of that month where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))


def first_until(day: date, months: int = HALF_YEAR) -> date:
    """The first day of the months, usually six, that end with ``day``."""
    return months_before(day, months) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuickRange:
    """A range that one tap asks for; ``query`` keeps the other filters."""

    word: str
    query: str
    current: bool


class DaysForm(forms.Form):
    """From and to, both days included. A blank means the last ``usual`` months."""

    usual = HALF_YEAR

    first = DayField(label="From", required=False)
    last = DayField(label="To", required=False, ahead=True)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__({name: data.get(name, "") for name in ("from", "to")})
        self.today = today

    def add_prefix(self, field_name: str) -> str:
        """In the address the days are called ``from`` and ``to``, which Python cannot be."""
        return {"first": "from", "last": "to"}.get(field_name, field_name)

    def clean_first(self) -> date | None:
        return _within_calendar(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _within_calendar(self.cleaned_data["last"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"first", "last"} & set(self.errors):
            return cleaned
        first, last = cleaned.get("first"), cleaned.get("last")
        if last is None:
            last = max(self.today, first) if first else self.today
        first = first or first_until(last, self.usual)
        if first > last:
            self.add_error(
                "last", f"This is before the first day. Choose {say_day(first)} or a later day."
            )
            return cleaned
        # The fields show the days that were answered, also those that a blank stood for.
        self.data = {**self.data, "from": say_day(first), "to": say_day(last)}
        return cleaned | {"first": first, "last": last}


def _within_calendar(day: date | None) -> date | None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
    return day
