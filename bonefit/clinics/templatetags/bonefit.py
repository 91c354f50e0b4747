"""The words of the pages: ``{% load bonefit %}``. Every tag takes plain values, no model needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

TINTS = 8
GROUP = 5  # a tally crosses four strokes with the fifth

_LINE = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'

#: Each state is a shape, so that it reads in grey too: name -> (path in an 18 × 18 box, tone).
MARKS: dict[str, tuple[str, str]] = {
    "ready": ('<circle cx="9" cy="9" r="8" fill="currentColor"/>', "ready"),
    "rest": (
        '<circle cx="9" cy="9" r="7" fill="none" stroke="currentColor" stroke-width="2"/>'
        '<path d="M9 9V2a7 7 0 0 1 6 10.5z" fill="currentColor"/>',
        "",
    ),
    "hold": ('<path d="M3 2h4.5v14H3zM10.5 2H15v14h-4.5z" fill="currentColor"/>', "hold"),
    "stop": ('<path d="M2 2h14v14H2z" fill="currentColor"/>', "stop"),
    "confirm": (
        '<path d="M9 1 17 9 9 17 1 9z" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linejoin="round"/>',
        "hold",
    ),
    "late": (
        '<circle cx="9" cy="9" r="7.5" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-dasharray="3.5 2.5"/>',
        "stop",
    ),
    "unrecorded": (
        '<circle cx="9" cy="9" r="7.5" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-dasharray="3.5 2.5"/>',
        "hold",
    ),
    "stalled": (
        f'<path d="M3 2v14M6.5 2v14M10 2v14M13.5 2v14" {_LINE} stroke-width="1.8"/>'
        f'<path d="M.8 14.5 16.5 3.5" {_LINE} stroke-width="2.2"/>',
        "hold",
    ),
    "tick": (f'<path d="m2.5 9.5 4.5 4.5 8.5-10" {_LINE} stroke-width="2.8"/>', "ready"),
    "wrong": (
        '<path d="M9 1.5 17 16H1z" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linejoin="round"/><path d="M9 6.5v4" stroke="currentColor" stroke-width="2"/>'
        '<circle cx="9" cy="13" r="1.2" fill="currentColor"/>',
        "stop",
    ),
    "offline": (
        f'<path d="M2.500 7.500a9.500 9.500 0 0 1 13 0M5.500 11a5.500 5.500 0 0 1 7 0" {_LINE}'
        ' stroke-width="1.8"/><circle cx="9" cy="14" r="1.500" fill="currentColor"/>'
        f'<path d="M2.500 16.500 15.500 1.500" {_LINE} stroke-width="2"/>',
        "hold",
    ),
}
MARKS["done"] = MARKS["tick"]


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)


@register.simple_tag
def mark(name: str, css: str = "", label: str = "") -> SafeString:
    """``{% mark "hold" %}``: the mark of a state. Silent to readers unless it gets a label."""
    if name not in MARKS:
        raise template.TemplateSyntaxError(f"No mark {name!r}. There are: {', '.join(MARKS)}.")
    voice = (
        format_html(' role="img" aria-label="{}"', label)
        if label
        else mark_safe(' aria-hidden="true"')
    )
    return format_html(
        '<svg class="{}" width="18" height="18" viewBox="0 0 18 18"{}>{}</svg>',
        _classes("mark", css),
        voice,
        mark_safe(MARKS[name][0]),
    )


def _marked(css: str, name: str, word: str, tone: str | None) -> SafeString:
    tone = MARKS[name][1] if tone is None and name in MARKS else tone
    return format_html(
        '<span class="{}{}">{}{}</span>', css, f" is-{tone}" if tone else "", mark(name), word
    )


@register.simple_tag
def state(name: str, word: str, tone: str | None = None) -> SafeString:
    """``{% state "hold" "Held" %}``: mark and word; tone ready, hold, stop or "" overrides."""
    return _marked("state", name, word, tone)


@register.simple_tag
def badge(name: str, word: str, tone: str | None = None) -> SafeString:
    """``{% badge "tick" "Attended" "good" %}``: mark and word on a tint."""
    return _marked("badge", name, word, tone)


def initials_of(name: str) -> str:
    """First letters of the first and the last word: "Ana Maria R." is AR."""
    words = [word for word in name.split() if word[:1].isalpha()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def _name_and_key(person: Any) -> tuple[str, int]:
    """The name, and a number that stays the same: the primary key, else the letters' sum."""
    name = str(getattr(person, "name", None) or person)
    key = getattr(person, "pk", None)
    return name, key if isinstance(key, int) else sum(map(ord, name))


@register.filter
def tint(person: Any) -> str:
    """``{{ client|tint }}``: the class p1 … p8 that is this person's, on every page."""
    return f"p{_name_and_key(person)[1] % TINTS + 1}"


@register.filter
def initials(person: Any) -> str:
    """``{{ client|initials }}``: two letters, which two people may share."""
    return initials_of(_name_and_key(person)[0])


@register.simple_tag
def chip(person: Any, css: str = "") -> SafeString:
    """``{% chip client %}``: initials on the person's tint. Print the name beside it."""
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        _classes("chip", tint(person), css),
        initials(person),
    )


def _numbers(value: Any) -> frozenset[int]:
    """Set numbers from "2,4", from one number or from any iterable of numbers."""
    if isinstance(value, int):
        return frozenset({value})
    parts: Iterable[Any] = value.split(",") if isinstance(value, str) else (value or ())
    return frozenset(int(part) for part in parts if str(part).strip())


