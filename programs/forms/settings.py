"""The clinic's numbers and its equipment, as the settings page reads them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs import catalogue
from programs.loads import Bar, Inventory, parse_load
from programs.rules import SETTINGS, Rules, Setting, Value, plain

#: Which numbers stand together on the page. What is in none of these stands at the end.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "When a load goes up or down",
        (
            "raise_cap_percent",
            "big_raise_percent",
            "usual_step_kg",
            "raise_after_sessions",
            "effort_too_high",
            "drop_percent",
        ),
    ),
    ("Pain", ("pain_hold_from", "pain_stop_over", "pain_asked_to_raise")),
    (
        "Typing errors",
        ("confirm_over_percent", "confirm_over_kg", "heaviest_load_kg", "most_reps"),
    ),
    (
        "Visits",
        (
            "missed_grace_minutes",
            "stall_sessions",
            "weeks_ahead",
            "late_cancel_hours",
            "partial_below_percent",
            "default_rest_seconds",
        ),
    ),
    ("Groups", ("group_warn_above", "group_block_above")),
)

TAGS = {
    "V": "read in the source",
    "V2": "from a secondary page",
    "K": "from own knowledge, to be confirmed",
    "U": "unsettled, sources differ",
    "C": "calculated",
    "D": "design default, no published value",
}
YES_NO = "(1 yes, 0 no)"


class NumberField(forms.CharField):
    """One setting: its range is checked by the setting itself."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            label=setting.label.replace(YES_NO, "").strip(),
            max_length=12,
            error_messages={"required": f"Write a number from {setting.range}."},
        )
        self.setting = setting
        self.widget.attrs.update(
            {"inputmode": "numeric" if setting.whole else "decimal", "autocomplete": "off"}
        )

    def clean(self, value: Any) -> Value:
        text = super().clean(value)
        try:
            return self.setting.read(text.replace(",", "."))
        except ValueError as error:
            kind = "whole number" if self.setting.whole else "number"
            raise ValidationError(f"Write a {kind} from {self.setting.range}.") from error


class YesNoField(forms.TypedChoiceField):
    """A setting that is on or off."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(
            label=setting.label.replace(YES_NO, "").strip(),
            choices=[("1", "Yes"), ("0", "No")],
            coerce=int,
            widget=forms.RadioSelect,
        )
        self.setting = setting


class RulesForm(forms.Form):
    """Every number of the clinic, and why it is changed."""

    edition = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None, *, rules: Rules, number: int) -> None:
        super().__init__(data, initial=rules.values())
        #: The RuleSet that is in force; what was typed must have been typed over this one.
        self.number = number
        for setting in SETTINGS:
            field = YesNoField if YES_NO in setting.label else NumberField
            self.fields[setting.key] = field(setting)
        self.fields["reason"] = forms.CharField(
            label="Why",
            max_length=200,
            help_text="One line. It stays in the history below",
            error_messages={"required": "Write why, in one line."},
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("edition") != self.number:
            self.add_error(
                None,
                "Somebody saved other settings while you were typing; the history below has them. "
                "Look through the numbers, then save again.",
            )
        warn, block = cleaned.get("group_warn_above"), cleaned.get("group_block_above")
        if warn is not None and block is not None and block < warn:
            self.add_error("group_block_above", f"At least {warn}, where the warning begins.")
        hold, stop = cleaned.get("pain_hold_from"), cleaned.get("pain_stop_over")
        if hold is not None and stop is not None and stop < hold - 1:
            self.add_error(
                "pain_stop_over",
                f"At least {hold - 1}, so that no pain lies between holding and stopping.",
            )
        return cleaned

    def rules(self) -> Rules:
        """The numbers as typed."""
        return Rules.from_values({entry.key: self.cleaned_data[entry.key] for entry in SETTINGS})

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Titles with their fields; each setting exactly once."""
        grouped = {key for _, keys in GROUPS for key in keys}
        rest = tuple(entry.key for entry in SETTINGS if entry.key not in grouped)
        return [
            (title, [_row(self, key) for key in keys])
            for title, keys in (*GROUPS, ("Other", rest))
            if keys
        ]


def _row(form: RulesForm, key: str) -> dict[str, Any]:
    """A field with what stands beside it: default, range, how sure, and where it is from."""
    bound = form[key]
    setting: Setting = bound.field.setting  # type: ignore[attr-defined]
    yes_no = isinstance(bound.field, YesNoField)
    default = ("Yes" if setting.default else "No") if yes_no else plain(setting.default)
    return {
        "field": bound,
        "unit": setting.unit,
        "yes_no": yes_no,
        "default": default,
        "range": "" if yes_no else f"{plain(setting.low)} to {plain(setting.high)}",
        "basis": setting.basis,
        "tag": setting.tag,
        "certainty": TAGS[setting.tag],
        "source": catalogue.read("sources").get(setting.source, ""),
    }


# --- equipment -----------------------------------------------------------------------------------


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
    """Bars, plates, dumbbells and stacks: what a load can be made of here."""

    dumbbells = forms.CharField(
        max_length=400,
        required=False,
        label="Dumbbells",
        help_text="Each mass in kg once, with spaces between",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    stack_step = MassField(label="Smallest step of a stack")
    stack_limit = MassField(label="Heaviest mark of a stack")

    def __init__(self, data: Mapping[str, Any] | None, *, inventory: Inventory) -> None:
        super().__init__(
            data,
            initial={
                "dumbbells": "  ".join(plain(kg) for kg in inventory.dumbbells),
                "stack_step": plain(inventory.stack_step),
                "stack_limit": plain(inventory.stack_limit),
            },
        )
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

    @property
    def parts(self) -> list[forms.Form]:
        return [self, *self.bars.forms, *self.plates.forms]

    def is_valid(self) -> bool:
        """All rows, each checked, so that every error is shown at once."""
        return all([super().is_valid(), self.bars.is_valid(), self.plates.is_valid()])

    def clean_dumbbells(self) -> tuple[Decimal, ...]:
        text = self.cleaned_data["dumbbells"]
        # A comma between digits is a decimal comma, one before a space only separates.
        return tuple(read_mass(word.rstrip(",;")) for word in text.replace(";", " ").split())

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
        )
