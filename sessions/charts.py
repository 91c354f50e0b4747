"""Charts of a plan, drawn on the server as SVG. Colours come from the page's own style sheet.

The picture carries no style of its own: each layer has a name, and plan.css gives it its colour, in
light and in dark.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

WIDTH, HEIGHT = 640, 280
FEWEST = 2  # points; one is no line
#: On a telephone the picture is as wide as the page, so what is drawn small stays legible.
PHONE_WIDTH, PHONE_HEIGHT = 280, 210
KEPT = 24 * 60 * 60  # seconds
#: Colours of a picture that stands in a letter: dark ink, and what lies behind it.
INK, PALE = "#1f2d3a", "#d5dbe1"
FEW_DAYS = 3  # labels below a picture on a telephone


@dataclass(frozen=True, slots=True)
class Point:
    """A value on a day; ``stretch`` counts what may not be joined by a line."""

    day: date
    value: Decimal
    stretch: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, with a word."""

    first: date
    last: date
    word: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: the load by day, estimates, held days, and the phases as they are and were."""

    title: str
    words: str
    unit: str
    points: Sequence[Point]
    estimates: Sequence[Point] = ()
    held: Sequence[Stretch] = ()
    phases: Sequence[tuple[date, str]] = ()
    planned: Sequence[tuple[date, str]] = ()
    #: Drawn for a telephone, in large letters.
    large: bool = False
    #: How two values are joined. A load holds until the next one; what is measured does not.
    joined: str = "step-after"
    #: Whether the scale begins at zero. What hardly changes in itself would be a straight line.
    from_zero: bool = True
    #: From and to: within it a value is not told from the first one.
    band: tuple[Decimal, Decimal] | None = None

    @property
    def drawable(self) -> bool:
        """Whether there are points enough for a line."""
        return len(self.points) >= FEWEST


def draw(picture: Picture) -> SafeString:
    """The picture as SVG. The same numbers are drawn once: they are the key under which it is kept.

    So a set that is corrected, or a decision that is taken back, never shows an old picture.
    """
    spec = json.dumps(_spec(picture), sort_keys=True)
    key = f"chart-{hashlib.sha256(spec.encode()).hexdigest()}"
    body = cache.get(key)
    if body is None:
        body = _body(spec)
        cache.set(key, body, KEPT)
    size, inner = body
    return format_html(
        '<svg class="chart plan-chart{}" viewBox="{}" role="img" aria-label="{}">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        " is-large" if picture.large else "",
        size,
        f"{picture.title}. {picture.words}",
        picture.title,
        picture.words,
        mark_safe(inner),
    )


def on_paper(picture: Picture) -> str:
    """The picture as an SVG document of its own, in dark ink and without a style sheet."""
    spec = _spec(picture)
    spec["config"] |= {
        "line": {"color": INK, "strokeWidth": 3},
        "point": {"color": INK},
        "rect": {"color": PALE},
        "rule": {"color": INK},
        "axis": {
            **spec["config"]["axis"],
            **dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor"), INK),
            "gridColor": PALE,
        },
    }
    size, inner = _body(json.dumps(spec, sort_keys=True))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="{}"><title>{}</title>{}</svg>',
        size,
        picture.title,
        mark_safe(inner),
    )


def _body(spec: str) -> tuple[str, str]:
    """The view box and what is in it."""
    import vl_convert  # 130 MB in the process that draws, so only there

    svg = vl_convert.vegalite_to_svg(spec)
    found = re.match(r"<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>\s*$", svg, re.S)
    if found is None:
        raise ValueError("The chart library gave no SVG with a view box.")
    # One image with a name: the roles of its parts would ask for a name each.
    return found[1], re.sub(r' (?:role|aria-roledescription)="[^"]*"', "", found[2])


def _spec(picture: Picture) -> dict[str, Any]:
    days = {
        "field": "day",
        "type": "temporal",
        "title": None,
        "axis": {
            "format": "%b" if picture.large and _months(picture) >= FEW_DAYS else "%-d %b",
            "grid": False,
            "tickCount": FEW_DAYS if picture.large else 7,
            "labelFlush": False,
        },
    }
    amount: dict[str, Any] = {
        "field": "value",
        "type": "quantitative",
        "title": picture.unit,
        "axis": {
            "tickCount": 4 if picture.large else 5,
            "titleAngle": 0,
            "titleAlign": "right",
            "titleY": -8,
        },
    }
    letters = 19 if picture.large else 15
    if picture.unit == "level":  # the whole scale of landings: there is no half level
        amount["scale"] = {"domain": [0, 5]}
        amount["axis"] |= {"format": "d"}
    if not picture.from_zero:
        amount["scale"] = {"zero": False}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": PHONE_WIDTH if picture.large else WIDTH,
        "height": PHONE_HEIGHT if picture.large else HEIGHT,
        "background": None,
        "config": {
            "view": {"stroke": None},
            "axis": {"labelFontSize": letters, "titleFontSize": letters},
            "text": {"fontSize": letters},
            "aria": False,
        },
        "layer": [
            *_band(picture.band, amount),
            *_stretches("held", picture.held),
            *_marks("planned", picture.planned, "planned: ", -10),
            *_marks("phase", picture.phases, "", -30),
            *_line("estimate", picture.estimates, days, amount, "linear"),
            *_line("load", picture.points, days, amount, picture.joined),
        ],
    }


def _band(band: tuple[Decimal, Decimal] | None, amount: Any) -> list[dict[str, Any]]:
    """What lies within the error of the first value, across the whole picture."""
    if band is None:
        return []
    low, high = map(float, band)
    return [
        {
            "name": "band",
            "data": {"values": [{"value": low, "high": high}]},
            "mark": "rect",
            "encoding": {"y": amount, "y2": {"field": "high"}},
        }
    ]


def _months(picture: Picture) -> int:
    """How many months the picture spans, roughly: from there on a label is a month's name."""
    days = [point.day for point in picture.points]
    return (max(days) - min(days)).days // 30 if days else 0


