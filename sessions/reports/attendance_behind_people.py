"""The people behind the figures of the adherence report: clients, and enrollments with their own.

What is prescribed, and a client's own percentage, are no sessions: whose they are is opened, and
the numbers of the rows add up to the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from . import attendance_sql as sql
from . import define_attendance_behind as define
from .attendance import MEASURES, NUMBERS, OF_HEADLINE, Counts, facts
from .attendance_asked import enrolled, parameters, phased
from .scope import Scope, last_of_month
from .table import Cell, Row, Table, share

TOTAL = "total"


class _One(NamedTuple):
    """One enrollment in one row of the table; ``key`` is the row's."""

    key: str
    enrollment: int
    client: int
    name: str
    starts_on: date
    ended_on: date | None
    counts: Counts
    own: Cell


def _measured(one: _One) -> bool:
    return one.own is not None


#: Which enrollments are behind a column.
COLUMNS: Mapping[str, Callable[[_One], bool]] = {
    "clients": lambda one: True,
    "prescribed": lambda one: one.counts.prescribed > 0,
    "sessions": lambda one: bool(one.counts.sessions),
    "mean": _measured,
    "median": _measured,
    "measured": _measured,
}

_ENROLLMENTS = """
SELECT f.key, f.enrollment_id, f.client_id, n.name, f.starts_on, f.ended_on, {numbers}
FROM ({facts}) f JOIN clients_client n ON n.id = f.client_id
WHERE %(row)s::text IS NULL OR f.key = %(row)s
ORDER BY n.name, f.client_id, f.starts_on, f.enrollment_id, f.key
"""
#: What the programs of each asked for in one month, as the row of the month adds it up.
_OF_MONTH = """
SELECT c.enrollment_id, c.client_id, n.name, c.starts_on, c.ended_on, sum({until} - {before})::int
FROM {enrolled}
CROSS JOIN LATERAL {parts} p
CROSS JOIN (SELECT %(month)s::date AS begins, %(month_end)s::date AS ends) m
JOIN clients_client n ON n.id = c.client_id
WHERE p.version_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5 HAVING sum({until} - {before}) > 0
ORDER BY n.name, c.client_id, c.starts_on, c.enrollment_id
"""


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The people of one row that a column counts; None for a table that counts none.

    The row is one that there can be; of a month only what was prescribed is known.
    """
    if table == "months" and row != TOTAL and column == "prescribed":
        return _table(scope, _of_month(scope, row))
    if table not in ("clients", "groups"):
        return None
    found = [one for one in _enrollments(scope, row) if COLUMNS[column](one)]
    return _clients(scope, found) if column == "clients" else _table(scope, found)


def _enrollments(scope: Scope, row: str) -> list[_One]:
    ratio = MEASURES[OF_HEADLINE.get(scope.headline, "a3")]
    numbers = ", ".join(f"f.{name}" for name in NUMBERS)
    body = _ENROLLMENTS.format(numbers=numbers, facts=facts(scope))
    found = []
    asked = parameters(scope, row=None if row == TOTAL else row)
    for key, enrollment, client, name, starts_on, ended_on, *rest in scope.ask(body, **asked):
        counts = Counts(*rest)
        pair = ratio(counts)
        own = share(*pair, 2) if pair else None
        found.append(_One(key, enrollment, client, name, starts_on, ended_on, counts, own))
    return found


def _of_month(scope: Scope, row: str) -> list[_One]:
    first = date.fromisoformat(f"{row}-01")
    before = f"least(greatest(m.begins - 1, p.before), m.ends, {sql.STOP})"
    body = _OF_MONTH.format(
        enrolled=enrolled(scope),
        parts=sql.parts(phased(scope)),
        until=sql.prescribed_until(f"least(m.ends, {sql.STOP})"),
        before=sql.prescribed_until(before),
    )
    asked = parameters(scope, month=first, month_end=min(last_of_month(first), scope.filters.last))
    return [
        _One("", pk, client, name, begins, ends, Counts(prescribed=number, sessions=None), None)
        for pk, client, name, begins, ends, number in scope.ask(body, **asked)
    ]


def _name(scope: Scope, one: _One) -> str:
    return one.name if scope.named else f"Client {one.client}"


def _table(scope: Scope, found: list[_One]) -> Table:
    rows = [
        Row(
            f"{one.enrollment}.{one.key}",
            (
                _name(scope, one),
                one.starts_on,
                one.ended_on,
                one.counts.prescribed,
                one.counts.sessions,
                one.own,
            ),
        )
        for one in found
    ]
    return Table("behind", "Enrollments", define.BEHIND_ENROLLMENTS, rows)


def _clients(scope: Scope, found: list[_One]) -> Table:
    """A row a client: who came back has two enrollments and is one."""
    clients: dict[int, list[_One]] = {}
    for one in found:
        clients.setdefault(one.client, []).append(one)
    rows = [
        Row(
            str(client),
            (
                _name(scope, hers[0]),
                min(one.starts_on for one in hers),
                len({one.enrollment for one in hers}),
            ),
        )
        for client, hers in clients.items()
    ]
    return Table("behind", "Clients", define.BEHIND_CLIENTS, rows)
