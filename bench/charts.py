"""What a picture of outcomes costs: drawn for the first time, and taken from the cache.

    python -m bench.charts            print the figures
    python -m bench.charts --write    and put them into docs/performance.md

Pure: no database, one process, a cache in its memory. What is measured is ``charts.draw``, with the
band of the error and the phases behind the values.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench import report
from bench.web import BenchError

if TYPE_CHECKING:
    from sessions.charts import Picture

MARKS = ("<!-- figures of the charts: begin -->", "<!-- figures of the charts: end -->")
#: A client's first two scans, a round of tests each month of a year, and one a month for five.
SIZES = (2, 12, 60)
AIM_MS = 100
FIRST_DAY = date(2026, 3, 5)
PHASES = ((0, "LEARN"), (56, "BUILD"), (126, "LOAD"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures of so many values, in milliseconds of a clock on the wall; the size in bytes."""

    values: int
    size: int
    first: tuple[float, ...]
    again: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """The very first picture of the process, which starts the engine; then each size."""

    start: float
    sizes: tuple[Drawn, ...]


def measure(*, repeats: int, sizes: Sequence[int] = SIZES) -> Charts:
    """Each picture is drawn once, then asked for again; ``repeats`` of each size, in turns.

    Raises BenchError if a picture has no line, or the second one is another.
    """
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bonefit.demo.settings")
    django.setup()
    start, _ = _timed(picture(max(sizes), seed=0))
    found: dict[int, list[tuple[float, float, int]]] = {size: [] for size in sizes}
    for seed in range(1, repeats + 1):
        for size in sizes:
            found[size].append(_twice(picture(size, seed=seed)))
    return Charts(
        start,
        tuple(
            Drawn(size, each[0][2], tuple(one[0] for one in each), tuple(one[1] for one in each))
            for size, each in found.items()
        ),
    )


def picture(values: int, *, seed: int) -> Picture:
    """So many values a month apart, of one scanner, with a band and the phases; no two alike."""
    from sessions.charts import Picture, Point

    base = Decimal(8000 + seed)
    points = [
        Point(FIRST_DAY + timedelta(days=30 * number), (base + number * 7 % 50) / 10_000)
        for number in range(values)
    ]
    first = points[0].value
    return Picture(
        title="Lumbar spine",
        words="As the table says.",
        unit="g/cm²",
        points=points,
        phases=[(FIRST_DAY + timedelta(days=day), word) for day, word in PHASES],
        band=(first - Decimal("0.03"), first + Decimal("0.03")),
        joined="linear",
        from_zero=False,
    )


def _twice(one: Picture) -> tuple[float, float, int]:
    """Drawn, and asked for again; checked after the clocks have stopped."""
    first, svg = _timed(one)
    again, same = _timed(one)
    if svg != same or svg.count("mark-line") == 0:
        raise BenchError(f"A picture of {len(one.points)} values is not what it should be.")
    return first, again, len(svg.encode())


def _timed(one: Picture) -> tuple[float, str]:
    from sessions import charts

    began = time.perf_counter()
    svg = charts.draw(one)
    return 1000 * (time.perf_counter() - began), svg


# --- as Markdown --------------------------------------------------------------------------------


def as_text(found: Charts) -> str:
    """The aim, a row for each size, and the machine."""
    slowest = max(statistics.median(one.first) for one in found.sizes)
    said = (
        f"**A picture of outcomes is drawn in {slowest:.0f} ms at most** (the median of the size "
        f"that takes longest; the aim is {AIM_MS} ms). The first one of a process takes "
        f"{found.start:.0f} ms, because it starts the engine that draws."
    )
    rows = [
        [
            f"{one.values}",
            f"{statistics.median(one.first):.1f} ms",
            f"{max(one.first):.1f} ms",
            f"{statistics.median(one.again):.2f} ms",
            f"{one.size / 1000:.1f} kB",
        ]
        for one in found.sizes
    ]
    head = ["Values", "drawn", "the slowest", "from the cache", "size"]
    return "\n\n".join([said, report.table(head, rows), _how(found)])


def _how(found: Charts) -> str:
    return f"{len(found.sizes[0].first)} pictures of each size, in turns. " + report.machine(
        f"vl-convert {version('vl-convert-python')}"
    )


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the pictures of outcomes.")
    parser.add_argument("--repeats", type=report.positive, default=21)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    try:
        text = as_text(measure(repeats=said.repeats))
    except BenchError as error:
        sys.exit(str(error))
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
