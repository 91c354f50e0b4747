"""What is asked of a report, from its address: days, rows, and whose sessions. Nothing here writes.

A reader is offered only what she may see, and only that is accepted: an id of somebody else's is a
mistake in the question, said beside its field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from bonefit.clinics.dates import say_day
from bonefit.clinics.models import Membership, OrganisationMembership
from programs.models import Enrollment, Program

from .forms import FIRST_YEAR, LAST_YEAR, DaysForm, QuickRange, first_until, months_before
from .kinds import ReportKind
from .offers import Offers, offers_of_member, offers_of_organisation
from .scope import By, Filters, read_month

WORDS = {
    By.CLIENT: "Clients",
    By.THERAPIST: "Therapists",
    By.PROGRAM: "Programs",
    By.PHASE: "Phases",
    By.COHORT: "Months of start",
    By.CLINIC: "Clinics",
}
#: What follows the days in an address, in this order.
NAMES = ("by", "clinic", "therapist", "program", "phase", "cohort", "status", "enrollment")


class _Choice(forms.ChoiceField):
    """One of what is offered; the offers are asked for only where they are printed or tried."""

    def __init__(self, *, label: str, wrong: str) -> None:
        super().__init__(label=label, required=False, error_messages={"invalid_choice": wrong})


class _Month(_Choice):
    """A month of the calendar. One in which nobody started is a question too."""

    def valid_value(self, value: str) -> bool:
        return value == as_month(_month(value))


class AskingForm(DaysForm):
    """The filters of every report. A blank day means its usual months; any other blank, all."""

    by = _Choice(label="Rows", wrong="This report has no such rows. Choose others.")
    clinic = _Choice(label="Clinic", wrong="There is no such clinic here. Choose one.")
    therapist = _Choice(label="Therapist", wrong="There is no such therapist here. Choose one.")
    program = _Choice(label="Program", wrong="There is no such program here. Choose one.")
    phase = _Choice(label="Phase", wrong="There is no such phase here. Choose one.")
    cohort = _Month(label="Started in", wrong="Write the month like this: 2026-03.")
    status = _Choice(label="Status", wrong="There is no such status. Choose one.")
    enrollment = _Choice(label="Client", wrong="There is no such client here.")

    def __init__(
        self, data: Mapping[str, Any], *, offers: Offers, kind: ReportKind, today: date
    ) -> None:
        super().__init__(data, today=today)
        self.usual = kind.months
        self.data = {**self.data, **{name: data.get(name, "") for name in NAMES}}
        self.typed = dict(self.data)
        self.offers = offers
        self.bys = _rows(kind.bys, across=offers.organisation)
        self._offer("by", lambda: [(str(by), WORDS[by]) for by in self.bys])
        self._fall_back()
        self._offer("clinic", lambda: _all("All clinics", offers.clinic_choices))
        self._offer("therapist", lambda: _all(self._all_therapists, offers.therapists))
        self._offer("program", lambda: _all("All programs", offers.program_choices))
        self._offer_phases(kind)
        self._offer("cohort", self._months)
        self._offer("status", lambda: _all("Whatever it is", Enrollment.Status.choices))
        self._offer("enrollment", lambda: _all("All clients", self._asked_for))
        if not self.bys:
            del self.fields["by"]
        self._usual_by = By.CLINIC if offers.organisation else By.CLIENT

    @classmethod
    def of_member(
        cls, data: Mapping[str, Any], *, member: Membership, kind: ReportKind, today: date
    ) -> Self:
        """As a member of a clinic may ask; PermissionDenied for whoever runs no reports."""
        return cls(data, offers=offers_of_member(member), kind=kind, today=today)

    @classmethod
    def of_organisation(
        cls,
        data: Mapping[str, Any],
        *,
        organiser: OrganisationMembership,
        kind: ReportKind,
        now: datetime,
    ) -> Self:
        """As whoever administers an organisation may ask: its newest day anywhere is today."""
        offers = offers_of_organisation(organiser)
        today = max(now.astimezone(clinic.tz).date() for clinic in organiser.clinics)
        return cls(data, offers=offers, kind=kind, today=today)

    def _fall_back(self) -> None:
        """Rows that another report has, or another reader, become the usual ones, and it is said.

        An address that was typed or sent on is answered all the same.
        """
        asked = self.data["by"]
        words = {str(by): word.lower() for by, word in WORDS.items()}
        if self.bys and asked in words and asked not in map(str, self.bys):
            there, here = words[asked], words[str(self.bys[0])]
            self.fields["by"].help_text = f"This report has no rows of {there}: these are {here}."
            self.data = {**self.data, "by": str(self.bys[0])}

    def _offer_phases(self, kind: ReportKind) -> None:
        """A report without rows of phases counts all of them: it must not say that it does not."""
        if By.PHASE in kind.bys:
            self._offer("phase", lambda: _all("All phases", self.offers.phases))
            return
        del self.fields["phase"]
        if self.typed["phase"]:
            self.fields["program"].help_text = "This report counts all phases together."

    # --- what is offered --------------------------------------------------------------------------

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def _all_therapists(self) -> str:
        return "Your own clients" if self.offers.own else "All therapists"

    def _months(self) -> list[tuple[str, str]]:
        months = list(self.offers.months)
        asked = self.data.get("cohort", "")
        if asked and "cohort" not in self.errors:
            months = sorted({*months, _month(asked)}, reverse=True)
        return _all("Any month", [(as_month(one), _say_month(one)) for one in months])

    @cached_property
    def _asked_for(self) -> list[tuple[str, str]]:
        """The one client that the address names, where she may be seen."""
        asked = str(self.data.get("enrollment", ""))
        name = self.offers.client(asked)
        return [(asked, name)] if name else []

    # --- what was asked ---------------------------------------------------------------------------

    def filters(self) -> Filters:
        """What was asked; only of a form without errors."""
        asked = self.cleaned_data
        return Filters(
            first=asked["first"],
            last=asked["last"],
            by=self.asked_by,
            clinic=_number(asked["clinic"]),
            therapist=_number(asked["therapist"]),
            program=self._program,
            cohort=_month(asked["cohort"]) if asked["cohort"] else None,
            phase=asked.get("phase", ""),
            status=asked["status"],
            enrollment=_number(asked["enrollment"]),
        )

    @property
    def asked_by(self) -> By:
        """What a row is: what was asked for, or what is usual."""
        asked = self.cleaned_data.get("by")
        return By(asked) if asked else next(iter(self.bys), self._usual_by)

    @property
    def _program(self) -> Program | None:
        return self.offers.program(self.cleaned_data["program"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "by" in self.fields and "by" not in self.errors:
            self.data = {**self.data, "by": str(self.asked_by)}
        return cleaned

    def query(self) -> str:
        """The address of the same question, with what a blank stood for; of a right form."""
        return self._query(self.cleaned_data["first"], self.cleaned_data["last"])

    def _query(self, first: date, last: date) -> str:
        pairs = [("from", first.isoformat()), ("to", last.isoformat())]
        if self.bys and "by" not in self.errors:
            pairs.append(("by", str(self.asked_by)))
        # A wrong id is not carried on.
        asked = [(name, self.cleaned_data.get(name)) for name in NAMES if name != "by"]
        return urlencode(pairs + [(name, value) for name, value in asked if value])

    def without_rows(self) -> str:
        """The rest of an address that asks the same of another report; "" where nothing was asked.

        Days that nobody typed are left to the other report: it may look further back. So is what a
        row is, of which each report has its own kinds.
        """
        names = ("from", "to", *(name for name in NAMES if name != "by"))
        pairs = [(name, self.typed[name]) for name in names if self.typed.get(name)]
        return f"?{urlencode(pairs)}" if pairs else ""

    def quick_ranges(self) -> Iterator[QuickRange]:
        """Ranges that one tap asks for; they keep the other filters."""
        month = self.today.replace(day=1)
        before = month - timedelta(days=1)
        asked = () if self.errors else self._days
        for word, first, last in (
            ("This month", month, months_before(month, -1) - timedelta(days=1)),
            ("Last month", before.replace(day=1), before),
            (f"Last {self.usual} months", first_until(self.today, self.usual), self.today),
            ("This year", date(self.today.year, 1, 1), date(self.today.year, 12, 31)),
        ):
            yield QuickRange(word, self._query(first, last), asked == (first, last))

    @property
    def _days(self) -> tuple[date, date]:
        return self.cleaned_data["first"], self.cleaned_data["last"]

    # --- for the page, the print and the files ----------------------------------------------------

    @property
    def first_fields(self) -> list[BoundField]:
        """The fields that are always in sight."""
        names = ["first", "last"]
        names += ["by"] if self.bys else []
        names += [] if self.offers.own else ["therapist"]
        # As many as stand beside each other: across clinics the clinic matters more.
        return [
            self[name] for name in [*names, "clinic" if self.offers.organisation else "program"]
        ]

    @property
    def more_fields(self) -> list[BoundField]:
        """The fields behind "More filters"; those that nobody chooses only where one was asked."""
        shown = {bound.name for bound in self.first_fields}
        asked = [name for name in ("clinic", "therapist", "enrollment") if self.data.get(name)]
        names = ["program", "phase", "cohort", "status", *asked]
        return [self[name] for name in names if name in self.fields and name not in shown]

    @property
    def more_asked(self) -> bool:
        """Whether one of those behind "More filters" is in use or wrong."""
        return any(self.data.get(bound.name) for bound in self.more_fields)

    def describe(self) -> list[tuple[str, str]]:
        """The question in words, (word, value), for the print and the files; of a right form."""
        asked, offers = self.cleaned_data, self.offers
        said = [("From", say_day(asked["first"])), ("To", say_day(asked["last"]))]
        if self.bys:
            said.append(("Rows", WORDS[self.asked_by]))
        if offers.organisation:
            said.append(("Clinic", self._said("clinic") or "All clinics"))
        everybody = f"{offers.own}, own clients" if offers.own else "All therapists"
        said += [
            ("Therapist", everybody if offers.own else self._said("therapist") or everybody),
            ("Program", self._said("program") or "All programs"),
            *([("Phase", self._said("phase") or "All phases")] if "phase" in self.fields else []),
            ("Started in", self._said("cohort") or "Any month"),
            ("Status", self._said("status") or "Whatever it is"),
        ]
        return [*said, ("Client", self._said("enrollment"))] if asked["enrollment"] else said

    def _said(self, name: str) -> str:
        asked = self.cleaned_data[name]
        if not asked:
            return ""  # the choices are not asked for
        field = self.fields[name]
        choices: Sequence[tuple[str, str]] = list(field.choices)  # type: ignore[attr-defined]
        return dict(choices)[asked]


def _rows(bys: Sequence[By], *, across: bool) -> tuple[By, ...]:
    """What a row may be: one clinic is not compared with itself, and across clinics none is a
    person; there the clinics come first."""
    if not across:
        return tuple(by for by in bys if by is not By.CLINIC)
    some = [by for by in bys if by is not By.CLIENT]
    return tuple(sorted(some, key=lambda by: by is not By.CLINIC))


def as_month(day: date) -> str:
    """A month as an address names it: 2026-10."""
    return f"{day:%Y-%m}"


def _month(text: str) -> date:
    """The first day of the month; ValidationError for what is none."""
    try:
        month = read_month(text)
    except ValueError as error:
        raise ValidationError("Write the month like this: 2026-03.") from error
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        raise ValidationError(f"Choose a month from {FIRST_YEAR} to {LAST_YEAR}.")
    return month


def _say_month(month: date) -> str:
    return f"{month:%B %Y}"


def _all(word: str, choices: Sequence[tuple[Any, Any]]) -> list[tuple[str, str]]:
    return [("", word), *((str(value), str(label)) for value, label in choices)]


def _number(text: str) -> int | None:
    return int(text) if text else None
