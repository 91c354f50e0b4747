"""The folder of uploaded documents, as one tar: into a backup, and out of it again."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from .container import PAPERS, Draft, Whole
from .errors import BackupDamaged, BackupError
from .keys import Sealing, decrypt, encrypt
from .streams import Sink, Source

#: In the folder itself, so that a volume of its own can be restored: out of the way, then renamed.
ARRIVING, BEFORE = ".restoring", ".before-"


@dataclass(frozen=True)
class Papers:
    """What was packed or unpacked; ``sha256`` is of the tar."""

    files: int
    size: int
    sha256: str


def inside(folder: Path) -> Iterator[Path]:
    """The files of a folder, from its root, in the order of their names; hidden ones are not ours.

    Raises BackupError at a link to a folder: what is behind it would silently be left out.
    """
    for where, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(one for one in folders if one != "lost+found" and one[0] != ".")
        for one in folders:
            if Path(where, one).is_symlink():
                raise BackupError("The folder of documents holds a link to another folder.")
        for one in sorted(files):
            if one[0] != ".":
                yield Path(where, one).relative_to(folder)


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # nobody has uploaded anything yet
        raise error


def pack(folder: Path, draft: Draft, to: Sealing) -> Papers:
    """Write the documents into a backup, encrypted on the way."""
    taken = [0, 0]

    def write(out: IO[bytes]) -> None:
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for name in inside(folder):
                try:
                    file = (folder / name).open("rb")
                except FileNotFoundError:
                    continue  # a file of figures whose time was up
                with file:
                    info = tarfile.TarInfo(name.as_posix())
                    status = os.fstat(file.fileno())
                    info.size, info.mode, info.mtime = status.st_size, 0o600, status.st_mtime
                    tar.addfile(info, file)
                taken[0] += 1
                taken[1] += status.st_size

    with draft.part(PAPERS) as sink, _pipe() as (reading, writing), _aside() as aside:
        packing = aside.submit(_and_close, write, writing)
        source = Source(reading)
        try:
            encrypt(source, sink, to)
        except BaseException:
            reading.close()  # the other end sees that nobody reads any more
            raise
        packing.result()
    return Papers(taken[0], taken[1], source.sha256)


def unpack(whole: Whole, keys: Sequence[Any], target: Path | None) -> tuple[Papers, set[str]]:
    """Read the documents of a backup, and write them into ``target`` if there is one.

    Returns what it was and the names of the files. Raises BackupError for a part that is damaged.
    """
    names: set[str] = set()
    size = 0
    with whole.part(PAPERS) as source, _pipe() as (reading, writing), _aside() as aside:
        sink = Sink(writing)
        opening = aside.submit(_and_close, lambda _: decrypt(source, sink, keys), writing)
        try:
            with tarfile.open(fileobj=reading, mode="r|") as tar:
                for member in tar:
                    name = _checked(member)
                    if target is not None:
                        _write(tar.extractfile(member), target / name, member)
                    names.add(name.as_posix())
                    size += member.size
            while reading.read(1024 * 1024):
                pass
        except tarfile.TarError as error:
            reading.close()
            opening.result()  # its own error says more
            raise BackupDamaged("The documents in the backup are damaged.") from error
        except BaseException:
            reading.close()
            raise
        opening.result()
    return Papers(len(names), size, sink.sha256), names


def _checked(member: tarfile.TarInfo) -> PurePosixPath:
    name = PurePosixPath(member.name)
    if not member.isreg() or name.is_absolute() or ".." in name.parts:
        raise BackupError("The backup holds a document whose name leads out of its folder.")
    return name


def _write(data: IO[bytes] | None, path: Path, member: tarfile.TarInfo) -> None:
    assert data is not None  # a regular file has contents
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(data, file, 1024 * 1024)
        os.fsync(file.fileno())
    os.utime(path, (member.mtime, member.mtime))


# --- into their place -----------------------------------------------------------------------------


def arriving(folder: Path, *, replace: bool) -> Path:
    """An empty place inside the folder of documents, which must be empty unless ``replace``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not replace and next(inside(folder), None) is not None:
        raise BackupError(
            "The folder of documents is not empty: say --replace to put what is there aside."
        )
    place = folder / ARRIVING
    shutil.rmtree(place, ignore_errors=True)  # of a restore that was killed
    place.mkdir(mode=0o700)
    return place


def swap(folder: Path, stamp: str) -> Path | None:
    """Put what has arrived into its place. What was there is kept aside; where, is returned."""
    aside = folder / f"{BEFORE}{stamp}"
    old = [one for one in folder.iterdir() if one.name[0] != "." and one.name != "lost+found"]
    if old:
        aside.mkdir(mode=0o700)
    for one in old:
        one.rename(aside / one.name)
    place = folder / ARRIVING
    for one in place.iterdir():
        one.rename(folder / one.name)
    place.rmdir()
    return aside if old else None


# --- two ends of a pipe ---------------------------------------------------------------------------


class _pipe:
    def __enter__(self) -> tuple[IO[bytes], IO[bytes]]:
        reading, writing = os.pipe()
        self.ends = os.fdopen(reading, "rb"), os.fdopen(writing, "wb")
        return self.ends

    def __exit__(self, *_: object) -> None:
        self.ends[0].close()
        if not self.ends[1].closed:
            _close(self.ends[1])


def _aside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "bonefit-backup")


def _and_close(do: Callable[[IO[bytes]], None], end: IO[bytes]) -> None:
    """So that the other end sees the end of it, whatever happens."""
    try:
        do(end)
        end.flush()
    finally:
        _close(end)


def _close(end: IO[bytes]) -> None:
    try:
        end.close()
    except BrokenPipeError:
        end.close()  # what could not be flushed is gone; now it closes
