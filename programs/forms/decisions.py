"""A therapist's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bonefit.clinics.dates import DayField
from programs.estimates import estimate_one_rm, formula_of
from programs.loads import Inventory
from programs.models import Decision, Exercise, Phase
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


class HoldForm(ReasonForm):
    """Until when nothing rises: a word of her own, a clean visit, or a date."""

    until = forms.ChoiceField(
        label="Hold",
        choices=Decision.Until.choices,
        widget=forms.RadioSelect,
        required=False,
        initial=Decision.Until.REVIEW,
    )
    until_on = DayField(
        label="First day without it",
        help_text="Day, month, year. Only for a hold until a date",
        required=False,
    )
    field_order = ("until", "until_on", "reason")

    def __init__(self, data: Mapping[str, Any] | None, *, today: date) -> None:
        super().__init__(data)
        self.today = today

    def clean_until(self) -> str:
        return self.cleaned_data["until"] or Decision.Until.REVIEW

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        on = cleaned.get("until_on")
        if cleaned.get("until") != Decision.Until.DATE:
            cleaned["until_on"] = None
        elif on is None and "until_on" not in self.errors:
            self.add_error("until_on", "Write the first day without the hold.")
        elif on is not None and on <= self.today:
            self.add_error("until_on", "Write a day that is still to come.")
        return cleaned

    def said(self) -> dict[str, Any]:
        until, on = self.cleaned_data["until"], self.cleaned_data["until_on"]
        return {"until": until, "until_on": on, **super().said()}


class EstimateForm(ReasonForm):
    """A technical 5RM: the last set in which form held, stopped before it broke."""

    reps = forms.IntegerField(
        label="Reps",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Write the reps.", "invalid": "Write a whole number of reps."},
    )
    reserve = forms.IntegerField(
        label="Reps in reserve",
        required=False,
        help_text="That could have followed in good form. Blank: none",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Write a whole number of reps."},
    )
    field_order = ("load", "reps", "reserve", "reason")

    def __init__(
        self, data: Mapping[str, Any] | None, *, rung: Exercise, inventory: Inventory, rules: Rules
    ) -> None:
        super().__init__(data, initial={"reps": 5})
        self.rung, self.inventory, self.formula = rung, inventory, rules.formula
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

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        load, reps = cleaned.get("load"), cleaned.get("reps")
        if load is None or reps is None or "reserve" in self.errors:
            return cleaned
        cleaned["reserve"] = cleaned.get("reserve") or 0
        try:
            cleaned["one_rm"] = estimate_one_rm(
                load, reps, formula=self.formula, reps_in_reserve=cleaned["reserve"]
            )
        except ValueError as wrong:
            self.add_error("reserve" if 1 <= reps <= 10 else "reps", str(wrong))
        return cleaned

    def said(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        observed = {
            "reps": cleaned["reps"],
            "reserve": cleaned["reserve"],
            "one_rm": str(cleaned["one_rm"]),
            "formula": formula_of(self.formula).version,
        }
        return {"load": cleaned["load"], "observed": observed, **super().said()}


class PhaseForm(ReasonForm):
    """Another phase: an earlier one, or the next one where all its criteria are ticked."""

    phase = forms.ChoiceField(
        label="Phase", widget=forms.RadioSelect, error_messages={"required": "Choose a phase."}
    )
    criteria = forms.MultipleChoiceField(
        label="What holds today",
        help_text="All of it, before a later phase",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("criteria", "phase", "reason")

    def __init__(
        self, data: Mapping[str, Any] | None, *, phases: Sequence[Phase], current: str
    ) -> None:
        super().__init__(data)
        chosen = self.fields["phase"]
        assert isinstance(chosen, forms.ChoiceField)
        codes = [phase.code for phase in phases]
        at = codes.index(current)
        # One step at a time forward: what lies between has criteria of its own.
        offered = [*phases[:at], *phases[at + 1 : at + 2]]
        chosen.choices = [(phase.code, phase.name) for phase in offered]
        self.later = frozenset(codes[at + 1 :])
        self.texts = [one["text"] for one in phases[at].criteria] if offered[at:] else []
        ticked = self.fields["criteria"]
        assert isinstance(ticked, forms.MultipleChoiceField)
        ticked.choices = [(str(number), text) for number, text in enumerate(self.texts)]
        if not self.texts:
            del self.fields["criteria"]
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ticked = cleaned.get("criteria", [])
        if cleaned.get("phase") in self.later and len(ticked) < len(self.texts):
            self.add_error(
                "criteria" if "criteria" in self.fields else None,
                "A later phase needs every line ticked. Stay in this phase until all of it holds.",
            )
        return cleaned

    def said(self) -> dict[str, Any]:
        ticked = [self.texts[int(number)] for number in self.cleaned_data.get("criteria", [])]
        observed = {"criteria": ticked} if ticked else {}
        return {"phase": self.cleaned_data["phase"], "observed": observed, **super().said()}
