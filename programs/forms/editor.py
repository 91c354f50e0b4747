"""The editor of a draft: a program's content as fields, each number with what it rests on.

A field is named by its path in the content, as ``phases-0-prescriptions-2-reps``. Nothing is
refused here: what cannot stand is kept as it was typed and explained by ``programs.problems``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from programs.content import (
    LABELS,
    LINE_CELLS,
    PHASE_CELLS,
    PROGRAM_CELLS,
    RULE_NAMES,
    RULE_NUMBERS,
    UNITS,
    Document,
    dose_words,
    effort_words,
    rule_words,
    value_of,
    weeks_words,
)
from programs.models import Lift, Prescription
from programs.problems import LONGEST, MOST_PHASES, PHASE_NAME, PHASE_SUMMARY
from programs.reading import Basis, bases_of

LIFTS = dict(Lift.choices)
#: Which fields of an exercise stand together; those of one kind or rule only are hidden by the
#: page's style while they are blank and another kind or rule is chosen.
IMPACT_ONLY = frozenset({"landings", "drop_cm"})
WORKING_ONLY = frozenset({"reps", "reps_top", "seconds", "effort_low", "effort_high", "tempo"})
RULE_OF = {number: kind for kind, numbers in RULE_NUMBERS.items() for number in numbers}


# --- from a content to fields ---------------------------------------------------------------------
class Section(forms.Form):
    """Fields of one part of the content, with what stands in it and what is wrong with it."""

    def __init__(
        self,
        path: str,
        fields: Mapping[str, forms.Field],
        texts: Mapping[str, str],
        problems: Mapping[str, str],
    ) -> None:
        super().__init__(
            {f"{path}-{name}" if path else name: text for name, text in texts.items()},
            prefix=path or None,
        )
        self.fields.update(fields)
        for name in fields:
            if sentence := problems.get(self.add_prefix(name)):
                self.add_error(name, sentence)


@dataclass(frozen=True, slots=True)
class CellField:
    """A field with its unit and its basis; ``only`` is the kind or rule that it belongs to."""

    field: BoundField
    unit: str
    bases: tuple[Basis, ...]
    only: str

    @property
    def help_id(self) -> str:
        """Where the basis stands, for the field to point at."""
        return f"{self.field.auto_id}_helptext"


def _cell_field(form: Section, name: str, item: Document, only: str = "") -> CellField:
    bases, field = bases_of(name, item.get(name)), form[name]
    if bases:  # the field points at what stands below it
        field.help_text = bases[0].words
    return CellField(field, UNITS.get(name, ""), bases, only)


@dataclass(frozen=True, slots=True)
class LineFields:
    """One exercise of a phase."""

    path: str
    line: Document
    form: Section
    rule_bases: tuple[Basis, ...]

    @property
    def name(self) -> str:
        return LIFTS.get(self.line["lift"], "New exercise")

    @property
    def words(self) -> str:
        effort = effort_words(self.line)
        parts = [dose_words(self.line), f"effort {effort}" if effort else ""]
        rule = rule_words(self.line["rule"])
        return ", ".join(filter(None, [*parts, f"{rule[:1].lower()}{rule[1:]}"]))

    @property
    def rule_help_id(self) -> str:
        """Where the basis of the load rule stands, for the field to point at."""
        return f"{self.form['rule'].auto_id}_helptext"

    @property
    def dose(self) -> list[CellField]:
        return self._fields(LINE_CELLS[:6])

    @property
    def percents(self) -> list[CellField]:
        return [
            CellField(self.form[name], UNITS[name], (), f"rule-{kind}")
            for name, kind in RULE_OF.items()
        ]

    @property
    def pace(self) -> list[CellField]:
        return self._fields(LINE_CELLS[6:])

    @property
    def wrong(self) -> bool:
        return bool(self.form.errors)

    def _fields(self, names: tuple[str, ...]) -> list[CellField]:
        return [_cell_field(self.form, name, self.line, _only(name)) for name in names]


@dataclass(frozen=True, slots=True)
class PhaseFields:
    """One phase, and the exercises in it."""

    path: str
    phase: Document
    form: Section
    lines: tuple[LineFields, ...]
    general: str

    @property
    def weeks(self) -> list[CellField]:
        return [_cell_field(self.form, name, self.phase) for name in PHASE_CELLS]

    @property
    def words(self) -> str:
        return weeks_words(self.phase)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that needs another look: where, and what it says."""

    href: str
    where: str
    sentence: str


