"""Of how many people the rows of operations are, for whoever may not read their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from . import retests, running
from .operations_behind import TOTAL
from .scope import Scope
from .small_cells import at_least

_STATES = f"""
SELECT s.state, to_char(s.month, 'YYYY-MM'), {at_least("s.client_id")}
FROM (SELECT *, date_trunc('month', day)::date AS month FROM scheduled) s
GROUP BY GROUPING SETS ((s.state), (s.month))
"""
_CREDITS = "SELECT s.state, count(DISTINCT s.client_id) FROM owing s GROUP BY s.state"
#: A flag about the clinic itself is about nobody.
_FLAGS = """
SELECT f.kind || '.' || f.severity, count(DISTINCT e.client_id)
FROM raised f LEFT JOIN programs_enrollment e ON e.id = f.enrollment_id GROUP BY 1
"""
_PLACES = f"""
, sat AS (
    SELECT h.id, h.month, h.clinic_id, h.room, v.client_id
    FROM held h JOIN training_visit v ON v.slot_id = h.id
    WHERE v.status NOT IN ({running.FREED}) AND h.offered IS NOT NULL
)
SELECT CASE WHEN grouping(month) = 0 THEN 'month' ELSE 'room' END,
    coalesce(to_char(month, 'YYYY-MM'), clinic_id::text || '.' || room), {at_least("client_id")}
FROM sat GROUP BY GROUPING SETS ((month), (clinic_id, room))
UNION ALL
SELECT 'therapist', b.member_id::text, {at_least("sat.client_id")}
FROM sat JOIN supervised b ON b.id = sat.id GROUP BY b.member_id
"""


def few(scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """People by table and row; five queries."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for state, month, people in scope.ask(running.SCHEDULED + _STATES):
        table, key = ("causes", state) if month is None else ("causes_by_month", month)
        found[table][key] = people
    found["credits"] = dict(scope.ask(running.OWING + _CREDITS))
    found["flags"] = dict(scope.ask(running.RAISED + _FLAGS))
    if scope.whole:
        for table, key, people in scope.ask(running.HELD + _PLACES):
            found[table][key or TOTAL] = people
    checks: dict[str, set[int]] = defaultdict(set)
    for one in retests.came_due(scope):
        checks[f"{one.due.check}.{int(one.due.first)}"].add(one.client)
    found["checks"] = {key: len(people) for key, people in checks.items()}
    return found
