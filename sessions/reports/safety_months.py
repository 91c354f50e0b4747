"""Adverse events month by month, as a table and as a picture, with what each is divided by."""

from __future__ import annotations

from collections import Counter

from . import define_safety as words
from . import rates
from .harm import Harm
from .pictures import Forest, Spot
from .safety_behind import MADE_OF, month_of
from .scope import Scope, months
from .table import Cell, Row, Table, rounded

#: Months of fewer sessions are pale, and not drawn: their bound would be wider than all others.
FEW = 20
#: The months that are drawn, the newest.
MOST_DRAWN = 24
UNIT = "adverse events per 1,000 attended sessions"


def by_month(found: Harm, scope: Scope) -> Table:
    """A row for each month of the days until now."""
    events = Counter(month_of(one, scope) for one in found.events)
    today = max(scope.today(clinic) for clinic in scope.clinics)
    rows = []
    for month in months(scope.filters.first, min(scope.filters.last, today)):
        key = f"{month:%Y-%m}"
        sessions, people = found.by_month.get(key, (0, 0))
        rate = rates.per_thousand_sessions(events[key], sessions)
        said: list[Cell] = [None] * 3
        if rate is not None:
            said = [rounded(value, 2) for value in (rate.value, rate.low, rate.high)]
        cells = (f"{month:%B %Y}", events[key], sessions, *said)
        rows.append(Row(key, cells, pale=sessions < FEW, people=people))
    opens = frozenset({"events", "sessions", *MADE_OF["by_month"]})
    return Table("by_month", "Adverse events by month", words.BY_MONTH, rows, opens=opens)


def picture(table: Table) -> Forest | None:
    """The months below each other, each with its interval; one without an event has its bound.

    None where no month has enough sessions.
    """
    drawn = [_spot(row) for row in list(table.rows)[-MOST_DRAWN:]]
    known = [spot for spot in drawn if spot.value is not None]
    if not known:
        return None
    said = "; ".join(
        f"{spot.label} {rounded(spot.value or 0, 2)} "
        f"({rounded(spot.low or 0, 2)} to {rounded(spot.high or 0, 2)}, {spot.n} sessions)"
        for spot in known
    )
    return Forest(
        "Adverse events by month",
        f"Adverse events per 1,000 attended sessions with the exact 95 % interval; where none was "
        f"seen, up to the one-sided bound: {said}. Months of fewer than {FEW} are left out.",
        UNIT,
        tuple(drawn),
    )


def _spot(row: Row) -> Spot:
    name, _, sessions, value, low, high = row.cells
    if row.pale or value is None:
        return Spot(str(name), None, None, None, 0)
    rate, least, most = (float(str(one)) for one in (value, low, high))
    return Spot(str(name), rate, least, most, int(str(sessions)))
