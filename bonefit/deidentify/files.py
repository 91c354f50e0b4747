"""What was there before leaves the files of the server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.errors import Diagnostic

from .shape import Connection

#: So often at most is a table written anew at once.
TRIES = 5
#: Seconds to wait, one after another, for whoever still sees rows of before: ten minutes in all.
WAITS = (1, 1, 2, 4, 8, 16, 28, *(60,) * 9)
#: What PostgreSQL calls the part that writes a table anew and tells what it kept.
_WRITER = "copy_table_data"

Name = tuple[str, str]


class Unfinished(Exception):
    """Nobody is in the rows of the copy any more, but somebody may be in its files."""


def written_anew(
    connection: Connection, tables: Iterable[Name], pause: Callable[[float], None]
) -> None:
    """Write tables (schema and name) anew, one after another, until no row of before is left.

    A row stays as long as a transaction might see it. Nobody else is in this database, but the
    server itself comes in: its own analysis of one table keeps the rows of all of them. So the
    server is asked each time what it kept, and ``pause`` waits some seconds before what is left is
    done again. Raises Unfinished where that takes too long.
    """
    left = list(tables)
    for seconds in (*WAITS, None):
        left = [named for named in left if not _written_anew(connection, named)]
        if not left:
            return
        if seconds:
            pause(seconds)
    raise Unfinished(
        "Nobody is in the rows of the copy any more, but another transaction in it keeps what was "
        f"there before in the files of {', '.join(name for _, name in left)}. Wait until it is "
        "over, and run this again. A dump may be handed over as it is."
    )


def _written_anew(connection: Connection, named: Name) -> bool:
    """Write one table anew; whether no row of before is left.

    Writing anew by itself keeps rows that transactions in any database of the server might see,
    and fails where the long values of such a row are gone already. A vacuum looks only at those in
    this database; it goes first. Between the two the server's own vacuum may replace a row of the
    statistics: nothing was changed then, and both are done again.
    """
    table = sql.Identifier(*named)
    for _ in range(TRIES):
        try:
            connection.execute(sql.SQL("VACUUM {}").format(table))
            with _told(connection) as told:
                connection.execute(sql.SQL("VACUUM (FULL, ANALYZE, VERBOSE) {}").format(table))
        except psycopg.errors.DataCorrupted:
            continue
        return _kept(told) == 0
    return False


@contextmanager
def _told(connection: Connection) -> Iterator[list[str]]:
    """What the server tells of rows while it writes a table anew."""
    told: list[str] = []

    def hear(said: Diagnostic) -> None:
        # Read at once: what it holds is gone when this is over.
        if said.source_function == _WRITER and said.message_detail:
            told.append(said.message_detail)

    connection.add_notice_handler(hear)
    try:
        yield told
    finally:
        connection.remove_notice_handler(hear)


def _kept(told: list[str]) -> int:
    """How many dead rows a table that was written anew still has.

    It is the first number of the sentence, in whichever language the server speaks.
    """
    numbers = [re.search(r"\d+", sentence) for sentence in told]
    if len(numbers) != 1 or numbers[0] is None:
        raise Unfinished(
            "This PostgreSQL does not tell whether rows of before are left in its files. Nobody "
            "is in the rows of the copy any more: a dump may be handed over."
        )
    return int(numbers[0].group())
