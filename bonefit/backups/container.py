"""The file of a backup: a plain tar whose parts are age files, and the sums of them.

It appears under its name only when it is whole and on the disk. A part's size is not known before
it has been written, so its header is written after it.
"""

from __future__ import annotations

import contextlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from .errors import BackupDamaged, BackupError
from .streams import Sink, Source

KEY, DUMP, PAPERS, MANIFEST = "key.age", "dump.age", "documents.tar.age", "manifest.json.age"
SUMS, README = "SHA256SUMS", "README.txt"
#: The last seal of the audit in that night's rows, to be read without a key.
SEAL = "seal.txt"
#: roles.sql gives the app rights on whatever is made from now on. A backup takes none of them back,
#: so a table that the app may only add to would be one that it may change. The backup brings these
#: default rights again at its end.
RIGHTS = "rights.sql"
NO_DEFAULTS = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM bonefit_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM bonefit_app;
"""
NEEDED = frozenset({README, DUMP, PAPERS, MANIFEST, SUMS})
UNFINISHED = ".unfinished-"
_BLOCK = tarfile.BLOCKSIZE
_PIECE = 1024 * 1024

HOW_TO_OPEN = """A backup of bonefit. "manage.py restore" puts it back; without bonefit:

  tar -xf THIS-FILE && sha256sum -c SHA256SUMS
  age -d -i KEY dump.age > dump                   (KEY: your key file, or key.age if it is here)
  age -d -i KEY documents.tar.age | tar -x
  age -d -i KEY manifest.json.age                 (versions, and the rows of each table)

In an empty database, as the superuser; the second line, since the app may only add to some tables:

  psql --dbname=... --file=bonefit/roles.sql
  psql --dbname=... --file=rights.sql
  pg_restore --no-owner --role=bonefit_owner --exit-on-error --dbname=... dump

seal.txt, if it is here, is the last seal of the audit: manage.py verify_audit --backup THIS-FILE
"""


class Draft:
    """A backup that is being written. Leaving the block before ``finish`` deletes it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.target = folder / name
        self.path = folder / f"{UNFINISHED}{name}"
        self.sums: dict[str, str] = {}
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # a full disk says so again when it is closed
                self._file.close()
        self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[Sink]:
        """A place to write one part to."""
        file = self._open
        start = file.tell()
        file.write(bytes(_BLOCK))
        sink = Sink(file)
        yield sink
        file.write(bytes(-sink.size % _BLOCK))
        end = file.tell()
        info = tarfile.TarInfo(name)
        info.size, info.mode = sink.size, 0o600
        file.seek(start)
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.seek(end)
        self.sums[name] = sink.sha256

    def add(self, name: str, data: bytes) -> None:
        """One part that is there already."""
        with self.part(name) as sink:
            sink.write(data)

    def finish(self) -> int:
        """The sums, then onto the disk, then under its name. Returns the size in bytes."""
        lines = "".join(f"{value}  {name}\n" for name, value in self.sums.items())
        self.add(SUMS, lines.encode())
        file = self._open
        file.write(bytes(2 * _BLOCK))
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
        if self.target.exists():
            raise BackupError(f"There is a backup named {self.target.name} already.")
        self.path.rename(self.target)
        folder = os.open(self.target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return size

    @property
    def _open(self) -> IO[bytes]:
        if self._file is None:
            raise BackupError("The backup is not open.")
        return self._file


class Whole:
    """A finished backup, opened to be read. ``check`` needs no key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with tarfile.open(path, "r:") as tar:
                self._parts = {one.name: (one.offset_data, one.size) for one in tar}
            self.size = path.stat().st_size
        except tarfile.TarError as error:
            raise self._damaged() from error
        except OSError as error:
            raise BackupError(f"{path.name} cannot be read: {error.strerror}.") from error
        if not self._parts.keys() >= NEEDED:
            raise self._damaged()

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    @contextlib.contextmanager
    def part(self, name: str) -> Iterator[Source]:
        """One part, from its beginning to its end."""
        start, size = self._parts[name]
        with self.path.open("rb") as file:
            file.seek(start)
            yield Source(file, size)

    def read(self, name: str) -> bytes:
        """A small part as a whole."""
        with self.part(name) as source:
            return source.read()

    def check(self) -> None:
        """Compare every part with its sum. Raises BackupError where one was changed or cut off."""
        lines = self.read(SUMS).decode(errors="replace").removesuffix("\n").split("\n")
        sums = {name: value for value, _, name in (line.partition("  ") for line in lines)}
        if sums.keys() != self._parts.keys() - {SUMS}:
            raise self._damaged()
        for name, said in sums.items():
            with self.part(name) as source:
                while source.read(_PIECE):
                    pass
            if source.left or source.sha256 != said:
                raise self._damaged(f": {name} is not what was written")

    def _damaged(self, more: str = "") -> BackupDamaged:
        return BackupDamaged(f"{self.path.name} is cut short, damaged, or no backup{more}.")
