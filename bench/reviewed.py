"""What reviews of flags cost, as ``bench.flags`` found it, and as text."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import report
from bench.beside import Plan, plan_lines

#: Milliseconds, times of the bare SQL, bytes, seconds: what the reviews aim at.
AIM_MISSED, AIM_CHANGED, AIM_ALL, AIM_MEMORY, AIM_PREVIEW = 20, 3, 5, 500 * 2**20, 3


@dataclass(slots=True)
class Cost:
    """One kind of review: seconds, those of its bare SQL, and what it did.

    ``ratios``: how many times its bare SQL it took in each clinic. ``processor``: seconds of it, of
    this process and its session of the database together.
    """

    seconds: float = 0.0
    bare: float = 0.0
    processor: float = 0.0
    bare_processor: float = 0.0
    seen: int = 0
    opened: int = 0
    resolved: int = 0
    ratios: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of the clinics: what else the machine did for a moment does not count."""
        return statistics.median(self.ratios)

    @property
    def each(self) -> float:
        """Milliseconds of the processor for a client."""
        return 1000 * self.processor / self.seen

    @property
    def bare_each(self) -> float:
        """Milliseconds of the processor for the bare SQL of a client."""
        return 1000 * self.bare_processor / self.seen


@dataclass(slots=True)
class Found:
    """One size. Times of the missed sweep are medians, in seconds; the fastest, and with its query
    on the processor.
    """

    clients: int
    visits: int = 0
    sets: int = 0
    filled: float = 0.0
    filled_processor: float = 0.0
    missed: float = 0.0
    missed_bare: float = 0.0
    missed_least: float = 0.0
    missed_processor: float = 0.0
    first: Cost = field(default_factory=Cost)
    changed: Cost = field(default_factory=Cost)
    everybody: Cost = field(default_factory=Cost)
    preview: float = 0.0
    peak: int = 0
    #: With something open after the first review; and with something red or amber.
    flagged: int = 0
    alarmed: int = 0
    plans: list[Plan] = field(default_factory=list)
    load: float = 0.0


def as_text(found: Sequence[Found], version: str) -> str:
    """The figures as they stand in docs/performance.md."""
    most = max(found, key=lambda one: one.clients)
    return "\n".join(
        [
            f"**{most.changed.seen:,} clients who came the day before are reviewed in "
            f"{most.changed.seconds:.0f} s, {most.changed.ratio:.1f} times the bare SQL** (aim: "
            f"{AIM_CHANGED}); all {most.everybody.seen:,} in {most.everybody.seconds:.0f} s, "
            f"{most.everybody.ratio:.1f} times (aim: {AIM_ALL}). The sweep of missed visits takes "
            f"{1000 * most.missed:.1f} ms when nothing is due (aim: {AIM_MISSED} ms; the fastest "
            f"{1000 * most.missed_least:.1f} ms, its query alone {1000 * most.missed_bare:.1f} "
            f"ms). A worker needs {most.peak / 2**20:.0f} MB "
            f"at most (aim: {AIM_MEMORY // 2**20} MB). A preview over 90 days of a clinic of 500 "
            f"clients takes {most.preview:.1f} s (aim: {AIM_PREVIEW} s).",
            "",
            report.table(
                ("Clients", "visits", "sets", "filled in", "of it processor",
                 "first review", "flags it opened",
                 "clients with one open", "red or amber", "missed sweep (fastest)",
                 "most memory"),
                [_made(one) for one in found],
            ),
            "",
            "The nightly review and the full one, each beside its bare SQL (times it, the median "
            "of the clinics):",
            "",
            report.table(
                ("Clients", "changed", "took", "its SQL", "times", "everybody", "took", "its SQL",
                 "times"),
                [_reviewed(one) for one in found],
            ),
            "",
            "The same for one client, in milliseconds of the processor, of the worker and of its "
            "session of the database together, so that a busy machine counts less. It should stay "
            "the same as the site grows:",
            "",
            report.table(
                ("Clients", "changed", "its SQL", "times", "everybody", "its SQL", "times",
                 "load average"),
                [_grown(one) for one in found],
            ),
            "",
            f"The plans at {most.clients:,} clients, of one clinic of them:",
            "",
            report.table(("What is asked", "indexes it reads", "takes"), plan_lines(most.plans)),
            "",
            report.machine(f"PostgreSQL {version}"),
        ]
    )  # fmt: skip


def _made(one: Found) -> tuple[str, ...]:
    return (
        f"{one.clients:,}",
        f"{one.visits:,}",
        f"{one.sets:,}",
        f"{one.filled:.0f} s",
        f"{one.filled_processor:.0f} s",
        f"{one.first.seconds:.0f} s",
        f"{one.first.opened:,}",
        f"{100 * one.flagged / one.clients:.0f} %",
        f"{100 * one.alarmed / one.clients:.0f} %",
        f"{1000 * one.missed:.1f} ms ({1000 * one.missed_least:.1f})",
        f"{one.peak / 2**20:.0f} MB",
    )


def _reviewed(one: Found) -> tuple[str, ...]:
    return (
        f"{one.clients:,}",
        *(
            word
            for cost in (one.changed, one.everybody)
            for word in (
                f"{cost.seen:,}",
                f"{cost.seconds:.1f} s",
                f"{cost.bare:.1f} s",
                f"{cost.ratio:.2f}",
            )
        ),
    )


def _grown(one: Found) -> tuple[str, ...]:
    costs = (one.changed, one.everybody)
    figures = (
        f"{figure:.2f}"
        for cost in costs
        for figure in (cost.each, cost.bare_each, cost.each / cost.bare_each)
    )
    return (f"{one.clients:,}", *figures, f"{one.load:.1f}")
