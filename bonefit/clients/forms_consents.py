"""What is typed where a client agrees to something, and where a text gets its next version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from bonefit.clinics.dates import DayField
from bonefit.clinics.models import Membership

from . import intake
from .consent_words import read_statements, write_statements
from .forms_papers import PaperField, WithPaper
from .models import ConsentText
from .signatures import read_strokes

MEANWHILE = "A new version came out while this page was open. Read that one first."
#: How long ago a paper may have been signed that is recorded now, in days.
LONGEST_AGO = 366


class SignForm(WithPaper):
    """Each statement of a text by itself, who explained it, and the signature."""

    paper_field = "scan"

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    explained_by = forms.ChoiceField(
        label="Who explained it", error_messages={"required": "Choose who explained it."}
    )
    signed_name = forms.CharField(
        label="Name of who signs",
        max_length=120,
        help_text="Typed, it is the signature where none is drawn",
        error_messages={"required": "Write the name. It is the signature."},
    )
    signed_on = DayField(
        label="Signed on",
        help_text="Day, month, year",
        error_messages={"required": "Write the day of the signature."},
    )
    strokes = forms.CharField(
        required=False, label="Drawn signature", widget=forms.HiddenInput, max_length=100_000
    )
    scan = PaperField(
        label="Signed on paper",
        required=False,
        help_text="The scan: PDF, PNG or JPEG, at most 10 MB",
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        text: ConsentText,
        therapists: Iterable[Membership],
        by: Membership,
        today: date,
        too_large: Iterable[str | None] = (),
    ) -> None:
        self.text, self.today = text, today
        self.therapists = {str(one.pk): one for one in therapists}
        initial = {"version": text.version, "signed_on": today}
        if str(by.pk) in self.therapists:
            initial["explained_by"] = by.pk
        super().__init__(data, files, initial=initial, too_large=too_large)
        choices = [("", "Choose"), *((pk, str(one)) for pk, one in self.therapists.items())]
        explained_by = self.fields["explained_by"]
        assert isinstance(explained_by, forms.ChoiceField)
        explained_by.choices = choices
        self.fields["signed_name"].widget.attrs["autocomplete"] = "off"
        for number, one in enumerate(text.statements, start=1):
            self.fields[self._name(one)] = forms.BooleanField(
                label=f"statement {number}",  # what the summary of errors calls it
                required=one["required"],
                error_messages={"required": "Tick this, or do not sign."},
            )

    @staticmethod
    def _name(statement: Mapping[str, Any]) -> str:
        return f"agree-{statement['key']}"

    @property
    def statements(self) -> list[tuple[forms.BoundField, str, bool]]:
        """The field of each statement, its words, and whether it may be left out."""
        return [
            (self[self._name(one)], one["words"], not one["required"])
            for one in self.text.statements
        ]

    def clean_signed_on(self) -> date | None:
        day: date | None = self.cleaned_data["signed_on"]
        if day is not None and day > self.today:
            raise ValidationError("Nobody has signed tomorrow. Check the day.")
        if day is not None and day < self.today - timedelta(days=LONGEST_AGO):
            raise ValidationError("That is more than a year ago. Have it signed anew.")
        return day

    def clean_strokes(self) -> list[list[list[int]]] | None:
        try:
            return read_strokes(self.cleaned_data["strokes"])
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        version = cleaned.get("version")
        if version is not None and version != self.text.version:
            raise ValidationError(MEANWHILE)
        return cleaned

    def said(self) -> dict[str, Any]:
        """What ``consents.sign`` is told, but for the scan."""
        agreed = [one["key"] for one in self.text.statements if self.cleaned_data[self._name(one)]]
        return {
            "agreed": agreed,
            "explained_by": self.therapists[self.cleaned_data["explained_by"]],
            "signed_name": self.cleaned_data["signed_name"],
            "signed_on": self.cleaned_data["signed_on"],
            "strokes": self.cleaned_data["strokes"],
        }


class WithdrawForm(forms.Form):
    """Why somebody takes her yes back."""

    why = forms.CharField(
        label="What she says",
        max_length=400,
        error_messages={"required": "Write what she says, or that she gives no reason."},
    )


class TextForm(forms.Form):
    """The next version of a text."""

    after = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=120, error_messages={"required": "Write a title."})
    body = forms.CharField(
        label="Text",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24}),
        help_text="“## ” begins a heading, “- ” a line of a list",
        error_messages={"required": "Write the text."},
    )
    statements = forms.CharField(
        max_length=8_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line, each ticked by itself. “(optional)” at the end: it may be left out",
        error_messages={"required": "Write at least one statement to agree to."},
    )
    due_on = DayField(
        ahead=True,
        required=False,
        label="To be signed by",
        help_text="Until this day what was signed before holds",
    )
    required = forms.BooleanField(
        required=False, label="Without it nothing is prescribed, booked or checked in"
    )
    keeps = forms.BooleanField(
        required=False, label="Only the wording is better: what was signed before goes on holding"
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, text: ConsentText, today: date, due: date
    ) -> None:
        self.text, self.today, self.due = text, today, due
        initial = {
            "after": text.version,
            "title": text.title,
            "body": text.body,
            "statements": write_statements(text.statements),
            "due_on": due,
            "required": text.required,
        }
        super().__init__(data, initial=initial)
        if text.kind in intake.ALWAYS_REQUIRED:
            del self.fields["required"]

    def clean_statements(self) -> list[dict[str, Any]]:
        found = read_statements(self.cleaned_data["statements"], self.text.statements)
        if not any(one["required"] for one in found):
            raise ValidationError("One statement at least has to be agreed to.")
        return found

    def clean_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["due_on"]
        if day is not None and day < self.today:
            raise ValidationError("This day is past. Everybody would be stopped at once.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("after") not in (None, self.text.version):
            raise ValidationError(MEANWHILE)
        if cleaned.get("keeps"):
            cleaned["due_on"] = None
        elif "due_on" not in self.errors and not cleaned.get("due_on"):
            cleaned["due_on"] = self.due
        if cleaned.get("required") and not self.text.required and cleaned.get("keeps"):
            self.add_error("keeps", "Nobody has signed it yet. Give a day to sign by instead.")
        names = [name for name in ("title", "statements", "required") if name in self.fields]
        same = all(cleaned.get(name) == getattr(self.text, name) for name in names)
        if same and _plain(cleaned.get("body", "")) == _plain(self.text.body):
            raise ValidationError("Nothing was changed, so there is no next version.")
        return cleaned

    def said(self) -> dict[str, Any]:
        """What ``consents.publish`` is told."""
        names = ("after", "title", "statements", "due_on")
        body = _plain(self.cleaned_data["body"])
        required = self.cleaned_data.get("required", True)
        said = {name: self.cleaned_data[name] for name in names}
        return {**said, "body": body, "required": required}


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
