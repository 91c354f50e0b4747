"""The form that corrects one measurement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField

from .forms_battery import SIDED, line_field, unit_field
from .measures import Measure
from .measuring import outside, read_t_score, value_of
from .models import ScanDevice, Side


class CorrectionForm(forms.Form):
    """A value that was wrong: the right one, or why there is none, and the reason."""

    value = line_field(label="Value", attrs={"inputmode": "decimal"})
    taken_on = DayField(label="Measured on", help_text="Day, month, year")
    not_done = line_field(label="There is no value, because", max_length=120)
    why = forms.CharField(
        max_length=200,
        label="Why it is corrected",
        error_messages={"required": "Write why, so that the first value can be understood."},
    )
    sure = forms.BooleanField(required=False, label="I have checked the unusual value.")

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        measure: Measure,
        numbers: Mapping[str, Decimal],
        today: date,
        devices: Sequence[ScanDevice] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.devices = {device.pk: device for device in devices}
        self.measure, self.numbers, self.today = measure, dict(numbers), today
        self.amount: int | None = None
        self.unusual = False
        if measure.units:
            self.fields["unit"] = unit_field(measure)
        if measure.kind == "scan":
            self._add_scan()

    def _add_scan(self) -> None:
        """Of a scan everything that it is compared by can be wrong, too."""
        names = [(one.pk, one.name) for one in self.devices.values()]
        self.fields["device"] = forms.TypedChoiceField(
            label="Scanner",
            coerce=int,
            required=False,
            empty_value=None,
            choices=[("", "Not known"), *names],
        )
        self.fields["region"] = line_field(label="Region", max_length=24)
        self.fields["t_score"] = line_field(label="T-score as reported")
        if self.measure.slug in SIDED:
            self.fields["side"] = forms.ChoiceField(
                choices=Side.choices,
                widget=forms.RadioSelect,
                label="Side",
                error_messages={"required": "Choose the side that was scanned."},
            )

    def clean_t_score(self) -> Decimal | None:
        try:
            return read_t_score(self.cleaned_data["t_score"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def scan(self) -> dict[str, Any]:
        """What a scan is compared by, as corrected; nothing for what is no scan."""
        if self.measure.kind != "scan":
            return {}
        said = self.cleaned_data
        return {
            "device": self.devices.get(said["device"]) if said["device"] else None,
            "region": said["region"].strip(),
            "side": said.get("side", ""),
            "t_score": said["t_score"],
        }

    def clean_taken_on(self) -> date:
        day: date = self.cleaned_data["taken_on"]
        if day > self.today:
            raise forms.ValidationError("That is still to come. Check the day and the year.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        typed, why = cleaned.get("value", "").strip(), cleaned.get("not_done", "").strip()
        if bool(typed) == bool(why):
            self.add_error("value", "Write the right value, or below why there is none.")
            return cleaned
        if typed:
            self._value(typed, cleaned)
        return cleaned

    def _value(self, typed: str, cleaned: dict[str, Any]) -> None:
        try:
            self.amount = value_of(self.measure, typed, cleaned.get("unit") or "")
        except ValueError as error:
            self.add_error("value", str(error))
            return
        if wrong := outside(self.measure, self.amount, self.numbers, "hard"):
            self.add_error("value", wrong)
        elif not cleaned.get("sure") and (
            odd := outside(self.measure, self.amount, self.numbers, "plausible")
        ):
            self.unusual = True
            self.add_error("value", odd)
