"""The search of the access log. The client is found by a posted name: none stands in an address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField
from bonefit.clinics.models_log_ins import CHANGED_A_LOG_IN

from .models import Look


class LooksForm(forms.Form):
    """Who, what and which days; a blank is all. Read from the address."""

    person = forms.ChoiceField(
        label="Who", required=False, error_messages={"invalid_choice": "Choose somebody listed."}
    )
    what = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Everything"), *Look.What.choices, CHANGED_A_LOG_IN],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    first = DayField(label="From", required=False)
    last = DayField(label="To", required=False)

    def __init__(self, data: Mapping[str, Any], *, people: Sequence[tuple[str, str]]) -> None:
        super().__init__({name: data.get(name, "") for name in self.base_fields})
        self.fields["person"].choices = [("", "Everybody"), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and last < first:
            self.add_error("last", "This is before the first day. Choose a later one.")
        return cleaned


class FindClientForm(forms.Form):
    """A client by her name, or a part of it."""

    q = forms.CharField(
        label="Client",
        max_length=120,
        help_text="A name, or part of it",
        error_messages={"required": "Write a name."},
    )
