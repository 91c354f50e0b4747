"""Attendance of several clients in one row: by clinic, therapist, program, phase or month of start.

Across many clinics the question is put in shares. Of each share come the sums of its rows and, for
the median is of everybody, the percentages of its enrollments; a client belongs to one clinic, and
so is counted in one share. What is left to do for all shares together is as long as the rows are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .attendance import ALL_SESSIONS, EIGHT_WEEKS, HALF, NUMBERS, Counts, Reached, facts
from .attendance_asked import parameters
from .attendance_one import SEVERAL
from .scope import Scope
from .shares import ask_in_shares, shares_of
from .small_cells import at_least

#: Numerator and denominator of each leading definition, in SQL over one row of ``facts``.
_COUNTED = "(f.attended + f.unrecorded + f.no_show + f.late_cancel + f.cancelled_client)"
_LEADING: Mapping[str, tuple[str, str]] = {
    "A1": ("f.attended", "f.prescribed"),
    "A2": ("f.attended", f"({_COUNTED} + f.excused)"),
    "A3": ("f.attended", _COUNTED),
    "A4": ("f.credited", _COUNTED),
    "A5": ("f.ever", "f.sessions"),
    "A6": ("f.came_4", "f.due_4"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of several clients, or the total. ``mean`` and ``median`` of ``measured`` of them.

    ``people``: of how many people ``measured`` and, of the total, the steps are at least: both
    count enrollments.
    """

    key: str
    counts: Counts
    clients: int
    mean: Decimal | None
    median: float | None
    measured: int
    people: Mapping[str, int]
    reached: Reached


#: The steps of ``Reached``, in SQL over one row of ``facts``.
_STEPS = {
    "enrolled": "f.days IS NOT NULL",
    "came_once": "f.days IS NOT NULL AND f.came > 0",
    **{
        f"reached_{least}": f"f.days >= {EIGHT_WEEKS} AND f.came >= {least}"
        for least in (1, HALF, ALL_SESSIONS)
    },
}
#: What is added up of each row.
_ADDED = (*_STEPS, *NUMBERS)

#: Of how many people what counts enrollments is at least, and what it counts: of a row and the
#: total, and of the total alone.
_MEASURED_PEOPLE = ("of_measured", "f.ratio IS NOT NULL")
_STEPS_PEOPLE = {f"of_{name}": what for name, what in _STEPS.items()}
_PEOPLE = (_MEASURED_PEOPLE[0], *_STEPS_PEOPLE)

#: What a share answers: its rows, and one without a key for the clients of all of them.
_ANSWERS = {
    "key": "text",
    "clients": "bigint",
    **dict.fromkeys(_PEOPLE, "int"),
    "added": "numeric",
    "measured": "bigint",
    "ratios": "float8[]",
    **dict.fromkeys(_ADDED, "bigint"),
}


def _asked(scope: Scope, several: Sequence[int] | None) -> tuple[str, dict[str, Any]]:
    hits, total = _LEADING.get(scope.headline, _LEADING["A3"])
    sums = ", ".join(
        [f"count(*) FILTER (WHERE {what})" for what in _STEPS.values()]
        + [f"sum(f.{name})" for name in NUMBERS]
    )
    measured = at_least("f.client_id", where=_MEASURED_PEOPLE[1])
    steps = ", ".join(at_least("f.client_id", where=what) for what in _STEPS_PEOPLE.values())
    no_steps = ", ".join(["NULL::int"] * len(_STEPS_PEOPLE))
    nothing = ", ".join(["NULL"] * (len(_ANSWERS) - 2 - len(_PEOPLE)))
    # Nothing else of a row is kept: it has also the midnights of all days.
    kept = ", ".join(f"f.{name}" for name in ("client_id", "days", "came", *NUMBERS))
    return (
        f"""
, found AS MATERIALIZED (
    SELECT f.key::text, {kept}, 100.0 * {hits} / nullif({total}, 0) AS ratio,
        100.0::float8 * {hits} / nullif({total}, 0) AS plotted
    FROM ({facts(scope, several)}) f
)
SELECT f.key, count(DISTINCT f.client_id), {measured}, {no_steps}, sum(f.ratio), count(f.ratio),
    array_agg(f.plotted) FILTER (WHERE f.plotted IS NOT NULL), {sums}
FROM found f GROUP BY f.key
UNION ALL
SELECT NULL, count(DISTINCT f.client_id), {measured}, {steps}, {nothing} FROM found f""",
        parameters(scope, several=several),
    )


