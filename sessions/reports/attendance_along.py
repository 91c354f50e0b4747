"""What the row of a client says beside its counts: asked for the rows that are looked at alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from . import attendance_sql as sql
from .attendance_asked import enrolled, parameters, phased
from .scope import Scope


@dataclass(frozen=True, slots=True)
class Along:
    """Of one enrollment. ``longest``: sessions missed one after the other within the days.

    ``last``: when a session that she came to began; ``next``: when one that is planned begins.
    """

    longest: int = 0
    last: datetime | None = None
    next: datetime | None = None


def along(scope: Scope) -> Mapping[int, Along]:
    """By enrollment; one query."""
    hers = "FROM training_visit v WHERE v.enrollment_id = c.enrollment_id AND lower(v.during)"
    found = scope.ask(
        f"""
SELECT c.enrollment_id, r.longest,
    (SELECT lower(v.during) {hers} < %(as_at)s AND {sql.CAME}
        ORDER BY lower(v.during) DESC LIMIT 1),
    (SELECT lower(v.during) {hers} > %(as_at)s AND v.status IN ('planned', 'checked_in')
        ORDER BY lower(v.during) LIMIT 1)
FROM {enrolled(scope)}
CROSS JOIN LATERAL {sql.longest(phased(scope))} r""",
        once=True,
        **parameters(scope),
    )
    return {enrollment: Along(*rest) for enrollment, *rest in found}
