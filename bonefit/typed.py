"""What was typed into a field that no form of Django's reads."""

from __future__ import annotations

from collections.abc import Mapping

NUL = "\x00"


def typed(data: Mapping[str, str], name: str) -> str:
    """Without blanks around it, and without the one character that PostgreSQL cannot keep."""
    return data.get(name, "").replace(NUL, "").strip()
