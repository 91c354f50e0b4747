"""What was typed into the editor of a draft, as a content; and what its buttons do to one.

Every button sends the whole form, so that nothing typed is lost when an exercise is added, moved
or taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from programs.content import (
    LINE_CELLS,
    PHASE_CELLS,
    PROGRAM_CELLS,
    RULE_NUMBERS,
    Cell,
    Document,
    edited,
    edited_rule,
    number_of,
    set_by_clinic,
    typed,
    value_of,
)
from programs.problems import MOST_LINES, MOST_PHASES


# --- from what was typed to a content -------------------------------------------------------------
def read_content(data: Mapping[str, str], stored: Document, *, on: date) -> Document:
    """The stored content after what was typed over it on a day.

    Phases and exercises are found again by their key, so that a number keeps its basis also when
    the draft was reordered; what has no key that is known is new.
    """
    phases = {phase["key"]: phase for phase in stored["phases"]}
    lines = {line["key"]: line for phase in stored["phases"] for line in phase["prescriptions"]}
    return {
        **stored,
        "name": _text(data, "name"),
        "summary": _text(data, "summary"),
        **_cells(data, "", PROGRAM_CELLS, stored, on=on),
        "phases": [
            _phase(data, path, phases.get(data[f"{path}-key"], {}), lines, on=on)
            for path in _paths(data, "phases", MOST_PHASES)
        ],
    }


def _phase(
    data: Mapping[str, str],
    path: str,
    before: Document,
    lines: Mapping[str, Document],
    *,
    on: date,
) -> Document:
    known = {one["text"]: one for one in before.get("criteria", [])}
    texts = [
        text for line in _text(data, f"{path}-criteria").splitlines() if (text := line.strip())
    ]
    return {
        **before,
        "key": data[f"{path}-key"],
        "code": _text(data, f"{path}-code"),
        "name": _text(data, f"{path}-name"),
        "summary": _text(data, f"{path}-summary"),
        **_cells(data, f"{path}-", PHASE_CELLS, before, on=on),
        "criteria": [known.get(text, {"text": text, "source": "", "tag": "D"}) for text in texts],
        "prescriptions": [
            _line(data, here, lines.get(data[f"{here}-key"], {}), on=on)
            for here in _paths(data, f"{path}-prescriptions", MOST_LINES)
        ],
    }


def _line(data: Mapping[str, str], path: str, before: Document, *, on: date) -> Document:
    kind = _text(data, f"{path}-rule")
    numbers = {name: typed(data.get(f"{path}-{name}", "")) for name in RULE_NUMBERS.get(kind, ())}
    return {
        **before,
        "key": data[f"{path}-key"],
        "lift": _text(data, f"{path}-lift"),
        "kind": _text(data, f"{path}-kind"),
        **_cells(data, f"{path}-", LINE_CELLS, before, on=on),
        "rule": edited_rule(before.get("rule", {}), kind, numbers, on=on),
    }


def _cells(
    data: Mapping[str, str], prefix: str, names: tuple[str, ...], before: Document, *, on: date
) -> dict[str, Cell | None]:
    return {
        name: edited(before.get(name), _typed(data, f"{prefix}{name}", name), on=on)
        for name in names
    }


def _typed(data: Mapping[str, str], path: str, name: str) -> int | str | None:
    text = _text(data, path)
    return (text or None) if name == "tempo" else typed(text)


def _text(data: Mapping[str, str], path: str) -> str:
    """What was typed. PostgreSQL keeps no NUL, and nobody types one."""
    return data.get(path, "").replace("\x00", "").strip()


def _paths(data: Mapping[str, str], path: str, most: int) -> list[str]:
    """The phases, or exercises of a phase, that the page had; one more than may be published."""
    paths = (f"{path}-{number}" for number in range(most + 1))
    return [here for here in paths if f"{here}-key" in data]


# --- what the buttons do --------------------------------------------------------------------------
def arrange(content: Document, button: str, *, key: str, on: date) -> tuple[Document, str]:
    """The content after a button, and the path of what was added or moved.

    ``button`` is a verb and a path, as "up phases-0-prescriptions-2"; ``key`` is a new one, for
    what is added. A button that is not known, or names nothing, changes nothing.
    """
    verb, _, path = button.partition(" ")
    if verb == "add-phase":
        phases = [*content["phases"], _new_phase(content, key, on=on)]
        return {**content, "phases": phases}, f"phases-{len(phases) - 1}"
    if verb not in _MOVES and verb != "add":
        return content, ""
    names = path.split("-")
    numbers = [int(name) for name in names[1::2] if name.isdigit()]
    phases = content["phases"]
    if names[0] != "phases" or not numbers or numbers[0] >= len(phases):
        return content, ""
    if verb != "add" and len(numbers) == 1:
        phases, at = _MOVES[verb](phases, numbers[0])
        return {**content, "phases": phases}, "" if at is None else f"phases-{at}"
    phase = phases[numbers[0]]
    lines, at = phase["prescriptions"], None
    if verb == "add":
        lines, at = [*lines, _new_line(key)], len(lines)
    elif numbers[1] < len(lines):
        lines, at = _MOVES[verb](lines, numbers[1])
    changed = {**phase, "prescriptions": lines}
    phases = [changed if one is phase else one for one in phases]
    here = f"phases-{numbers[0]}"
    return {**content, "phases": phases}, here if at is None else f"{here}-prescriptions-{at}"


def _up(items: list[Any], at: int) -> tuple[list[Any], int | None]:
    if at == 0:
        return items, at
    return [*items[: at - 1], items[at], items[at - 1], *items[at + 1 :]], at - 1


def _down(items: list[Any], at: int) -> tuple[list[Any], int | None]:
    if at == len(items) - 1:
        return items, at
    return _up(items, at + 1)[0], at + 1


def _remove(items: list[Any], at: int) -> tuple[list[Any], int | None]:
    return [*items[:at], *items[at + 1 :]], None


_MOVES: dict[str, Callable[[list[Any], int], tuple[list[Any], int | None]]] = {
    "up": _up,
    "down": _down,
    "remove": _remove,
}


def _new_phase(content: Document, key: str, *, on: date) -> Document:
    """A phase that follows the last one and begins with its exercises, which the clinic sets."""
    before = content["phases"][-1] if content["phases"] else None
    end = number_of(before["last_week"]) if before else 0
    lines = before["prescriptions"] if before else []
    return {
        "key": key,
        "code": "",
        "name": "",
        "summary": "",
        "first_week": None if end is None else set_by_clinic(end + 1, on=on),
        "last_week": None,
        "criteria": [],
        "prescriptions": [
            _copied(line, f"{key}l{number}", on=on) for number, line in enumerate(lines, start=1)
        ],
    }


def _copied(line: Document, key: str, *, on: date) -> Document:
    """The same numbers. What they rest on was said of another phase, so it does not come along."""
    cells = {
        name: None if (value := value_of(line.get(name))) is None else set_by_clinic(value, on=on)
        for name in LINE_CELLS
    }
    kind = line["rule"].get("kind", "")
    numbers = {name: line["rule"].get(name) for name in RULE_NUMBERS.get(kind, ())}
    rule = edited_rule({}, kind, numbers, on=on)
    return {"key": key, "lift": line["lift"], "kind": line["kind"], **cells, "rule": rule}


def _new_line(key: str) -> Document:
    rule = {"kind": "effort", "basis": "", "tag": "D", "source": ""}
    cells = dict.fromkeys(LINE_CELLS)
    return {"key": key, "lift": "", "kind": "working", **cells, "rule": rule}
