"""What is typed about a fall, and about a month: by the clinic, and by the client herself."""

from __future__ import annotations

import calendar
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms

from bonefit.clients.models import Fall, FallsMonth
from bonefit.clinics.dates import DayField, say_day

from .falls import Heard, heard_of

#: A fall longer ago than this is a slip of the year.
LONGEST_AGO = timedelta(days=366 * 2)
MOST_FALLS = 31
#: So many falls are asked about one by one; of more only how many is asked.
TOLD_ONE_BY_ONE = 3
_YES_NO = (("yes", "Yes"), ("no", "No"))
_READ = {"yes": True, "no": False}
_SAID = {True: "yes", False: "no", None: ""}


def _yes_no(label: str, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=_YES_NO,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose yes or no."},
        **more,
    )


class FallForm(forms.Form):
    """One fall as the clinic was told of it. The day is needed; the rest may stay blank."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    fell_on = DayField(
        label="Day of the fall", error_messages={"required": "Write the day, roughly if need be."}
    )
    roughly = forms.BooleanField(label="The day is a guess", required=False)
    injured = _yes_no("Hurt")
    fracture = _yes_no("A bone broken", help_text="Yes stops all loading until she is released")
    confirmed = _yes_no("Confirmed by an image")
    described = forms.CharField(
        label="How it happened",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "At most 2000 characters."},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, today: date, of: Fall | None = None
    ) -> None:
        initial: dict[str, Any] = {"key": str(uuid.uuid4())}
        if of is not None:
            said = heard_of(of)
            initial |= {
                "fell_on": said.fell_on,
                "roughly": said.roughly,
                "described": said.described,
                "injured": _SAID[said.injured],
                "fracture": _SAID[said.fracture],
                "confirmed": _SAID[said.confirmed],
            }
        super().__init__(data, initial=initial)
        self.today = today

    def clean_fell_on(self) -> date | None:
        day: date | None = self.cleaned_data["fell_on"]
        if day is not None and day > self.today:
            raise forms.ValidationError("This day is still to come. Check the day.")
        if day is not None and self.today - day > LONGEST_AGO:
            raise forms.ValidationError("That is more than two years ago. Check the year.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("confirmed") == "yes" and cleaned.get("fracture") != "yes":
            self.add_error("confirmed", "Only a broken bone is confirmed by an image.")
        return cleaned

    def heard(self) -> Heard:
        """What was typed; only of a form without errors."""
        said = self.cleaned_data
        return Heard(
            fell_on=said["fell_on"],
            roughly=said["roughly"],
            injured=_READ.get(said["injured"]),
            fracture=_READ.get(said["fracture"]),
            confirmed=_READ.get(said["confirmed"]),
            described=said["described"].strip(),
        )

    def typed_key(self) -> str:
        """The key that the form carries, so that a form sent twice is one fall."""
        try:
            return f"hand|{uuid.UUID(str(self.cleaned_data.get('key') or ''))}"
        except ValueError:
            return f"hand|{uuid.uuid4()}"


#: When in the month, where she does not know the day: the day that is kept for it.
PARTS = (("early", "Early in the month", 5), ("middle", "In the middle", 15), ("late", "Late", 25))
WHEN = (*((key, label) for key, label, _ in PARTS), ("unsure", "I am not sure"))
HURT = (
    ("no", "No"),
    ("hurt", "Yes"),
    ("fracture", "Yes, I broke a bone"),
    ("unsure", "I am not sure"),
)


class OneFall(forms.Form):
    """What a client says of one fall in the month that she is asked about. Nothing is needed."""

    when = forms.ChoiceField(
        label="When was it, roughly?",
        choices=WHEN,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the answers."},
    )
    hurt = forms.ChoiceField(
        label="Did you hurt yourself?",
        choices=HURT,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the answers."},
    )

    def heard(self, month: date) -> Heard:
        """The fall, on the day that stands for what she said."""
        days = {key: day for key, _, day in PARTS}
        day = month.replace(day=days.get(self.cleaned_data["when"], 15))
        hurt = self.cleaned_data["hurt"]
        return Heard(
            day,
            roughly=True,
            injured={"no": False, "hurt": True, "fracture": True}.get(hurt),
            fracture={"no": False, "hurt": None, "fracture": True}.get(hurt),
        )


class MonthForm(forms.Form):
    """How many falls in a month, and what is known of the first few."""

    how_many = forms.IntegerField(
        label="How many falls were there?",
        min_value=0,
        max_value=MOST_FALLS,
        error_messages={
            "required": "Write how many falls there were, 0 for none.",
            "invalid": "Write a number, for example 1.",
            "min_value": "Write 0 or a higher number.",
            "max_value": f"Write a number up to {MOST_FALLS}.",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, month: FallsMonth, shown: int = 1
    ) -> None:
        """``shown`` falls are asked about one by one."""
        super().__init__(data, initial={"how_many": shown})
        self.month = month
        self.falls = [OneFall(data, prefix=f"fall{n}") for n in range(min(shown, TOLD_ONE_BY_ONE))]

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(one.is_valid() for one in self.falls)])

    @property
    def how_many_said(self) -> int:
        return int(self.cleaned_data["how_many"])

    def heard(self) -> list[Heard]:
        """What was said of each fall, as many as there were at most."""
        told = self.falls[: self.how_many_said]
        return [one.heard(self.month.month) for one in told]


def month_words(month: date) -> str:
    """``February 2026``."""
    return f"{calendar.month_name[month.month]} {month.year}"


def days_of(month: date) -> str:
    """``1 to 28 February 2026``."""
    last = calendar.monthrange(month.year, month.month)[1]
    return f"1 to {say_day(month.replace(day=last))}"
