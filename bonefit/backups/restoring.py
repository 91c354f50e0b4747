"""Put a backup back: into an empty database and folder, or in place of what is there."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db.migrations.loader import MigrationLoader

from . import papers, postgres, rows
from .census import Census, census, differences
from .container import KEY, MANIFEST, Whole
from .errors import BackupDamaged, BackupError
from .keys import decrypt, identities, unwrapped
from .making import FORMAT
from .streams import Sink

OWNER = "DATABASE_OWNER_URL"
ROLES = ("bonefit_owner", "bonefit_app", "bonefit_backup")
_OBJECTS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""
_ROLES = "SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)"
_OWNED_BY_OTHERS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'S') AND pg_get_userbyid(c.relowner) <> %s
"""
_UNREADABLE = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r'
  AND NOT (has_schema_privilege('bonefit_app', n.oid, 'USAGE')
           AND has_table_privilege('bonefit_app', c.oid, 'SELECT'))
"""


@dataclass(frozen=True)
class Opened:
    """A backup whose parts are as they were written, with the keys that open it."""

    whole: Whole
    keys: Sequence[Any]
    manifest: dict[str, Any]

    @property
    def census(self) -> Census:
        """What was counted when it was made."""
        tables = {name: (rows, total) for name, (rows, total) in self.manifest["tables"].items()}
        return Census(tables=tables, sequences=self.manifest["sequences"])


@dataclass(frozen=True)
class Restored:
    """What is there now. ``aside`` is where older documents were put."""

    tables: int
    rows: int
    files: int
    aside: Path | None
    older: bool


def open_backup(
    path: Path, *, key_file: Path | None = None, passphrase: str = "", keys: Sequence[Any] = ()
) -> Opened:
    """Check every sum, then read the manifest.

    With ``key_file`` its keys are tried (under ``passphrase`` if the file is); else the passphrase
    opens the key in the backup itself. Raises BackupError.
    """
    whole = Whole(path)
    whole.check()
    if not keys:
        if key_file is not None:
            keys = identities(key_file, passphrase)
        elif KEY in whole:
            keys = [unwrapped(whole.read(KEY), passphrase)]
        else:
            raise BackupError("The backup was made for a key: say --identity and the key's file.")
    plain = io.BytesIO()
    with whole.part(MANIFEST) as source:
        decrypt(source, Sink(plain), keys)
    manifest = json.loads(plain.getvalue())
    if manifest["format"] > FORMAT:
        raise BackupError("The backup was made by a newer bonefit: restore it with that one.")
    return Opened(whole, keys, manifest)


def restore(
    opened: Opened,
    *,
    into: str,
    check_as: str,
    documents: Path,
    programs: str,
    replace: bool,
    now: datetime,
) -> Restored:
    """Rows and documents, into the database of ``into`` (its owner's address) and a folder.

    ``check_as`` is the address of the role that may read everything, by which the rows are counted
    afterwards. Raises BackupError; until the database has committed, both are as they were.
    """
    older = _code_fits(opened.manifest)
    with postgres.connected(into, OWNER) as connection:
        server = _ready(connection, replace)
    try:
        place = papers.arriving(documents, replace=replace)
        unpacked, _ = papers.unpack(opened.whole, opened.keys, place)
    except OSError as error:
        raise BackupError(f"The documents cannot be written: {error.strerror or error}.") from error
    check_papers(opened, unpacked)
    put_rows(opened, address=into, programs=programs, server=server, replace=replace)
    aside = papers.swap(documents, f"{now:%Y%m%dT%H%M%SZ}")
    found = counted(opened, check_as, "DATABASE_BACKUP_URL")
    with postgres.connected(into, OWNER) as connection:
        _rights(connection)
    rows_now = sum(count for count, _ in found["tables"].values())
    return Restored(len(found["tables"]), rows_now, unpacked.files, aside, older)


def put_rows(opened: Opened, *, address: str, programs: str, server: int, replace: bool) -> None:
    """The database alone."""
    tools = postgres.program("pg_restore", programs), postgres.program("psql", programs)
    for tool in tools:
        postgres.check_version(tool, server)
    postgres.check_version(tools[0], opened.manifest["pg_dump"])
    rows.put_back(
        opened.whole,
        opened.keys,
        tools=tools,
        address=address,
        name=OWNER,
        server=server,
        replace=replace,
        sha256=opened.manifest["dump"]["sha256"],
    )


def counted(opened: Opened, address: str, name: str) -> Census:
    """The census of a restored database. Raises where it is not that of the backup."""
    with postgres.connected(address, name) as connection:
        try:
            with connection.transaction():
                found = census(connection)
        except psycopg.Error as error:
            raise BackupError(f"The rows cannot be counted: {type(error).__name__}.") from error
    if wrong := differences(opened.census, found):
        raise BackupDamaged("What was restored is not what was backed up: " + "; ".join(wrong[:5]))
    return found


def check_papers(opened: Opened, unpacked: papers.Papers) -> None:
    """Raise unless the documents are those that were packed."""
    said = opened.manifest["documents"]
    if (unpacked.files, unpacked.sha256) != (said["files"], said["sha256"]):
        raise BackupDamaged("The documents in the backup are not those that were written.")


def _code_fits(manifest: dict[str, Any]) -> bool:
    """Whether the backup is older than this code. Raises where it is newer."""
    known = MigrationLoader(None).disk_migrations
    there = {(app, name) for app, name in manifest["migrations"]}
    apps = {app for app, _ in known}
    newer = sorted(key for key in there - known.keys() if key[0] in apps)
    if newer:
        raise BackupError(
            f"The backup is of a newer bonefit ({newer[-1][0]} {newer[-1][1]}): "
            "restore it with that one."
        )
    return bool(known.keys() - there)


def _ready(connection: psycopg.Connection[Any], replace: bool) -> int:
    """The server's main version; raises where the database is in use, not empty or has no roles."""

    def number(query: str, *values: Any) -> int:
        found = connection.execute(query, values or None).fetchone()
        assert found is not None
        return int(found[0])

    if number(_ROLES, list(ROLES)) < len(ROLES):
        raise BackupError("Roles are missing: run bonefit/roles.sql in the database first.")
    if number(_OBJECTS) and not replace:
        raise BackupError(
            "The database is not empty: say --replace to put the backup in its place."
        )
    if others := postgres.others(connection):
        raise BackupError(
            f"{others} others are connected to the database: stop web, worker and beat first."
        )
    return connection.info.server_version // 10_000


def _rights(connection: psycopg.Connection[Any]) -> None:
    """Raise unless everything is the owner's, and the app may work with it."""
    owner = connection.info.user
    other = connection.execute(_OWNED_BY_OTHERS, [owner]).fetchone()
    unreadable = connection.execute(_UNREADABLE).fetchone()
    if other != (0,) or unreadable != (0,):
        raise BackupError(
            "The rows are restored, but the rights are not as roles.sql and migrations give them."
        )
