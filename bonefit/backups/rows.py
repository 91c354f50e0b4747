"""The database's part of a backup: ``pg_dump`` into it, ``pg_restore`` and ``psql`` out of it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from . import postgres
from .container import DUMP, NO_DEFAULTS, Draft, Whole
from .errors import BackupDamaged, BackupError
from .keys import Sealing, decrypt, encrypt
from .streams import Sink, Source

#: Milliseconds that pg_dump waits for a table that a migration holds.
LOCK_WAIT = 60_000
_EMPTY = b"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
#: What newer programs say and an older server does not know.
_ONLY_FROM_17 = b"SET transaction_timeout = 0;\n"
_PIECE = 1024 * 1024


def dump(
    draft: Draft, to: Sealing, *, tool: Path, address: str, name: str, snapshot: str
) -> tuple[int, str]:
    """Write the database as ``snapshot`` shows it. Returns size and SHA-256 of the plain dump."""
    target, environment = postgres.arguments(address, name)
    command = [str(tool), "--format=custom", "--no-password", f"--snapshot={snapshot}"]
    command += [f"--lock-wait-timeout={LOCK_WAIT}", target]
    with (
        draft.part(DUMP) as sink,
        tempfile.TemporaryFile() as said,
        _child(command, environment, said, stdout=subprocess.PIPE) as child,
    ):
        assert child.stdout is not None
        source = Source(child.stdout)
        encrypt(source, sink, to)
        if child.wait() != 0:
            raise BackupError(f"pg_dump failed: {_words(said)}")
    return source.size, source.sha256


def put_back(
    whole: Whole,
    keys: Sequence[Any],
    *,
    tools: tuple[Path, Path],
    address: str,
    name: str,
    server: int,
    replace: bool,
    sha256: str,
) -> None:
    """Restore the database in one transaction; it is committed when all was there and is right.

    ``tools`` are pg_restore and psql, ``server`` the server's main version. With ``replace`` all
    that is in the schema goes, in the same transaction. Rights come from the backup; everything
    belongs to the role of ``address``.
    """
    target, environment = postgres.arguments(address, name)
    reading = [str(tools[0]), "--no-owner", "--exit-on-error", "--file=-"]
    writing = [str(tools[1]), "--no-psqlrc", "--quiet", "--no-password", "--output=/dev/null"]
    writing += ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", "--set=SHOW_CONTEXT=never"]
    writing += ["--file=-", target]
    both = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as refused,
        whole.part(DUMP) as source,
        ThreadPoolExecutor(1, "bonefit-restore") as aside,
        _child(writing, environment, refused, stdin=subprocess.PIPE) as psql,
        _child(reading, environment, said, **both) as pg_restore,
    ):
        assert psql.stdin is not None
        assert pg_restore.stdin is not None
        assert pg_restore.stdout is not None
        psql.stdin.write(b"SET client_min_messages = warning;\nBEGIN;\n")
        psql.stdin.write(_EMPTY if replace else NO_DEFAULTS.encode())
        psql.stdin.flush()
        pumping = aside.submit(pump, pg_restore.stdout, psql.stdin, server=server)
        sink = Sink(pg_restore.stdin)
        try:
            decrypt(source, sink, keys)
            pg_restore.stdin.close()
            pumping.result()
        except BrokenPipeError:
            _first_error(psql, refused, pg_restore, said)
        if pg_restore.wait() != 0:
            _first_error(psql, refused, pg_restore, said)
        if sink.sha256 != sha256:
            raise BackupDamaged("The dump in the backup is not the one that was written.")
        try:
            psql.stdin.write(b"\nCOMMIT;\n")
            psql.stdin.close()
        except BrokenPipeError:
            _first_error(psql, refused, pg_restore, said)
        if psql.wait() != 0:
            _first_error(psql, refused, pg_restore, said)


def pump(source: IO[bytes], target: IO[bytes], *, server: int) -> None:
    """From pg_restore to psql. Closes what it reads from, so that a psql that ended ends both.

    What a server of the main version ``server`` would refuse at the beginning is left out.
    """
    drop = _ONLY_FROM_17 if server < 17 else b""
    with source:
        first = True
        while data := os.read(source.fileno(), _PIECE):
            if first and drop:
                while len(data) < 4096 and (more := os.read(source.fileno(), 4096)):
                    data += more
                data = data.replace(drop, b"", 1)
            first = False
            target.write(data)
        target.flush()


def _first_error(
    psql: subprocess.Popen[bytes],
    refused: IO[bytes],
    pg_restore: subprocess.Popen[bytes],
    said: IO[bytes],
) -> None:
    """Raise what psql, else pg_restore has said: the one often ends because the other did."""
    if refused.tell() or os.fstat(refused.fileno()).st_size:
        raise BackupError(f"The database refused: {_words(refused)}")
    if os.fstat(said.fileno()).st_size:
        raise BackupDamaged(f"pg_restore failed: {_words(said)}")
    raise BackupError("The restore was cut off; the database is as it was.")


def _words(said: IO[bytes]) -> str:
    said.seek(0)
    return postgres.last_words(said.read(100_000))


@contextmanager
def _child(
    command: list[str], environment: dict[str, str], said: IO[bytes], **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, killed when the block is left before it has ended."""
    try:
        child = subprocess.Popen(command, env=environment, stderr=said, **pipes)
    except OSError as error:
        raise BackupError(f"{Path(command[0]).name} cannot be run: {error.strerror}.") from error
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                _close(pipe)


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        pipe.close()  # what could not be flushed is gone; now it closes
