"""A small program content for tests, and ways to change it."""

from __future__ import annotations

import copy
from typing import Any

from programs.content import LINE_CELLS
from programs.problems import OnLadder

LADDERS = [
    OnLadder("deadlift", "hinge", "Deadlift", False, 4),
    OnLadder("dowel-hip-hinge", "hinge", "Deadlift", False, 3),
    OnLadder("back-squat", "squat", "Back squat", False, 4),
    OnLadder("heel-raise", "impact", "Drop landing", True, 3),
    OnLadder("farmer-walk", "carry", "Loaded carry", False, 0),
]


def cell(value: Any, tag: str = "K", basis: str = "As recalled.") -> dict[str, Any]:
    return {"value": value, "source": "", "tag": tag, "basis": basis}


def line(lift: str = "hinge", **more: Any) -> dict[str, Any]:
    """Five sets of five by effort; ``more`` are numbers or whole entries."""
    cells = dict.fromkeys(LINE_CELLS)
    usual = {"sets": 5, "reps": 5, "effort_low": 13, "effort_high": 16}
    said = {**usual, **more}
    rule = said.pop("rule", {"kind": "effort"})
    kind = said.pop("kind", "working")
    made = {name: None if value is None else cell(value) for name, value in said.items()}
    return {
        "lift": lift,
        "kind": kind,
        **cells,
        **made,
        "rule": {"basis": "As recalled.", "tag": "K", "source": "", **rule},
    }


def landing(**more: Any) -> dict[str, Any]:
    usual = {"reps": None, "effort_low": None, "effort_high": None, "landings": 5}
    return line("impact", kind="impact", rule={"kind": "impact"}, **{**usual, **more})


def phase(code: str, first: int | None, last: int | None, *lines: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": code.title(),
        "summary": "",
        "first_week": None if first is None else cell(first),
        "last_week": None if last is None else cell(last),
        "criteria": [{"text": "Technique is clean", "source": "", "tag": "D"}],
        "prescriptions": list(lines),
    }


def content(**more: Any) -> dict[str, Any]:
    """Two phases over eight weeks, with a lift and landings in each; nothing is wrong with it."""
    made = {
        "slug": "small",
        "name": "Small",
        "kind": "main",
        "summary": "Short.",
        "frequency": cell(2),
        "minutes": cell(30),
        "weeks": cell(8),
        "sessions": cell(16),
        "lifts": [{"lift": "hinge", "kind": "working", "exercise": "deadlift"}],
        "phases": [phase("LEARN", 1, 4, line(), landing()), phase("BUILD", 5, None, line())],
    }
    return copy.deepcopy({**made, **more})


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with ``value`` at "phases.0.prescriptions.1.reps"; a number becomes a cell."""
    *way, last = [int(name) if name.isdigit() else name for name in path.split(".")]
    at: Any = document
    for name in way:
        at = at[name]
    before = at[last] if isinstance(at, list) or last in at else None
    plain = isinstance(value, int | str) and (before is None or "value" in before)
    at[last] = cell(value) if plain and last not in ("kind", "lift") else value
    return document
