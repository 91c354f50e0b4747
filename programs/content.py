"""A program's content as one document: what stands in it, in words, and what changed in it.

The catalogue, a draft and a published version all hold the same document: phases, in each phase
the prescriptions, and each number as a cell ``{"value", "source", "tag", "basis"}``. A draft holds
two things more, which publishing takes out again: a ``key`` on each phase and prescription, by
which they are found again after they were moved, and numbers as they were typed, so that nothing
typed is lost before it is right. ``was`` in a cell is what stood there before the clinic set it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Document = dict[str, Any]
Cell = dict[str, Any]

PROGRAM_CELLS = ("frequency", "minutes", "weeks")
PHASE_CELLS = ("first_week", "last_week")
LINE_CELLS = (
    "sets",
    "reps",
    "reps_top",
    "seconds",
    "landings",
    "drop_cm",
    "effort_low",
    "effort_high",
    "tempo",
    "rest_seconds",
    "gate",
)
#: The load rules and the numbers that each of them has, in percent of the estimated 1RM.
RULE_NUMBERS: dict[str, tuple[str, ...]] = {
    "effort": ("entry_percent",),
    "percent": ("from", "to", "step"),
    "double": (),
    "fixed": (),
    "impact": (),
}
RULE_NAMES = {
    "effort": "By effort",
    "percent": "Percent of the estimated 1RM",
    "double": "Double progression",
    "fixed": "Fixed load, body weight or time",
    "impact": "Impact ladder",
}
LABELS = {
    "name": "Name",
    "summary": "Summary",
    "frequency": "Sessions a week",
    "minutes": "Minutes of a session",
    "weeks": "Weeks",
    "sessions": "Sessions",
    "code": "Code",
    "first_week": "First week",
    "last_week": "Last week",
    "criteria": "Before the next phase",
    "lift": "Exercise",
    "kind": "Kind",
    "sets": "Sets",
    "reps": "Reps",
    "reps_top": "Reps, upper end",
    "seconds": "Seconds of a set",
    "landings": "Landings of a set",
    "drop_cm": "Drop height",
    "rule": "Load rule",
    "entry_percent": "Entry load",
    "from": "From",
    "to": "To",
    "step": "Step",
    "effort_low": "Effort from",
    "effort_high": "Effort to",
    "tempo": "Tempo",
    "rest_seconds": "Rest",
    "gate": "Clean visits before a raise",
}
UNITS = {
    "seconds": "s",
    "drop_cm": "cm",
    "rest_seconds": "s",
    "entry_percent": "%",
    "from": "%",
    "to": "%",
    "step": "%",
}
SET_BY_CLINIC = "Set by the clinic on "


# --- cells ----------------------------------------------------------------------------------------
def value_of(cell: Cell | None) -> int | str | None:
    """The number of a cell, or the text typed for it; None where there is none."""
    return None if cell is None else cell["value"]


def number_of(cell: Cell | None) -> int | None:
    """The number of a cell; None where there is none, or where what was typed is no number."""
    value = value_of(cell)
    return value if isinstance(value, int) else None


def typed(text: str) -> int | str | None:
    """What a person typed for a whole number: the number, else the text; None for nothing."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else text or None


def edited(cell: Cell | None, value: int | str | None, *, on: date) -> Cell | None:
    """The cell after somebody typed ``value`` over it on a day.

    The same value is no edit. Another one has the basis that the clinic set it, and keeps what
    stood there before in ``was``; typing that again brings its own basis back.
    """
    if cell is None:
        return None if value is None else set_by_clinic(value, on=on)
    if cell["value"] == value:
        return cell
    before: Cell | None = cell.get("was")
    if before is None and not cell["basis"].startswith(SET_BY_CLINIC):
        before = cell
    if before is not None and before["value"] == value:
        return before
    if before is None and value is None:
        return None
    made = set_by_clinic(value, on=on)
    return made if before is None else {**made, "was": before}


def set_by_clinic(value: int | str | None, *, on: date) -> Cell:
    """A cell whose only basis is that the clinic wants it so."""
    return {"value": value, "source": "", "tag": "D", "basis": f"{SET_BY_CLINIC}{day(on)}."}


