"""Who started within the dates, and what became of her: one query for all who are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat
from typing import Any

from programs.leaving import CENSORED

from .in_force import rules
from .scope import By, Scope, among_clinics
from .survival import Watched

LEFT, ELSEWHERE, FINISHED, RUNNING, LAPSED = "left", "elsewhere", "finished", "running", "lapsed"
OUTCOMES = {
    LEFT: "Dropped out",
    ELSEWHERE: "Left otherwise",
    FINISHED: "Finished",
    RUNNING: "Running",
    LAPSED: "Lapsed",
}
_CENSORED = ", ".join(f"'{kind}'" for kind in CENSORED)

#: A row a start, with its outcome, the programme week until which it is watched, that of the last
#: session attended (1 where there was none), and whether she has lapsed (F04).
STARTED = f"""
, {rules("lapsed_days")}
, seen AS (
    SELECT c.*, e.end_kind, (came.at AT TIME ZONE c.zone)::date AS came_on,
        CASE WHEN c.ended_on IS NULL OR c.ended_on > c.today THEN '{RUNNING}'
            WHEN c.status = 'finished' THEN '{FINISHED}'
            WHEN e.end_kind IN ({_CENSORED}) THEN '{ELSEWHERE}'
            ELSE '{LEFT}' END AS outcome,
        c.today - rules.lapsed_days::int AS silent_since
    FROM chosen c
    JOIN programs_enrollment e ON e.id = c.enrollment_id
    JOIN rules ON rules.clinic_id = c.clinic_id
    LEFT JOIN LATERAL (
        SELECT lower(v.during) AS at FROM training_visit v
        WHERE v.enrollment_id = c.enrollment_id AND v.status IN ('attended', 'attended_partial')
            AND lower(v.during) < ((c.today + 1)::timestamp AT TIME ZONE c.zone)
        ORDER BY v.during DESC LIMIT 1
    ) came ON true
    WHERE c.starts_on BETWEEN %(first)s AND least(%(last)s, c.today)
        AND (c.ended_on IS NULL OR c.ended_on >= c.starts_on)
)
, weeks AS (
    SELECT s.*, greatest(coalesce(s.came_on - s.starts_on, 0), 0) / 7 + 1 AS came_week,
        s.outcome = '{RUNNING}' AND coalesce(s.came_on, s.starts_on) <= s.silent_since
        AND NOT EXISTS (
            SELECT 1 FROM training_visit v WHERE v.enrollment_id = s.enrollment_id
                AND lower(v.during) >= (s.today::timestamp AT TIME ZONE s.zone)
                AND v.status IN ('planned', 'checked_in') AND v.missed_after > %(as_at)s)
        AND NOT EXISTS (
            SELECT 1 FROM training_pause p WHERE p.enrollment_id = s.enrollment_id
                AND s.today BETWEEN p.starts_on AND least(p.ends_on, p.resumed_on - 1)) AS lapsed
    FROM seen s
)
, started AS (
    SELECT w.*, {{key}} AS key, {{name}} AS name,
        CASE w.outcome WHEN '{RUNNING}' THEN (w.today - w.starts_on) / 7 + 1
            WHEN '{FINISHED}' THEN (w.ended_on - w.starts_on) / 7 + 1
            ELSE w.came_week END AS week
    FROM weeks w {{joined}}
)
"""

_FIRST_PROGRAM = """
    LEFT JOIN LATERAL (
        SELECT g.id, g.name FROM programs_track t
        JOIN programs_programversion n ON n.id = t.version_id
        JOIN programs_program g ON g.id = n.program_id
        WHERE t.enrollment_id = {start}.enrollment_id AND g.kind = 'main'
        ORDER BY t.starts_on, t.id LIMIT 1
    ) f ON true
"""
_CLINIC = "JOIN clinics_clinic k ON k.id = w.clinic_id"
#: By what starts are grouped: SQL of the group's key and name, and what brings the name in.
_GROUPED = {
    By.COHORT: (
        "to_char(w.cohort, 'YYYY-MM')",
        "to_char(w.cohort, 'FMMonth YYYY')",
        "",
    ),
    By.PROGRAM: (
        "coalesce(f.id, 0)::text",
        f"coalesce({among_clinics('f.name', 'k.name')}, 'No program')",
        _FIRST_PROGRAM.format(start="w") + _CLINIC,
    ),
    By.THERAPIST: (
        "w.therapist_id::text",
        among_clinics("u.name", "k.name"),
        "JOIN clinics_membership m ON m.id = w.therapist_id "
        f"JOIN clinics_user u ON u.id = m.user_id {_CLINIC}",
    ),
    By.CLINIC: (
        "w.clinic_id::text",
        "k.name",
        _CLINIC,
    ),
}
BYS = tuple(_GROUPED)

TALLY = """
SELECT key, name, outcome, end_kind, week, came_week, lapsed, count(*)
FROM started GROUP BY 1, 2, 3, 4, 5, 6, 7
"""

ROWS = f"""
SELECT s.enrollment_id, s.client_id, p.name, k.slug, k.name, f.name, u.name, s.starts_on, s.outcome,
    s.lapsed, s.end_kind, s.end_reason, s.ended_on, s.came_on, s.week
