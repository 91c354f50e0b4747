"""What is typed about a supervisor's papers: read, checked, handed on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .dates import DayField
from .models import Credential

FIELDS = (
    *("profession", "licence", "jurisdiction", "expires_on"),
    *("insured_until", "first_aid_until", "trained_on"),
)
#: A day further ahead or back than this is a slip of the year.
MOST_YEARS = 20


class CredentialForm(forms.Form):
    """Profession, licence, insurance, first aid, training of one member."""

    profession = forms.CharField(
        max_length=80,
        help_text="For example physiotherapist",
        error_messages={"required": "Write the profession."},
    )
    licence = forms.CharField(
        label="Licence number",
        max_length=80,
        error_messages={"required": "Write the number of the licence."},
    )
    jurisdiction = forms.CharField(
        max_length=80,
        help_text="Where the licence holds: a state or a country",
        error_messages={"required": "Write where the licence holds."},
    )
    expires_on = DayField(
        ahead=True,
        label="Last day of the licence",
        help_text="Day, month, year",
        error_messages={"required": "Write the last day of the licence."},
    )
    first_aid_until = DayField(ahead=True, required=False, label="Last day of first aid and CPR")
    insured_until = DayField(ahead=True, required=False, label="Last day of the insurance")
    trained_on = DayField(required=False, label="Trained in HiRIT on")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        newest: Credential | None = None,
    ) -> None:
        before = {name: getattr(newest, name) for name in FIELDS} if newest else {}
        super().__init__(data, initial=before)
        self.today = today
        for name in ("profession", "licence", "jurisdiction"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def _day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day is not None and abs(day - self.today) > timedelta(days=366 * MOST_YEARS):
            raise ValidationError(f"That is more than {MOST_YEARS} years off. Check the year.")
        return day

    def clean_expires_on(self) -> date | None:
        return self._day("expires_on")

    def clean_first_aid_until(self) -> date | None:
        return self._day("first_aid_until")

    def clean_insured_until(self) -> date | None:
        return self._day("insured_until")

    def clean_trained_on(self) -> date | None:
        day: date | None = self.cleaned_data["trained_on"]
        if day is not None and day > self.today:
            raise ValidationError("This day is still to come. Write it once the training is over.")
        return day
