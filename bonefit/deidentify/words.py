"""The words that bonefit itself writes: what stands in its own source and in its own data.

A text that equals one of them says nothing that its writer brought along. The demo's people are
left out: they have names.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bonefit.paths import BASE_DIR

SOURCES = ("bonefit", "programs", "sessions")
#: Beneath ``SOURCES``: modules with invented people in them.
NOT_THESE = (BASE_DIR / "bonefit" / "demo",)


@cache
def words() -> frozenset[str]:
    """Every string and name of the source, and every string of its data."""
    found: set[str] = set()
    for top in SOURCES:
        for path in sorted((BASE_DIR / top).rglob("*")):
            if not path.is_file() or any(other in path.parents for other in NOT_THESE):
                continue
            if path.suffix == ".py":
                found.update(_of_source(path))
            elif path.suffix == ".json":
                found.update(_of_data(json.loads(path.read_text(encoding="utf-8"))))
    return frozenset(word for word in found if word and _can_be_kept(word))


def _can_be_kept(word: str) -> bool:
    """Whether PostgreSQL takes it: it knows no NUL and no half of a surrogate pair."""
    return "\x00" not in word and not any("\ud800" <= one <= "\udfff" for one in word)


def _of_source(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def _of_data(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from _of_data(value)
    elif isinstance(data, list):
        for value in data:
            yield from _of_data(value)
