"""A signature that was drawn with a finger: strokes of points, read strictly, drawn as one line.

Standard library only. A stroke is a list of points, a point two whole numbers in a box of
``WIDTH`` by ``HEIGHT``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

WIDTH, HEIGHT = 600, 200
MOST_STROKES = 100
MOST_POINTS = 4000
#: Fewer points are a tap by chance.
FEWEST_POINTS = 6
LONGEST_TEXT = 60_000

Strokes = list[list[list[int]]]

UNREADABLE = "The drawing did not arrive whole. Draw it again, or type the name."
TOO_SHORT = "That is too little for a signature. Draw it again, or type the name."


def read_strokes(text: str) -> Strokes | None:
    """The strokes of a posted text; None where nothing was drawn. ValueError says what to do."""
    if not text.strip():
        return None
    if len(text) > LONGEST_TEXT:
        raise ValueError(UNREADABLE)
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(UNREADABLE) from None
    if said == []:
        return None
    if not isinstance(said, list) or len(said) > MOST_STROKES:
        raise ValueError(UNREADABLE)
    if not all(isinstance(stroke, list) and stroke for stroke in said):
        raise ValueError(UNREADABLE)
    points = [point for stroke in said for point in stroke]
    if len(points) > MOST_POINTS or not all(_is_point(point) for point in points):
        raise ValueError(UNREADABLE)
    if len(points) < FEWEST_POINTS:
        raise ValueError(TOO_SHORT)
    return said


def _is_point(point: object) -> bool:
    if not isinstance(point, list) or len(point) != 2:
        return False
    x, y = point
    whole = type(x) is int and type(y) is int  # neither true nor 1.5
    return whole and 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def path_of(strokes: Sequence[Sequence[Sequence[int]]]) -> str:
    """The ``d`` of an SVG path: "M1 2L3 4M5 6L5 6". A dot is a line to itself."""
    parts = []
    for stroke in strokes:
        (x, y), *rest = stroke
        ends = rest or [stroke[0]]
        parts.append(f"M{int(x)} {int(y)}" + "".join(f"L{int(a)} {int(b)}" for a, b in ends))
    return "".join(parts)
