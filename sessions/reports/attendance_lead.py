"""What became of all sessions together: enough for a figure that rests on their states alone."""

from __future__ import annotations

from . import attendance_sql as sql
from .attendance import Counts
from .attendance_asked import enrolled, parameters, phased, words
from .attendance_counts import counts
from .scope import Scope

#: The definitions that need no more than ``states``.
OF_STATES = frozenset({"A2", "A3"})
_STATES = (
    "attended",
    "unrecorded",
    "no_show",
    "late_cancel",
    "cancelled_client",
    "excused",
)


def states(scope: Scope) -> Counts:
    """The sessions of a question by what became of them; no other number is asked. One query."""
    sums = ", ".join(f"coalesce(sum(x.{name}), 0)::int" for name in _STATES)
    [found] = scope.ask(
        f"""
SELECT {sums}
FROM {enrolled(scope)}
CROSS JOIN LATERAL (
    SELECT x.* FROM {sql.parts(phased(scope))} p CROSS JOIN LATERAL {counts(words(scope))} x
) x""",
        once=True,
        **parameters(scope),
    )
    return Counts(**dict(zip(_STATES, found, strict=True)))
