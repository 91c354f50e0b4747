"""What becomes of the columns of one table, as a declaration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .rules import RULES, Rule

#: Of every table that has them; they point at nobody by themselves.
HEAD = ("id", "clinic")


class Undeclared(Exception):
    """A table or a column of which nobody has said what becomes of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A model by its label, and for each rule the fields that it goes for."""

    label: str
    rules: Mapping[str, str]

    def __init__(self, label: str, /, **rules: str) -> None:
        """Each rule is a name in ``RULES``; its fields are words. ValueError for a mistake."""
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "rules", rules)
        if unknown := rules.keys() - RULES.keys():
            raise ValueError(f"{label}: there is no rule {sorted(unknown)}.")
        twice = [name for name, times in Counter(self._names()).items() if times > 1]
        if twice:
            raise ValueError(f"{label} says twice what becomes of {twice}.")

    @property
    def fields(self) -> dict[str, Rule]:
        """Each field with its rule, apart from those in ``HEAD``."""
        return {name: RULES[rule] for rule, said in self.rules.items() for name in said.split()}

    @property
    def noun(self) -> str:
        """What a row without its name is called: ``Consent text``."""
        words = re.findall(r"[A-Z][a-z]*", self.label.partition(".")[2])
        return " ".join(words).capitalize()

    def _names(self) -> list[str]:
        return [name for said in self.rules.values() for name in said.split()]
