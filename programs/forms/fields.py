"""Times, loads and rungs as people type and pick them, for the forms of this app."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from programs.loads import Inventory, loadable, next_down, next_up, parse_load
from programs.models import Exercise
from programs.rules import plain

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
UNLOADED = ("bodyweight", "impact")
LOADED_WITH = {
    "barbell": "bar",
    "per_hand": "dumbbell",
    "stack": "stack",
    "bodyweight": "body weight",
    "impact": "landing",
}

_TIME = re.compile(r"(\d{1,2})(?:[:.h ]?(\d{2}))?\s*(am|pm)?")


def read_time(text: str) -> time:
    """The time that a person typed, as "9:00", "9.30", "0930", "9" or "2 pm"; else ValueError."""
    found = _TIME.fullmatch(" ".join(text.lower().split()))
    if found is None:
        raise ValueError("Write a time, for example 9:30.")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            raise ValueError("With am or pm the hour is 1 to 12.")
        hour = hour % 12 + (12 if found[3] == "pm" else 0)
    if hour > 23 or minute > 59:
        raise ValueError("There is no such time. Write it as 9:30 or 14:00.")
    return time(hour, minute)


class TimeField(forms.CharField):
    """A time of day, typed. What was typed stays in the field when it is wrong."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=12, **kwargs)
        self.widget.attrs.setdefault("autocomplete", "off")

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def clean(self, value: Any) -> time | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            return read_time(text)
        except ValueError as error:
            raise ValidationError(str(error), code="no_such_time") from error


class LoadField(forms.CharField):
    """A load in kg, typed with a point or a comma; at most the clinic's heaviest."""

    def __init__(self, *, heaviest: Decimal, **kwargs: Any) -> None:
        super().__init__(max_length=16, **kwargs)
        self.heaviest = heaviest
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if text in self.empty_values:
            return None
        try:
            load = parse_load(text, "kg")
        except ValueError as error:
            raise ValidationError(str(error), code="no_load") from error
        if load <= 0:
            raise ValidationError("A load is more than 0 kg. Leave it blank if there is none yet.")
        if load > self.heaviest:
            raise ValidationError(f"A load is at most {plain(self.heaviest)} kg here. Check it.")
        return load


def why_not_loadable(load: Decimal, exercise: Exercise, inventory: Inventory) -> str | None:
    """A sentence with the nearest loads that the equipment makes; None if it makes this one."""
    if exercise.load_type in UNLOADED:
        return f"{exercise.name} takes no load here. Leave it blank, or choose another exercise."
    if load in loadable(inventory, exercise.load_type):
        return None
    near = [
        near
        for near in (
            next_down(load, inventory, exercise.load_type),
            next_up(load, inventory, exercise.load_type),
        )
        if near is not None
    ]
    if not near:
        return f"This clinic has nothing to load {exercise.name} with."
    offered = " or ".join(f"{plain(kg)} kg" for kg in near)
    return f"This equipment cannot make {plain(load)} kg. The nearest: {offered}."


def ladder(exercises: Sequence[Exercise], lift: str) -> list[Exercise]:
    """The rungs of a lift, lightest first, then the substitutes."""
    rungs = [exercise for exercise in exercises if exercise.lift == lift]
    return sorted(rungs, key=lambda rung: (bool(rung.substitute_for), rung.level, rung.pk))


def rung_choices(rungs: Sequence[Exercise]) -> list[tuple[str, str]]:
    """Each rung with what its load is, and for a substitute what it stands in for."""
    return [(rung.slug, rung_label(rung)) for rung in rungs]


def rung_label(rung: Exercise) -> str:
    if rung.impact_level is not None:
        return f"{rung.name} (level {rung.impact_level})"
    instead = f", if: {rung.substitute_for.lower()}" if rung.substitute_for else ""
    return f"{rung.name} ({LOADED_WITH[rung.load_type]}{instead})"


def why_not_cleared(exercise: Exercise, cleared: int) -> str | None:
    """A sentence where a landing is above the clearance; None where it is not."""
    if exercise.impact_level is None or exercise.impact_level <= cleared:
        return None
    return (
        f"{exercise.name} is level {exercise.impact_level}, and the clearance is for level "
        f"{cleared}. Choose a lower one, or record a higher clearance first."
    )
