"""What is behind the figures of safety: events, falls, people, sessions, months.

A rate and a share open what they are divided by; the events stand beside them, and open too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from bonefit.clients.models import FallsMonth
from sessions.models import AdverseEvent

from . import harm
from .harm import Event, Fell
from .safety_told import events_told, falls_told, months_told, people_told, sessions_told
from .scope import Scope
from .table import Table

TOTAL = "total"
_Events = Callable[[Event], bool]
_Falls = Callable[[Fell], bool]

#: The rows of events: key, name, and which they are.
EVENT_ROWS: tuple[tuple[str, str, _Events], ...] = (
    ("events", "All adverse events", lambda one: True),
    (
        "related",
        "At least possibly related to the training",
        lambda one: one.possibly_related,
    ),
    ("serious", "Serious", lambda one: one.serious is True),
)
FALL_ROWS: tuple[tuple[str, str, _Falls], ...] = (
    ("falls", "Falls", lambda one: True),
    ("hurt", "Falls with an injury", lambda one: one.hurt),
    ("broke", "Fractures confirmed by an image", lambda one: one.broke),
)
_OF_EVENTS = {key: which for key, _, which in EVENT_ROWS}
_OF_FALLS = {key: which for key, _, which in FALL_ROWS}

_PER_SESSION = ("per_session", "session_low", "session_high")
_PER_YEAR = ("years", "per_year", "year_low", "year_high")
#: Of each table the figures that are made of those of another column.
MADE_OF: Mapping[str, Mapping[str, str]] = {
    "rates": {**dict.fromkeys(_PER_SESSION, "sessions"), **dict.fromkeys(_PER_YEAR, "time")},
    "people": dict.fromkeys(("share", "low", "high", "three"), "of"),
    "kinds": {"lost": "all"},
    "by_month": dict.fromkeys(("per_session", "low", "high"), "sessions"),
    "clinics": {
        "per_session": "sessions",
        **dict.fromkeys(("years", "per_year"), "people"),
        **dict.fromkeys(("fall_years", "falls_a_year"), "answered"),
    },
}
_OF_KIND: Mapping[str, _Events] = {
    "all": lambda one: True,
    "serious": lambda one: one.serious is True,
    "related": lambda one: one.possibly_related,
}


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """What a figure counts, or is divided by; None for a figure that has nothing behind it."""
    column = MADE_OF.get(table, {}).get(column, column)
    if table == "rates":
        return _of_rate(scope, row, column)
    if table == "people":
        return _of_share(scope, row, column)
    if table == "clinics" and (row == TOTAL or row.isdigit()):
        return _of_clinic(scope, None if row == TOTAL else int(row), column)
    if table == "months" and column == "number":
        return _of_months(scope, row)
    if table == "kinds":
        return _of_kind(scope, row, column)
    return _of_month(scope, row, column) if table == "by_month" else None


def _of_month(scope: Scope, row: str, column: str) -> Table | None:
    if column == "events":
        return _events(scope, lambda one: month_of(one, scope) == row)
    return _sessions(scope, month=row) if column == "sessions" else None


def month_of(one: Event, scope: Scope) -> str:
    """The month in which an event began, by its clinic's calendar: 2025-03."""
    clinic = next(each for each in scope.clinics if each.pk == one.clinic)
    return f"{one.onset_at.astimezone(clinic.tz):%Y-%m}"


def _of_rate(scope: Scope, row: str, column: str) -> Table | None:
    if row in _OF_EVENTS:
        if column == "events":
            return _events(scope, _OF_EVENTS[row])
        if column == "sessions":
            return _sessions(scope)
        return _training(scope) if column == "time" else None
    if row in _OF_FALLS:
        if column == "events":
            return _falls(scope, _OF_FALLS[row])
        return _answered(scope) if column == "time" else None
    return None


def _of_clinic(scope: Scope, clinic: int | None, column: str) -> Table | None:
    def mine(one: Event | Fell) -> bool:
        return clinic in (None, one.clinic)

    if column == "events":
        return _events(scope, mine)
    if column == "falls":
        return _falls(scope, mine)
    opened = {"sessions": _sessions, "people": _training, "answered": _answered}.get(column)
    return opened(scope, clinic) if opened else None


def _of_kind(scope: Scope, row: str, column: str) -> Table | None:
    which = _OF_KIND.get(column)
    if column in AdverseEvent.Severity:
        which = _of_severity(column)
    if which is None:
        return None
    chosen = which
    return _events(scope, lambda one: row in (TOTAL, one.what) and chosen(one))


def _of_severity(severity: str) -> _Events:
    return lambda one: one.severity == severity


