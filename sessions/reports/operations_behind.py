"""What is behind the figures of operations: classes, sessions, make-ups, flags, scans and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.urls import reverse

from sessions.due_list import WORDS as CHECKS
from sessions.models import Flag, Visit

from . import define_operations as words
from . import retests, running
from .retests import CameDue
from .scope import Scope
from .table import Row, Table

TOTAL = "total"

#: SQL of a row of ``held``, of ``scheduled``, of ``owing`` and of ``raised``, by the column.
_CLASSES = {"classes": "offered IS NOT NULL", "alone": "offered IS NULL"}
_CLIENT = "s.state IN ('no_show', 'late_cancel', 'cancelled_client', 'excused')"
_CLINIC = "s.state IN ('clinic_cancelled', 'holiday_closed')"
_SESSIONS = {
    "number": "true",
    "scheduled": "true",
    "no_show": "s.state = 'no_show'",
    "client": _CLIENT,
    "clinic": _CLINIC,
    "both": f"({_CLIENT} OR {_CLINIC})",
}
_CREDITS = {
    "owed": "true",
    "decided": "s.became IN ('taken', 'lapsed')",
    **{became: f"s.became = '{became}'" for became in ("taken", "booked", "open", "lapsed")},
}
_PERSON = "f.closed AND f.resolution <> 'by_itself'"
_FLAGS = {
    "opened": "f.opened",
    "waits": "f.opened AND f.waits",
    "closed": "f.closed",
    "person": _PERSON,
    "useless": f"{_PERSON} AND f.resolution = 'not_useful'",
}
_CHECKS: dict[str, Callable[[CameDue], bool]] = {
    "due": lambda one: True,
    "in_time": lambda one: one.in_time,
    "late": lambda one: one.done_on is not None and not one.in_time,
    "missing": lambda one: one.done_on is None,
}
_PLACES = dict.fromkeys(("offered", "held", "used", "came", "came_share"), "classes")
#: Of each table the figures that are made of those of another column: places are those of classes,
#: a share opens what it is divided by, a median what it lies in the middle of.
MADE_OF: Mapping[str, Mapping[str, str]] = {
    "month": _PLACES,
    "room": _PLACES,
    "therapist": _PLACES,
    "causes": dict.fromkeys(("share", "low", "high"), "scheduled"),
    "causes_by_month": dict.fromkeys(
        ("no_show_share", "client_share", "clinic_share"), "scheduled"
    ),
    "credits": {"share": "decided"},
    "flags": {"days": "person", "useless_share": "person"},
    "checks": dict.fromkeys(("share", "low", "high"), "due"),
}


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """What a figure counts, or is made of; None for a figure that has nothing behind it."""
    if table == "causes" and column in MADE_OF["causes"]:
        row = TOTAL  # of all that were scheduled
    column = MADE_OF.get(table, {}).get(column, column)
    if table in ("month", "room", "therapist") and column in _CLASSES and scope.whole:
        return _classes(scope, table, row, _CLASSES[column])
    if table in ("causes", "causes_by_month") and column in _SESSIONS:
        return _sessions(scope, table, row, _SESSIONS[column])
    if table == "credits" and column in _CREDITS:
        return _credits(scope, row, _CREDITS[column])
    if table == "flags" and column in _FLAGS:
        return _flags(scope, row, _FLAGS[column])
    if table == "checks" and column in _CHECKS:
        return _checks(scope, row, _CHECKS[column])
    return None


def _classes(scope: Scope, table: str, row: str, which: str) -> Table:
    mine = {
        "month": "to_char(month, 'YYYY-MM') = %(key)s",
        "room": "clinic_id::text || '.' || room = %(key)s",
        "therapist": "id IN (SELECT b.id FROM supervised b WHERE b.member_id::text = %(key)s)",
    }[table]
    asked = which if row == TOTAL else f"{which} AND {mine}"
    names = {clinic.pk: clinic.name for clinic in scope.clinics}
    rows = [
        Row(str(slot), (began, room, names[clinic], *numbers))
        for slot, clinic, began, room, *numbers in scope.ask(
            running.HELD + running.CLASSES.format(which=asked), key=row
        )
    ]
    return Table("behind", "Classes", words.CLASSES_BEHIND, rows)


def _sessions(scope: Scope, table: str, row: str, which: str) -> Table:
    mine = "s.state = %(key)s" if table == "causes" else "to_char(s.day, 'YYYY-MM') = %(key)s"
    asked = which if row == TOTAL else f"{which} AND {mine}"
    rows = []
    for visit, clinic, client, enrollment, name, began, state, purpose, why in scope.ask(
        running.SCHEDULED + running.SESSIONS.format(which=asked), key=row
    ):
        who, where, href = _who(scope, clinic, client, enrollment, name)
        said = why if scope.named else ""
        kind = str(Visit.Purpose(purpose).label)
        cells = (began, who, where, str(Visit.Status(state).label), kind, said or None)
        rows.append(Row(str(visit), cells, href=href))
    return Table("behind", "Sessions", words.SESSIONS_BEHIND, rows)


def _credits(scope: Scope, row: str, which: str) -> Table:
    asked = which if row == TOTAL else f"{which} AND s.state = %(key)s"
    rows = []
    for visit, clinic, client, enrollment, name, began, state, became, until in scope.ask(
        running.OWING + running.OWED_SESSIONS.format(which=asked), key=row
    ):
        who, where, href = _who(scope, clinic, client, enrollment, name)
        cells = (began, who, where, str(Visit.Status(state).label), became, until)
        rows.append(Row(str(visit), cells, href=href))
    return Table("behind", "Make-ups", words.CREDITS_BEHIND, rows)


def _flags(scope: Scope, row: str, which: str) -> Table:
    kind, _, severity = row.partition(".")
    if severity:
        which += " AND f.severity = %(severity)s"
    if kind != TOTAL:
        which += " AND f.kind = %(kind)s"
    rows = []
    for flag, clinic, client, enrollment, name, found, *rest in scope.ask(
        running.RAISED + running.FLAGS_BEHIND.format(which=which), kind=kind, severity=severity
    ):
        level, rule, opened, closed, resolution, by = rest
        who, where, href = _who(scope, clinic, client, enrollment, name)
        cells = (
            opened,
            who,
            where,
            f"{Flag.Kind(found).label} ({rule})",
            str(Flag.Severity(level).label),
            closed,
            str(Flag.Resolution(resolution).label) if resolution else None,
            by,
        )
        rows.append(Row(str(flag), cells, href=href))
    return Table("behind", "Flags", words.FLAGS_BEHIND, rows)


def _checks(scope: Scope, row: str, which: Callable[[CameDue], bool]) -> Table:
    rows = []
    for one in retests.came_due(scope):
        check = one.due.check, one.due.first
        if not which(one) or row not in (TOTAL, f"{check[0]}.{int(check[1])}"):
            continue
        who, where, href = _who(scope, one.clinic, one.client, one.enrollment, one.name)
        cells = (who, where, CHECKS[check], one.due.on, one.due.overdue_from, one.done_on)
        rows.append(Row(f"{one.enrollment}.{check[0]}.{one.due.on}", cells, href=href))
    return Table("behind", "Scans and tests", words.CHECKS_BEHIND, rows)


def _who(
    scope: Scope, clinic: int, client: int | None, enrollment: int | None, name: str | None
) -> tuple[str, str, str]:
    """The client and the clinic as the reader may know them, and the page of the client."""
    where = next(one for one in scope.clinics if one.pk == clinic)
    if client is None or name is None:
        return "The clinic", where.name, ""
    if not scope.named:
        return f"Enrollment {enrollment}", where.name, ""
    return name, where.name, reverse("clients:client", args=[where.slug, client])
