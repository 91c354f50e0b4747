"""The bare SQL of a review: the queries its facts came from, sent again, and their plans."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

#: What is asked, the milliseconds it takes, and the indexes that its plan reads.
Plan = tuple[str, float, list[str]]
#: Rows of a table that is read whole and not worth a word.
SMALL = 1_000


@dataclass(slots=True)
class Beside:
    """The queries of the last review, each with the family of facts that it belongs to."""

    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    def again(self) -> float:
        """Send them again, read what comes, forget them; seconds."""
        from django.db import connection

        begun = time.perf_counter()
        with connection.connection.cursor() as cursor:
            for _, sql, params in self.sent:
                cursor.execute(sql, params).fetchall()
        self.sent.clear()
        return time.perf_counter() - begun

    def plans(self) -> list[Plan]:
        """What PostgreSQL does for each family: milliseconds, and the indexes that it reads."""
        found: dict[str, tuple[float, set[str]]] = {}
        for family, sql, params in self.sent:
            spent, names = plan_of(sql, params)
            before, known = found.get(family, (0.0, set()))
            found[family] = before + spent, known | names
        return [(family, spent, sorted(names)) for family, (spent, names) in found.items()]


def plan_of(sql: str, params: Any, *, session: Any = None) -> tuple[float, set[str]]:
    """Milliseconds that a query takes, and the indexes it reads; "table (all of it)" without.

    Asked in Django's session of the database, or in another of psycopg's.
    Primary keys, and small tables that are read whole, are not named.
    """
    from django.db import connection

    with (session or connection.connection).cursor() as cursor:
        row = cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params).fetchone()
    said = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    return said[0]["Execution Time"], set(_read(said[0]["Plan"]))


def _read(node: Mapping[str, Any]) -> Iterator[str]:
    name = node.get("Index Name", "")
    if name and not name.endswith("_pkey"):
        yield name
    elif node["Node Type"] == "Seq Scan" and _rows(node) > SMALL:
        yield f"{node['Relation Name']} (all of it)"
    for child in node.get("Plans", ()):
        yield from _read(child)


def _rows(node: Mapping[str, Any]) -> float:
    return node["Actual Rows"] + node.get("Rows Removed by Filter", 0)


@contextmanager
def listening() -> Iterator[Beside]:
    """Remembers the queries that facts come from, while this holds."""
    from django.db import connection

    from sessions import flag_facts

    beside = Beside()

    def heard(name, fetch):
        def remember(execute, sql, params, many, context):
            beside.sent.append((name, sql, params))
            return execute(sql, params, many, context)

        def fetched(scope):
            with connection.execute_wrapper(remember):
                return fetch(scope)

        return fetched

    families = flag_facts.FAMILIES
    own = dict(families)
    families.update({name: heard(name, fetch) for name, fetch in own.items()})
    try:
        yield beside
    finally:
        families.update(own)


def plan_lines(plans: Sequence[Plan]) -> list[tuple[str, str, str]]:
    """Rows of a table: what is asked, its time, its indexes."""
    return [
        (name, ", ".join(f"`{one}`" for one in indexes), f"{spent:.1f} ms")
        for name, spent, indexes in plans
    ]
