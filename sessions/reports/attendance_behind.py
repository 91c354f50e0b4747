"""The rows behind the figures of the adherence report: as many as the figure says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from sessions.models import AdverseEvent, Flag, Visit

from . import attendance_behind_people as of_people
from . import attendance_sql as sql
from . import define_attendance_behind as define
from .attendance import KEYS, Reached, people
from .attendance_asked import enrolled, parameters, phased, words
from .attendance_counts import counts
from .attendance_names import client_names
from .scope import By, Scope, last_of_month
from .table import Column, Row, Table

_DUE = f"{sql.REGULAR} AND ({sql.CAME} OR {sql.MISSED} OR {sql.SILENT})"
_OFFERED = f"{sql.REGULAR} AND ({sql.CAME} OR {sql.MISSED} OR v.status = 'excused' OR {sql.SILENT})"
_CANCELLED = "v.status IN ('excused', 'clinic_cancelled', 'holiday_closed')"
_PLANNED = f"{sql.REGULAR} AND ({sql.CAME} OR {sql.MISSED} OR {_CANCELLED} OR {sql.SILENT})"

#: Which sessions of the days are behind a column. A percentage opens what it is divided by; A1 is
#: divided by no sessions, so it opens what was attended.
_OF_DAYS: Mapping[str, str] = {
    **sql.COUNTED,
    "planned": _PLANNED,
    "offered": _OFFERED,
    "counted": _DUE,
    "repaid": sql.made_up("c.zone"),
    "a1": sql.COUNTED["attended"],
    "a2": _OFFERED,
    "a3": _DUE,
    "a4": _DUE,
    "a4_raw": _DUE,
    "kpi": f"{sql.REGULAR} AND ({sql.MISSED} OR v.status = 'excused')",
    "kpi_all": f"{sql.REGULAR} AND ({sql.MISSED} OR {_CANCELLED})",
}
_CREDITED = frozenset({"credited", "a1_made_up", "a2_made_up"})
_EVER = frozenset({"ever", "a5"})
_LAST_WEEKS: Mapping[str, int] = {"due_4": 4, "a6_4": 4, "due_8": 8, "a6_8": 8}
#: Figures that are made of the sessions of another column: an interval opens as its share does.
_MADE_OF: Mapping[str, str] = {"low": "counted", "high": "counted"}
#: Until the end of a week of the program, and what is counted until then.
_SO_FAR: Mapping[str, str] = {
    "attended_so_far": "attended",
    "counted_so_far": "counted",
    "a3_so_far": "counted",
}

#: The columns whose figures open the rows behind them.
OPENS = (
    frozenset(_OF_DAYS)
    | _CREDITED
    | _EVER
    | frozenset(_LAST_WEEKS)
    | {"longest", "flags", "events"}
    | frozenset(of_people.COLUMNS)
    | frozenset(_MADE_OF)
    | frozenset(_SO_FAR)
)

_SEATS = """
SELECT w.id, (lower(w.during) AT TIME ZONE c.zone)::date, lower(w.during) AT TIME ZONE c.zone,
    c.client_id, n.name, c.clinic_id, v.status, v.purpose, made.day, coalesce(done.name, said.name),
    coalesce(v.completed_at, v.said_at), v.said_why, v.uid
FROM {enrolled}
CROSS JOIN LATERAL {sessions} w
JOIN training_visit v ON v.id = w.id
JOIN clients_client n ON n.id = c.client_id
LEFT JOIN LATERAL (
    SELECT min((lower(m.during) AT TIME ZONE c.zone)::date) AS day FROM training_visit m
    WHERE m.makes_up_id = v.id AND m.status IN ('attended', 'attended_partial')
        AND lower(m.during) < %(as_at)s
) made ON true
LEFT JOIN (clinics_membership k JOIN clinics_user done ON done.id = k.user_id)
    ON k.id = v.completed_by_id
LEFT JOIN (clinics_membership l JOIN clinics_user said ON said.id = l.user_id)
    ON l.id = v.said_by_id
