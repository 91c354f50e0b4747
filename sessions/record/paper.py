"""A client's record to be read: what stands on its pages. ``record.typ`` sets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import typst

from bonefit.clients.measures import catalogue
from bonefit.clients.models import Client
from bonefit.clients.screening_words import answers_in_words

from .reading import Read, Record
from .values import day_words, moment_words, on_paper

PAPER = Path(__file__).with_name("record.typ")
#: Rows of one table on paper; further ones are in the folder, and the paper says so.
MOST_ROWS = 400
#: Letters that a share of a page's width has room for.
LETTERS = 14
NOTHING = "–"

Section = dict[str, Any]


def set_on_paper(record: Record, client: Client, as_at: datetime) -> bytes:
    """The record as a PDF; every word of it goes in as data."""
    data = json.dumps(page_of(record, client, as_at), ensure_ascii=False)
    made = typst.compile(
        _source(), sys_inputs={"data": data}, format="pdf", ignore_system_fonts=True
    )
    assert isinstance(made, bytes)  # one document, not a picture of each page
    return made


@cache
def _source() -> bytes:
    return PAPER.read_bytes()


def page_of(record: Record, client: Client, as_at: datetime) -> dict[str, Any]:
    """What stands on the paper, in its order."""
    clinic = client.clinic
    sections: list[Section] = []
    empty = []
    for read in record.values():
        if read.table.name not in _SPECIAL and not read.table.paper:
            continue
        if not read.rows:
            empty.append(read.table.title)
            continue
        made = _SPECIAL.get(read.table.name, _table)(read, record, client)
        sections.append({"title": read.table.title, "about": read.table.about, **made})
    return {
        "name": client.name,
        "born": day_words(client.born_on),
        "clinic": {"name": clinic.name, "address": clinic.address, "phone": clinic.phone},
        "moment": moment_words(as_at.astimezone(clinic.tz)),
        "sections": sections,
        "empty": empty,
    }


# --- most of it: a table as it is -----------------------------------------------------------------


def _table(read: Read, record: Record, client: Client) -> Section:
    if read.table.name == "person":
        return _blocks([_block("", _lines(read, read.rows[0], client))])
    shown = [column for column in read.columns if column.name in read.table.paper]
    shown.sort(key=lambda column: read.table.paper.index(column.name))
    zone = client.clinic.tz
    rows = [[on_paper(row[one.name], one, zone) for one in shown] for row in read.rows]
    return _rows([_title(one.name) for one in shown], rows)


#: Columns whose name alone does not say it.
_TITLES = {"load": "Load, kg", "month": "Month from", "minutes": "Minutes long"}


def _title(name: str) -> str:
    if name in _TITLES:
        return _TITLES[name]
    words = name.replace("_", " ")
    for end, plainly in ((" at", ""), (" on", ""), (" why", ", why")):
        if words.endswith(end) and words != end.strip():
            words = words.removesuffix(end) + plainly
    return words[0].upper() + words[1:]


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Section:
    """A table; of a long one the last rows, which are the newest."""
    kept = list(rows[-MOST_ROWS:])
    wide = [
        max(1, min(6, max((len(row[number]) for row in kept), default=0) // LETTERS))
        for number in range(len(head))
    ]
    return {
        "kind": "table",
        "head": list(head),
        "rows": kept,
        "wide": wide,
        "more": len(rows) - len(kept),
    }


def _lines(read: Read, row: dict[str, Any], client: Client) -> list[list[str]]:
    """Columns of one row as lines; blank ones are left out."""
    zone = client.clinic.tz
    said = [
        [_title(one.name), on_paper(row[one.name], one, zone)]
        for one in read.columns
        if one.name in read.table.paper
    ]
    return [line for line in said if line[1] != NOTHING]


def _block(title: str, lines: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"title": title, "lines": [list(line) for line in lines]}


def _blocks(blocks: Sequence[dict[str, Any]]) -> Section:
    return {"kind": "blocks", "blocks": list(blocks)}


# --- what reads better otherwise ------------------------------------------------------------------


def _screenings(read: Read, record: Record, client: Client) -> Section:
    return _blocks([block for one in read.objects for block in _answers(one, client)])


def _answers(screening: Any, client: Client) -> Iterator[dict[str, Any]]:
    at = screening.confirmed_at or screening.made_at
    when = f"{screening.get_status_display()}, {day_words(at.astimezone(client.clinic.tz))}"
    found = [[one["words"]] for one in screening.findings if one.get("words")]
    tier = screening.get_tier_display() if screening.tier else ""
    yield _block(when, [["What followed", tier], *(["", *one] for one in found)] if tier else [])
    for part in answers_in_words(screening.questionnaire, screening.answers):
        yield _block(part.title, [line[:2] for line in part.lines])


def _consents(read: Read, record: Record, client: Client) -> Section:
    texts = {one.pk: one for one in record["consent_texts"].objects}
    rows = []
    for one, row in zip(read.objects, read.rows, strict=True):
        text = texts[one.text_id]
        signed = f"{one.signed_name}, {day_words(one.signed_on)}"
        back = day_words(one.withdrawn_at.astimezone(client.clinic.tz)) if one.withdrawn_at else ""
        agreed = [said["words"] for said in text.statements if said["key"] in one.agreed]
        what = f"{text.title}, version {text.version}"
        rows.append([what, " ".join(agreed) or NOTHING, signed, row["explained_by"], back])
    head = ["Text", "Agreed to", "Signed", "Explained by", "Taken back"]
    return _rows(head, rows)


def _sessions(read: Read, record: Record, client: Client) -> Section:
    def by_visit(name: str) -> dict[int, list[Any]]:
        rows = sorted(record[name].objects, key=lambda one: one.visit_id)
        return {visit: list(some) for visit, some in groupby(rows, key=lambda one: one.visit_id)}

    sets, notes = by_visit("sets"), by_visit("notes")
    ordered = sorted(read.objects, key=lambda one: one.during.lower)
    blocks = []
    for one in ordered:
        start = one.during.lower.astimezone(client.clinic.tz)
        lines = [["", one.get_status_display() + (f": {one.said_why}" if one.said_why else "")]]
        lines += _sets(sets.get(one.pk, []))
        for note in notes.get(one.pk, [])[-1:]:
            lines += _note(note)
        blocks.append(_block(f"{moment_words(start)}, {one.slot.room}", lines))
    return _blocks(blocks)


def _sets(entries: Sequence[Any]) -> list[list[str]]:
    """A line for each exercise: its sets in their order, as they were done."""
    standing = sorted(
        (one for one in entries if not one.voided),
        key=lambda one: (one.exercise_id, one.kind != "warm_up", one.number),
    )
    return [
        [exercise.name, "; ".join(_set(one) for one in some)]
        for exercise, some in groupby(standing, key=lambda one: one.exercise)
    ]


def _set(entry: Any) -> str:
    return f"warm-up {entry.said}" if entry.kind == "warm_up" else str(entry.said)


def _note(note: Any) -> list[list[str]]:
    parts = (
        ("What you said", note.subjective),
        ("What was seen", note.objective),
        ("Assessment", note.assessment),
        ("Plan", note.plan),
    )
    said = [[title, text] for title, text in parts if text.strip()]
    return [*said, ["Note by", note.signed_by.user.name]] if said else []


def _measured(read: Read, record: Record, client: Client) -> Section:
    known = catalogue()
    replaced = {one.replaces_id for one in read.objects if one.replaces_id}
    rows = []
    for one, row in zip(read.objects, read.rows, strict=True):
        measure = known.get(one.measure)
        label = f"{measure.label if measure else one.measure}{f', {one.side}' if one.side else ''}"
        if one.amount is None or measure is None:
            value = f"not done: {one.not_done}"
        else:
            value = f"{measure.shown(one.amount)} {measure.unit}"
        corrected = "corrected later" if one.pk in replaced else one.replaced_why
        by = row["assessor"] or row["recorded_by"]
        rows.append([day_words(one.taken_on), label, value, by, corrected])
    return _rows(["Day", "Measure", "Value", "By", "Correction"], rows)


def _looks(read: Read, record: Record, client: Client) -> Section:
    """A line for each person, day and kind; every moment is in the folder."""
    lines: dict[tuple[str, ...], None] = {}
    zone = client.clinic.tz
    for one, row in zip(read.objects, read.rows, strict=True):
        who = row["member"] or row["organiser"] or "somebody who is not known"
        day = day_words(one.at.astimezone(zone))
        lines[(day, who, one.get_kind_display(), one.get_what_display())] = None
    return _rows(["Day", "Who", "What was opened", "How"], [list(line) for line in lines])


_SPECIAL: dict[str, Callable[[Read, Record, Client], Section]] = {
    "screenings": _screenings,
    "consents": _consents,
    "sessions": _sessions,
    "measurements": _measured,
    "looks": _looks,
}
