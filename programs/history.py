"""What each RuleSet changed, in words: the history on the settings page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .loads import Inventory
from .models import RuleSet
from .rules import SETTINGS, plain


@dataclass(frozen=True, slots=True)
class Edition:
    """One RuleSet and what it changed from the one before."""

    rules: RuleSet
    changes: tuple[str, ...]


def editions(rule_sets: Iterable[RuleSet]) -> list[Edition]:
    """The rule sets of one clinic, newest first, from rows in the order of their numbers."""
    rows = list(rule_sets)
    before = [None, *rows[:-1]]
    changed = [
        Edition(row, tuple(_changes(earlier, row)) if earlier else ())
        for earlier, row in zip(before, rows, strict=True)
    ]
    return changed[::-1]


def _changes(before: RuleSet, after: RuleSet) -> Iterable[str]:
    for setting in SETTINGS:
        # A number that did not exist then had its default.
        default = plain(setting.default)
        was = before.values.get(setting.key, default)
        now = after.values.get(setting.key, default)
        if was != now:
            unit = f" {setting.unit}" if setting.unit else ""
            yield f"{setting.label}: {was} to {now}{unit}"
    old, new = Inventory.from_json(before.inventory), Inventory.from_json(after.inventory)
    if old.bars != new.bars:
        yield f"Bars: {', '.join(f'{plain(bar.kg)} kg' for bar in new.bars) or 'none'}"
    if old.plates != new.plates:
        pairs = (f"{pairs} × {plain(kg)} kg" for kg, pairs in new.plates)
        yield f"Pairs of plates: {', '.join(pairs) or 'none'}"
    if old.dumbbells != new.dumbbells:
        yield f"Dumbbells: {', '.join(plain(kg) for kg in new.dumbbells) or 'none'} kg"
    if old.worn != new.worn:
        worn = ", ".join(f"{plain(kg)} kg" for kg in new.worn)
        yield f"Vests and ankle weights: {worn or 'none'}"
    if old.steps_cm != new.steps_cm:
        heights = ", ".join(f"{height} cm" for height in new.steps_cm)
        yield f"Steps to drop from: {heights or 'none'}"
    if (old.stack_step, old.stack_limit) != (new.stack_step, new.stack_limit):
        yield f"Stacks: steps of {plain(new.stack_step)} kg up to {plain(new.stack_limit)} kg"
