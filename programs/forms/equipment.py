"""The clinic's equipment, as the settings page reads it, and what its steps of load allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs.loads import (
    Bar,
    BigStep,
    Inventory,
    big_steps,
    loadable,
    missing_plate,
    parse_load,
)
from programs.rules import Rules, plain

NAMED = 6  # loads that one sentence names before it only counts


def plate_note(kg: Decimal, inventory: Inventory, rules: Rules) -> str:
    """The step that a pair of this plate makes, and from which load on it stays under the cap."""
    step = 2 * kg
    enough = (step * 100 / rules.raise_cap_percent).quantize(Decimal("0.1"), ROUND_CEILING)
    made = loadable(inventory, "barbell")
    note = f"A pair makes steps of {plain(step)} kg"
    # A step that no load here is heavy enough for is no way to raise one.
    return f"{note}, from {plain(enough)} kg up." if made and enough < made[-1] else f"{note}."


def step_notes(inventory: Inventory, rules: Rules) -> list[str]:
    """Where the smallest step on a bar passes the clinic's cap, and the plate that would help."""
    if not inventory.bars:
        return []
    cap = plain(rules.raise_cap_percent)
    big = big_steps(inventory, rules)
    if not big:
        return [f"From every load on a bar the smallest step is at most {cap} %."]
    made = loadable(inventory, "barbell")
    light = [step for step, load in zip(big, made, strict=False) if step.load == load]
    heavy = big[len(light) :]
    notes = []
    if light:
        steps = {step.kg for step in light}
        size = f", {plain(steps.pop())} kg," if len(steps) == 1 else ""
        words = f"Below {plain(light[-1].above)} kg the smallest step{size} is more than {cap} %."
        notes.append(words + _help_for(light, inventory, rules))
    if heavy:
        named = [plain(step.load) for step in heavy[:NAMED]]
        others = len(heavy) - NAMED
        more = f" and {others} other load{'s' if others > 1 else ''}" if others > 0 else ""
        words = f"From {_listed(named, more)} kg{more} the next step is more than {cap} %."
        notes.append(words + _help_for(heavy, inventory, rules))
    return notes


def _listed(words: Sequence[str], more: str) -> str:
    if more or len(words) == 1:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _help_for(steps: Sequence[BigStep], inventory: Inventory, rules: Rules) -> str:
    """The lightest of the plates that these loads want: it serves most of them."""
    wanted = [missing_plate(step.load, inventory, "barbell", rules) for step in steps]
    plates = [plate for plate in wanted if plate is not None]
    if not plates:
        return " The load is held there."
    return f" A pair of {plain(min(plates))} kg plates would help."


class MassField(forms.CharField):
    """A mass in kg, typed with a point or a comma."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=10, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        return None if text in self.empty_values else read_mass(text)


def read_mass(text: str) -> Decimal:
    """Kilograms above 0 and at most 500; ValidationError as a sentence."""
    try:
        kg = parse_load(text, "kg")
    except ValueError as error:
        raise ValidationError(str(error)) from error
    if not 0 < kg <= 500:
        raise ValidationError("A mass is more than 0 and at most 500 kg.")
    return kg


def read_height(text: str) -> int:
    """Whole centimetres from 1 to 100; ValidationError as a sentence."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 100):
        raise ValidationError("A step is 1 to 100 cm high, in whole centimetres.")
    return int(text)


def _words(text: str) -> list[str]:
    """A comma between digits is a decimal comma, one before a space only separates."""
    return [word.rstrip(",") for word in text.replace(";", " ").split()]


class BarForm(forms.Form):
    """One kind of bar. A row that is left blank, or made blank, is not there."""

    name = forms.CharField(max_length=40, required=False, label="Bar")
    kg = MassField(required=False, label="Mass")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("name") and cleaned.get("kg") is None and "kg" not in self.errors:
            self.add_error("kg", "How heavy is this bar?")
        return cleaned


class PlateForm(forms.Form):
    """One kind of plate, in pairs. A row that is left blank, or made blank, is not there."""

    note = ""

    kg = MassField(required=False, label="Plate")
    pairs = forms.IntegerField(required=False, min_value=0, max_value=50, label="Pairs")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kg") is not None and cleaned.get("pairs") is None:
            if "pairs" not in self.errors:
                self.add_error("pairs", "How many pairs are there?")
        elif cleaned.get("kg") is None and cleaned.get("pairs") and "kg" not in self.errors:
            self.add_error("kg", "How heavy is one of these?")
        return cleaned


