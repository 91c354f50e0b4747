"""Charts of a plan, drawn on the server as SVG. Colours come from the page's own style sheet.

The picture carries no style of its own: each layer has a name, and plan.css gives it its colour, in
light and in dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from . import svg

WIDTH, HEIGHT = 640, 280
FEWEST = 2  # points; one is no line
#: On a telephone the picture is as wide as the page, so what is drawn small stays legible.
PHONE_WIDTH, PHONE_HEIGHT = 280, 210
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
    """The picture as SVG, for a page whose style sheet colours it."""
    css = "plan-chart is-large" if picture.large else "plan-chart"
    return svg.inline(_spec(picture), title=picture.title, words=picture.words, css=css)


def on_paper(picture: Picture) -> str:
    """The picture as an SVG document of its own, in dark ink and without a style sheet."""
    return svg.document(_spec(picture), title=picture.title)


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
