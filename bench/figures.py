"""What a run finds out."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

from bench.web import Round


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done. ``tablets`` send at once; ``people`` come ``history`` times before."""

    people: int
    history: int
    visits: int
    rounds: int
    bare: int
    tablets: int


@dataclass(slots=True)
class Measured:
    """One view's rounds, its layers in one process, and its workers' peak memory in bytes."""

    rounds: list[Round] = field(default_factory=list)
    layers: dict[str, Any] = field(default_factory=dict)
    peak_bytes: int = 0
    kept: list[str] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Requests a second, the median of the rounds."""
        return statistics.median(one.per_second for one in self.rounds)

    def percentile(self, percent: int) -> float:
        """A latency in milliseconds, the median of the rounds."""
        return 1000 * statistics.median(one.percentile(percent) for one in self.rounds)

    @property
    def mean(self) -> float:
        """Mean latency in milliseconds, the median of the rounds."""
        return 1000 * statistics.median(one.mean for one in self.rounds)

    def add(self, measured: Round) -> None:
        self.rounds.append(measured)
        self.kept += measured.kept


@dataclass(slots=True)
class Figures:
    """All that a run found out."""

    size: Size
    site: Measured = field(default_factory=Measured)
    bare: Measured = field(default_factory=Measured)
    reconnecting: Measured = field(default_factory=Measured)
    postgresql: str = ""
    sets_before: int = 0
