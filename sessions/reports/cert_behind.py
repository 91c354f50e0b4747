"""The rows behind what a CERT report counts: who came, what was lifted, what happened.

A line is a sentence with several figures, so a column of its own says what they were counted from,
and opens that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from django.urls import reverse

from programs.models import Decision, Lift

from . import attendance_report, delivered, dose_report, fidelity, safety_behind
from .cert_facts import LOADS_BEHIND, TAILORED_BEHIND, Logged, events_of, score
from .scope import Filters, Scope
from .table import Column, Kind, Row, Table, two_places

COUNTED = Column(
    "counted",
    "Counted from",
    Kind.TEXT,
    "What the figures of the line were counted from; on the page it opens those rows.",
)
LOADS = (
    Column("client", "Client", Kind.TEXT, "Whose enrollment."),
    Column("lift", "Lift", Kind.TEXT, "Which movement."),
    Column("first", "First load", Kind.NUMBER, "Of the first working set.", places=2, unit="kg"),
    Column("last", "Last load", Kind.NUMBER, "Of the last working set.", places=2, unit="kg"),
)
TAILORED = (
    Column("client", "Client", Kind.TEXT, "Who."),
    Column("what", "What", Kind.TEXT, "An exercise that she did, or what a therapist decided."),
    Column("day", "Day", Kind.DAY, "Of the decision; blank for an exercise."),
)
QUOTED = (
    Column("report", "Report", Kind.TEXT, "Which one leads with the figure; it opens its rows."),
    Column("value", "Figure", Kind.TEXT, "As it is quoted."),
    Column("sentence", "Of what", Kind.TEXT, "As the report says it."),
)
#: (title of the table, its columns), for the definitions.
BEHIND = (
    ("Behind a line: loads", LOADS),
    ("Behind a line: exercises and decisions", TAILORED),
    ("Behind a line: what is quoted", QUOTED),
)


#: From a line to the words for what it counts, and whether there is any of that.
_COUNTED: dict[str, tuple[str, Callable[[Logged], bool]]] = {
    "2": ("classes", lambda logs: bool(logs.attended)),
    "3": ("sessions", lambda logs: bool(logs.attended)),
    "4": ("sessions", lambda logs: bool(logs.attended)),
    "7b": ("loads", lambda logs: bool(logs.lifts)),
    "11": ("events", lambda logs: bool(logs.events[0])),
    "14b": ("exercises, decisions", lambda logs: bool(logs.rungs or logs.decisions)),
}


def counted_from(line: str, logs: Callable[[], Logged]) -> str | None:
    """What the figures of a line were counted from, in words; None where it counts nothing.

    It says no number of its own: of few people none may be told. ``logs`` are asked for only
    where the line rests on them.
    """
    if line == "16b":
        return "three reports"
    if line not in _COUNTED:
        return None
    words, any_of_it = _COUNTED[line]
    return words if any_of_it(logs()) else None


def behind(scope: Scope, table: str, row: str, column: str) -> Table | None:
    """The rows that a line counts; None for a line that counts nothing."""
    if table not in ("cert", "how_well") or column != COUNTED.key:
        return None
    if row == "2":
        return fidelity.behind(scope, "groups", fidelity.TOTAL, "classes")
    if row in ("3", "4"):
        return fidelity.behind(scope, "groups", fidelity.TOTAL, "sessions")
    if row == "7b":
        return _loads(scope)
    if row == "11":
        return _events(scope)
    if row == "14b":
        return _tailored(scope)
    return _quoted(scope) if row == "16b" else None


def _client(scope: Scope, clinic: int, client: int, name: str) -> tuple[str, str]:
    """Her name and her page, as the reader may know them."""
    if not scope.named:
        return f"Client {client}", ""
    slug = next(one.slug for one in scope.clinics if one.pk == clinic)
    return name, reverse("clients:client", args=[slug, client])


def _events(scope: Scope) -> Table | None:
    """Those of the cohort: the report of safety counts an event of somebody who had left, too."""
    found = safety_behind.behind(scope, "rates", "events", "events")
    if found is None:
        return None
    mine = {str(event) for event in events_of(scope)}
    return replace(found, rows=[row for row in found.rows if row.key in mine])


def _loads(scope: Scope) -> Table:
    rows = []
    found = scope.ask(LOADS_BEHIND, memory=delivered.MEMORY)
    for enrollment, clinic, client, name, lift, first, last in found:
        who, href = _client(scope, clinic, client, name)
        cells = (who, Lift(lift).label, two_places(first), two_places(last))
        rows.append(Row(f"{enrollment}.{lift}", cells, href=href))
    return Table("behind", "Loads", LOADS, rows)


def _tailored(scope: Scope) -> Table:
    rows = []
    found = scope.ask(TAILORED_BEHIND, memory=delivered.MEMORY)
    for number, (clinic, client, name, _, exercise, kind, day) in enumerate(found):
        who, href = _client(scope, clinic, client, name)
        what = exercise or Decision.Kind(kind).label
        rows.append(Row(str(number), (who, what, day), href=href))
    return Table("behind", "Exercises and decisions", TAILORED, rows)


def _quoted(scope: Scope) -> Table:
    """What three reports lead with; each leads on to the rows behind its own figure."""
    leads = (
        (attendance_report.KIND, attendance_report.lead(scope)),
        (dose_report.KIND, dose_report.lead(scope)),
        (fidelity.KIND, fidelity.mean_of(*score(scope))),
    )
    rows = []
    for kind, lead in leads:
        if lead is None:
            continue
        href = ""
        if scope.named and lead.opens is not None:
            table, row, column = lead.opens
            asked = _asked(scope.filters) | {"table": table, "row": row, "column": column}
            if kind is attendance_report.KIND:  # which is asked for alone, whatever a row is
                asked |= {"by": "client", "table": "clients"}
            path = reverse("sessions:figures-behind", args=[scope.clinics[0].slug, kind.slug])
            href = f"{path}?{urlencode(asked)}"
        value = f"{lead.value} {lead.unit}".strip()
        rows.append(Row(kind.slug, (kind.title, value, lead.sentence), href=href))
    return Table("behind", "What is quoted", QUOTED, rows)


def _asked(filters: Filters) -> dict[str, str]:
    """The same question in an address of another report."""
    said = {
        "from": filters.first.isoformat(),
        "to": filters.last.isoformat(),
        "therapist": filters.therapist,
        "program": filters.program.pk if filters.program else None,
        "cohort": f"{filters.cohort:%Y-%m}" if filters.cohort else None,
        "status": filters.status,
        "enrollment": filters.enrollment,
    }
    return {name: str(value) for name, value in said.items() if value}
