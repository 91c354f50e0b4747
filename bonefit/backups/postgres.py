"""PostgreSQL's own programs: which ones, of which version, and with what address they are run."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from bonefit import env
from bonefit.wheel import EmbeddedError, binaries

from .errors import BackupError

#: Seconds that a server may take to let us in.
CONNECT_SECONDS = 20
#: Seconds in which one that has just left may still be there: the server notices a little later.
LEAVING_SECONDS = 3.0

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename IS NOT NULL
"""


def program(name: str, folder: str) -> Path:
    """``pg_dump``, ``pg_restore`` or ``psql``, in ``folder`` or else from the wheel of bonefit."""
    if folder:
        found = Path(folder) / name
        if not os.access(found, os.X_OK):
            raise BackupError(f"PG_BIN names a folder without {name}.")
        return found
    try:
        return binaries() / name
    except EmbeddedError as error:
        raise BackupError(
            f"There is no {name} here: set PG_BIN to the folder of PostgreSQL's programs."
        ) from error


def major(tool: Path) -> int:
    """The main version of a program."""
    try:
        done = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise BackupError(f"{tool.name} cannot be run: {error.strerror}.") from error
    found = re.search(r"\) (\d+)", done.stdout)
    if found is None:
        raise BackupError(f"{tool.name} does not say its version.")
    return int(found.group(1))


def check_version(tool: Path, server: int) -> None:
    """Raise where a program is older than the server: pg_dump would refuse, in other words."""
    if (ours := major(tool)) < server:
        raise BackupError(
            f"{tool.name} is of PostgreSQL {ours} and the server is {server}: "
            "set PG_BIN to the programs of that version or a later one."
        )


def parameters(address: str, name: str) -> dict[str, Any]:
    """What libpq is told of an address; ``name`` is the variable to name in an error."""
    found = env.database(address, name)
    said = {
        "host": found["HOST"],
        "port": found["PORT"],
        "user": found["USER"],
        "password": found["PASSWORD"],
        "dbname": found["NAME"],
        "connect_timeout": CONNECT_SECONDS,
        **found["OPTIONS"],
    }
    return {key: value for key, value in said.items() if value not in ("", None)}


def with_database(address: str, database: str) -> str:
    """The same server and role, another database."""
    before, _, query = address.partition("?")
    scheme, _, rest = before.partition("://")
    return f"{scheme}://{rest.split('/', 1)[0]}/{quote(database)}" + (f"?{query}" if query else "")


@contextmanager
def connected(address: str, name: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """A connection in autocommit mode."""
    try:
        connection = psycopg.connect(**parameters(address, name), autocommit=True)
    except psycopg.OperationalError as error:
        first = str(error).strip().splitlines()[-1] if str(error).strip() else "no answer"
        raise BackupError(f"The database of {name} does not let us in: {first}") from error
    with connection:
        yield connection


def others(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    """How many others are connected to the same database, and not just about to be gone."""
    give_up = time.monotonic() + LEAVING_SECONDS
    while True:
        found = connection.execute(_OTHERS).fetchone()
        assert found is not None
        if not found[0] or time.monotonic() > give_up:
            return int(found[0])
        time.sleep(0.05)


def arguments(address: str, name: str) -> tuple[str, dict[str, str]]:
    """``--dbname`` for a program, and its environment. The password is only in the latter."""
    said = parameters(address, name)
    password = said.pop("password", None)
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    if password:
        environment["PGPASSWORD"] = password
    return f"--dbname={make_conninfo(**said)}", environment


def last_words(text: bytes) -> str:
    """The first error of a program, without detail: a DETAIL or CONTEXT would quote a row."""
    lines = text.decode(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r"error|fatal", line, re.I)]
    return (errors or lines or ["it said nothing"])[0].strip()[:300]
