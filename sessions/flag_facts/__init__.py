"""The facts that the rules of flags are asked with: in sets, one query for a whole clinic.

A family serves several rules (``Rule.family``). Every query takes the moment it is asked about, so
that the past can be asked the same question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from programs.rules import Rules

from . import attendance, floor, health, lift_words, lifts, measured, phases
from .scope import Facts, Fetch, Scope

__all__ = [
    "CONFIRM",
    "FAMILIES",
    "HISTORY_KEYS",
    "OF_CLINIC",
    "READ_ONCE",
    "Facts",
    "Fetch",
    "Scope",
]

#: By the name that rules call them by; the facts of each enrollment by its key.
FAMILIES: dict[str, Fetch] = {
    "attendance": attendance.fetch,
    "lifts": lifts.fetch,
    "phases": phases.fetch,
    "checks": measured.checks,
    "height": measured.heights,
    "bone": measured.bone,
    "pain": health.pain,
    "safety": health.safety,
    "intake": health.intake,
    "notes": floor.notes,
}

#: By the kind of flag: asked of what would be opened anew, where knowing for sure costs more than a
#: query can; what it leaves out is not opened.
CONFIRM: Mapping[str, Callable[..., dict[int, list[Any]]]] = {
    "stalled": lift_words.confirm,
    "plateau": lift_words.confirm,
}

#: What a family's history depends on: under two sets of numbers with one key it is the same. A
#: family that is not here is asked for each.
HISTORY_KEYS: dict[str, Callable[[Rules], object]] = {
    "attendance": attendance.history_key,
    "lifts": lifts.history_key,
    "phases": phases.history_key,
    # What was measured and said is the same under any numbers.
    **dict.fromkeys(("checks", "height", "bone", "pain", "intake", "notes"), lambda rules: None),
}

#: Families that read a past once for two sets of numbers, also where it is not the same under both.
READ_ONCE: Mapping[str, Callable[[Scope, Scope], tuple[Mapping[int, Any], Mapping[int, Any]]]] = {
    "lifts": lifts.fetch_both,
}

#: The facts of rules about the clinic itself (``Rule.of_clinic``), by any key.
OF_CLINIC: dict[str, Fetch] = {
    "classes": floor.classes,
    "papers": floor.papers,
}
