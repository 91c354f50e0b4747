"""What is typed about a record: a correction, its answer, and how long it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField

from .models import CorrectionRequest, RetentionDecision

LONGEST = 2_000


class CorrectionForm(forms.Form):
    """What is wrong, and what would be right."""

    part = forms.ChoiceField(
        label="Where is it?",
        choices=[("", "Choose"), *CorrectionRequest.Part.choices],
        error_messages={
            "required": "Choose the part of your record.",
            "invalid_choice": "Choose one of these.",
        },
    )
    wrong = forms.CharField(
        label="What is wrong?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what is wrong."},
    )
    right = forms.CharField(
        label="What would be right?",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what would be right."},
    )


class AnswerForm(forms.Form):
    """What became of a request, and the words that she reads."""

    answer = forms.ChoiceField(
        label="What did you do?",
        choices=CorrectionRequest.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what you did.",
            "invalid_choice": "Choose one of these.",
        },
    )
    words = forms.CharField(
        label="Your words to the client",
        help_text="What was changed and where, or why it was not. She reads this.",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "Write what she should know. An answer needs a reason."},
    )


class RetentionForm(forms.Form):
    """What becomes of a record that is past its time, and why."""

    kind = forms.ChoiceField(
        label="What is decided?",
        choices=RetentionDecision.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose one of the two.",
            "invalid_choice": "Choose one of the two.",
        },
    )
    until = DayField(
        label="Keep it until",
        required=False,
        ahead=True,
        help_text="Day, month, year; only where it is kept",
    )
    reason = forms.CharField(
        label="Why?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why. The reason is kept with the decision."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        self.today = today
        super().__init__(data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until, kind = cleaned.get("until"), cleaned.get("kind")
        if kind == RetentionDecision.Kind.RELEASE:
            cleaned["until"] = None
        elif kind and "until" not in self.errors:
            if until is None:
                self.add_error("until", "Write until when it is kept.")
            elif until <= self.today:
                self.add_error("until", "This day is over. Write a later one.")
        return cleaned
