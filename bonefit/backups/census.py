"""How many rows each table has, and a sum over what stands in them: the same before and after.

The sum is of each row's 64-bit hash, so it does not depend on their order. It finds faults, not
forgers: what keeps those out is the encryption.
"""

from __future__ import annotations

from typing import Any, TypedDict

import psycopg
from psycopg import sql

#: A row is hashed as text, so text must look the same on both sides.
_AS_TEXT = """
SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
  set_config('IntervalStyle', 'postgres', true), set_config('extra_float_digits', '1', true),
  set_config('bytea_output', 'hex', true), set_config('search_path', 'pg_catalog', true),
  set_config('row_security', 'off', true)
"""
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY 1, 2
"""
_SEQUENCES = "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2"
_ROWS = """
SELECT count(*), coalesce(sum(hashtextextended(t::text COLLATE "C", 0)), 0)::text
FROM ONLY {} AS t
"""


class Census(TypedDict):
    """``tables``: rows and sum by name. ``sequences``: the last value given out, or None."""

    tables: dict[str, tuple[int, str]]
    sequences: dict[str, int | None]


def census(connection: psycopg.Connection[Any]) -> Census:
    """Of all that a connection sees, in the transaction that it is in.

    With row-level security in force and a role that it binds this fails: it never counts a part.
    """
    connection.execute(_AS_TEXT)
    tables: dict[str, tuple[int, str]] = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        query = sql.SQL(_ROWS).format(sql.Identifier(schema, table))
        found = connection.execute(query).fetchone()
        assert found is not None
        tables[f"{schema}.{table}"] = (found[0], found[1])
    sequences = {f"{s}.{n}": value for s, n, value in connection.execute(_SEQUENCES).fetchall()}
    return Census(tables=tables, sequences=sequences)


def differences(said: Census, found: Census) -> list[str]:
    """What is not as it was said, by table. A sequence may have gone on while it was dumped."""
    wrong = []
    for name in sorted(said["tables"].keys() | found["tables"].keys()):
        before, after = said["tables"].get(name), found["tables"].get(name)
        if before is None or after is None:
            wrong.append(f"{name}: {'not in the backup' if before is None else 'missing'}")
        elif before[0] != after[0]:
            wrong.append(f"{name}: {after[0]} rows, and there were {before[0]}")
        elif before[1] != after[1]:
            wrong.append(f"{name}: as many rows, with other contents")
    for name, value in said["sequences"].items():
        if name not in found["sequences"] or (found["sequences"][name] or 0) < (value or 0):
            wrong.append(f"{name}: behind what it had given out")
    return wrong