@register.simple_tag
def tally(
    done: int, total: int, next: bool = False, short: Any = (), label: str | None = None
) -> SafeString:
    """``{% tally 2 5 next=True short="1" %}``: strokes in groups of five.

    ``short`` holds the numbers of the sets with fewer reps. Readers hear "2 of 5", or the label;
    with ``label=""`` they hear nothing, for where the text says it already.
    """
    return _tally(done, total, bool(next), _numbers(short), label)


@lru_cache(maxsize=1024)
def _tally(
    done: int, total: int, next: bool, short: frozenset[int], label: str | None
) -> SafeString:
    """The strokes, drawn once a process: they stand beside every lift after every tap."""

    def stroke(number: int) -> str:
        if number > done:
            return "n" if next and number == done + 1 else ""
        return "f" if number in short else "d"

    strokes = [stroke(number) for number in range(1, max(done, total) + 1)]
    groups = [strokes[at : at + GROUP] for at in range(0, len(strokes), GROUP)]
    drawn = format_html_join(
        "",
        '<span class="tally">{}</span>',
        ((format_html_join("", '<i class="{}"></i>', ((s,) for s in group)),) for group in groups),
    )
    if label == "":
        return format_html('<span class="tallies" aria-hidden="true">{}</span>', drawn)
    return format_html(
        '<span class="tallies" role="img" aria-label="{}">{}</span>',
        label or f"{done} of {total}",
        drawn,
    )


def plain(value: Any) -> str:
    """A number without trailing zeros and never in exponents: 57.5000 is "57.5", 60.00 is "60"."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def load(value: Any) -> str:
    """``{{ target.load|load }}``: kilograms as a figure; a blank stays a blank."""
    if value is None or value == "":
        return ""
    try:
        return plain(value)
    except InvalidOperation:
        return str(value)


@dataclass(frozen=True, slots=True)
class _Iron:
    bar: str
    plates: tuple[str, ...]

    @property
    def words(self) -> str:
        if not self.plates:
            return f"{self.bar} kg bar, no plates"
        *most, last = self.plates
        return f"{self.bar} kg bar, each side {', '.join(most)}{' and ' if most else ''}{last}"


@register.inclusion_tag("_parts/iron.html")
def iron(
    bar_load: Any = None, size: str = "", bar: Any = None, plates: Any = ()
) -> dict[str, object]:
    """``{% iron bar_load size="l" %}`` or ``{% iron bar=15 plates="20,1.25" %}``: one side.

    ``bar_load`` has ``bar`` (a number, or something with ``kg``) and ``per_side``, heaviest first.
    Without a bar nothing is drawn: a lift may have no load yet.
    """
    if bar_load is not None:
        bar, plates = bar_load.bar, bar_load.per_side
    if bar is None or bar == "":
        return {"iron": None}
    sides = plates.split(",") if isinstance(plates, str) else plates
    shown = tuple(plain(str(plate).strip()) for plate in sides if str(plate).strip())
    return {"iron": _Iron(plain(getattr(bar, "kg", bar)), shown), "size": size}


@register.inclusion_tag("_parts/level.html")
def level(number: int) -> dict[str, object]:
    """``{% level 2 %}``: the impact level, 0 to 5, as steps that rise."""
    return {"number": number, "steps": [(step, step <= number) for step in range(1, 6)]}


@register.inclusion_tag("_parts/field.html")
def field(
    field: BoundField,
    label: str = "",
    help: str = "",
    wrong: str = "",
    wide: bool = False,
    unit: str = "",
    optional: bool = True,
    **attrs: Any,
) -> dict[str, object]:
    """``{% field form.name wide=True unit="kg" inputmode="decimal" %}``: label to error.

    ``wrong`` is said in place of the form's own error; ``optional=False`` leaves out the word
    "optional" where it is plain, as in a filter. Further names become attributes of the
    control (``data_focus`` is written ``data-focus``; False leaves one out).
    """
    return _field_context(field, label, help, wrong, wide) | {
        "unit": unit,
        "optional": optional and not field.field.required,
        "control": field.as_widget(attrs=_attributes(attrs)),
        "kind": getattr(field.field.widget, "input_type", ""),
    }


@register.inclusion_tag("_parts/picks.html")
def picks(
    field: BoundField,
    label: str = "",
    help: str = "",
    wrong: str = "",
    wide: bool = False,
    fit: bool = False,
) -> dict[str, object]:
    """``{% picks form.sex %}``: choices as a row of buttons; real radio buttons or check boxes.

    A picked radio of a field that is not required can be tapped again to make it blank.
    ``fit`` gives each button only the width of its word.
    """
    return _field_context(field, label, help, wrong, wide) | {"fit": fit}


def _field_context(
    field: BoundField, label: str, help: str, wrong: str, wide: bool
) -> dict[str, object]:
    if help:
        # The control points at its help by id, and Django asks the field whether there is one.
        field.help_text = help
    return {
        "field": field,
        "label": label or field.label,
        "wide": wide,
        "errors": [wrong] if wrong and field.errors else field.errors,
    }


def _attributes(attrs: dict[str, Any]) -> dict[str, Any]:
    return {name.rstrip("_").replace("_", "-"): value for name, value in attrs.items()}


@register.inclusion_tag("_parts/error_summary.html")
def error_summary(*forms: Any, title: str = "Not saved yet.") -> dict[str, object]:
    """``{% error_summary form %}``: what needs another look, with a way to each field.

    A list of forms counts as its forms.
    """
    flat = [one for form in forms for one in (form if isinstance(form, list) else [form])]
    bound = [form for form in flat if form is not None]
    return {
        "title": title,
        "wrong": [field for form in bound for field in form if field.errors],
        "general": [error for form in bound for error in form.non_field_errors()],
    }
