"""PINs of shared tablets: setting one, and coming back with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from .forms_login import digits_of
from .models_open import TabletPin
from .tablet_pins import LONGEST, SHORTEST, TOO_EASY, too_easy

NOT_A_PIN = f"A PIN has {SHORTEST} to {LONGEST} digits."
NOT_TWICE = "This is not the PIN that you typed above."
WHOSE = "Tap your name."


def _pin_field(label: str, **more: Any) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    wrong = {"required": NOT_A_PIN, "max_length": NOT_A_PIN}
    return forms.CharField(label=label, max_length=20, widget=widget, error_messages=wrong, **more)


def _pin_of(typed: str) -> str:
    """Four to six digits, and nothing else."""
    pin = digits_of(typed)
    if len(pin) != len(typed.strip()) or not SHORTEST <= len(pin) <= LONGEST:
        raise ValidationError(NOT_A_PIN)
    return pin


class SetPinForm(forms.Form):
    """A new PIN, twice."""

    pin = _pin_field("New PIN", help_text=f"{SHORTEST} to {LONGEST} digits")
    again = _pin_field("The same once more")

    def clean_pin(self) -> str:
        pin = _pin_of(self.cleaned_data["pin"])
        if too_easy(pin):
            raise ValidationError(TOO_EASY)
        return pin

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("pin") and "again" in said and digits_of(said["again"]) != said["pin"]:
            self.add_error("again", NOT_TWICE)
        return said


class UsePinForm(forms.Form):
    """Whose PIN it is, of those on this tablet, and the PIN."""

    whose = forms.TypedChoiceField(
        label="Who are you?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": WHOSE, "invalid_choice": WHOSE},
    )
    pin = _pin_field("Your PIN")

    def __init__(self, *args: Any, pins: Sequence[TabletPin], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pins = {one.pk: one for one in pins}
        several = len({one.opens_id for one in pins}) > 1
        field = self.fields["whose"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [
            (one.pk, f"{one.user.name}, {one.opens.name}" if several else one.user.name)
            for one in pins
        ]
        if len(pins) == 1:
            field.initial = pins[0].pk

    def clean_pin(self) -> str:
        return _pin_of(self.cleaned_data["pin"])

    @property
    def chosen(self) -> TabletPin:
        """The PIN's row, where the form is valid."""
        return self.pins[self.cleaned_data["whose"]]
