"""What is behind a figure of the dose report: its sessions, its sessions and lifts, or its sets."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from programs.models import Exercise, Lift
from sessions.models import Visit

from . import define_dose as words
from . import dose_sql as sql
from .dose import KEYS, WHOLE
from .dose_rows import ASKED, parameters, standing
from .scope import Scope
from .table import Row, Table, rounded, share, two_places

#: Volumes are kept in 0.0001 kg × reps.
PARTS = 10_000
TOTAL = "total"

#: Which dose rows a figure counts, by its column; of extra sessions only what stands beside.
_OWED = "NOT d.extra"
SESSIONS: Mapping[str, str] = {
    "sessions": f"d.first AND {_OWED}",
    "came": f"d.first AND {_OWED} AND d.came",
    "missed": f"d.first AND {_OWED} AND NOT d.came",
    "excused": f"d.first AND {_OWED} AND d.excused",
    "unknown": f"d.first AND {_OWED} AND NOT d.known",
}
LIFTS: Mapping[str, str] = {
    "asked": f"{_OWED} AND d.asked > 0",
    "asked_came": f"{_OWED} AND d.came AND d.asked > 0",
    "done": f"{_OWED} AND d.done > 0",
    "beside": "(d.beside > 0 OR (d.extra AND d.done > 0))",
    "d1": f"{_OWED} AND d.asked > 0",
    "d2": f"{_OWED} AND d.came AND d.asked > 0",
    "landings_asked": f"{_OWED} AND d.landings_asked > 0",
    "landings": f"{_OWED} AND d.landings > 0",
    "d4": f"{_OWED} AND (d.landings_asked > 0 OR d.landings > 0)",
}
#: Which working sets, over one set ``s`` and the estimate ``r.best`` before its session.
HIT = "(s.rpe >= 16 AND s.load * 100 >= r.best * 80)"
SETS: Mapping[str, str] = {
    "rated": "r.best IS NOT NULL",
    "d3": "r.best IS NOT NULL",
    "d3_low": "r.best IS NOT NULL",
    "d3_high": "r.best IS NOT NULL",
    "hits": HIT,
    "no_effort": "r.best IS NOT NULL AND s.rpe IS NULL",
    "not_rated": "r.best IS NULL",
}
#: Which row of a table, over one dose row and one enrollment.
ROWS_OF: Mapping[str, str] = {
    "lifts": "d.lift = %(row)s AND d.level IS NULL",
    "phases": "d.phase || '.' || d.lift = %(row)s AND d.level IS NULL",
    "levels": "d.level::text = %(row)s",
    "months": "to_char(d.month, 'YYYY-MM') || '.' || d.lift = %(row)s AND d.level IS NULL",
}


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The rows behind one figure; None where there is no such figure."""
    where = which(scope, table, row)
    if where is None:
        return None
    if column in PEOPLE:
        return people(scope, table, row, column) if table in ("lines", "lifts") else None
    if column in SESSIONS:
        return _sessions(scope, f"{where} AND {SESSIONS[column]}", row)
    if column in LIFTS:
        return _lifts(scope, f"{where} AND {LIFTS[column]}", row)
    if column in SETS:
        return _sets(scope, f"{where} AND d.load_sets > 0", SETS[column], row)
    return None


def which(scope: Scope, table: str, row: str) -> str | None:
    """SQL of the dose rows ``d`` of one row of a table; None for a table that there is not."""
    if table == "lines":
        return "true" if row == TOTAL else f"{KEYS[scope.filters.by]} = %(row)s"
    if table == "levels" and row == TOTAL:
        return "d.level IS NOT NULL"
    return ROWS_OF.get(table)


def _ask(scope: Scope, body: str, row: str) -> list[tuple[Any, ...]]:
    stands, params = standing(scope)(scope), parameters(scope)
    rows = stands.rows(by_month=False, params=params)
    return scope.ask(rows + body, **params, **stands.params, row=row)


_DAY = "(d.began AT TIME ZONE c.zone)::date"
_NAMED = """
JOIN chosen c ON c.enrollment_id = d.enrollment_id
JOIN clients_client n ON n.id = c.client_id
JOIN training_visit v ON v.id = d.visit_id
"""


#: Which people a figure is about: everybody in the row, or those with such a percentage.
PEOPLE: Mapping[str, str] = {
    "people": "true",
    **dict.fromkeys(("measured", "d1_mean", "d1_median"), "p.asked > 0"),
    **dict.fromkeys(("d2_mean", "d2_median"), "p.asked_came > 0"),
}
_OWN = ", ".join(
    f"coalesce({sql.SUMS[name]}, 0)::bigint AS {name}" for name in ("asked", "asked_came", "done")
)


