"""What is asked of a report, from its address: days, therapist, program. Nothing here writes."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from bonefit.clinics.access import Role
from bonefit.clinics.dates import DayField, say_day
from bonefit.clinics.models import Membership
from programs.models import Enrollment, Program

from .adherence import Filters

HALF_YEAR = 6
#: The days that a report may be asked for: far from where calendars and time zones end.
FIRST_YEAR, LAST_YEAR = 2000, 2099
ASKED = ("from", "to", "therapist", "program")


def months_before(day: date, months: int) -> date:
    """The same day so many months ago; the last of that month where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return date(years, month + 1, min(day.day, last))


def half_year_until(day: date) -> date:
    """The first of the six months that end with ``day``."""
    return months_before(day, HALF_YEAR) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuickRange:
    """A range that one tap asks for; ``query`` keeps the other filters."""

    word: str
    query: str
    current: bool


if TYPE_CHECKING:
    _MemberChoice = forms.ModelChoiceField[Membership]
else:  # Django's fields take no type arguments when they run
    _MemberChoice = forms.ModelChoiceField


class _Therapist(_MemberChoice):
    def label_from_instance(self, member: Any) -> str:
        return str(member) if member.is_active else f"{member} (left)"


class DaysForm(forms.Form):
    """From and to, both days included. A blank means the last ``usual`` months."""

    usual = HALF_YEAR

    first = DayField(label="From", required=False)
    last = DayField(label="To", required=False, ahead=True)

    def __init__(self, data: Mapping[str, Any], *, today: date) -> None:
        super().__init__({name: data.get(name, "") for name in ASKED})
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
        first = first or months_before(last, self.usual) + timedelta(days=1)
        if first > last:
            self.add_error(
                "last", f"This is before the first day. Choose {say_day(first)} or a later day."
            )
            return cleaned
        # The fields show the days that were answered, also those that a blank stood for.
        self.data = {**self.data, "from": say_day(first), "to": say_day(last)}
        return cleaned | {"first": first, "last": last}


class SafetyForm(DaysForm):
    """The days of the report on adverse events and falls: a year unless others are asked for."""

    usual = 12


class AdherenceForm(DaysForm):
    """The filters. A blank means the last six months, all therapists, all programs."""

    therapist = _Therapist(
        queryset=Membership.objects.none(),
        required=False,
        empty_label="All therapists",
        error_messages={"invalid_choice": "There is no such therapist here. Choose one."},
    )
    program = forms.ModelChoiceField(
        queryset=Program.objects.none(),
        required=False,
        empty_label="All programs",
        error_messages={"invalid_choice": "There is no such program here. Choose one."},
    )

    def __init__(self, data: Mapping[str, Any], *, member: Membership, today: date) -> None:
        super().__init__(data, today=today)
        self.fields["therapist"].queryset = _therapists(member)  # type: ignore[attr-defined]
        self.fields["program"].queryset = (  # type: ignore[attr-defined]
            Program.objects.visible_to(member).order_by("name", "id")
        )

    def filters(self) -> Filters:
        """What was asked; only of a form without errors."""
        asked = self.cleaned_data
        return Filters(asked["first"], asked["last"], asked["therapist"], asked["program"])

    def query(self) -> str:
        """The address of the same question, with the days that a blank stood for."""
        return self._query(self.cleaned_data["first"], self.cleaned_data["last"])

    def _query(self, first: date, last: date) -> str:
        pairs = [("from", first.isoformat()), ("to", last.isoformat())]
        # A wrong id is not carried on.
        kept = [(name, self.cleaned_data.get(name)) for name in ("therapist", "program")]
        return urlencode(pairs + [(name, str(row.pk)) for name, row in kept if row is not None])

    def quick_ranges(self) -> Iterable[QuickRange]:
        """This month, last month, the last six months."""
        month = self.today.replace(day=1)
        before = month - timedelta(days=1)
        month_ends = months_before(month, -1) - timedelta(days=1)
        for word, first, last in (
            ("This month", month, month_ends),
            ("Last month", before.replace(day=1), before),
            ("Last 6 months", half_year_until(self.today), self.today),
        ):
            asked = self.cleaned_data.get("first"), self.cleaned_data.get("last")
            yield QuickRange(word, self._query(first, last), asked == (first, last))


def _within_calendar(day: date | None) -> date | None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def _therapists(member: Membership) -> QuerySet[Membership, Membership]:
    """Who may be responsible for clients, and who ever was: those who left too."""
    responsible = Exists(Enrollment.objects.filter(therapist=OuterRef("pk")))
    supervising = Q(is_active=True, roles__contains=[Role.THERAPIST])
    return (
        Membership.objects.visible_to(member)
        .filter(supervising | Q(responsible))
        .select_related("user")
        .order_by("-is_active", "user__name", "id")
    )
