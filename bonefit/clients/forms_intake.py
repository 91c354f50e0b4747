"""Forms of the intake page: a named clinician's word against it."""

from __future__ import annotations

from typing import Any

from django import forms

from bonefit.clinics.dates import DayField

from .forms import IMPACT_LEVELS


class _WordForm(forms.Form):
    """Who decided, by name, and why."""

    clinician = forms.CharField(
        max_length=120,
        label="Decided by, a clinician by name",
        error_messages={"required": "Write who decided, by name and profession."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        max_length=400,
        label="Why",
        error_messages={"required": "Write the reason in a sentence."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class StartWithoutForm(_WordForm):
    """A start before the intake is complete, until a day."""

    until = DayField(
        label="Until",
        help_text="Day, month, year",
        error_messages={"required": "Write the last day on which this holds."},
    )

    def said(self) -> dict[str, Any]:
        """The clinician, the reason and the last day."""
        return {name: self.cleaned_data[name] for name in ("clinician", "reason", "until")}


class LandingForm(_WordForm):
    """A landing higher than the screening allows."""

    level = forms.TypedChoiceField(
        coerce=int,
        widget=forms.RadioSelect,
        label="Landings up to level",
        error_messages={"required": "Choose how high she may land."},
    )

    def __init__(self, *args: Any, above: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["level"]
        field.choices = [(level, words) for level, words in IMPACT_LEVELS if level > above]

    def said(self) -> dict[str, Any]:
        """The level, the clinician and the reason."""
        return {name: self.cleaned_data[name] for name in ("level", "clinician", "reason")}
