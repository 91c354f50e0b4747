"""What a definition is. Standard library only; the definitions stand beside what they define."""

from __future__ import annotations

from dataclasses import dataclass

#: Change a meaning anywhere, and this goes up by one: a figure is quoted with its definition.
VERSION = 4


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure: its short name, its name, how it is computed, what is and is not in it."""

    code: str
    name: str
    formula: str
    notes: tuple[str, ...]
    source: str

    @property
    def within(self) -> str:
        """Its name within a line."""
        return within_a_line(self.name)


def within_a_line(name: str) -> str:
    """A title within a line: its first letter small, unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
