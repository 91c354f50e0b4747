"""Make one backup: rows and their census from one snapshot, then the documents, then its name."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from . import postgres, rows
from .census import census
from .container import (
    HOW_TO_OPEN,
    KEY,
    MANIFEST,
    NO_DEFAULTS,
    README,
    RIGHTS,
    SEAL,
    UNFINISHED,
    Draft,
)
from .errors import BackupBusy, BackupError
from .keys import Sealing, encrypt, sealing
from .papers import pack
from .site import Wanted, app_version
from .streams import Source

#: Of PostgreSQL's advisory locks: whoever holds it makes the backup of this database.
LOCK = 0x626F_6E65_6669_7401
#: One that just failed holds it until the server notices that nobody is there.
A_MOMENT = "3s"
FORMAT = 1
ADDRESS = "DATABASE_BACKUP_URL"


@dataclass(frozen=True)
class Made:
    """A finished backup. ``key`` opens it, and nobody keeps it."""

    path: Path
    at: datetime
    size: int
    rows: int
    files: int
    key: Any


def file_name(at: datetime) -> str:
    """``bonefit-20261126T020000Z.tar``: the moment in UTC."""
    return f"bonefit-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"


def make(wanted: Wanted, *, now: datetime) -> Made:
    """Write one backup into its folder.

    Raises BackupBusy while another one is being made, BackupError where it cannot be: then nothing
    of it is left.
    """
    to = sealing(wanted.recipients, wanted.passphrase)
    tool = postgres.program("pg_dump", wanted.programs)
    with postgres.connected(wanted.database, ADDRESS) as connection:
        _alone(connection)
        postgres.check_version(tool, connection.info.server_version // 10_000)
        try:
            return _write(wanted, to, tool, connection, now)
        except OSError as error:
            raise BackupError(
                f"The backup cannot be written to BACKUP_DIR: {error.strerror or error}."
            ) from error
        except psycopg.Error as error:
            raise BackupError(f"The database failed: {type(error).__name__}.") from error


def _write(
    wanted: Wanted,
    to: Sealing,
    tool: Path,
    connection: psycopg.Connection[Any],
    now: datetime,
) -> Made:
    wanted.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in wanted.folder.glob(f"{UNFINISHED}*"):
        left.unlink()  # of one that was killed: nobody else writes here now
    with Draft(wanted.folder, file_name(now)) as draft:
        draft.add(README, HOW_TO_OPEN.encode())
        draft.add(RIGHTS, f"SET ROLE bonefit_owner;{NO_DEFAULTS}".encode())
        if to.wrapped is not None:
            draft.add(KEY, to.wrapped)
        with _snapshot(connection) as snapshot, ThreadPoolExecutor(1, "bonefit-census") as aside:
            counting = aside.submit(census, connection)
            try:
                size, sha256 = rows.dump(
                    draft, to, tool=tool, address=wanted.database, name=ADDRESS, snapshot=snapshot
                )
            except BaseException:
                connection.cancel()  # nobody needs the census any more
                raise
            counted = counting.result()
            migrations, seal = _migrations(connection), _last_seal(connection)
        if seal:
            draft.add(SEAL, f"{seal}\n".encode())
        papers = pack(wanted.documents, draft, to)
        manifest = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "bonefit": app_version(),
            "postgresql": connection.info.server_version,
            "pg_dump": postgres.major(tool),
            "migrations": migrations,
            "dump": {"size": size, "sha256": sha256},
            "documents": {
                "files": papers.files,
                "size": papers.size,
                "sha256": papers.sha256,
            },
            **counted,
        }
        _add_manifest(draft, to, manifest)
        whole = draft.finish()
    number = sum(count for count, _ in counted["tables"].values())
    return Made(draft.target, now, whole, number, papers.files, to.key)


def _add_manifest(draft: Draft, to: Sealing, manifest: dict[str, Any]) -> None:
    with draft.part(MANIFEST) as sink:
        encrypt(Source(io.BytesIO(json.dumps(manifest, indent=1).encode())), sink, to)


def _alone(connection: psycopg.Connection[Any]) -> None:
    connection.execute("SELECT set_config('lock_timeout', %s, false)", [A_MOMENT])
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    except psycopg.errors.LockNotAvailable as held:
        raise BackupBusy("Another backup of this database is being made.") from held
    connection.execute("RESET lock_timeout")


@contextmanager
def _snapshot(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """One moment that the census and pg_dump both see."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        found = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert found is not None
        yield found[0]


def _migrations(connection: psycopg.Connection[Any]) -> list[list[str]]:
    query = "SELECT app, name FROM public.django_migrations ORDER BY app, name"
    return [[app, name] for app, name in connection.execute(query).fetchall()]


def _last_seal(connection: psycopg.Connection[Any]) -> str:
    """``NUMBER:SUM`` of the last seal of the audit; "" before the first."""
    query = "SELECT number, digest FROM public.clinics_seal ORDER BY number DESC LIMIT 1"
    found = connection.execute(query).fetchone()
    return f"{found[0]}:{found[1]}" if found else ""