_SUMS = ", ".join(f"sum(a.{name})::int AS {name}" for name in _ADDED)
_MEAN = "sum(a.added) / nullif(sum(a.measured), 0)"
_MEASURED = "coalesce(sum(a.measured), 0)::int"
_OF_ROW = ", ".join(f"coalesce(sum(a.{name}), 0)::int AS {name}" for name in _PEOPLE)
_OF_TOTAL = ", ".join(
    f"coalesce(sum(a.{name}) FILTER (WHERE a.key IS NULL), 0)::int" for name in _PEOPLE
)
#: The rows of all shares, and the total.
_TOGETHER = f"""
, middles AS MATERIALIZED (
    SELECT a.key, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.ratio) AS middle
    FROM answers a CROSS JOIN LATERAL unnest(a.ratios) AS r(ratio)
    GROUP BY GROUPING SETS ((a.key), ())
), rows AS (
    SELECT a.key, sum(a.clients)::int AS clients, {_OF_ROW}, {_MEAN} AS mean,
        {_MEASURED} AS measured, {_SUMS}
    FROM answers a WHERE a.key IS NOT NULL GROUP BY a.key
), total AS (
    SELECT NULL::text AS key, coalesce(sum(a.clients) FILTER (WHERE a.key IS NULL), 0)::int,
        {_OF_TOTAL}, {_MEAN}, {_MEASURED}, {_SUMS}
    FROM answers a
)
SELECT t.*, m.middle FROM rows t LEFT JOIN middles m ON m.key = t.key
UNION ALL
SELECT t.*, (SELECT m.middle FROM middles m WHERE m.key IS NULL) FROM total t
ORDER BY key"""


def _several(scope: Scope) -> Callable[[Scope], Sequence[int] | None]:
    """Of each share those who followed several main programs: nearly nobody; one query.

    Of few clinics it is not asked: what it would save is less than it takes.
    """
    if len(shares_of(scope)) == 1:
        return lambda share: None
    found: dict[int, list[int]] = defaultdict(list)
    columns = {"clinic_id": "bigint", "enrollment_id": "bigint"}
    for clinic, enrollment in ask_in_shares(
        scope, lambda share: (SEVERAL, {}), columns, "SELECT * FROM answers", once=True
    ):
        found[clinic].append(enrollment)
    return lambda share: [pk for clinic in share.clinics for pk in found[clinic.pk]]


def grouped(scope: Scope) -> tuple[Sequence[Line], Line]:
    """One row for each key that the filters ask for, and the total; one query, or two in shares."""
    several = _several(scope)
    found = ask_in_shares(
        scope, lambda share: _asked(share, several(share)), _ANSWERS, _TOGETHER, once=True
    )
    steps, people = len(_STEPS), len(_PEOPLE)
    lines = [
        Line(
            key=key,
            clients=clients,
            mean=mean,
            median=middle,
            measured=measured,
            people=dict(zip(("measured", *Reached.keys()), of, strict=True)),
            reached=Reached(*added[:steps]),
            counts=Counts(*added[steps:]),
        )
        for key, clients, *rest, middle in found
        for of, (mean, measured, *added) in [(rest[:people], rest[people:])]
    ]
    return [line for line in lines if line.key is not None], next(
        line for line in lines if line.key is None
    )
