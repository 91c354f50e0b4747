"""Of how many people the rows of fidelity are, for whoever may not read their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .delivered import ITEMS, grouped
from .scope import Scope
from .small_cells import at_least

_ITEMS = ", ".join(at_least("told.client_id", where=f"told.{item} IS NOT NULL") for item in ITEMS)
_PEOPLE = f"""
SELECT CASE WHEN grouping(told.key) = 0 THEN 'groups' WHEN grouping(told.month) = 0 THEN 'months'
        WHEN grouping(told.clients) = 0 THEN 'sizes' ELSE 'items' END,
    coalesce(told.key::text, to_char(told.month, 'YYYY-MM'), told.clients::text, ''),
    {at_least("told.client_id")}, {_ITEMS}
FROM (
    SELECT told.*, e.client_id, date_trunc('month', day)::date AS month
    FROM told JOIN programs_enrollment e ON e.id = told.enrollment_id
) told
GROUP BY GROUPING SETS ((told.key), (told.month), (told.clients), ())
"""


def few(scope: Scope, by: str) -> Mapping[str, Mapping[str, int]]:
    """People by table and row; one query."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for table, key, people, *items in scope.ask(grouped(by) + _PEOPLE):
        if table == "items":
            found[table] = dict(zip(ITEMS, items, strict=True))
        else:
            found[table][key] = people
    return found
