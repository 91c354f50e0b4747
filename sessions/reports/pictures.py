"""What the pictures of reports show, as data. Standard library only; ``drawing`` draws them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published value or range, in per cent, with its name: "LIFTMOR 92"."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spot:
    """One value, mostly in per cent, with its 95 % interval and what it was counted from."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Trend:
    """Shares over time (months, programme weeks), with intervals, among published values."""

    title: str
    words: str
    spots: tuple[Spot, ...]
    benchmarks: tuple[Benchmark, ...] = ()


@dataclass(frozen=True)
class Survival:
    """A Kaplan–Meier curve: (week, share from 0 to 1) where it steps, (week, number at risk).

    ``band``: (week, lower, upper end of the 95 % interval) where it is known.
    """

    title: str
    words: str
    steps: tuple[tuple[float, float], ...]
    at_risk: tuple[tuple[int, int], ...]
    band: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True)
class Bars:
    """Amounts stacked by part, group after group: dose by month and lift."""

    title: str
    words: str
    unit: str
    groups: tuple[tuple[str, Mapping[str, float]], ...]


@dataclass(frozen=True)
class Funnel:
    """How many reached each step, the widest first: enrolled, started, …, 70 sessions."""

    title: str
    words: str
    steps: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Forest:
    """Values below each other with their 95 % intervals, in one unit.

    ``marks``: (label of the row, name, value) of what was published about the same thing.
    """

    title: str
    words: str
    unit: str
    spots: tuple[Spot, ...]
    marks: tuple[tuple[str, str, float], ...] = ()


Picture = Trend | Survival | Bars | Funnel | Forest


def nothing_in(picture: Picture) -> bool:
    """Whether there is nothing to draw: it is left out of a file, and a page says so."""
    if isinstance(picture, Trend | Forest):
        return not picture.spots
    return not (picture.groups if isinstance(picture, Bars) else picture.steps)
