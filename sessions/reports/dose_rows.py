"""Which dose rows a question is about: those kept, those in whole months, and those worked out.

What the figures of them mean stands in ``define_dose``, the SQL that works them out in
``dose_sql``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from . import dose_sql as sql
from .rollups import READY, numbers
from .scope import Scope, last_of_month, months
from .shares import ask_in_shares

_COLUMNS = ", ".join([*(f"d.{name}" for name in sql.COLUMNS), "c.client_id"])
_SINCE = "d.month >= date_trunc('month', %(first)s::date)"
_KNOWN = f", {sql.NUMBERS}, {READY.format(whom='chosen')}"
#: Dose rows that begin within the days of those chosen, and count.
_COUNTS = """d.began >= c.begins AND d.began < c.ends AND d.counts_from <= %(as_at)s
        AND (%(phase)s IS NULL OR d.phase = %(phase)s)"""
#: Of each of them by itself: else PostgreSQL reads the rows of all who were chosen.
_KEPT = f"""
    SELECT {_COLUMNS} FROM (
        SELECT c.* FROM unnest(%(kept)s::bigint[]) AS k(enrollment_id)
        JOIN chosen c USING (enrollment_id) OFFSET 0
    ) c CROSS JOIN LATERAL (
        SELECT * FROM training_doserow d WHERE d.enrollment_id = c.enrollment_id
            AND {_SINCE} OFFSET 0) d
    WHERE {_COUNTS}"""
#: All others. Their clinics are named: nothing of other clinics is read.
_OTHERS = """chosen c JOIN {table} d ON d.enrollment_id = c.enrollment_id
        AND d.clinic_id = ANY(%(clinic_ids)s)
    WHERE c.enrollment_id <> ALL(%(kept)s::bigint[] || %(old)s::bigint[])"""
_PACKED = f"""
    SELECT {_COLUMNS} FROM {_OTHERS.format(table="training_doserow")} AND {_COUNTS} AND """
#: Those of whole months that no sum has: few, and found by when they began, not by whose they are.
#: Several processes share the search for them only where ``many`` clinics are asked about: calling
#: them takes longer than the few of one clinic (``scope.CHOSEN_ONCE`` tells of the quoted 0).
_BEGUN = """(
        SELECT * FROM training_doserow d WHERE d.loose AND d.began >= %(soonest)s
            AND d.began < %(as_at)s AND d.month BETWEEN %(whole_from)s AND %(whole_to)s
        OFFSET {zero})"""
_LOOSE = {
    many: f"""
    SELECT {_COLUMNS} FROM {_OTHERS.format(table=_BEGUN.format(zero=zero))} AND {_COUNTS}"""
    for many, zero in ((True, "'0'"), (False, "0"))
}
_WHOLE = """
        AND d.month BETWEEN %(whole_from)s AND %(whole_to)s
        AND (%(phase)s IS NULL OR d.phase = %(phase)s)"""
#: What is added up by month, of whole months.
MONTHS = f"{_OTHERS.format(table='training_dosemonth')}{_WHOLE}"
#: The same of one enrollment ``c`` by itself: what is added up of each needs no sorting.
HERS = f"""training_dosemonth d WHERE d.enrollment_id = c.enrollment_id
        AND d.clinic_id = ANY(%(clinic_ids)s){_WHOLE}"""
#: What ``each`` finds in them, as ``w``, of all whose months can be used.
PACKED = """chosen c CROSS JOIN LATERAL ({each}) w
    WHERE c.enrollment_id <> ALL(%(kept)s::bigint[] || %(old)s::bigint[])"""
_WORKED_OUT = f"""
, asked AS MATERIALIZED (
    {{asked}}
), {sql.worked_out("worked")}"""
_WORKED = f"""
    SELECT {_COLUMNS} FROM chosen c JOIN worked d ON d.enrollment_id = c.enrollment_id
    WHERE {_COUNTS}"""
#: Enrollments with the numbers of their clinic, to work their rows out whole.
ASKED = """SELECT c.*, n.factors, n.from_effort, n.window_days, n.stale_days, n.gap_days,
        NULL::timestamptz AS since_at, NULL::jsonb AS singles
    FROM chosen c JOIN numbers n USING (clinic_id) WHERE c.enrollment_id = ANY(%(old)s)"""


@dataclass(frozen=True)
class Standing:
    """Whose rows are kept and up to date, and whose are ``old``.

    ``packed``: whether there are others, of whom also those of whole months are up to date.
    ``many``: whether they are of several clinics.
    """

    packed: bool
    kept: Sequence[int]
    old: Sequence[int]
    many: bool = True

    def rows(self, *, by_month: bool, params: Mapping[str, Any]) -> str:
        """SQL up to ``dose``: the rows that count; ``by_month``: but for those in whole months."""
        head = f", {sql.NUMBERS}" + (_WORKED_OUT.format(asked=ASKED) if self.old else "")
        parts = []
        if self.kept or not (self.packed or self.old):
            parts.append(_KEPT)
        if self.packed and not by_month:
            parts.append(_PACKED + _SINCE)
        if self.packed and by_month and params["edges"]:
            parts.append(f"{_PACKED} d.month = ANY(%(edges)s)")
        if self.packed and by_month:
            parts.append(_LOOSE[self.many])
        if self.old:
            parts.append(_WORKED)
        return f"{head}, dose AS ({' UNION ALL '.join(parts)})"

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of ``rows`` beside those of every question to this report."""
        return {"kept": self.kept, "old": self.old}


#: Those whose rows of months cannot be used, and in which clinics there are others.
_STANDING = f"""{_KNOWN}
SELECT clinic_id, enrollment_id, kept FROM ready WHERE NOT packed
UNION ALL
SELECT DISTINCT clinic_id, NULL::bigint, NULL::boolean FROM ready WHERE packed"""


def standing(scope: Scope) -> Callable[[Scope], Standing]:
    """How the enrollments of a question stand, and of each share of it; one query."""
    found = ask_in_shares(
        scope,
        lambda share: (_STANDING, parameters(share)),
        {"clinic_id": "bigint", "enrollment_id": "bigint", "kept": "boolean"},
        "SELECT * FROM answers",
        once=True,
    )

    def of(share: Scope) -> Standing:
        clinics = {clinic.pk for clinic in share.clinics}
        mine = [(pk, kept) for clinic, pk, kept in found if clinic in clinics]
        return Standing(
            packed=any(pk is None for pk, _ in mine),
            kept=[pk for pk, kept in mine if pk is not None and kept],
            old=[pk for pk, kept in mine if pk is not None and not kept],
            many=len(clinics) > 1,
        )

    return of


def parameters(scope: Scope, **more: Any) -> dict[str, Any]:
    """What the SQL of this report is asked with, beside what every report's is."""
    first, last = scope.filters.first, scope.filters.last
    touched = months(first, last) or [first.replace(day=1)]
    whole = [one for one in touched if first <= one and last_of_month(one) <= last]
    return {
        "numbers": numbers(scope.clinics, scope.as_at),
        "phase": scope.filters.phase or None,
        "edges": [one for one in touched if one not in whole],
        "whole_from": whole[0] if whole else date.max,
        "whole_to": whole[-1] if whole else date.min,
        # Earlier than midnight anywhere.
        "soonest": datetime.combine(max(first, date(2, 1, 1)), time.min, UTC) - timedelta(days=1),
        **more,
    }
