"""The forms that work a flag: close it, put it off, hand it over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField, say_day
from bonefit.clinics.models import Membership

from .flag_work import REASONS, Cannot
from .models import Flag, FlagStep

_WHY = FlagStep._meta.get_field("why").max_length


class FlagForm(forms.Form):
    """A form about one flag."""

    def refuse(self, refusal: Cannot) -> None:
        """What stood in the way, beside the answer that it is about."""
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class ResolveForm(FlagForm):
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


class PutOffForm(FlagForm):
    """Until which day a flag is acknowledged, and why it can wait."""

    until = DayField(
        ahead=True, label="Until", error_messages={"required": "Write the day it comes back."}
    )
    why = forms.CharField(
        label="Why",
        max_length=_WHY,
        error_messages={"required": "Write why, in one line."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, last: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["until"].help_text = f"Day, month, year; up to {say_day(last)}"


class HandOverForm(FlagForm):
    """Whose a flag is from now on, and a word to her."""

    to = forms.TypedChoiceField(
        label="To",
        coerce=int,
        error_messages={
            "required": "Choose somebody.",
            "invalid_choice": "Choose somebody of the clinic who works flags.",
        },
    )
    word = forms.CharField(
        label="A word to your colleague",
        max_length=_WHY,
        error_messages={"required": "Write a word to your colleague."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, data: Any = None, *, to: Sequence[Membership], me: Membership, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.people = {one.pk: one for one in to}
        choices = [(one.pk, f"{one.user.name} (you)" if one == me else one.user.name) for one in to]
        self.fields["to"].choices = [("", "Choose"), *choices]  # type: ignore[attr-defined]
