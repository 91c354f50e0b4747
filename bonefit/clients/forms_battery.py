"""A battery of tests on one page: trials side by side, scans, and why something was not done."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from bonefit.clinics.dates import DayField
from bonefit.clinics.models import Membership

from .measured import Numbers
from .measures import MEASURES, PARTS, Measure
from .measuring import Taken, outside, read_t_score, value_of
from .models import ScanDevice, Side

#: Sides of the hip; the spine has none.
SIDED = ("femoral_neck_bmd", "total_hip_bmd")
REGIONS = {"lumbar_bmd": "L1-L4"}
YES_NO = (("yes", "Yes"), ("no", "No"))
OLDEST = date(1990, 1, 1)


def line_field(**more: Any) -> forms.CharField:
    """A short line that may stay blank."""
    attrs = {"autocomplete": "off", **more.pop("attrs", {})}
    return forms.CharField(
        required=False, max_length=more.pop("max_length", 40), widget=forms.TextInput(attrs), **more
    )


def unit_field(measure: Measure) -> forms.ChoiceField:
    """In which of its units a value is typed; the first is the measure's own."""
    names = (measure.unit, *measure.units)
    return forms.ChoiceField(choices=[(one, one) for one in names], required=False, label="Unit")


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one measure, for the page."""

    measure: Measure
    trials: list[forms.BoundField]
    unit: forms.BoundField | None
    not_done: forms.BoundField
    more: list[forms.BoundField]


class BatteryForm(forms.Form):
    """Everything that is measured of a client on one day. What was left blank was not asked.

    A value outside the hard range is refused, an unusual one is asked about once (``sure``).
    """

    uid = forms.UUIDField(widget=forms.HiddenInput)
    taken_on = DayField(
        label="Measured on",
        help_text="Day, month, year",
        error_messages={"required": "Write the day on which she was measured."},
    )
    assessor = forms.TypedChoiceField(label="Measured by", coerce=int)
    treating = forms.ChoiceField(
        choices=YES_NO, required=False, widget=forms.RadioSelect, label="Does she also treat her?"
    )
    scanned_on = DayField(label="Scanned on", help_text="Day, month, year", required=False)
    device = forms.TypedChoiceField(label="Scanner", coerce=int, required=False, empty_value=None)
    note = forms.CharField(max_length=400, required=False, widget=forms.Textarea({"rows": 2}))
    sure = forms.BooleanField(
        required=False, label="I have checked the unusual values. They are right."
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        today: date,
        born_on: date,
        numbers: Numbers,
        members: Sequence[Membership],
        devices: Sequence[ScanDevice],
        me: Membership,
    ) -> None:
        super().__init__(data)
        self.today, self.born_on, self.numbers = today, born_on, numbers
        self.devices = {device.pk: device for device in devices}
        self.members = {member.pk: member for member in members}
        self.taken: list[Taken] = []
        self.unusual = False
        assessor, device = self.fields["assessor"], self.fields["device"]
        assert isinstance(assessor, forms.ChoiceField)
        assert isinstance(device, forms.ChoiceField)
        assessor.choices = [(one.pk, one.user.name) for one in members]
        device.choices = [("", "Not known"), *((one.pk, one.name) for one in devices)]
        self.initial = {
            "uid": uuid.uuid4(),
            "taken_on": today,
            "assessor": me.pk if me.pk in self.members else None,
        }
        for measure in MEASURES.values():
            self._add(measure)

    def _add(self, measure: Measure) -> None:
        for number in range(1, measure.trials + 1):
            one = "Item" if measure.item else "Trial"
            label = "Value" if measure.trials == 1 else f"{one} {number}"
            self.fields[f"{measure.slug}_{number}"] = line_field(
                label=label, attrs={"inputmode": "decimal"}
            )
        if measure.units:
            self.fields[f"{measure.slug}_unit"] = unit_field(measure)
        self.fields[f"{measure.slug}_why"] = line_field(label="Not done, because", max_length=120)
        if measure.kind == "scan":
            self.fields[f"{measure.slug}_t"] = line_field(
                label="T-score as reported", attrs={"inputmode": "text"}
            )
            self.fields[f"{measure.slug}_region"] = line_field(
                label="Region", initial=REGIONS.get(measure.slug, ""), max_length=24
            )
        if measure.slug in SIDED:
            self.fields[f"{measure.slug}_side"] = forms.ChoiceField(
                choices=Side.choices, required=False, widget=forms.RadioSelect, label="Side"
            )

    # --- the page -----------------------------------------------------------------------------
    def rows(self, kind: str) -> list[Row]:
        """The measures of one kind with their fields."""
        return [self._fields(one) for one in MEASURES.values() if one.kind == kind]

    def scans(self) -> list[Row]:
        return self.rows("scan")

    def tests(self) -> list[Row]:
        return self.rows("test")

    def questionnaires(self) -> list[Row]:
        return self.rows("questionnaire")

    def _fields(self, measure: Measure) -> Row:
        slug = measure.slug
        more = [f"{slug}_{name}" for name in ("side", "region", "t")]
        return Row(
            measure,
            [self[f"{slug}_{number}"] for number in range(1, measure.trials + 1)],
            self[f"{slug}_unit"] if measure.units else None,
            self[f"{slug}_why"],
            [self[name] for name in more if name in self.fields],
        )

    # --- what it means ------------------------------------------------------------------------
    def clean_taken_on(self) -> date:
        return self._day(self.cleaned_data["taken_on"])

    def clean_scanned_on(self) -> date | None:
        day = self.cleaned_data.get("scanned_on")
        return self._day(day) if day else None

    def _day(self, day: date) -> date:
        if day > self.today:
            raise forms.ValidationError("That is still to come. Check the day and the year.")
        if day < max(self.born_on, OLDEST):
            raise forms.ValidationError("That is too long ago. Check the year.")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.taken = [
            taken for measure in MEASURES.values() if (taken := self._taken(measure, cleaned))
        ]
        if not self.taken and not self.errors:
            self.add_error(None, "Nothing is written yet. Measure something, or say why not.")
        return cleaned

    def _taken(self, measure: Measure, cleaned: dict[str, Any]) -> Taken | None:
        names = [f"{measure.slug}_{number}" for number in range(1, measure.trials + 1)]
        typed = [(name, text) for name in names if (text := cleaned.get(name, "").strip())]
        why = cleaned.get(f"{measure.slug}_why", "").strip()
        if not typed:
            return Taken(measure, not_done=why) if why else None
        if why:
            self.add_error(f"{measure.slug}_why", "A value or a reason, not both.")
        unit = cleaned.get(f"{measure.slug}_unit") or measure.unit
        for name in names if measure.item and len(typed) < len(names) else ():
            if not cleaned.get(name, "").strip():
                self.add_error(name, "All items are needed for a score.")
        trials = [self._parts(measure, name, text, unit, cleaned) for name, text in typed]
        return Taken(
            measure,
            typed=[text for _, text in typed],
            trials=[one for one in trials if one is not None] or (0,),
            unit=unit,
            taken_on=self._scan_day(measure, cleaned),
            scan=self._scan(measure, cleaned),
        )

    def _parts(
        self, measure: Measure, name: str, text: str, unit: str, cleaned: dict[str, Any]
    ) -> int | None:
        try:
            parts = value_of(measure, text, unit)
        except ValueError as error:
            self.add_error(name, str(error))
            return None
        numbers = dict(self.numbers[measure.slug])
        if measure.item:
            low, high = measure.item
            if not low * PARTS <= parts <= high * PARTS:
                self.add_error(name, f"An item is {low} to {high}.")
        elif wrong := outside(measure, parts, numbers, "hard"):
            self.add_error(name, wrong)
        elif not cleaned.get("sure") and (odd := outside(measure, parts, numbers, "plausible")):
            self.unusual = True
            self.add_error(name, odd)
        return parts

    def _scan_day(self, measure: Measure, cleaned: dict[str, Any]) -> date | None:
        if measure.kind != "scan":
            return None
        day: date | None = cleaned.get("scanned_on")
        if day is None and "scanned_on" not in self.errors:
            self.add_error("scanned_on", "Write the day of the scan.")
        return day

    def _scan(self, measure: Measure, cleaned: dict[str, Any]) -> dict[str, Any]:
        if measure.kind != "scan":
            return {}
        side = cleaned.get(f"{measure.slug}_side", "")
        if measure.slug in SIDED and not side and f"{measure.slug}_side" not in self.errors:
            self.add_error(f"{measure.slug}_side", "Choose the side that was scanned.")
        device = cleaned.get("device")
        return {
            "side": side,
            "region": cleaned.get(f"{measure.slug}_region", "").strip(),
            "device": self.devices.get(device) if device else None,
            "t_score": self._t_score(measure, cleaned),
        }

    def _t_score(self, measure: Measure, cleaned: dict[str, Any]) -> Decimal | None:
        name = f"{measure.slug}_t"
        try:
            return read_t_score(cleaned.get(name, ""))
        except ValueError as error:
            self.add_error(name, str(error))
            return None