def day(on: date) -> str:
    """A day in words, as "23 November 2026"."""
    return f"{on.day} {on:%B} {on.year}"


def edited_rule(rule: Document, kind: str, numbers: Document, *, on: date) -> Document:
    """The load rule after it was chosen anew: like ``edited``, the rule as a whole."""
    said = {"kind": kind, **{name: value for name, value in numbers.items() if value is not None}}
    if said == rule_values(rule):
        return rule
    before = rule.get("was") or rule
    if said == rule_values(before):
        return before
    made = {**said, "source": "", "tag": "D", "basis": f"{SET_BY_CLINIC}{day(on)}."}
    if not before.get("basis") or before["basis"].startswith(SET_BY_CLINIC):
        return made
    return {**made, "was": before}


def rule_values(rule: Document) -> Document:
    """The kind of a rule and its numbers, without what they rest on."""
    return {name: value for name, value in rule.items() if name not in _ABOUT}


_ABOUT = frozenset({"basis", "tag", "source", "was"})


# --- a draft --------------------------------------------------------------------------------------
def with_keys(content: Document) -> Document:
    """The content as a draft holds it: each phase and prescription has a key of its own."""
    phases = [
        {
            **phase,
            "key": f"p{at}",
            "prescriptions": [
                {**line, "key": f"p{at}l{number}"}
                for number, line in enumerate(phase["prescriptions"], start=1)
            ],
        }
        for at, phase in enumerate(content["phases"], start=1)
    ]
    return {**content, "phases": phases}


def published(content: Document) -> Document:
    """The content of a draft as it is published: no keys, and no cells of nothing."""
    phases = [
        {
            **_published(phase, PHASE_CELLS),
            "prescriptions": [_published(line, LINE_CELLS) for line in phase["prescriptions"]],
        }
        for phase in content["phases"]
    ]
    return {**content, "phases": phases}


def _published(item: Document, cells: tuple[str, ...]) -> Document:
    kept = {name: value for name, value in item.items() if name != "key"}
    for name in cells:
        if name in kept and value_of(kept[name]) is None:
            kept[name] = None
    return kept


# --- in words -------------------------------------------------------------------------------------
def dose_words(line: Document) -> str:
    """What is done, as "5 × 5", "2 × 8 to 10", "3 × 30 s" or "5 × 5 landings from 10 cm"."""
    sets = value_of(line["sets"])
    much = ""
    if value_of(line.get("landings")) is not None:
        much = f"{value_of(line['landings'])} landings"
        if value_of(line.get("drop_cm")) is not None:
            much += f" from {value_of(line['drop_cm'])} cm"
    elif value_of(line.get("seconds")) is not None:
        much = f"{value_of(line['seconds'])} s"
    elif value_of(line.get("reps")) is not None:
        much = _band(line.get("reps"), line.get("reps_top"))
    return f"{'?' if sets is None else sets} × {much or '?'}"


def rule_words(rule: Document) -> str:
    """A load rule in a line, as "60 to 80 % of the estimated 1RM, 5 % at a time"."""
    kind = rule.get("kind", "effort")
    if kind == "percent":
        low, high, step = (rule.get(name, "?") for name in RULE_NUMBERS["percent"])
        return f"{low} to {high} % of the estimated 1RM, {step} % at a time"
    name = RULE_NAMES.get(kind, str(kind))
    if rule.get("entry_percent") is not None:
        return f"{name}, entry at {rule['entry_percent']} % of the estimated 1RM"
    return name


def effort_words(line: Document) -> str:
    """The band of effort, as "16 to 17"; empty where there is none."""
    return _band(line.get("effort_low"), line.get("effort_high"))


def weeks_words(phase: Document) -> str:
    """The weeks of a phase, as "weeks 1 to 4" or "from week 36 on"."""
    first, last = value_of(phase["first_week"]), value_of(phase["last_week"])
    if last is None:
        return f"from week {first} on"
    return f"week {first}" if first == last else f"weeks {first} to {last}"


def _band(low: Cell | None, high: Cell | None) -> str:
    found = [str(value) for value in (value_of(low), value_of(high)) if value is not None]
    return " to ".join(dict.fromkeys(found))


