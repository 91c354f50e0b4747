"""A therapist's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs.loads import Inventory
from programs.models import Exercise, Phase
from programs.rules import Rules

from .fields import UNLOADED, LoadField, rung_choices, why_not_cleared, why_not_loadable


class ReasonForm(forms.Form):
    """Why. Every decision has a reason, because somebody reads it later."""

    reason = forms.CharField(
        max_length=200,
        label="Why",
        help_text="One line, for whoever reads it later",
        error_messages={"required": "Write why, in one line."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def said(self) -> dict[str, Any]:
        """The arguments of ``decide`` beside kind and lift."""
        return {"reason": self.cleaned_data["reason"]}


class LoadForm(ReasonForm):
    """A load for the rung that the lift is on."""

    field_order = ("load", "reason")

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        rung: Exercise,
        load: Decimal | None,
        inventory: Inventory,
        rules: Rules,
    ) -> None:
        super().__init__(data, initial={"load": load})
        self.rung, self.inventory = rung, inventory
        self.fields["load"] = LoadField(
            heaviest=rules.heaviest_load_kg,
            label="Load",
            error_messages={"required": "Write the load in kg."},
        )
        self.order_fields(self.field_order)

    def clean_load(self) -> Decimal:
        load: Decimal = self.cleaned_data["load"]
        if wrong := why_not_loadable(load, self.rung, self.inventory):
            raise ValidationError(wrong)
        return load

    def said(self) -> dict[str, Any]:
        return {"load": self.cleaned_data["load"], **super().said()}


class RungForm(ReasonForm):
    """Another exercise for a lift, with a load that was watched on it, or none yet."""

    exercise = forms.ChoiceField(
        label="Exercise",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an exercise."},
    )
    field_order = ("exercise", "load", "reason")

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        rungs: Sequence[Exercise],
        current: Exercise,
        inventory: Inventory,
        rules: Rules,
        cleared: int,
    ) -> None:
        super().__init__(data, initial={"exercise": current.slug})
        self.rungs = {rung.slug: rung for rung in rungs}
        self.current, self.inventory, self.cleared = current, inventory, cleared
        chosen = self.fields["exercise"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = rung_choices(rungs)
        if any(rung.load_type not in UNLOADED for rung in rungs):
            self.fields["load"] = LoadField(
                heaviest=rules.heaviest_load_kg,
                required=False,
                label="Load",
                help_text="From a clean set that you watched. Blank: no load yet",
            )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        rung = self.rungs.get(cleaned.get("exercise", ""))
        if rung is None:
            return cleaned
        if rung == self.current:
            self.add_error("exercise", f"It is {rung.name} already. Choose another one.")
        if not_cleared := why_not_cleared(rung, self.cleared):
            self.add_error("exercise", not_cleared)
        load = cleaned.get("load")
        if load is not None and (wrong := why_not_loadable(load, rung, self.inventory)):
            self.add_error("load", wrong)
        return cleaned

    def said(self) -> dict[str, Any]:
        exercise = self.rungs[self.cleaned_data["exercise"]]
        return {"exercise": exercise, "load": self.cleaned_data.get("load"), **super().said()}


class PhaseForm(ReasonForm):
    """Another phase, earlier or later."""

    phase = forms.ChoiceField(
        label="Phase", widget=forms.RadioSelect, error_messages={"required": "Choose a phase."}
    )
    field_order = ("phase", "reason")

    def __init__(
        self, data: Mapping[str, Any] | None, *, phases: Sequence[Phase], current: str
    ) -> None:
        super().__init__(data)
        chosen = self.fields["phase"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [(phase.code, phase.name) for phase in phases if phase.code != current]
        self.order_fields(self.field_order)

    def said(self) -> dict[str, Any]:
        return {"phase": self.cleaned_data["phase"], **super().said()}
