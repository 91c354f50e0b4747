"""The text of a consent as it is written and as it is shown: headings, paragraphs, lists.

Standard library only. Lines of a body: "## " is a heading, "- " a line of a list, anything else a
paragraph. Statements are written one a line; "(optional)" at the end of a line is what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

OPTIONAL = "(optional)"
_NO_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a text: "heading", "text" or "list", and its lines."""

    kind: str
    lines: tuple[str, ...]


def blocks(body: str) -> list[Block]:
    """The parts of a body in their order; lines of a list that stand together are one part."""
    found: list[Block] = []
    for line in (raw.strip() for raw in body.splitlines()):
        if not line:
            continue
        if line.startswith("## "):
            found.append(Block("heading", (line[3:].strip(),)))
        elif not line.startswith("- "):
            found.append(Block("text", (line,)))
        elif found and found[-1].kind == "list":
            found[-1] = Block("list", (*found[-1].lines, line[2:].strip()))
        else:
            found.append(Block("list", (line[2:].strip(),)))
    return found


def write_statements(statements: Iterable[Mapping[str, Any]]) -> str:
    """Statements as an admin edits them: one a line."""
    return "\n".join(
        one["words"] if one["required"] else f"{one['words']} {OPTIONAL}" for one in statements
    )


def read_statements(text: str, before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Statements from what was typed. One whose words stand in ``before`` keeps its key there."""
    keys = {one["words"]: str(one["key"]) for one in before}
    taken = set(keys.values())
    found: list[dict[str, Any]] = []
    for line in (raw.strip() for raw in text.splitlines()):
        if not line:
            continue
        optional = line.lower().endswith(OPTIONAL)
        words = line[: -len(OPTIONAL)].strip() if optional else line
        key = keys.get(words) or _new_key(words, taken)
        taken.add(key)
        if words and all(one["words"] != words for one in found):
            found.append({"key": key, "words": words, "required": not optional})
    return found


def _new_key(words: str, taken: Iterable[str]) -> str:
    stem = _NO_KEY.sub("-", words.lower()).strip("-")[:24].strip("-") or "statement"
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key