ORDER BY lower(w.during), n.name, w.id
"""

#: A row of a table: its name to a condition over c and p, and what it is asked with.
_Row = tuple[str, dict[str, Any]]
_TOTAL: _Row = ("true", {})


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The sessions, people, flags or events of one row that a column counts; None where none.

    Whoever is asked about fits the scope: a row's key only narrows it.
    """
    if table == "funnel":
        return _reached(scope, {"reached": row, "share": "enrolled"}.get(column, ""))
    if column not in OPENS or (column in _SO_FAR and table != "weeks"):
        return None
    of_row = _of_row(scope, table, row, so_far=column in _SO_FAR)
    if of_row is None:
        return None
    if column in of_people.COLUMNS:
        return of_people.behind(scope, table, row, column)
    column = _MADE_OF.get(column, _SO_FAR.get(column, column))
    where, params = of_row
    if column == "flags":
        return _flags(scope, where, params)
    if column == "events":
        return _events(scope, where, params)
    by_phase = phased(scope) or table == "phases"
    if column in _EVER:
        sessions = _whole(scope, where, _all_attended())
    elif column in _LAST_WEEKS:
        sessions = _whole(scope, where, sql.last_weeks(_LAST_WEEKS[column]))
    elif column == "longest":
        sessions = sql.longest_run(by_phase, where)
    elif column in _CREDITED:
        sessions = f"(SELECT z.* FROM {sql.parts(by_phase)} p CROSS JOIN LATERAL {sql.CREDITED} z"
        sessions += f" WHERE {where} AND z.week IS DISTINCT FROM z.before)"
    else:
        sessions = _of_days(by_phase, where, _OF_DAYS[column])
    return _seats(scope, sessions, params)


def _reached(scope: Scope, step: str) -> Table | None:
    """Who reached a step of the funnel; None for a step that there is not."""
    everybody = scope.asking(by=By.CLIENT)
    if phased(everybody) or step not in {key for key, _, _ in Reached().steps()}:
        return None
    found = Reached.who(people(everybody), step)
    names = client_names(everybody, found)
    rows = [
        Row(str(one.enrollment), (name, one.starts_on, one.ended_on, one.came))
        for one, name in zip(found, names, strict=True)
    ]
    return Table("behind", "Enrollments", define.BEHIND_FUNNEL, rows)


def _of_row(scope: Scope, table: str, row: str, *, so_far: bool = False) -> _Row | None:
    """What narrows the sessions to one row; None for a row that there cannot be.

    ``so_far``: to a week of the program and all before it.
    """
    if row == "total":
        return _TOTAL
    if table in ("clients", "groups"):
        key = By.CLIENT if table == "clients" else scope.filters.by
        return f"{KEYS[key]} = %(row)s", {"row": row}
    if table == "phases":
        return "p.phase = %(row)s", {"row": row}
    if table == "weeks" and re.fullmatch(r"[1-9]\d{0,3}", row):
        weeks = "BETWEEN 0 AND %(row)s" if so_far else "= %(row)s"
        return f"{sql.WEEK} {weeks}", {"row": int(row) - 1}
    if table == "months" and re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", row):
        first = date.fromisoformat(f"{row}-01")
        return f"c.starts_on + {sql.DAY} BETWEEN %(row)s AND %(row_until)s", {
            "row": first,
            "row_until": last_of_month(first),
        }
    return None


def _of_days(by_phase: bool, where: str, what: str) -> str:
    return f"""
(
    SELECT v.id, v.during FROM {sql.parts(by_phase)} p
    JOIN training_visit v ON {sql.within("p.since", "p.till")}
    WHERE {where} AND {what}
)
"""


def _whole(scope: Scope, where: str, sessions: str) -> str:
    """Sessions of enrollments as wholes: each belongs to the program of the last day."""
    return f"""
(
    SELECT v.id, v.during FROM (SELECT p.*, NULL::text AS phase FROM {sql.PROGRAMS} p
        WHERE p.days @> c.until) p
    CROSS JOIN LATERAL {sessions} v WHERE {where}
)
"""


def _all_attended() -> str:
    return f"""
(
    SELECT v.id, v.during FROM training_visit v
    WHERE {sql.within("'-infinity'", "c.ends")} AND {sql.COUNTED["attended"]}
)
"""


