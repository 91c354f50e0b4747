"""A session of the database to which no policy applies: what bare SQL is measured with.

Bare SQL is what the hardware can do, so it goes without what a clinic's rows are kept apart by.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from bench.bulk import Processor


class Beneath:
    """Asks as the owner of the tables; ``processor`` counts this session and this process."""

    def __init__(self, session: psycopg.Connection[Any]) -> None:
        self.session = session
        self.processor = Processor(session.info.backend_pid)

    def ask(self, sql: str, params: Any) -> list[Any]:
        """All rows of a query."""
        return self.session.execute(sql, params).fetchall()


@contextmanager
def beneath(tables: Sequence[str]) -> Iterator[Beneath]:
    """Take the policies off ``tables`` for one transaction, which is undone; nobody else can read
    them meanwhile."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as session:
        for table in tables:
            session.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        yield Beneath(session)
        session.rollback()