def field_words(name: str, cell: Cell | None) -> str:
    """The value of a cell with its unit; empty where there is none."""
    value = value_of(cell)
    unit = UNITS.get(name, "")
    return "" if value is None else f"{value} {unit}".strip()


# --- what changed ---------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Difference:
    """One line of a comparison. Without a lift it is the phase's, without a phase the program's."""

    phase: str
    lift: str
    field: str
    was: str
    becomes: str

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        if self.was and self.becomes:
            return "changed"
        return "added" if self.becomes else "removed"


def differences(
    old: Document, new: Document, *, names: Mapping[str, str] | None = None
) -> list[Difference]:
    """What publishing ``new`` over ``old`` changes: first the program, then phase by phase.

    Phases are the same by their code, prescriptions by their lift; ``names`` are those of the
    lifts, for people.
    """
    return [*_program(old, new), *_phases(old, new, names or {})]


def _program(old: Document, new: Document) -> Iterator[Difference]:
    for name in ("name", "summary", *PROGRAM_CELLS):
        was, becomes = _said(old, name), _said(new, name)
        if was != becomes:
            yield Difference("", "", LABELS[name], was, becomes)


def _phases(old: Document, new: Document, names: Mapping[str, str]) -> Iterator[Difference]:
    before = {str(phase["code"]): phase for phase in old["phases"]}
    after = {str(phase["code"]): phase for phase in new["phases"]}
    if moved := _moved(before, after):
        was, becomes = (", ".join(item["name"] for item in items) for items in moved)
        yield Difference("", "", "Order of the phases", was, becomes)
    for code in _in_either(after, before):
        yield from _phase(before.get(code), after.get(code), names)


def _phase(
    old: Document | None, new: Document | None, names: Mapping[str, str]
) -> Iterator[Difference]:
    phase = new or old or {}
    if old is None or new is None:
        words = f"{phase['name']}, {weeks_words(phase)}"
        yield Difference(phase["name"], "", "Phase", *((words, "") if old else ("", words)))
    else:
        for name in ("name", "summary", *PHASE_CELLS, "criteria"):
            was, becomes = _said(old, name), _said(new, name)
            if was != becomes:
                label = LABELS[name]
                yield Difference(phase["name"], "", label, was or "none", becomes or "none")
    before = {str(line["lift"]): line for line in (old or {}).get("prescriptions", [])}
    after = {str(line["lift"]): line for line in (new or {}).get("prescriptions", [])}
    if moved := _moved(before, after):
        was, becomes = (
            ", ".join(names.get(item["lift"], item["lift"]) for item in items) for items in moved
        )
        yield Difference(phase["name"], "", "Order of the exercises", was, becomes)
    for lift in _in_either(after, before):
        for field, was, becomes in _line(before.get(lift), after.get(lift)):
            yield Difference(phase["name"], names.get(lift, lift), field, was, becomes)


def _line(old: Document | None, new: Document | None) -> Iterator[tuple[str, str, str]]:
    if old is None or new is None:
        line = old or new or {}
        words = f"{dose_words(line)}, {rule_words(line['rule'])}"
        yield ("Exercise", words, "") if old else ("Exercise", "", words)
        return
    for name in ("kind", *LINE_CELLS[:6], "rule", *LINE_CELLS[6:]):
        was, becomes = _said(old, name), _said(new, name)
        if was != becomes:
            yield LABELS[name], was or "none", becomes or "none"


def _in_either(first: Document, second: Document) -> list[str]:
    return [*first, *(key for key in second if key not in first)]


def _moved(old: Document, new: Document) -> tuple[list[Document], list[Document]] | None:
    """What is in both, in the order of each; None where the order is the same."""
    was, becomes = [key for key in old if key in new], [key for key in new if key in old]
    if was == becomes:
        return None
    return [old[key] for key in was], [new[key] for key in becomes]


def _said(item: Document, name: str) -> str:
    """A field in words, for comparing and for showing."""
    value = item.get(name)
    if name == "rule":
        return rule_words(value or {})
    if name == "criteria":
        return "; ".join(one["text"] for one in value or [])
    if isinstance(value, dict) or value is None:
        return field_words(name, value)
    return str(value)