def _seats(scope: Scope, sessions: str, params: Mapping[str, Any]) -> Table:
    body = _SEATS.format(enrolled=enrolled(scope), sessions=sessions)
    found = scope.ask(body, **parameters(scope, **params))
    clinics = {clinic.pk: clinic for clinic in scope.clinics}
    rows = [
        Row(
            str(key),
            (
                day,
                f"{at:%H:%M}",
                name if scope.named else f"Client {client}",
                str(_state(status).label),
                str(Visit.Purpose(purpose).label),
                made_up_on,
                said_by,
                said_at,
                why or None,
            ),
            href=reverse(scope.visit_page, args=[clinics[clinic].slug, uid]),
        )
        for key, day, at, client, name, clinic, status, purpose, made_up_on, said_by, said_at, why,
        uid in found
    ]  # fmt: skip
    return Table("behind", "Sessions", define.BEHIND, rows)


def _state(status: str) -> Visit.Status:
    """An open session is only ever behind a figure when its grace is over."""
    return Visit.Status.UNRECORDED if status in Visit.OPEN else Visit.Status(status)


_FLAGS = """
SELECT g.id, (g.opened_at AT TIME ZONE c.zone)::date, n.name, c.client_id, g.kind, g.severity
FROM {enrolled}
CROSS JOIN LATERAL {whole} p
JOIN training_flag g ON g.enrollment_id = c.enrollment_id AND {open}
JOIN clients_client n ON n.id = c.client_id
ORDER BY g.opened_at, g.id
"""
_EVENTS = """
SELECT a.id, (a.onset_at AT TIME ZONE c.zone)::date, n.name, c.client_id, a.what, a.severity
FROM {enrolled}
CROSS JOIN LATERAL {whole} p
JOIN training_adverseevent a ON {event}
JOIN clients_client n ON n.id = c.client_id
ORDER BY a.onset_at, a.id
"""


def _flags(scope: Scope, where: str, params: Mapping[str, Any]) -> Table:
    body = _FLAGS.format(enrolled=enrolled(scope), whole=_one(scope, where), open=sql.OPEN_FLAG)
    found = scope.ask(body, **parameters(scope, **params))
    words = [
        (*row[:4], str(Flag.Kind(row[4]).label), str(Flag.Severity(row[5]).label)) for row in found
    ]
    return Table("behind", "Open flags", define.BEHIND_FLAGS, list(_dated(scope, words)))


def _events(scope: Scope, where: str, params: Mapping[str, Any]) -> Table:
    body = _EVENTS.format(enrolled=enrolled(scope), whole=_one(scope, where), event=sql.EVENT)
    found = scope.ask(body, **parameters(scope, **params))
    words = [
        (*row[:4], AdverseEvent.What(row[4]).label, AdverseEvent.Severity(row[5]).label)
        for row in found
    ]
    return Table("behind", "Adverse events", define.BEHIND_EVENTS, list(_dated(scope, words)))


def _one(scope: Scope, where: str) -> str:
    """One row where an enrollment c has a row of the table: by its program of the last day."""
    kept = "true"
    if phased(scope):
        sat = " + ".join(f"x.{name}" for name in sql.COUNTED)
        same = (
            "p.program_id IS NOT DISTINCT FROM h.home" if scope.filters.by == By.PROGRAM else "true"
        )
        kept = (
            f"EXISTS (SELECT FROM {sql.parts(True)} p CROSS JOIN LATERAL {counts(words(scope))} x"
            f" WHERE (p.here OR {sat} > 0) AND {same})"
        )
    return f"""
(
    SELECT FROM (
        SELECT p.program_id AS home
        FROM (SELECT p.*, NULL::text AS phase FROM {sql.PROGRAMS} p WHERE p.days @> c.until) p
        WHERE {where}
    ) h
    WHERE {kept}
)
"""


def _dated(scope: Scope, found: Iterable[tuple[Any, ...]]) -> Iterable[Row]:
    for key, day, name, client, what, severity in found:
        yield Row(
            str(key),
            (day, name if scope.named else f"Client {client}", str(what), str(severity)),
        )


COLUMNS: tuple[tuple[str, tuple[Column, ...]], ...] = (
    ("The sessions behind a figure", define.BEHIND),
    ("The flags behind a figure", define.BEHIND_FLAGS),
    ("The adverse events behind a figure", define.BEHIND_EVENTS),
    ("The enrollments behind the funnel", define.BEHIND_FUNNEL),
    ("The clients behind a figure", define.BEHIND_CLIENTS),
    ("The enrollments behind a figure", define.BEHIND_ENROLLMENTS),
)
