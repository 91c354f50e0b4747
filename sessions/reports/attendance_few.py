"""Of how many people the months, weeks and phases of the adherence report are, where they are few.

Only rows of few sessions are asked about: more than two a day of four people are of five or more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import attendance_sql as sql
from .attendance_asked import enrolled, parameters, phased
from .attendance_time import OverTime
from .lazily import EachOnce
from .scope import Scope, last_of_month, read_month
from .small_counts import SMALL

#: Sessions a day of which nobody has more.
A_DAY = 2
_TOOK_PLACE = (
    f"{sql.REGULAR} AND ({sql.CAME} OR {sql.MISSED} OR v.status = 'excused' OR {sql.SILENT})"
)
#: (row, people with a session in it, people enrolled in it): of each row the first and the last
#: day are known, by the calendar or by each client's own program.
_BY_DAYS = """
SELECT r.key, count(DISTINCT c.client_id) FILTER (WHERE w.here),
    count(DISTINCT c.client_id) FILTER (WHERE d.since <= c.until AND d.till >= c.starts_on)
FROM {enrolled}
CROSS JOIN unnest(%(keys)s::text[], %(row_begins)s::{what}[], %(row_ends)s::{what}[])
    AS r(key, begins, ends)
CROSS JOIN LATERAL (SELECT {since} AS since, {till} AS till) d
CROSS JOIN LATERAL (SELECT EXISTS (
    SELECT 1 FROM {parts} p JOIN training_visit v
    ON {within} AND lower(v.during) >= p.since AND lower(v.during) < p.till AND {took_place}
) AS here) w
WHERE d.since <= %(last)s::date AND d.till >= %(first)s::date
GROUP BY r.key
"""
_BY_PHASE = """
SELECT p.phase, count(DISTINCT c.client_id), 0
FROM {enrolled}
CROSS JOIN LATERAL {parts} p
WHERE p.phase = ANY(%(keys)s) AND EXISTS (
    SELECT 1 FROM training_visit v WHERE {within} AND {took_place})
GROUP BY p.phase
"""


#: People with a session within the days in the phase that is asked for, and in another one.
_SIDES = """
SELECT count(DISTINCT c.client_id) FILTER (WHERE p.phase = %(asked)s),
    count(DISTINCT c.client_id) FILTER (WHERE p.phase <> %(asked)s)
FROM {enrolled}
CROSS JOIN LATERAL {parts} p
WHERE EXISTS (SELECT 1 FROM training_visit v WHERE {within} AND ({took_place} OR {came}))
"""


def sides_of_phase(scope: Scope) -> tuple[int, int]:
    """How many people have a session in the phase that the filters name, and how many one that
    they leave out; one query.
    """
    body = _SIDES.format(
        enrolled=enrolled(scope),
        parts=sql.parts(True),
        within=sql.within("p.since", "p.till"),
        took_place=_TOOK_PLACE,
        came=sql.CAME,
    )
    [found] = scope.ask(body, **parameters(scope, phase=None, asked=scope.filters.phase))
    return int(found[0]), int(found[1])


def few(scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """People by table and row, of the rows that could be of fewer than five; a query for each table
    that is looked at, and the one of all months and weeks."""
    return EachOnce(
        {
            "months": lambda: _in_months(scope),
            "weeks": lambda: _in_weeks(scope),
            "phases": lambda: _in_phases(scope),
        }
    )


def _most(days: int) -> int:
    """Sessions that fewer people than a small cell has can have at most."""
    return (SMALL - 1) * A_DAY * days


def _in_months(scope: Scope) -> Mapping[str, int]:
    keys = [
        f"{month:%Y-%m}"
        for month, seen in scope.once(OverTime).by_month
        if seen.offered <= _most(31) and (seen.offered or seen.prescribed)
    ]
    first = [read_month(key) for key in keys]
    ends = [last_of_month(day) for day in first]
    days = {"since": "r.begins", "till": "r.ends", "what": "date"}
    return _asked(scope, _by_days(scope, **days), keys, row_begins=first, row_ends=ends)


def _in_weeks(scope: Scope) -> Mapping[str, int]:
    by_week = scope.once(OverTime).by_week
    keys = [str(week) for week, seen in by_week if 0 < seen.offered <= _most(7)]
    weeks = [int(key) for key in keys]
    days = {
        "since": "c.starts_on + 7 * (r.begins - 1)",
        "till": "c.starts_on + 7 * r.ends - 1",
        "what": "int",
    }
    return _asked(scope, _by_days(scope, **days), keys, row_begins=weeks, row_ends=weeks)


def _in_phases(scope: Scope) -> Mapping[str, int]:
    days = (scope.filters.last - scope.filters.first).days + 1
    by_phase = scope.once(OverTime).by_phase
    keys = [code for code, _, seen in by_phase if 0 < seen.offered <= _most(days)]
    within = sql.within("p.since", "p.till")
    body = _BY_PHASE.format(
        enrolled=enrolled(scope), parts=sql.parts(True), within=within, took_place=_TOOK_PLACE
    )
    return _asked(scope, body, keys)


def _by_days(scope: Scope, *, since: str, till: str, what: str) -> str:
    within = sql.within(sql.midnight("d.since", "c.zone"), sql.midnight("d.till + 1", "c.zone"))
    return _BY_DAYS.format(
        enrolled=enrolled(scope),
        parts=sql.parts(phased(scope)),
        within=within,
        took_place=_TOOK_PLACE,
        since=since,
        till=till,
        what=what,
    )


def _asked(scope: Scope, body: str, keys: Collection[str], **params: Any) -> Mapping[str, int]:
    if not keys:
        return {}
    found = scope.ask(body, **parameters(scope, keys=list(keys), **params))
    return {key: seen or enrolled for key, seen, enrolled in found}
