"""The form that closes a flag."""

from __future__ import annotations

from django import forms

from .flagging import REASONS
from .models import Flag


class ResolveForm(forms.Form):
    """Why a flag is closed: a reason of the short list, and a note where there is more to say."""

    resolution = forms.ChoiceField(
        label="Why",
        choices=[(reason.value, reason.label) for reason in REASONS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason.", "invalid_choice": "Choose a reason."},
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=Flag._meta.get_field("note").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
