"""The forms that keep a question to a report under a name."""

from __future__ import annotations

from typing import Any

from django import forms

from .models import SavedReport
from .reports.registry import KINDS

_NAME = SavedReport._meta.get_field("name").max_length
_QUERY = SavedReport._meta.get_field("query").max_length


class SaveAcrossForm(forms.Form):
    """A name, whether others find it, and a link by mail after each month.

    Of a question across an organisation's clinics.
    """

    kinds = tuple(kind for kind in KINDS if kind.across)

    name = forms.CharField(
        label="Name",
        max_length=_NAME,
        error_messages={"required": "Write a name, for example Board, adherence."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shared = forms.BooleanField(label="The organisation’s other admins find it too", required=False)
    monthly = forms.BooleanField(
        label="Send me a link by e-mail on the first of each month, for the month before",
        required=False,
    )
    report = forms.CharField(widget=forms.HiddenInput)
    query = forms.CharField(required=False, max_length=_QUERY, widget=forms.HiddenInput)

    def clean_report(self) -> str:
        """Only a report that there is."""
        slug = str(self.cleaned_data["report"])
        if slug not in {kind.slug for kind in self.kinds}:
            raise forms.ValidationError("There is no such report.")
        return slug

    def say_taken(self) -> None:
        """The name is in use."""
        self.add_error("name", "You have a saved report of that name. Choose another name.")

    def kept(self) -> dict[str, Any]:
        """What is kept; only of a form without errors."""
        return dict(self.cleaned_data)


class SaveReportForm(SaveAcrossForm):
    """The same of a clinic's."""

    kinds = tuple(KINDS)

    shared = forms.BooleanField(label="Colleagues who may run reports find it too", required=False)