def people(scope: Scope, table: str, row: str, column: str) -> Table:
    """The enrollments of a row with their own percentages, which its mean and median are of."""
    where, joined = which(scope, table, row), "JOIN"
    if table == "lifts":
        where = f"{where} AND d.lift <> ''"
    elif scope.filters.by in WHOLE:  # also who has no session
        joined = "LEFT JOIN"
    found = _ask(
        scope,
        f"""
SELECT p.enrollment_id, n.name, p.asked, p.asked_came, p.done FROM (
    SELECT c.enrollment_id, c.client_id, {_OWN}
    FROM chosen c {joined} dose d ON d.enrollment_id = c.enrollment_id
    WHERE {where} GROUP BY c.enrollment_id, c.client_id
) p JOIN clients_client n ON n.id = p.client_id
WHERE {PEOPLE[column]} ORDER BY n.name, p.enrollment_id
""",
        row,
    )
    rows = tuple(
        Row(
            str(pk),
            (
                _name(scope, name, pk),
                *(rounded(Fraction(one, PARTS), 1) for one in (asked, came, done)),
                share(done, asked, 2),
                share(done, came, 2),
            ),
        )
        for pk, name, asked, came, done in found
    )
    return Table("behind", "Clients", words.PEOPLE_BEHIND, rows)


def _sessions(scope: Scope, where: str, row: str) -> Table:
    found = _ask(
        scope,
        f"""
SELECT d.visit_id, {_DAY}, n.name, d.enrollment_id, v.status, coalesce(u.name, ''), v.said_why
FROM dose d {_NAMED}
LEFT JOIN clinics_membership m ON m.id = coalesce(v.completed_by_id, v.said_by_id)
LEFT JOIN clinics_user u ON u.id = m.user_id
WHERE {where} ORDER BY d.began, n.name, d.visit_id
""",
        row,
    )
    rows = tuple(
        Row(str(visit), (day, _name(scope, name, pk), _state(status), by, why))
        for visit, day, name, pk, status, by, why in found
    )
    return Table("behind", "Sessions", words.STATES, rows)


def _lifts(scope: Scope, where: str, row: str) -> Table:
    found = _ask(
        scope,
        f"""
SELECT d.visit_id, {_DAY}, n.name, d.enrollment_id, v.status, d.lift, d.level, d.asked,
    CASE WHEN d.extra THEN 0 ELSE d.done END,
    CASE WHEN d.extra THEN d.beside + d.done ELSE d.beside END, d.landings_asked, d.landings
FROM dose d {_NAMED}
WHERE {where} ORDER BY d.began, n.name, d.visit_id, d.lift, d.level
""",
        row,
    )
    rows = tuple(
        Row(
            f"{visit}.{lift}" if level is None else f"{visit}.{lift}.{level}",
            (
                day,
                _name(scope, name, pk),
                _state(status),
                _lift(lift, level),
                *(rounded(Fraction(value, PARTS), 1) for value in volumes[:3]),
                *volumes[3:],
            ),
        )
        for visit, day, name, pk, status, lift, level, *volumes in found
    )
    return Table("behind", "Sessions and lifts", words.VISITS, rows)


def _sets(scope: Scope, where: str, which: str, row: str) -> Table:
    """Sets with the estimate before each session, worked out for whom the figure is about."""
    found = _ask(
        scope,
        f"""
, those AS MATERIALIZED (
    SELECT DISTINCT d.visit_id, d.lift, {_DAY} AS day, n.name, d.enrollment_id, d.began
    FROM dose d {_NAMED} WHERE {where}
), again AS (
    SELECT * FROM (WITH asked AS MATERIALIZED (
        {ASKED.replace("= ANY(%(old)s)", "IN (SELECT enrollment_id FROM those)")}
    ), {sql.RATED} SELECT visit_id, exercise_id, best FROM rated) r
)
SELECT s.id, t.day, t.name, t.enrollment_id, s.exercise_id, s.number, s.load, s.reps, s.rpe, r.best,
    CASE WHEN r.best IS NULL THEN NULL ELSE coalesce({HIT}, false) END
FROM those t
JOIN training_setentry s ON s.visit_id = t.visit_id AND s.lift = t.lift AND NOT s.voided
    AND s.kind = 'working'
JOIN again r ON r.visit_id = s.visit_id AND r.exercise_id = s.exercise_id
WHERE {which} ORDER BY t.began, t.name, s.visit_id, s.lift, s.exercise_id, s.number
""",
        row,
    )
    names = dict(Exercise.objects.values_list("pk", "name"))
    rows = tuple(
        Row(
            str(pk),
            (
                day,
                _name(scope, name, enrollment),
                names[exercise],
                number,
                two_places(load),
                reps,
                rpe,
                two_places(best),
                None if best is None or load is None else share(load, best),
                "not known" if hit is None else "yes" if hit else "no",
            ),
        )
        for pk, day, name, enrollment, exercise, number, load, reps, rpe, best, hit in found
    )
    return Table("behind", "Sets", words.SETS, rows)


def _name(scope: Scope, name: str, enrollment: int) -> str:
    return name if scope.named else f"Enrollment {enrollment}"


def _state(status: str) -> str:
    return Visit.Status.UNRECORDED.label if status in Visit.OPEN else Visit.Status(status).label


def _lift(lift: str, level: int | None) -> str:
    label = Lift(lift).label
    return label if level is None else f"{label}, level {level}"
