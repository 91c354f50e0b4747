"""What reports cost, as ``bench.reports`` found it, and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from bench import report
from bench.beside import Plan, plan_lines

#: Milliseconds, statements, seconds: what the reports aim at.
AIM_PAGE, AIM_STATEMENTS, AIM_ATTENDANCE, AIM_DOSE, AIM_DAY = 100, 15, 1.5, 5, 60
#: The dose as a page asks for it: a table when it is looked at.
DOSE_TABLES = (
    "dose, only the table by clinic",
    "dose, only those by lift, phase, level, month",
)
#: How often each question of an organisation is asked.
TIMES = 3


@dataclass(slots=True)
class Cost:
    """Seconds: the median, the fastest, and of the processor for one."""

    middle: float
    least: float
    processor: float


@dataclass(slots=True)
class Page:
    """One page: what it cost, statements of SQL, bytes before they are compressed."""

    name: str
    cost: Cost
    statements: int
    weight: int


@dataclass(slots=True)
class Found:
    """One size. ``made``: the roll-ups of those who had none.

    ``rebuilt``: those of everybody who came on a day, made again.
    """

    clients: int
    visits: int
    sets: int
    made: Cost
    made_clients: int
    rebuilt: Cost
    rebuilt_clients: int
    pages: list[Page]
    across: list[Page]
    costs: Mapping[str, Cost]
    plans: list[Plan] = field(default_factory=list)
    load: float = 0.0

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Self:
        """What a process said."""
        pages = {
            name: [Page(**{**page, "cost": Cost(**page["cost"])}) for page in said[name]]
            for name in ("pages", "across")
        }
        costs = {name: Cost(**cost) for name, cost in said["costs"].items()}
        plans = [(name, spent, indexes) for name, spent, indexes in said["plans"]]
        both = {name: Cost(**said[name]) for name in ("made", "rebuilt")}
        return cls(**{**said, **pages, **both, "costs": costs, "plans": plans})

    def page(self, name: str) -> Page:
        """A page by its name."""
        return next(page for page in self.pages if page.name == name)


def as_text(found: Sequence[Found], version: str) -> str:
    """The figures as they stand in docs/performance.md."""
    most = max(found, key=lambda one: one.clients)
    first = most.page("Adherence")
    attendance, whole = most.costs["attendance by clinic"], most.costs["dose by clinic"]
    by_clinic, parts = (most.costs[name] for name in DOSE_TABLES)
    bare = most.costs["bare: attendance, all"]
    return "\n".join(
        [
            f"**The adherence page of a clinic of {min(500, most.clients)} clients over two years "
            f"takes {_ms(first.cost.middle)} of the server, {_ms(first.cost.processor)} of a "
            f"processor** (aim: {AIM_PAGE} ms) and {first.statements} statements (aim: "
            f"{AIM_STATEMENTS}). Attendance of all {most.clients:,} clients, {most.visits:,} "
            f"visits, by clinic and straight from the visits takes {attendance.middle:.2f} s (aim: "
            f"{AIM_ATTENDANCE} s), {attendance.middle / bare.middle:.1f} times the bare SQL. Their "
            f"dose over {most.sets:,} sets takes {by_clinic.middle:.2f} s by clinic and "
            f"{parts.middle:.2f} s by lift, phase, level and month, as a page asks for them (aim: "
            f"{AIM_DOSE} s), {whole.middle:.2f} s for all of it, and the roll-ups of the "
            f"{most.rebuilt_clients:,} who came on a day are made again in "
            f"{most.rebuilt.middle:.0f} s (aim: {AIM_DAY} s).",
            "",
            f"Pages of one clinic of {min(500, most.clients)}, two years, at {most.clients:,} "
            "clients on the site; below each the slowest of the parts that it brings later:",
            "",
            report.table(
                ("Page", "median", "fastest", "of a processor", "statements", "weight"),
                map(_page, most.pages),
            ),
            "",
            "Across the organisation, by the size of the site (wall; in brackets the work of one "
            "process alone):",
            "",
            report.table(("", *(f"{one.clients:,}" for one in found)), _grown(found)),
            "",
            f"The plans at {most.clients:,} clients:",
            "",
            report.table(("What is asked", "indexes it reads", "takes"), plan_lines(most.plans)),
            "",
            report.machine(f"PostgreSQL {version}"),
        ]
    )


def _page(one: Page) -> tuple[str, ...]:
    return (
        one.name,
        _ms(one.cost.middle),
        _ms(one.cost.least),
        _ms(one.cost.processor),
        str(one.statements),
        f"{one.weight / 1024:,.0f} kB",
    )


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"


def _grown(found: Sequence[Found]) -> Iterable[tuple[str, ...]]:
    yield ("visits", *(f"{one.visits:,}" for one in found))
    yield ("sets", *(f"{one.sets:,}" for one in found))
    for name in found[0].costs:
        yield (name, *(_both(one.costs[name]) for one in found))
    for number, page in enumerate(found[0].across):
        pages = [one.across[number] for one in found]
        yield (
            f"the whole page: {page.name.lower()}",
            *(f"{each.cost.middle:.2f} s, {each.statements} statements" for each in pages),
        )
    yield ("clinic’s adherence page", *(_both(one.page("Adherence").cost) for one in found))
    yield (
        "roll-ups, all made",
        *map(_made, found),
    )
    yield (
        "roll-ups of a day, made again",
        *(f"{one.rebuilt.middle:.1f} s, {one.rebuilt_clients:,} clients" for one in found),
    )
    yield ("load average", *(f"{one.load:.1f}" for one in found))


def _made(one: Found) -> str:
    if not one.made_clients:
        return "were there"
    return f"{one.made.middle:.0f} s, {one.made_clients:,} clients"


def _both(cost: Cost) -> str:
    return f"{cost.middle:.3f} s ({cost.processor:.3f})"
