"""Fills tables by COPY: what slows it down (indexes, foreign keys, triggers) is made afterwards."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

#: Lines that are sent together.
LINES = 20_000


@contextmanager
def bare_tables(owner: psycopg.Connection, tables: Sequence[str]) -> Iterator[None]:
    """Take indexes, foreign keys, exclusion and unique constraints, triggers and policies off; then
    on again.

    Primary keys and checks stay. What is made again is made exactly as it was.
    """
    constraints = owner.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype"
        " FROM pg_constraint"
        " WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('f', 'u', 'x')"
        # Keys of two columns hang on the unique constraint of what they point at.
        " OR confrelid::regclass::text = ANY(%s) AND cardinality(conkey) = 2"
        " ORDER BY contype = 'f', conname",
        [list(tables), list(tables)],
    ).fetchall()
    indexes = owner.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid::regclass::text = ANY(%s) AND NOT i.indisprimary AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint c"
        "   WHERE c.conindid = i.indexrelid AND c.contype IN ('u', 'x'))",
        [list(tables)],
    ).fetchall()
    for table, name, _, _ in reversed(constraints):
        owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        owner.execute(f"DROP INDEX {name}")
    for table in tables:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        # COPY takes no table under policies, not even from its owner where they are forced.
        owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    owner.commit()
    yield
    owner.execute("SET maintenance_work_mem = '1GB'")
    for _, definition in indexes:
        owner.execute(definition)
    for table, name, definition, _ in constraints:
        owner.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for table in tables:
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        owner.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
            f" greatest((SELECT max(id) FROM {table}), 1))"
        )
    owner.commit()
    owner.autocommit = True
    for table in tables:
        owner.execute(f"VACUUM ANALYZE {table}")
    owner.autocommit = False


def copy(
    owner: psycopg.Connection, table: str, columns: Sequence[str], lines: Iterable[str]
) -> int:
    """Send lines of COPY's text format, each with its line end; how many there were."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    number, waiting = 0, list[str]()
    with owner.cursor() as cursor, cursor.copy(statement) as sink:
        for line in lines:
            waiting.append(line)
            if len(waiting) == LINES:
                sink.write("".join(waiting))
                number += len(waiting)
                waiting.clear()
        sink.write("".join(waiting))
    return number + len(waiting)


class Watch:
    """Seconds since it was made, or since it was last read."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def read(self) -> float:
        now = time.perf_counter()
        passed, self._since = now - self._since, now
        return passed


class Processor:
    """Seconds of a processor that this process and its session of the database have used.

    What else the machine does is not in it. The session's are read from /proc; where the database
    is elsewhere only this process counts.
    """

    def __init__(self, session: int) -> None:
        self._stat = Path(f"/proc/{session}/stat")
        self._since = self._used()

    @classmethod
    def here(cls) -> Processor:
        """Of Django's own session of the database."""
        from django.db import connection

        connection.ensure_connection()
        return cls(connection.connection.info.backend_pid)

    def _used(self) -> float:
        used = time.process_time()
        if self._stat.exists():
            # After the name, which is in brackets, the 12th and 13th: in user and kernel mode.
            words = self._stat.read_text().rpartition(")")[2].split()
            used += (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        return used

    def read(self) -> float:
        """Seconds since it was made, or since it was last read."""
        now = self._used()
        passed, self._since = now - self._since, now
        return passed
