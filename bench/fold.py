"""What the engine costs: folding a client's whole log into her next targets. ``make bench``.

    python -m bench.fold            print the figures
    python -m bench.fold --write    and put them into docs/performance.md

Pure: no database, no Django, one process. What is measured is ``targets(replay(events))``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench import report
from bench.history import LIFTS, SETS, history
from bench.web import BenchError
from programs.progression import Decided, Event, Visited, replay, targets

MARKS = ("<!-- figures of the fold: begin -->", "<!-- figures of the fold: end -->")
#: A program of 35 weeks, two visits a week.
VISITS = 70
LENGTHS = (10, 35, 70, 140, 280)
AIM_MS, AIM_SECONDS = 5, 5


@dataclass(frozen=True, slots=True)
class Took:
    """One fold, in milliseconds: of a clock on the wall, and of the processor for us alone."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Fold:
    """One client's log of ``visits``, folded many times."""

    visits: int
    events: int
    sets: int
    took: tuple[Took, ...]

    @property
    def wall(self) -> float:
        return statistics.median(one.wall for one in self.took)

    @property
    def processor(self) -> float:
        return statistics.median(one.processor for one in self.took)


@dataclass(frozen=True, slots=True)
class Folds:
    """Logs of growing length, one of them of ``VISITS``; and each client of a large house once."""

    lengths: tuple[Fold, ...]
    clients: tuple[Took, ...]

    @property
    def whole(self) -> Fold:
        return next(one for one in self.lengths if one.visits == VISITS)


def measure(*, clients: int, repeats: int, lengths: Sequence[int] = LENGTHS) -> Folds:
    """First the clients, whose first ones fill the caches; then the lengths, ``repeats`` of each.

    The lengths take turns, so that whatever else the machine does hits all of them.
    Raises BenchError if a log is not what it should be, or moves no load.
    """
    each = tuple(_fold(history(VISITS, seed=seed)) for seed in range(1, clients + 1))
    logs = {visits: history(visits, seed=0) for visits in lengths}
    took: dict[int, list[Took]] = {visits: [] for visits in lengths}
    for _ in range(repeats):
        for visits, events in logs.items():
            took[visits].append(_fold(events))
    folds = (
        Fold(visits, len(events), sets_in(events), tuple(took[visits]))
        for visits, events in logs.items()
    )
    return Folds(tuple(folds), each)


def _fold(events: Sequence[Event]) -> Took:
    """What a page asks the engine for, once; checked after the clocks have stopped."""
    began, worked = time.perf_counter(), time.process_time()
    found = targets(replay(events))
    took = Took(1000 * (time.perf_counter() - began), 1000 * (time.process_time() - worked))
    visits = sum(isinstance(event, Visited) for event in events)
    if sets_in(events) != visits * LIFTS * SETS:
        raise BenchError(f"A log of {visits} visits holds {sets_in(events)} sets.")
    starts = {event.lift: event.load for event in events if isinstance(event, Decided)}
    if all(found[lift].load == load for lift, load in starts.items() if lift):
        raise BenchError(f"A log of {visits} visits moves no load, so folding it says nothing.")
    return took


def sets_in(events: Sequence[Event]) -> int:
    """How many sets a log holds."""
    visits = (event for event in events if isinstance(event, Visited))
    return sum(len(lift.sets) for visit in visits for lift in visit.lifts)


# --- as Markdown --------------------------------------------------------------------------------


def as_text(folds: Folds) -> str:
    """The two aims, the growth over the length of a log, and the machine."""
    return "\n\n".join([_aims(folds), _growth(folds), report.machine()])


def _aims(folds: Folds) -> str:
    whole, clients = folds.whole, folds.clients
    return (
        f"**{VISITS} visits × {LIFTS} lifts × {SETS} sets of one client fold in "
        f"{whole.wall:.1f} ms**, {whole.processor:.1f} ms of it on the processor (medians of "
        f"{len(whole.took)}, the fastest {min(one.wall for one in whole.took):.1f} ms; the aim is "
        f"{AIM_MS} ms). **{len(clients):,} such clients in one "
        f"process take {sum(one.wall for one in clients) / 1000:.1f} s**, "
        f"{sum(one.processor for one in clients) / 1000:.1f} s of it on the processor (the aim "
        f"for 1,000 is {AIM_SECONDS} s); the slowest of them took "
        f"{max(one.processor for one in clients):.1f} ms of the processor."
    )


def _growth(folds: Folds) -> str:
    rows = [
        [
            f"{one.visits}",
            f"{one.events:,}",
            f"{one.sets:,}",
            f"{one.wall:.2f} ms",
            f"{one.processor:.2f} ms",
            f"{one.processor / one.visits:.3f} ms",
        ]
        for one in folds.lengths
    ]
    head = ["Visits", "events", "sets", "fold", "on the processor", "of that for a visit"]
    return report.table(head, rows)


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the fold over a client's log.")
    parser.add_argument("--clients", type=report.positive, default=1000)
    parser.add_argument("--repeats", type=report.positive, default=101)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    try:
        text = as_text(measure(clients=said.clients, repeats=said.repeats))
    except BenchError as error:
        sys.exit(str(error))
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
