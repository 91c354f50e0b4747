"""A version as it is read: phases, exercises, and each number with what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from programs import catalogue
from programs.content import (
    LABELS,
    LINE_CELLS,
    PHASE_CELLS,
    PROGRAM_CELLS,
    Document,
    dose_words,
    effort_words,
    field_words,
    rule_words,
    value_of,
    weeks_words,
)
from programs.models import Lift

#: How sure a number is, by its tag.
CERTAINTY = {
    "V": "read in the source",
    "V2": "from a secondary page",
    "K": "from own knowledge, to be confirmed",
    "U": "unsettled, sources differ",
    "C": "calculated",
    "D": "design default, no published value",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a number rests on. ``value`` is what it is, or was before the clinic set it."""

    value: str
    tag: str
    certainty: str
    words: str
    source: str
    citation: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its label and its grounds, the newest first."""

    label: str
    value: str
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One exercise of a phase."""

    name: str
    dose: str
    rule: str
    effort: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class ReadPhase:
    """One phase."""

    code: str
    name: str
    summary: str
    weeks: str
    criteria: tuple[str, ...]
    numbers: tuple[Number, ...]
    lines: tuple[ReadLine, ...]


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A whole version."""

    summary: str
    numbers: tuple[Number, ...]
    phases: tuple[ReadPhase, ...]
    sources: tuple[tuple[str, str], ...]


def read_version(content: Document) -> ReadVersion:
    """A content for the page that shows it."""
    phases = tuple(_phase(phase) for phase in content["phases"])
    numbers = _numbers(content, (*PROGRAM_CELLS, "sessions"))
    everything = [
        *numbers,
        *(number for phase in phases for number in phase.numbers),
        *(number for phase in phases for line in phase.lines for number in line.numbers),
    ]
    cited = {basis.source: basis.citation for one in everything for basis in one.bases}
    sources = tuple(sorted((key, text) for key, text in cited.items() if text))
    return ReadVersion(content["summary"], numbers, phases, sources)


def _phase(phase: Document) -> ReadPhase:
    return ReadPhase(
        code=phase["code"],
        name=phase["name"],
        summary=phase["summary"],
        weeks=weeks_words(phase),
        criteria=tuple(one["text"] for one in phase["criteria"]),
        numbers=_numbers(phase, PHASE_CELLS),
        lines=tuple(_line(line) for line in phase["prescriptions"]),
    )


def _line(line: Document) -> ReadLine:
    rule = line["rule"]
    return ReadLine(
        name=Lift(line["lift"]).label,
        dose=dose_words(line),
        rule=rule_words(rule),
        effort=effort_words(line),
        numbers=(
            *_numbers(line, LINE_CELLS[:6]),
            Number(LABELS["rule"], rule_words(rule), bases_of("rule", rule)),
            *_numbers(line, LINE_CELLS[6:]),
        ),
    )


def _numbers(item: Document, names: tuple[str, ...]) -> tuple[Number, ...]:
    return tuple(
        Number(LABELS[name], field_words(name, item[name]), bases_of(name, item[name]))
        for name in names
        if value_of(item.get(name)) is not None
    )


def bases_of(name: str, cell: Document | None) -> tuple[Basis, ...]:
    """What a number rests on now, and if the clinic has set it, what it rested on before."""
    if cell is None:
        return ()
    before: Document | None = cell.get("was")
    found = [_basis(name, cell), *([_basis(name, before)] if before else [])]
    return tuple(basis for basis in found if basis.words or basis.citation)


def _basis(name: str, cell: Document) -> Basis:
    tag, source = cell.get("tag", ""), cell.get("source", "")
    return Basis(
        value=rule_words(cell) if name == "rule" else field_words(name, cell),
        tag=tag,
        certainty=CERTAINTY.get(tag, ""),
        words=cell.get("basis", ""),
        source=source,
        citation=catalogue.read("sources").get(source, ""),
    )
