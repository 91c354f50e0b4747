"""Pictures without what their tables keep back, for whoever may read nobody's name.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Protocol

from .pictures import Bars, Forest, Funnel, Picture, Spot, Survival, Trend
from .small_counts import FEW, SMALL, few
from .table import Table

#: The table that a picture shows, row by row.
_DRAWN: Mapping[str, str] = {
    "trend": "months",
    "whole": "months",
    "no_shows": "causes_by_month",
    "events": "by_month",
}


class Kept(Protocol):
    """The tables of a report as they are told."""

    def table(self, key: str) -> Table:
        """A table without its small rows."""

    def hidden(self, key: str) -> Mapping[str, str]:
        """Why rows of a table are blank, by their keys."""


def drawn(key: str, picture: Picture, kept: Kept) -> Picture:
    """The picture without what its table keeps back."""
    if isinstance(picture, Survival):
        return _curve(picture, kept.hidden("curve"))
    if isinstance(picture, Funnel):
        return _funnel(picture, kept.table("funnel"), kept.hidden("funnel"))
    if isinstance(picture, Forest | Trend) and key in _DRAWN:
        return _by_rows(picture, kept.table(_DRAWN[key]), kept.hidden(_DRAWN[key]))
    if isinstance(picture, Forest):
        spots = tuple(spot for spot in picture.spots if not few(spot.n))
        shown = {spot.label for spot in spots}
        marks = tuple(mark for mark in picture.marks if mark[0] in shown)
        if spots == picture.spots:
            return picture
        return replace(picture, spots=spots, marks=marks, words=_words(picture))
    if isinstance(picture, Bars):
        return _bars(picture, kept.hidden("months"))
    return picture


def _by_rows(picture: Forest | Trend, table: Table, blank: Collection[str]) -> Forest | Trend:
    """The picture whose spots are the last rows of a table, without those that are blank."""
    rows = list(table.rows)[-len(picture.spots) :]
    hidden = [row.key in blank for row in rows]
    if not any(hidden):
        return picture
    spots = tuple(
        Spot(spot.label, None, None, None, 0) if gone else spot
        for spot, gone in zip(picture.spots, hidden, strict=True)
    )
    return replace(picture, spots=spots, words=_words(picture))


def _words(picture: Picture) -> str:
    """What a screen reader says of a picture with less in it: its numbers stand in the table."""
    return f"{picture.title}. What is of {FEW} is left out; the table says the rest."


def _curve(picture: Survival, blank: Collection[str]) -> Survival:
    """The curve as far as enough are watched."""
    weeks = [w for w, number in picture.at_risk if number >= SMALL and str(w) not in blank]
    last = max(weeks, default=0)
    if len(weeks) == len(picture.at_risk):
        return picture
    return replace(
        picture,
        steps=tuple(one for one in picture.steps if one[0] <= last),
        at_risk=tuple(one for one in picture.at_risk if one[0] <= last),
        band=tuple(one for one in picture.band if one[0] <= last),
        words=_words(picture),
    )


def _funnel(picture: Funnel, table: Table, blank: Collection[str]) -> Funnel:
    """Without the steps that a few have reached: a row of the table each."""
    pairs = zip(picture.steps, table.rows, strict=True)
    steps = tuple(step for step, row in pairs if row.key not in blank)
    if steps == picture.steps:
        return picture
    return replace(picture, steps=steps, words=_words(picture))


def _bars(picture: Bars, blank: Collection[str]) -> Bars:
    """Without the parts of a month whose rows are blank: a key is the month, a point, the part."""
    months = {key.rpartition(".")[0] for key in blank}
    if not months:
        return picture
    groups = tuple((month, {} if month in months else parts) for month, parts in picture.groups)
    return replace(picture, groups=groups, words=_words(picture))
