"""The numbers that flags rest on, as their own page reads them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from programs.rules import Rules

from .settings import RulesForm


class FlagRulesForm(RulesForm):
    """Those of the clinic's numbers that ``keys`` name; the others stay as they are in force."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        rules: Rules,
        number: int,
        keys: Collection[str],
        saving: bool = False,
    ) -> None:
        super().__init__(data, rules=rules, number=number)
        self.in_force = rules
        self.keys = [key for key in rules.values() if key in keys]
        kept = {*self.keys, "edition", "reason"}
        for name in [name for name in self.fields if name not in kept]:
            del self.fields[name]
        self.fields["reason"].required = saving
        self.fields["reason"].help_text = "One line. It stays in the history of the settings"

    def rules(self) -> Rules:
        """The numbers in force with those that were typed."""
        typed = {key: self.cleaned_data[key] for key in self.keys}
        return Rules.from_values({**self.in_force.values(), **typed})

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Titles with their fields, in the order of the settings page."""
        return [
            (title.removeprefix("Flags: ").capitalize(), rows)
            for title, keys in self.titles()
            if (rows := [self.row(key) for key in keys if key in self.keys])
        ]
