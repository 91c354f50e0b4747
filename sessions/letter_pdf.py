"""The progress letter on paper: one page of data for the print page and for the PDF.

The PDF is set by typst from ``letter.typ``. All text goes in as data, never as part of the source:
a name that looks like an instruction is a name. Fonts are those that come with typst.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import typst
from pypdf import PdfReader

from . import charts
from .letter_words import ATTENDANCE_DEFINITION, PARTS, say
from .models import ProgressLetter

#: A letter has at most so many pages.
MOST_PAGES = 2
#: So many pictures stand side by side.
MOST_PICTURES = 3
LETTER = Path(__file__).with_name("letter.typ")
OUTCOME_WORDS = (
    "Bone density is called changed only beyond the least significant change (LSC) of the scanner, "
    "and a test beyond its measurement error: the grey band in a picture. One person’s result does "
    "not say what training did."
)


def page_of(
    letter: ProgressLetter, *, signature: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What stands on the letter, in its order: text, tables, pictures. Needs its ``clinic``.

    Without a signature it is a draft, and says so.
    """
    figures: Mapping[str, Any] = letter.figures
    kept = figures.get("signature")
    signed = signature or kept
    return {
        "draft": signed is None,
        "clinic": figures["clinic"],
        "to": letter.addressee,
        "address": letter.address.splitlines(),
        "date": say((signed or {}).get("on") or figures["as_at"][:10]),
        "client": figures["client"]["name"],
        "born_on": say(figures["client"]["born_on"]),
        "period": f"{say(figures['first'])} to {say(figures['last'])}",
        "parts": [
            {
                "key": key,
                "title": title,
                "paragraphs": [line for line in text.splitlines() if line.strip()],
            }
            for key, title in PARTS
            if (text := letter.parts.get(key, "").strip())
        ],
        "loads": [_load_row(one) for one in figures["loads"]],
        "pictures": [
            {"title": title, "words": words} for title, words, _ in _pictures(figures["loads"])
        ],
        "outcome_pictures": [
            {"title": title, "words": words} for title, words, _ in _measured(figures["outcomes"])
        ],
        "outcomes": [_outcome_row(one) for one in figures["outcomes"]],
        "attendance_definition": ATTENDANCE_DEFINITION,
        "outcome_words": OUTCOME_WORDS,
        "signature": dict(signed or {}),
    }


def _load_row(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "exercise": one["exercise"],
        **{key: f"{one[key]['words']}, {say(one[key]['day'])}" for key in _TOPS},
    }


_TOPS = ("first", "best", "latest")


def _outcome_row(one: Mapping[str, Any]) -> dict[str, str]:
    def value(key: str) -> str:
        return f"{one[key]} {one['unit']}, {say(one[f'{key}_on'])}" if one[key] else ""

    return {
        "name": one["name"],
        "before": value("before"),
        "after": value("after"),
        "change": one["change"],
        "label": one["label"],
    }


def _pictures(loads: list[Mapping[str, Any]]) -> list[tuple[str, str, charts.Picture]]:
    """The exercises with a line to draw: title, words, picture."""
    found = []
    for one in loads:
        points = [
            charts.Point(date.fromisoformat(day), Decimal(load)) for day, load in one["points"]
        ]
        words = f"From {one['first']['load']} to {one['latest']['load']}."
        picture = charts.Picture(
            title=f"{one['exercise']}, heaviest set of each session",
            words=words,
            unit=one["unit"],
            points=points,
            large=True,
        )
        if picture.drawable:
            found.append((picture.title, words, picture))
    return found[:MOST_PICTURES]


def _measured(outcomes: list[Mapping[str, Any]]) -> list[tuple[str, str, charts.Picture]]:
    """The measures with two values or more whose error is known: title, words, picture.

    Without its error a line from one value to the next says more than anybody knows.
    """
    found = []
    for one in outcomes:
        if not one["band"]:
            continue
        low, high = map(Decimal, one["band"])
        points = [
            charts.Point(date.fromisoformat(day), Decimal(value)) for day, value in one["points"]
        ]
        words = f"From {one['before']} to {one['after']} {one['unit']}: {one['label']}."
        picture = charts.Picture(
            title=one["name"],
            words=words,
            unit=one["unit"],
            points=points,
            large=True,
            joined="linear",
            from_zero=False,
            band=(low, high),
        )
        if picture.drawable:
            found.append((picture.title, words, picture))
    return found[:MOST_PICTURES]


def drawn(letter: ProgressLetter) -> dict[str, list[tuple[str, str]]]:
    """The pictures of a letter as SVG for a page, each with its title: loads and outcomes."""
    figures = letter.figures
    return {
        "loads": [(title, charts.draw(one)) for title, _, one in _pictures(figures["loads"])],
        "outcomes": [(title, charts.draw(one)) for title, _, one in _measured(figures["outcomes"])],
    }


def pdf_of(letter: ProgressLetter, *, signature: Mapping[str, str] | None = None) -> bytes:
    """The letter as a PDF on A4; a draft is marked as one on every page."""
    page = page_of(letter, signature=signature)
    for key, pictures in (
        ("pictures", _pictures(letter.figures["loads"])),
        ("outcome_pictures", _measured(letter.figures["outcomes"])),
    ):
        for shown, (_, _, picture) in zip(page[key], pictures, strict=True):
            shown["svg"] = charts.on_paper(picture)
    return _set(json.dumps(page, ensure_ascii=False))


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def _set(data: str) -> bytes:
    found = typst.compile(
        _source(), sys_inputs={"data": data}, format="pdf", ignore_system_fonts=True
    )
    assert isinstance(found, bytes)  # one document, not a picture of each page
    return found


@cache
def _source() -> bytes:
    return LETTER.read_bytes()
