"""Forms of an admin: scanners, precision studies, the numbers of a measure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField

from .measures import PARTS, Measure
from .models import Site
from .scanners import keys_of

LABELS = {
    "mdc": "Minimal detectable change (MDC)",
    "mcid": "Smallest change that matters (MCID)",
    "cut_off": "Cut-off",
    "plausible_low": "Usual from",
    "plausible_high": "Usual to",
    "hard_low": "Refused below",
    "hard_high": "Refused above",
}
#: More than any study has; a paste of something else is refused before it is read.
MOST_PEOPLE, MOST_SCANS = 200, 6
LOWEST, HIGHEST = Decimal("0.1"), Decimal(3)


def _text(label: str, length: int, *, required: bool = True, **more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=length, required=required, widget=widget, **more)


class NumberField(forms.DecimalField):
    """A number with a comma or a dot, to four places."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_digits=12, decimal_places=4, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        typed = value.replace(",", ".").replace("−", "-") if isinstance(value, str) else value
        return super().to_python(typed)


class DeviceForm(forms.Form):
    """A scanner, by the name that the clinic calls it."""

    name = _text("Name of the scanner", 120, error_messages={"required": "Write its name."})
    maker = _text("Maker and model", 80, required=False)
    place = _text("Where it stands", 120, required=False)


class MovedForm(forms.Form):
    """Why the precision of a scanner does not hold any more."""

    why = _text(
        "What was done with the scanner",
        200,
        error_messages={"required": "Write what was done, for example: moved to another room."},
    )


class StudyForm(forms.Form):
    """A precision study: one person a line, her scans beside one another."""

    site = forms.ChoiceField(label="Site", choices=Site)
    done_on = DayField(
        label="Done on",
        help_text="Day, month, year",
        error_messages={"required": "Write the day on which it was done."},
    )
    repeats = forms.CharField(
        label="Scans in g/cm²",
        help_text="One person a line, a space between her scans, for example 0.812 0.806 0.815",
        max_length=10_000,
        widget=forms.Textarea({"rows": 15, "autocomplete": "off"}),
        error_messages={"required": "Write the scans, one person a line."},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean_done_on(self) -> date:
        day: date = self.cleaned_data["done_on"]
        if day > self.today:
            raise forms.ValidationError("That is still to come. Check the day and the year.")
        return day

    def clean_repeats(self) -> list[list[int]]:
        lines = [line for line in self.cleaned_data["repeats"].splitlines() if line.strip()]
        if len(lines) > MOST_PEOPLE:
            raise forms.ValidationError(f"At most {MOST_PEOPLE} people.")
        return [_scans(line, number) for number, line in enumerate(lines, 1)]


def _scans(line: str, number: int) -> list[int]:
    """The scans of one line in 0.0001 g/cm²; between them a space, a tab or a semicolon."""
    typed = [one.strip(",") for one in line.replace(";", " ").split()]
    found = [_scan(one, number) for one in typed if one]
    if not 2 <= len(found) <= MOST_SCANS:
        raise forms.ValidationError(f"Line {number}: write two or three scans of one person.")
    return found


def _scan(typed: str, number: int) -> int:
    try:
        value = Decimal(typed.replace(",", "."))
    except ArithmeticError:
        raise forms.ValidationError(f"Line {number}: “{typed[:20]}” is no number.") from None
    if not value.is_finite() or not LOWEST <= value <= HIGHEST:
        raise forms.ValidationError(f"Line {number}: {typed[:20]} is no bone density in g/cm².")
    if value * PARTS != int(value * PARTS):
        raise forms.ValidationError(f"Line {number}: {typed[:20]} has more than four decimals.")
    return int(value * PARTS)


class NumbersForm(forms.Form):
    """A clinic's own numbers of one measure. Blank: what the catalogue has."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    basis = _text(
        "Where these numbers are from",
        200,
        error_messages={"required": "Write where they are from, or why they are changed."},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        measure: Measure,
        own: Mapping[str, Decimal | None],
        seen: int,
    ) -> None:
        super().__init__(data, initial={"seen": seen, **_typed(own)})
        self.measure = measure
        for key in keys_of(measure):
            self.fields[key] = NumberField(label=LABELS[key], required=False)

    def rows(self) -> list[dict[str, Any]]:
        """Each number with what the catalogue has for it."""
        numbers = self.measure.numbers
        return [{"field": self[key], "number": numbers.get(key)} for key in keys_of(self.measure)]

    def values(self) -> dict[str, Decimal | None]:
        """What was typed, None where it was left blank."""
        return {key: self.cleaned_data[key] for key in keys_of(self.measure)}


def _typed(own: Mapping[str, Decimal | None]) -> dict[str, str]:
    return {key: shown(value) for key, value in own.items()}


def shown(value: Decimal | None) -> str:
    """A number without trailing zeros; "" for none."""
    return "" if value is None else f"{value.normalize():f}"
