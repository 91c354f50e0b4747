"""Prove a backup: restore it into a PostgreSQL of its own, count, and throw that away.

The server is bonefit's own, in a private folder and on no port, so that nothing of the site can be
touched by it, and a machine without any database can verify.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import models
from psycopg import sql

from bonefit.embedded import Cluster
from bonefit.wheel import VERSION, EmbeddedError

from . import papers, postgres
from .errors import BackupError
from .restoring import Opened, check_papers, counted, put_rows

_COLUMN = """
SELECT 1 FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s AND column_name = %s
"""


@dataclass(frozen=True)
class Verified:
    """What was found. ``lost``: files that rows name and the backup has not got."""

    tables: int
    rows: int
    files: int
    lost: int
    seconds: float


def verify(opened: Opened, *, scratch: Path, programs: str) -> Verified:
    """Restore into a scratch database below the folder ``scratch``, and compare every table.

    Raises BackupError where anything differs from what was counted when the backup was made.
    """
    began = time.monotonic()
    if opened.manifest["postgresql"] // 10_000 > int(VERSION):
        raise BackupError(
            f"bonefit brings PostgreSQL {VERSION}, and the backup is of a newer one: "
            "restore it into an empty database of that version instead."
        )
    unpacked, names = papers.unpack(opened.whole, opened.keys, None)
    check_papers(opened, unpacked)
    with _server(scratch) as cluster:
        owner = cluster.url("bonefit_owner")
        put_rows(opened, address=owner, programs=programs, server=int(VERSION), replace=False)
        reader = cluster.url("bonefit_backup")
        found = counted(opened, reader, "the scratch database")
        lost = len(_named(reader) - names)
    rows = sum(count for count, _ in found["tables"].values())
    took = time.monotonic() - began
    return Verified(len(found["tables"]), rows, unpacked.files, lost, took)


@contextmanager
def _server(scratch: Path) -> Iterator[Cluster]:
    try:
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="verify-", dir=scratch) as folder:
            cluster = Cluster(Path(folder) / "postgres", for_tests=True)
            try:
                cluster.acquire(dies_with_us=True)
                yield cluster
            finally:
                cluster.release()
                cluster.remove()
    except (EmbeddedError, OSError) as error:
        raise BackupError(f"The scratch database does not work: {error}") from error


def _named(address: str) -> set[str]:
    """The files that rows name, in all columns for files that this code knows."""
    columns = [
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
    names: set[str] = set()
    with postgres.connected(address, "the scratch database") as connection:
        for table, column in columns:
            if connection.execute(_COLUMN, [table, column]).fetchone():
                query = sql.SQL("SELECT {} FROM {}").format(
                    sql.Identifier(column), sql.Identifier("public", table)
                )
                found = connection.execute(query)
                names |= {name for (name,) in found if name}
    return names