class ContentFields:
    """A whole content as fields. ``problems`` are said beside the fields they belong to."""

    def __init__(self, content: Document, problems: Mapping[str, str]) -> None:
        self.content = content
        self.problems = problems
        self.form = Section(
            "", _program_fields(), _texts(content, ("name", "summary"), PROGRAM_CELLS), problems
        )
        self.phases = [
            _phase_fields(f"phases-{at}", phase, problems)
            for at, phase in enumerate(content["phases"])
        ]

    @property
    def cells(self) -> list[CellField]:
        return [_cell_field(self.form, name, self.content) for name in PROGRAM_CELLS]

    @property
    def general(self) -> str:
        return self.problems.get("phases", "")

    @property
    def may_have_more_phases(self) -> bool:
        return self.content["kind"] != "block" and len(self.phases) < MOST_PHASES

    @property
    def wrong(self) -> list[Wrong]:
        """Every problem with its place, from the top of the page to its end."""
        found = [*self._wrong("", "", self.form)]
        if self.general:
            found.append(Wrong("#phases", "Phases", self.general))
        for number, phase in enumerate(self.phases, start=1):
            where = phase.phase["name"] or f"Phase {number}"
            found += self._wrong(phase.path, where, phase.form)
            if phase.general:
                found.append(Wrong(f"#{phase.path}", where, phase.general))
            for line in phase.lines:
                found += self._wrong(line.path, f"{where}, {line.name}", line.form)
        known = {one.sentence for one in found}
        rest = [sentence for sentence in self.problems.values() if sentence not in known]
        return [*found, *(Wrong("#phases", "Program", sentence) for sentence in rest)]

    def _wrong(self, path: str, where: str, form: Section) -> Iterator[Wrong]:
        for field in form:
            for sentence in field.errors:
                label = str(field.label)
                words = f"{where}, {label[0].lower()}{label[1:]}" if where else label
                yield Wrong(f"#{field.id_for_label}", words, str(sentence))


def _phase_fields(path: str, phase: Document, problems: Mapping[str, str]) -> PhaseFields:
    texts = _texts(phase, ("code", "name", "summary", "key"), PHASE_CELLS)
    texts["criteria"] = "\n".join(one["text"] for one in phase["criteria"])
    lines = tuple(
        _line_fields(f"{path}-prescriptions-{at}", line, problems)
        for at, line in enumerate(phase["prescriptions"])
    )
    form = Section(path, _phase_section(), texts, problems)
    return PhaseFields(path, phase, form, lines, problems.get(f"{path}-prescriptions", ""))


def _line_fields(path: str, line: Document, problems: Mapping[str, str]) -> LineFields:
    rule = line["rule"]
    texts = _texts(line, ("lift", "kind", "key"), LINE_CELLS)
    texts |= {name: _plain(rule.get(name)) for name in RULE_OF}
    texts["rule"] = str(rule.get("kind", ""))
    form = Section(path, _line_section(line), texts, problems)
    bases = bases_of("rule", rule)
    if bases:
        form["rule"].help_text = bases[0].words
    return LineFields(path, line, form, bases)


def _texts(item: Document, names: tuple[str, ...], cells: tuple[str, ...]) -> dict[str, str]:
    texts = {name: str(item.get(name, "")) for name in names}
    return texts | {name: _plain(value_of(item.get(name))) for name in cells}


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


# --- the fields of each part ----------------------------------------------------------------------
def _program_fields() -> dict[str, forms.Field]:
    return {
        "name": _text_field("name", LONGEST["name"]),
        "summary": _text_field("summary", LONGEST["summary"]),
        **{name: _number_field(name) for name in PROGRAM_CELLS},
    }


def _phase_section() -> dict[str, forms.Field]:
    return {
        "key": forms.CharField(required=False, widget=forms.HiddenInput),
        "code": _text_field("code", LONGEST["code"]),
        "name": _text_field("name", PHASE_NAME),
        "summary": _text_field("summary", PHASE_SUMMARY),
        **{name: _number_field(name) for name in PHASE_CELLS},
        "criteria": forms.CharField(
            required=False,
            label=LABELS["criteria"],
            help_text="What must be true before a client goes on. One in each line",
            widget=forms.Textarea(attrs={"rows": 4}),
        ),
    }


def _line_section(line: Document) -> dict[str, forms.Field]:
    tempo = _text_field("tempo", LONGEST["tempo"])
    return {
        "key": forms.CharField(required=False, widget=forms.HiddenInput),
        "lift": _choice_field("lift", [("", "Choose"), *Lift.choices], line["lift"]),
        "kind": _choice_field("kind", Prescription.Kind.choices, line["kind"]),
        **{name: tempo if name == "tempo" else _number_field(name) for name in LINE_CELLS},
        "rule": _choice_field("rule", list(RULE_NAMES.items()), line["rule"].get("kind", "")),
        **{name: _number_field(name) for name in RULE_OF},
    }


def _text_field(name: str, longest: int) -> forms.CharField:
    attrs = {"autocomplete": "off", "maxlength": longest, "placeholder": " "}
    return forms.CharField(required=False, label=LABELS[name], widget=forms.TextInput(attrs=attrs))


def _number_field(name: str) -> forms.CharField:
    field = _text_field(name, 40)
    field.widget.attrs["inputmode"] = "numeric"
    return field


def _choice_field(name: str, choices: list[tuple[Any, Any]], value: str) -> forms.CharField:
    """A choice in which also what is no choice (any more) stays visible."""
    if value not in {key for key, _ in choices}:
        choices = [*choices, (value, value or "Choose")]
    return forms.CharField(required=False, label=LABELS[name], widget=forms.Select(choices=choices))


def _only(name: str) -> str:
    if name in IMPACT_ONLY:
        return "impact"
    return "working" if name in WORKING_ONLY else ""


class CopyForm(forms.Form):
    """What a copy of a program is called."""

    name = forms.CharField(
        max_length=LONGEST["name"],
        label="Name of the new program",
        error_messages={"required": "Write a name for the new program."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