def _stretches(name: str, found: Sequence[Stretch]) -> list[dict[str, Any]]:
    if not found:
        return []
    values = [
        {"day": one.first.isoformat(), "last": one.last.isoformat(), "word": one.word}
        for one in found
    ]
    across = {"x": {"field": "day", "type": "temporal"}, "x2": {"field": "last"}}
    return [
        {"name": name, "data": {"values": values}, "mark": "rect", "encoding": across},
        {
            "name": f"{name}_word",
            "data": {"values": values},
            "mark": {"type": "text", "align": "left", "dx": 4},
            "encoding": {
                "x": across["x"],
                "y": {"value": 14},
                "text": {"field": "word"},
            },
        },
    ]


def _marks(
    name: str, found: Sequence[tuple[date, str]], before: str, y: int
) -> list[dict[str, Any]]:
    """Where a phase begins, in a row above the plot."""
    if not found:
        return []
    words = [f"{before}{found[0][1]}", *(word for _, word in found[1:])]
    values = [
        {"day": day.isoformat(), "word": word} for (day, _), word in zip(found, words, strict=True)
    ]
    day = {"field": "day", "type": "temporal"}
    return [
        {
            "name": f"{name}_edge",
            "data": {"values": values},
            "mark": {"type": "rule"},
            "encoding": {"x": day, "y": {"value": y - 9}, "y2": {"value": y + 7}},
        },
        {
            "name": f"{name}_word",
            "data": {"values": values},
            "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 5},
            "encoding": {"x": day, "y": {"value": y}, "text": {"field": "word"}},
        },
    ]


def _line(
    name: str, points: Sequence[Point], days: Any, amount: Any, interpolate: str
) -> list[dict[str, Any]]:
    if not points:
        return []
    values = [
        {"day": one.day.isoformat(), "value": float(one.value), "stretch": one.stretch}
        for one in points
    ]
    axes = {"x": days, "y": amount}
    return [
        {
            "name": name,
            "data": {"values": values},
            "mark": {"type": "line", "interpolate": interpolate},
            "encoding": {**axes, "detail": {"field": "stretch", "type": "nominal"}},
        },
        {
            "name": f"{name}_point",
            "data": {"values": values},
            "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1},
            "encoding": axes,
        },
    ]