FROM started s
JOIN clients_client p ON p.id = s.client_id
JOIN clinics_clinic k ON k.id = s.clinic_id
JOIN clinics_membership m ON m.id = s.therapist_id
JOIN clinics_user u ON u.id = m.user_id
{_FIRST_PROGRAM.format(start="s")}
WHERE (%(key)s::text IS NULL OR s.key = %(key)s) AND {{which}}
ORDER BY s.starts_on, p.name, s.enrollment_id
"""


#: Of how many people the rows of each table are, and the counts of some columns: (table, key, or
#: NULL of all, people, people of each column). Who started twice is one.
PEOPLE = f"""
, whose AS (
    SELECT key, client_id, max(week) AS week, bool_or(lapsed) AS lapsed,
        min(week) FILTER (WHERE outcome = '{LEFT}') AS left_in,
        {", ".join(f"bool_or(outcome = '{one}') AS is_{one}" for one in OUTCOMES if one != LAPSED)}
    FROM started GROUP BY GROUPING SETS ((key, client_id), (client_id))
)
SELECT 'groups', key, count(*), ARRAY[
    {", ".join(f"count(*) FILTER (WHERE is_{one})" for one in OUTCOMES if one != LAPSED)},
    count(*) FILTER (WHERE lapsed), count(*) FILTER (WHERE week >= 16),
    count(*) FILTER (WHERE week >= 35)]
FROM whose GROUP BY key
UNION ALL
SELECT 'reasons', CASE WHEN grouping(end_kind) = 0 THEN end_kind END, count(DISTINCT client_id),
    '{{}}'
FROM started WHERE outcome IN ('{LEFT}', '{ELSEWHERE}') GROUP BY GROUPING SETS ((end_kind), ())
UNION ALL
SELECT CASE WHEN key IS NULL THEN 'curve' ELSE 'curves' END, concat_ws('.', key, m.week),
    count(*) FILTER (WHERE w.week >= m.week), ARRAY[count(*) FILTER (WHERE left_in <= m.week)]
FROM whose w CROSS JOIN unnest(%(marks)s::int[]) AS m(week)
GROUP BY key, m.week
"""
#: The columns of PEOPLE by table.
_COLUMNS = {
    "groups": (*(one for one in OUTCOMES if one != LAPSED), LAPSED, "at_16", "at_35"),
    **dict.fromkeys(("curve", "curves"), ("left",)),
    "reasons": (),
}


@dataclass(frozen=True, slots=True)
class Starts:
    """So many starts that are alike: outcome, why, and the weeks until which they were watched.

    ``came_week``: programme week of the last session attended; 1 where there was none.
    """

    key: str
    name: str
    outcome: str
    end_kind: str
    week: int
    came_week: int
    lapsed: bool
    count: int

    @property
    def withdrew(self) -> bool:
        return self.outcome in (LEFT, ELSEWHERE)

    @property
    def watched(self) -> Watched:
        return Watched(self.week, self.outcome == LEFT)

    @property
    def watched_if_left(self) -> Watched:
        """The same if the lapsed have left on their last session."""
        return Watched(self.came_week, True) if self.lapsed else self.watched


@dataclass(frozen=True, slots=True)
class Start:
    """One enrollment behind a figure."""

    enrollment: int
    client: int
    name: str
    slug: str
    clinic: str
    program: str | None
    therapist: str
    starts_on: date
    outcome: str
    lapsed: bool
    end_kind: str
    end_reason: str
    ended_on: date | None
    came_on: date | None
    week: int


def grouping(scope: Scope) -> By:
    """What a group is: what was asked for, else the month of the start."""
    return scope.filters.by if scope.filters.by in _GROUPED else By.COHORT


def _started(scope: Scope) -> str:
    key, name, joined = _GROUPED[grouping(scope)]
    return STARTED.format(key=key, name=name, joined=joined)


def starts(scope: Scope) -> list[Starts]:
    """Everyone who started within the dates, counted; one query."""
    return [Starts(*row) for row in scope.ask(_started(scope) + TALLY)]


def people(scope: Scope, marks: Sequence[int]) -> Iterator[tuple[str, str | None, int]]:
    """Of how many people the rows of each table are, and the counts of a column (the table's key, a
    point, and the column's), by the row's key, None of all; ``marks``: weeks of the curves. One
    query.
    """
    for table, key, number, numbers in scope.ask(_started(scope) + PEOPLE, marks=list(marks)):
        yield table, key, number
        for column, each in zip(_COLUMNS[table], numbers, strict=True):
            yield f"{table}.{column}", key, each


def started(scope: Scope, *, key: str | None, which: str, **params: Any) -> list[Start]:
    """The starts of a group (None: of all) that ``which``, SQL of a row ``s``, chooses."""
    found = scope.ask(_started(scope) + ROWS.format(which=which), key=key, **params)
    return [Start(*row) for row in found]


def count(found: Iterable[Starts]) -> int:
    """How many starts these are."""
    return sum(one.count for one in found)


def each(found: Sequence[Starts]) -> Iterator[Watched]:
    """Every one of them as a curve takes it."""
    return chain.from_iterable(repeat(one.watched, one.count) for one in found)


def each_if_left(found: Sequence[Starts]) -> Iterator[Watched]:
    """The same if the lapsed have left."""
    return chain.from_iterable(repeat(one.watched_if_left, one.count) for one in found)
