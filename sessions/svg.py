"""SVG from Vega-Lite, drawn on the server: coloured by a page's style sheet, or for paper."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

KEPT = 24 * 60 * 60  # seconds
#: Colours of a picture on paper: dark ink, and what lies behind it.
INK, PALE = "#1f2d3a", "#d5dbe1"
SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

Spec = Mapping[str, Any]


def inline(spec: Spec, *, title: str, words: str, css: str) -> SafeString:
    """The picture for a page. The same numbers are drawn once: they are the key it is kept under.

    So a set that is corrected, or a decision that is taken back, never shows an old picture.
    """
    size, inner = _kept(json.dumps(spec, sort_keys=True))
    return format_html(
        '<svg class="chart {}" viewBox="{}" role="img" aria-label="{}">'
        "<title>{}</title><desc>{}</desc>{}</svg>",
        css,
        size,
        f"{title}. {words}",
        title,
        words,
        mark_safe(inner),
    )


def document(spec: Spec, *, title: str) -> str:
    """The picture as an SVG document of its own, in dark ink and without a style sheet."""
    inked = copy.deepcopy(dict(spec))
    config = inked.setdefault("config", {})
    config |= {
        "line": {"color": INK, "strokeWidth": 3, **config.get("line", {})},
        "point": {"color": INK},
        "bar": {"color": INK},
        "tick": {"color": INK},
        "rect": {"color": PALE},
        "rule": {"color": INK},
        "axis": {
            **config.get("axis", {}),
            **dict.fromkeys(("labelColor", "titleColor", "domainColor", "tickColor"), INK),
            "gridColor": PALE,
        },
    }
    size, inner = _body(json.dumps(inked, sort_keys=True))
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'viewBox="{}"><title>{}</title>{}</svg>',
        size,
        title,
        mark_safe(inner),
    )


def _kept(spec: str) -> tuple[str, str]:
    key = f"chart-{hashlib.sha256(spec.encode()).hexdigest()}"
    found: tuple[str, str] | None = cache.get(key)
    if found is None:
        found = _body(spec)
        cache.set(key, found, KEPT)
    return found


def _body(spec: str) -> tuple[str, str]:
    """The view box and what is in it."""
    import vl_convert  # 130 MB in the process that draws, so only there

    svg = vl_convert.vegalite_to_svg(spec)
    found = re.match(r"<svg\b[^>]*?viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>\s*$", svg, re.S)
    if found is None:
        raise ValueError("The chart library gave no SVG with a view box.")
    # One image with a name: the roles of its parts would ask for a name each.
    return found[1], re.sub(r' (?:role|aria-roledescription)="[^"]*"', "", found[2])
