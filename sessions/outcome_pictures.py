"""The picture of one measure: its values, the band in which a change means nothing, the phases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bonefit.clients.measured import Lscs, Numbers, Series
from bonefit.clients.measures import PARTS
from bonefit.clients.outcomes import MICRO, Label

from .charts import Picture, Point


def picture_of(
    series: Series, *, phases: Sequence[tuple[date, str]], lscs: Lscs, numbers: Numbers
) -> Picture:
    """The values by day; a change of scanner, side or region breaks the line.

    The band lies around the first value that the latest can be compared with: the LSC of a scan,
    the MDC of a test. Without either there is no band.
    """
    points, stretch = [], 0
    for point in series.points:
        change = point.from_last
        if change is not None and change.label is Label.NOT_COMPARABLE:
            stretch += 1
        assert point.row.amount is not None
        points.append(Point(point.row.taken_on, Decimal(point.row.amount) / PARTS, stretch))
    first = points[0].day if points else None
    last = points[-1].day if points else None
    inside = [one for one in phases if first and last and first <= one[0] <= last]
    return Picture(
        title=series.label,
        words=_words(series),
        unit=series.measure.unit,
        points=points,
        phases=inside,
        band=_band(series, points, stretch, lscs, numbers),
        joined="linear",
        from_zero=False,
    )


def _band(
    series: Series, points: Sequence[Point], stretch: int, lscs: Lscs, numbers: Numbers
) -> tuple[Decimal, Decimal] | None:
    """Low and high around the first value of the last stretch."""
    if not points:
        return None
    first = next(one for one in points if one.stretch == stretch)
    row = series.points[-1].row
    if series.measure.kind == "scan":
        lsc = lscs.get((row.device_id, series.measure.site)) if row.device_id is not None else None
        around = None if lsc is None else Decimal(lsc) / (PARTS * MICRO)
    else:
        around = numbers[series.measure.slug].get("mdc")
    return None if around is None else (first.value - around, first.value + around)


def _words(series: Series) -> str:
    if not series.points:
        return "No value yet."
    last = series.points[-1]
    said = f"Latest {last.shown} {series.measure.unit}."
    if last.from_first is not None:
        said += f" Since the first: {last.from_first.words}."
    return said
