"""The heat map of the adherence report: each client's weeks, a mark a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from sessions.models import Visit

from . import attendance_sql as sql
from .attendance_asked import enrolled, parameters, phased
from .scope import By, Scope
from .strips import Mark, Strip, Weeks, strip_of

Status = Visit.Status

#: How a session that is over is told; what is missing here is unrecorded.
MARKS: Mapping[str, Mark] = {
    Status.ATTENDED: Mark.ATTENDED,
    Status.ATTENDED_PARTIAL: Mark.ATTENDED,
    Status.UNRECORDED: Mark.UNRECORDED,
    Status.NO_SHOW: Mark.NO_SHOW,
    Status.LATE_CANCEL: Mark.LATE_CANCEL,
    Status.CANCELLED_CLIENT: Mark.CANCELLED_CLIENT,
    Status.EXCUSED: Mark.EXCUSED,
    Status.CLINIC_CANCELLED: Mark.CLINIC,
    Status.HOLIDAY_CLOSED: Mark.CLINIC,
}

#: A letter for each mark, and the words of SQL that tell it from a visit ``v``.
_LETTERS = {mark: chr(ord("a") + number) for number, mark in enumerate(Mark)}
_OF_LETTER = {letter: mark for mark, letter in _LETTERS.items()}
_TOLD = " ".join(f"WHEN '{status}' THEN '{_LETTERS[mark]}'" for status, mark in MARKS.items())
_LETTER = f"""
CASE WHEN {sql.REGULAR} THEN CASE v.status {_TOLD} ELSE '{_LETTERS[Mark.UNRECORDED]}' END
    ELSE '{_LETTERS[Mark.BESIDE]}' END"""

#: Of each enrollment the sessions on show, in their order: a character for the week and one for
#: the mark. A row a session would take ten times as long to read as it takes to find.
_SHOWN = f"""
SELECT c.enrollment_id, s.marks
FROM {{enrolled}}
CROSS JOIN LATERAL (
    SELECT string_agg(w.mark, '') AS marks FROM (
        SELECT chr({ord("A")} + (width_bucket(lower(v.during), c.midnights) + %(shift)s) / 7)
            || {_LETTER} AS mark
        FROM {{visits}}
        WHERE {{within}} AND ({sql.CAME} OR {sql.REGULAR} AND v.status <> 'released'
            AND (v.status NOT IN ('planned', 'checked_in') OR {sql.SILENT}))
        ORDER BY lower(v.during), v.during, v.id
    ) w
) s
WHERE s.marks IS NOT NULL
"""


def weeks_of(scope: Scope) -> Weeks:
    """The weeks on show: those of the dates until today, and the last ones where they are many."""
    today = max(scope.today(clinic) for clinic in scope.clinics)
    filters = scope.filters
    return Weeks.within(filters.first, max(filters.first, min(filters.last, today)))


def strips_of(scope: Scope, rows: Sequence[str]) -> tuple[Weeks, Mapping[str, Strip]] | None:
    """The weeks on show, and by the key of its row each client's picture; one query.

    ``rows``: the keys of those that are asked for.

    A make-up or an extra session is drawn when it took place; it is never missed. Who had no
    session in these weeks has an empty picture. None where a row is not one client.
    """
    if scope.filters.by != By.CLIENT:
        return None
    weeks = weeks_of(scope)
    some = scope.only(map(int, rows))
    # Where the weeks on show begin, as a number of the midnights; 0 and less: before the first.
    begins = (weeks.first - scope.filters.first).days + 1
    whole = not phased(scope)
    since = f"{'c.begins' if whole else 'p.since'}"
    if begins > 0:
        since = f"greatest({since}, c.midnights[{begins}])"
    visits = "training_visit v"
    if not whole:
        visits = f"{sql.parts(phased=True)} p CROSS JOIN {visits}"
    body = _SHOWN.format(
        enrolled=enrolled(some),
        visits=visits,
        within=sql.within(since, "c.ends" if whole else "p.till"),
    )
    found = some.ask(body, **parameters(some, shift=-begins))
    return weeks, {str(key): _drawn(weeks, marks) for key, marks in found}


def _drawn(weeks: Weeks, marks: str) -> Strip:
    by_week: dict[int, str] = {}
    for week, letter in zip(marks[::2], marks[1::2], strict=True):
        number = ord(week) - ord("A")
        by_week[number] = by_week.get(number, "") + letter
    return strip_of(
        {number: _marks(letters) for number, letters in by_week.items() if number < weeks.count}
    )


@lru_cache(maxsize=4_096)
def _marks(letters: str) -> tuple[Mark, ...]:
    return tuple(_OF_LETTER[letter] for letter in letters)
