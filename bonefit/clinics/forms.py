"""What an admin types about the clinic itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms

from .models import Clinic


class EmergencyForm(forms.Form):
    """What to do when somebody is stopped, and the clinic's telephone: kept on every tablet."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    emergency_plan = forms.CharField(
        label="The clinic’s emergency plan",
        max_length=4000,
        required=False,
        help_text="One step a line: who is called, with which number, where the defibrillator is",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"max_length": "At most 4000 characters: it is read in an emergency."},
    )
    phone = forms.CharField(
        label="Telephone of the clinic",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "At most 40 characters."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, clinic: Clinic) -> None:
        self.version = _version(clinic)
        super().__init__(
            data,
            initial={
                "seen": self.version,
                "emergency_plan": clinic.emergency_plan,
                "phone": clinic.phone,
            },
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("seen") not in ("", None, self.version):
            self.add_error(
                None,
                "Somebody saved another plan while you were typing. Open the settings again beside "
                "this page, compare, and save there.",
            )
        return cleaned


class BringForm(forms.Form):
    """What clients are told to bring to a session; blank is the usual words."""

    what_to_bring = forms.CharField(
        label="What clients bring",
        max_length=400,
        required=False,
        help_text="One thing a line. It stands on every client’s page below her next session",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "At most 400 characters: it stands on one small page."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, clinic: Clinic) -> None:
        super().__init__(data, initial={"what_to_bring": clinic.what_to_bring})


class ReportSettingsForm(forms.Form):
    """What the clinic's reports lead with, and whose figures its therapists read."""

    headline = forms.ChoiceField(
        label="Adherence that the report leads with",
        choices=Clinic.Headline.choices,
        help_text="A1: of what was prescribed. A2: of what the clinic did not cancel. A3: of that "
        "without excused sessions. A4: with make-ups. The others stand beside it",
        error_messages={
            "required": "Choose one of the four definitions.",
            "invalid_choice": "There is no such definition. Choose one of the four.",
        },
    )
    therapists_see = forms.ChoiceField(
        label="Figures that therapists see",
        choices=Clinic.TherapistsSee.choices,
        help_text="A therapist’s own clients are those she is responsible for",
        error_messages={
            "required": "Choose whose figures therapists see.",
            "invalid_choice": "There is no such choice. Choose one of the two.",
        },
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, clinic: Clinic) -> None:
        super().__init__(
            data, initial={"headline": clinic.headline, "therapists_see": clinic.therapists_see}
        )


def _version(clinic: Clinic) -> str:
    said = f"{clinic.emergency_plan}|{clinic.phone}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]
