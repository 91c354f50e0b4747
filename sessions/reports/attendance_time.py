"""Attendance by calendar month, by week of the program and by planned phase.

One query serves them all, asked when the first of them is looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from programs.calendar import PlannedPhase, Schedule, planned_phase
from programs.models import Phase

from . import attendance_sql as sql
from .attendance_asked import enrolled, parameters, phased
from .planned import phases_of
from .scope import Scope, months
from .shares import ask_in_shares

#: Sessions of one version, week of the program (from 0) and month: attended, due, that took place.
#: ``cell`` is 1024 times the week and the month: one number is grouped faster than two.
_CELLS = """
SELECT p.version_id, w.cell, NULL::int, count(*) FILTER (WHERE w.state = 0),
    count(*) FILTER (WHERE w.state < 2), count(*)
FROM {enrolled}
CROSS JOIN LATERAL {parts} p
CROSS JOIN LATERAL (
    SELECT 1024 * (c.week + width_bucket(v.at, c.weeks)) + width_bucket(v.at, c.months) - 1 AS cell,
        v.state
    FROM (
        SELECT lower(v.during) AS at, CASE WHEN {regular} THEN CASE v.status
            WHEN 'attended' THEN 0 WHEN 'attended_partial' THEN 0
            WHEN 'no_show' THEN 1 WHEN 'late_cancel' THEN 1 WHEN 'cancelled_client' THEN 1
            WHEN 'excused' THEN 2
            ELSE CASE WHEN {silent} THEN 1 END END END AS state
        FROM training_visit v
        WHERE {within}
        OFFSET '0'
    ) v
    WHERE v.state IS NOT NULL
) w
GROUP BY 1, 2
"""

#: Beside them what the programs prescribed in each month, as far as it lies within the dates.
_PRESCRIBED = """
UNION ALL
SELECT NULL, NULL, (m.number - 1)::int, NULL, NULL, sum({until} - {before})
FROM {enrolled}
CROSS JOIN LATERAL {parts} p
CROSS JOIN LATERAL unnest(%(months)s::date[], %(month_ends)s::date[])
    WITH ORDINALITY AS m(begins, ends, number)
WHERE p.version_id IS NOT NULL
GROUP BY m.number
"""

#: What a share answers, and all of them together.
_ANSWERS = {
    "version_id": "bigint",
    "cell": "int",
    "month": "int",
    **dict.fromkeys(("came", "due", "took_place"), "bigint"),
}
_TOGETHER = """
SELECT version_id, cell, month, sum(came)::bigint, sum(due)::bigint, sum(took_place)::bigint
FROM answers GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """Regular sessions: attended, that could be attended, that took place; what was prescribed."""

    attended: int = 0
    counted: int = 0
    offered: int = 0
    prescribed: int = 0

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            self.attended + other.attended,
            self.counted + other.counted,
            self.offered + other.offered,
            self.prescribed + other.prescribed,
        )


class OverTime:
    """The sessions of a scope over time; nothing is asked before it is needed."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        last = max((scope.today(clinic) for clinic in scope.clinics), default=scope.filters.last)
        self.months = months(scope.filters.first, min(scope.filters.last, last))

    @cached_property
    def _found(self) -> Sequence[tuple[Any, ...]]:
        """Rows of the cells, and of what was prescribed; one query."""
        if not self.months:
            return ()
        return ask_in_shares(self.scope, self._question, _ANSWERS, _TOGETHER)

    def _question(self, share: Scope) -> tuple[str, dict[str, Any]]:
        body = (_CELLS + _PRESCRIBED).format(
            enrolled=enrolled(share),
            parts=sql.parts(phased(share)),
            silent=sql.SILENT,
            regular=sql.REGULAR,
            within=sql.within("p.since", "p.till"),
            until=sql.prescribed_until(f"least(m.ends, {sql.STOP})"),
            before=sql.prescribed_until(
                f"least(greatest(m.begins - 1, p.before), m.ends, {sql.STOP})"
            ),
        )
        ends = [following - timedelta(days=1) for following in self.months[1:]]
        days = {"months": list(self.months), "month_ends": [*ends, share.filters.last]}
        return body, parameters(share, **days)

    @cached_property
    def cells(self) -> Sequence[tuple[int | None, int, int, Seen]]:
        """Sessions by version, week from 0 and number of the month."""
        return [
            (version, cell >> 10, cell & 1023, Seen(came, due, offered))
            for version, cell, _, came, due, offered in self._found
            if cell is not None
        ]

    @cached_property
    def by_month(self) -> Sequence[tuple[date, Seen]]:
        """Every month of the dates until now, also those without a session."""
        found = [Seen() for _ in self.months]
        for _, _, month, seen in self.cells:
            found[month] += seen
        for _, cell, month, _, _, prescribed in self._found:
            if cell is None:
                found[month] += Seen(prescribed=int(prescribed))
        return list(zip(self.months, found, strict=True))

    @property
    def by_week(self) -> Sequence[tuple[int, Seen]]:
        """Weeks of the program from 1 on; what lies before somebody's start is in none."""
        found: dict[int, Seen] = defaultdict(Seen)
        for _, week, _, seen in self.cells:
            if week >= 0:
                found[week + 1] += seen
        return [(week, found[week]) for week in range(1, max(found, default=0) + 1)]

    @cached_property
    def by_phase(self) -> Sequence[tuple[str, str, Seen]]:
        """Code and name of each planned phase, in the order of the plan; "" is none of them."""
        plans, names = _plans({version for version, *_ in self.cells if version is not None})
        found: dict[str, Seen] = defaultdict(Seen)
        for version, week, _, seen in self.cells:
            plan = plans.get(version) if version is not None else None
            day = date.min + timedelta(weeks=week) if week >= 0 else None
            code = planned_phase(plan, date.min, day) if plan and day else None
            found[code or ""] += seen
        return [
            (code, names[code][1], found[code])
            for code in sorted(found, key=lambda code: (names[code][0], code))
        ]


#: Where a phase stands in the plan, and what it is called.
_Names = dict[str, tuple[int, str]]
NO_PHASE = "No planned phase"


def _plans(versions: set[int]) -> tuple[dict[int, Schedule], _Names]:
    """The plans of these versions, and what their phases are called: as in the newest one."""
    plans = phases_of(versions)
    names: _Names = {"": (10**6, NO_PHASE)}
    for version in sorted(plans, reverse=True):
        for phase in plans[version]:
            names.setdefault(phase.code, (phase.first_week, phase.name))
    return {
        version: Schedule(
            tuple(PlannedPhase(one.code, one.first_week, one.last_week) for one in plan)
        )
        for version, plan in plans.items()
        if plan
    }, names


def phase_names(scope: Scope, codes: Iterable[str]) -> _Names:
    """Where these phases stand in the plans of the clinics, and what they are called."""
    wanted = set(codes)
    names: _Names = {}
    rows = (
        Phase.objects.filter(clinic__in=scope.clinics, code__in=wanted)
        .order_by("-version", "first_week")
        .values_list("code", "first_week", "name")
    )
    for code, first_week, name in rows:
        names.setdefault(code, (first_week, name))
    return {code: names.get(code, (10**6, code or NO_PHASE)) for code in wanted}
