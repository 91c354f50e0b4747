"""The pictures of reports as SVG. Every mark differs in shape, so they read in grey too."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Sequence
from math import ceil, floor
from textwrap import fill
from typing import Any

from django.utils.safestring import SafeString

from sessions import svg

from .pictures import Bars, Benchmark, Forest, Funnel, Picture, Survival, Trend

WIDTH, HEIGHT = 480, 240
#: A row of a picture that has a row for each thing, and the room for its name.
ROW, ROW_NAME = 44, 180
LETTERS = 14
#: A name beside a picture is broken into lines of so many letters.
LINE = 20
#: Letters are measured in a narrow face; on a page they may be a fifth wider.
AIR = {"left": 20, "top": 8, "right": 56, "bottom": 8}
#: From the darkest: told apart in grey, and beside each other in the order of the legend.
SHADES = ("#12555f", "#3d8791", "#82b6bd", "#c3dcdf", "#7a6a3a", "#c9b77c")


def draw(picture: Picture) -> SafeString:
    """The picture for a page; its words are what a screen reader says."""
    return svg.inline(
        spec_of(picture), title=picture.title, words=picture.words, css="figure-chart"
    )


def on_paper(picture: Picture) -> str:
    """The picture as an SVG document of its own."""
    return svg.document(spec_of(picture), title=picture.title)


def spec_of(picture: Picture) -> dict[str, Any]:
    """The Vega-Lite specification of a picture."""
    if isinstance(picture, Trend):
        return _framed(_trend(picture))
    if isinstance(picture, Survival):
        return _framed(_survival(picture))
    if isinstance(picture, Bars):
        return _framed(_bars(picture))
    if isinstance(picture, Forest):
        return _framed(_forest(picture), height=ROW * len(picture.spots))
    return _framed(_funnel(picture), height=ROW * len(picture.steps))


def _framed(layers: Sequence[dict[str, Any]], *, height: int = HEIGHT) -> dict[str, Any]:
    return {
        "$schema": svg.SCHEMA,
        "width": WIDTH,
        "height": height,
        "padding": AIR,
        "background": None,
        "config": {
            "view": {"stroke": None},
            "axis": {"labelFontSize": LETTERS, "titleFontSize": LETTERS},
            "legend": {
                "labelFontSize": LETTERS,
                "orient": "top",
                "columnPadding": 36,
                "symbolType": "square",
            },
            "text": {"fontSize": LETTERS},
            "aria": False,
        },
        "layer": list(layers),
    }


def _axis(title: str) -> dict[str, Any]:
    """The axis at the left; its title stands above it, where any face has room."""
    place = {"titleAngle": 0, "titleAlign": "left", "titleX": -34, "titleY": -12}
    return {"title": title, "tickCount": 5, **place}


def _along(order: Sequence[str]) -> dict[str, Any]:
    """Months or weeks side by side; a year stands below its month."""
    axis = {
        "title": None,
        "labelAngle": 0,
        "labelOverlap": True,
        "labelSeparation": 10,
        "ticks": False,
        "labelExpr": "split(datum.label, ' ')",
    }
    return {
        "field": "label",
        "type": "ordinal",
        "sort": list(order),
        "scale": {"domain": list(order)},
        "axis": axis,
    }


def _rows(order: Sequence[str]) -> dict[str, Any]:
    """Names below each other, flush at the left."""
    axis = {
        "title": None,
        "ticks": False,
        "domain": False,
        "labelAlign": "left",
        "labelPadding": ROW_NAME,
        "labelLimit": ROW_NAME,
    }
    return {"field": "label", "type": "ordinal", "sort": list(order), "axis": axis}


def _short(label: str) -> str:
    """November 2026 as Nov 2026, and so 2026-11; anything else as it is."""
    if found := re.fullmatch(r"(\d{4})-(\d\d)", label):
        return f"{month_abbr[int(found[2])]} {found[1]}"
    month, _, year = label.partition(" ")
    named = month in list(month_name) and year.isdigit()
    return f"{month[:3]} {year}" if named else label


def _layer(
    name: str, values: Sequence[dict[str, Any]], mark: Any, **encoding: Any
) -> dict[str, Any]:
    return {"name": name, "data": {"values": list(values)}, "mark": mark, "encoding": encoding}


# --- shares over time -----------------------------------------------------------------------------


def _trend(picture: Trend) -> list[dict[str, Any]]:
    spots: list[dict[str, Any]] = [
        {"label": _short(one.label), "value": one.value, "low": one.low, "high": one.high}
        for one in picture.spots
        if one.value is not None
    ]
    x = _along([_short(one.label) for one in picture.spots])
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": _tens(picture), "clamp": True},
        "axis": _axis("per cent"),
    }
    low, high = {**y, "field": "low"}, {"field": "high"}
    tied = [one for one in spots if one["low"] is not None]
    return [
        *_published(picture.benchmarks, y),
        _layer("whisker", tied, {"type": "rule"}, x=x, y=low, y2=high),
        _layer("whisker_low", tied, {"type": "tick", "width": 9}, x=x, y=low),
        _layer("whisker_high", tied, {"type": "tick", "width": 9}, x=x, y={**y, "field": "high"}),
        _layer("value", spots, {"type": "line"}, x=x, y=y),
        _layer("value_point", spots, {"type": "point", "filled": True, "size": 70}, x=x, y=y),
    ]


def _tens(picture: Trend) -> tuple[int, int]:
    """Whole tens around all that is drawn; up to 100 where shares are high."""
    values = [
        number
        for one in picture.spots
        for number in (one.value, one.low, one.high)
        if number is not None
    ]
    values += [number for one in picture.benchmarks for number in (one.low, one.high)]
    top = 10 * ceil(max(values, default=100) / 10)
    return 10 * floor(min([*values, 50]) / 10), 100 if top > 70 else max(top, 10)


def _published(found: Sequence[Benchmark], y: dict[str, Any]) -> list[dict[str, Any]]:
    """A line for a value, a band for a range, its name at its end."""
    lines = [
        {"value": one.low, "name": fill(one.name, LINE)} for one in found if one.low == one.high
    ]
    bands = [
        {
            "value": one.low,
            "high": one.high,
            "middle": (one.low + one.high) / 2,
            "name": fill(one.name, LINE),
        }
        for one in found
        if one.low != one.high
    ]
    name = {"type": "text", "align": "left", "dx": 8, "baseline": "middle", "lineBreak": "\n"}
    at = {"value": WIDTH}
    text = {"field": "name", "type": "nominal"}
    return [
        _layer("band", bands, {"type": "rect"}, y=y, y2={"field": "high"}),
        _layer("ref", lines, {"type": "rule", "strokeDash": [7, 5]}, y=y),
        _layer("ref_word", lines, name, x=at, y=y, text=text),
        _layer("band_word", bands, name, x=at, y={**y, "field": "middle"}, text=text),
    ]


# --- who is still there ---------------------------------------------------------------------------


def _survival(picture: Survival) -> list[dict[str, Any]]:
    steps = [{"week": week, "share": 100 * share} for week, share in picture.steps]
    weeks = [week for week, _ in picture.at_risk]
    x = {
        "field": "week",
        "type": "quantitative",
        "scale": {"domain": [0, max([*weeks, 1])]},
        "axis": {"title": "programme week", "values": weeks, "grid": False},
    }
    y = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 100]},
        "axis": _axis("per cent still in the programme"),
    }
    risks = [{"week": week, "n": str(number)} for week, number in picture.at_risk]
    word = {"type": "text", "baseline": "top"}
    below = {"value": HEIGHT + 48}
    band = [
        {"week": week, "low": 100 * low, "high": 100 * high} for week, low, high in picture.band
    ]
    area = {"type": "area", "interpolate": "step-after"}
    return [
        _layer("between", band, area, x=x, y={**y, "field": "low"}, y2={"field": "high"}),
        _layer("value", steps, {"type": "line", "interpolate": "step-after"}, x=x, y=y),
        _layer("at_risk", risks, word, x=x, y=below, text={"field": "n", "type": "nominal"}),
        _layer(
            "at_risk_word",
            [{"word": "still followed"}],
            {**word, "align": "left", "dx": 20},
            x={"value": WIDTH},
            y=below,
            text={"field": "word", "type": "nominal"},
        ),
    ]


# --- amounts, and how many reached what -----------------------------------------------------------


def _bars(picture: Bars) -> list[dict[str, Any]]:
    parts = list(dict.fromkeys(part for _, amounts in picture.groups for part in amounts))
    values = [
        {"label": _short(group), "part": part, "amount": amount, "at": parts.index(part)}
        for group, amounts in picture.groups
        for part, amount in amounts.items()
    ]
    return [
        _layer(
            "bars",
            values,
            {"type": "bar"},
            x=_along([_short(group) for group, _ in picture.groups]),
            y={
                "field": "amount",
                "type": "quantitative",
                "stack": "zero",
                "axis": _axis(picture.unit),
            },
            color={
                "field": "part",
                "type": "nominal",
                "scale": {"domain": parts, "range": list(SHADES[: len(parts)])},
                "legend": {"title": None},
            },
            order={"field": "at", "type": "ordinal"},
        )
    ]


def _funnel(picture: Funnel) -> list[dict[str, Any]]:
    values = [{"label": step, "n": number, "word": f"{number:,}"} for step, number in picture.steps]
    y = _rows([step for step, _ in picture.steps])
    x = {"field": "n", "type": "quantitative", "axis": None}
    word = {"type": "text", "align": "left", "dx": 6}
    return [
        _layer("value_bar", values, {"type": "bar", "height": {"band": 0.6}}, x=x, y=y),
        _layer("value_word", values, word, x=x, y=y, text={"field": "word", "type": "nominal"}),
    ]


def _forest(picture: Forest) -> list[dict[str, Any]]:
    spots: list[dict[str, Any]] = [
        {"label": one.label, "value": one.value, "low": one.low, "high": one.high}
        for one in picture.spots
        if one.value is not None
    ]
    tied = [one for one in spots if one["low"] is not None]
    marks = [{"label": label, "value": value, "name": name} for label, name, value in picture.marks]
    order = [one.label for one in picture.spots]
    y = {**_rows(order), "scale": {"domain": order}}  # a row without a value stays a gap
    axis = {"title": picture.unit, "tickCount": 6}
    x = {"field": "value", "type": "quantitative", "axis": axis}
    name = {"type": "text", "baseline": "bottom", "dy": -7, "fontSize": LETTERS - 2}
    diamond = {"type": "point", "shape": "diamond", "size": 90, "filled": False}
    return [
        _layer("zero", [{}], {"type": "rule"}, x={"datum": 0, "type": "quantitative"}),
        _layer(
            "whisker", tied, {"type": "rule"}, y=y, x={**x, "field": "low"}, x2={"field": "high"}
        ),
        _layer("whisker_low", tied, {"type": "tick", "height": 9}, y=y, x={**x, "field": "low"}),
        _layer("whisker_high", tied, {"type": "tick", "height": 9}, y=y, x={**x, "field": "high"}),
        _layer("value_point", spots, {"type": "point", "filled": True, "size": 80}, y=y, x=x),
        _layer("mark", marks, diamond, y=y, x=x),
        _layer("mark_word", marks, name, y=y, x=x, text={"field": "name", "type": "nominal"}),
    ]