def _events(scope: Scope, which: _Events) -> Table:
    return events_told([one for one in harm.harm(scope).events if which(one)], scope)


def _falls(scope: Scope, which: _Falls) -> Table:
    return falls_told([one for one in harm.harm(scope).counted if which(one)], scope)


# --- people ---------------------------------------------------------------------------------------


def happened(found: harm.Harm, row: str) -> Counter[int]:
    """To whom it happened, and how often, in one row of the shares of people; none for no row.

    A share is one of those in training: whoever was not is not among them.
    """
    if row in ("events", "serious"):
        of = (one for one in found.events if one.in_training)
        return Counter(one.client for one in of if _OF_EVENTS[row](one))
    if row in ("falls", "broke"):
        return harm.fallers(one for one in found.counted if _OF_FALLS[row](one))
    often = harm.fallers(found.counted) if row == "often" else Counter[int]()
    return Counter({client: times for client, times in often.items() if times > 1})


SHARE_ROWS = ("events", "serious", "falls", "often", "broke")


def _of_share(scope: Scope, row: str, column: str) -> Table | None:
    if row not in SHARE_ROWS or column not in ("people", "of"):
        return None
    if column == "of":
        return _training(scope) if row in ("events", "serious") else _answered(scope)
    found = harm.harm(scope)
    those = happened(found, row)
    every: list[Event | Fell] = [*found.events, *found.falls]
    whose = {one.client: (one.clinic, one.name) for one in every}
    people = [(*whose[client], client, times) for client, times in those.items()]
    return people_told(sorted(people, key=lambda one: (one[1], one[2])), "times", scope)


#: Who was in training on one of the days, with her days; one row a client.
_TRAINING = f"""{harm.DAYS}
SELECT d.clinic_id, n.name, d.client_id, d.number
FROM days d JOIN clients_client n ON n.id = d.client_id
WHERE %(clinic)s::bigint IS NULL OR d.clinic_id = %(clinic)s
ORDER BY n.name, d.client_id
"""
_SESSIONS = """
SELECT v.id, c.clinic_id, n.name, c.client_id, lower(v.during), v.uid
FROM chosen c
JOIN training_visit v ON v.enrollment_id = c.enrollment_id
JOIN clients_client n ON n.id = c.client_id
WHERE lower(v.during) >= c.begins AND lower(v.during) < c.ends
    AND v.status IN ('attended', 'attended_partial')
    AND (%(clinic)s::bigint IS NULL OR c.clinic_id = %(clinic)s)
    AND (%(month)s::text IS NULL
        OR to_char(lower(v.during) AT TIME ZONE c.zone, 'YYYY-MM') = %(month)s)
ORDER BY lower(v.during) DESC, v.id
"""


def _training(scope: Scope, clinic: int | None = None) -> Table:
    return people_told(scope.ask(_TRAINING, clinic=clinic), "days", scope)


def _sessions(scope: Scope, clinic: int | None = None, month: str | None = None) -> Table:
    return sessions_told(scope.ask(_SESSIONS, clinic=clinic, month=month), scope)


def _answered(scope: Scope, clinic: int | None = None) -> Table:
    """Who answered the monthly question, with so many months."""
    months: Counter[tuple[int, str, int]] = Counter()
    for _, where, name, client, *_ in _asked(scope, Q(answered_at__isnull=False)):
        if clinic in (None, where):
            months[where, name, client] += 1
    rows = [(*whose, number) for whose, number in months.items()]
    return people_told(rows, "months", scope)


# --- months ---------------------------------------------------------------------------------------

MONTHS: Mapping[str, Q] = {
    "answered": Q(answered_at__isnull=False),
    "unanswered": Q(answered_at=None, asked_at__isnull=False),
    "not_asked": Q(answered_at=None, asked_at=None),
}


def _of_months(scope: Scope, row: str) -> Table | None:
    if row == "outside":
        found = harm.harm(scope)
        return falls_told([one for one in found.falls if not one.answered], scope)
    return months_told(_asked(scope, MONTHS[row]), scope) if row in MONTHS else None


def _asked(scope: Scope, which: Q) -> Sequence[tuple[Any, ...]]:
    """The months of the question that ``which`` chooses: number, whose, and what became of it."""
    rows: Iterable[tuple[Any, ...]] = (
        FallsMonth.objects.filter(which, harm.asked_months(scope))
        .order_by("client__name", "client_id", "month")
        .values_list(
            *("pk", "clinic_id", "client__name", "client_id", "month", "asked_at", "answered_at")
        )
    )
    return list(rows)
