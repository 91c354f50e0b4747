"""The end of a program."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField, say_day
from programs.leaving import EndKind
from programs.models import Enrollment


class EndForm(forms.Form):
    """How and when a program ended, and why."""

    status = forms.ChoiceField(
        label="How it ended",
        choices=[("finished", "Finished"), ("withdrawn", "Withdrawn")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    kind = forms.ChoiceField(
        required=False,
        label="Why the client withdrew",
        help_text="Only of a withdrawal. Reports count by it.",
        choices=EndKind.choices,
        widget=forms.RadioSelect,
    )
    on = DayField(
        label="Last day",
        help_text="Day, month, year",
        error_messages={"required": "Write the last day."},
    )
    reason = forms.CharField(
        max_length=200,
        label="Why",
        error_messages={"required": "Write why, in one line."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, starts_on: date, today: date) -> None:
        super().__init__(data, initial={"on": today})
        self.starts_on, self.today = starts_on, today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError("This day is still to come. End the program when it has ended.")
        if on < min(self.starts_on, self.today):
            raise ValidationError(f"This is before the first day, {say_day(self.starts_on)}.")
        return on

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("status") == Enrollment.Status.FINISHED:
            # Without a script a picked radio button cannot be made blank again.
            said["kind"] = ""
        elif said.get("status") and "kind" not in self.errors and not said["kind"]:
            self.add_error("kind", "Choose why.")
        return said