BarFormSet = forms.formset_factory(BarForm, extra=1, max_num=12, absolute_max=24)
PlateFormSet = forms.formset_factory(PlateForm, extra=2, max_num=20, absolute_max=40)


class InventoryForm(forms.Form):
    """Bars, plates, dumbbells, stacks, worn weights and steps: what a load can be made of here."""

    dumbbells = forms.CharField(
        max_length=400,
        required=False,
        label="Dumbbells",
        help_text="Each mass in kg once, with spaces between",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    worn = forms.CharField(
        max_length=400,
        required=False,
        label="Vests and ankle weights",
        help_text="What each adds in kg, both ankles together, with spaces between",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    steps_cm = forms.CharField(
        max_length=100,
        required=False,
        label="Steps to drop from",
        help_text="Heights in whole cm, with spaces between",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    stack_step = MassField(label="Smallest step of a stack")
    stack_limit = MassField(label="Heaviest mark of a stack")

    def __init__(
        self, data: Mapping[str, Any] | None, *, inventory: Inventory, rules: Rules
    ) -> None:
        super().__init__(
            data,
            initial={
                "dumbbells": "  ".join(plain(kg) for kg in inventory.dumbbells),
                "worn": "  ".join(plain(kg) for kg in inventory.worn),
                "steps_cm": "  ".join(str(height) for height in inventory.steps_cm),
                "stack_step": plain(inventory.stack_step),
                "stack_limit": plain(inventory.stack_limit),
            },
        )
        #: Of the equipment in force, not of what is being typed.
        self.step_notes = step_notes(inventory, rules)
        self.bars = BarFormSet(
            data,
            prefix="bars",
            initial=[{"name": bar.name, "kg": plain(bar.kg)} for bar in inventory.bars],
        )
        self.plates = PlateFormSet(
            data,
            prefix="plates",
            initial=[{"kg": plain(kg), "pairs": pairs} for kg, pairs in inventory.plates],
        )
        notes = [plate_note(kg, inventory, rules) for kg, _ in inventory.plates]
        for row, note in zip(self.plates.forms, notes, strict=False):  # a blank row has none
            row.note = note

    @property
    def parts(self) -> list[forms.Form]:
        return [self, *self.bars.forms, *self.plates.forms]

    def is_valid(self) -> bool:
        """All rows, each checked, so that every error is shown at once."""
        return all([super().is_valid(), self.bars.is_valid(), self.plates.is_valid()])

    def clean_dumbbells(self) -> tuple[Decimal, ...]:
        return tuple(read_mass(word) for word in _words(self.cleaned_data["dumbbells"]))

    def clean_worn(self) -> tuple[Decimal, ...]:
        return tuple(read_mass(word) for word in _words(self.cleaned_data["worn"]))

    def clean_steps_cm(self) -> tuple[int, ...]:
        return tuple(read_height(word) for word in _words(self.cleaned_data["steps_cm"]))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.plates.is_valid():
            return cleaned
        seen: set[Decimal] = set()
        for row in self.plates.forms:
            kg = row.cleaned_data.get("kg")
            if kg in seen:
                self.add_error(None, f"The {plain(kg)} kg plate is listed twice. Add the pairs up.")
            if kg is not None:
                seen.add(kg)
        return cleaned

    def inventory(self) -> Inventory:
        """The equipment as typed."""
        bars = [row.cleaned_data for row in self.bars.forms if row.cleaned_data.get("kg")]
        plates = [row.cleaned_data for row in self.plates.forms if row.cleaned_data.get("kg")]
        return Inventory(
            bars=tuple(Bar(bar["name"] or f"{plain(bar['kg'])} kg bar", bar["kg"]) for bar in bars),
            plates=tuple((plate["kg"], plate["pairs"]) for plate in plates),
            dumbbells=self.cleaned_data["dumbbells"],
            stack_step=self.cleaned_data["stack_step"],
            stack_limit=self.cleaned_data["stack_limit"],
            worn=self.cleaned_data["worn"],
            steps_cm=self.cleaned_data["steps_cm"],
        )
