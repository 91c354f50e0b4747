"""Make ``.venv`` and put the locked dependencies in it. Standard library only."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bonefit.paths import BASE_DIR

VENV = BASE_DIR / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed-locks.json"


class InstallError(Exception):
    """The dependencies cannot be installed. One sentence for the person who ran it."""


def ensure(*locks: str) -> Path:
    """``.venv``'s Python, with what ``locks`` list. Does nothing when that is already so.

    The last of ``locks`` is what is installed; it lists all that the ones before it list.
    """
    wanted = {lock: hashlib.sha256((BASE_DIR / lock).read_bytes()).hexdigest() for lock in locks}
    folder = os.open(BASE_DIR, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # one install at a time
        installed = _installed()
        if _works() and installed.items() >= wanted.items():
            return PYTHON
        sys.stdout.write(f"Installing {locks[-1]} into .venv …\n")
        sys.stdout.flush()
        _install(locks[-1])
        INSTALLED.write_text(json.dumps(installed | wanted, indent=2))
    except OSError as error:
        raise InstallError(f"bonefit cannot install into {VENV}: {error.strerror}.") from error
    finally:
        os.close(folder)
    return PYTHON


def _installed() -> dict[str, str]:
    try:
        found = json.loads(INSTALLED.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _works() -> bool:
    """Is there a Python in ``.venv`` that starts and is new enough? A system update can take it."""
    return PYTHON.exists() and _quietly(
        str(PYTHON), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"
    )


def _install(lock: str) -> None:
    uv = shutil.which("uv")
    if uv is not None and not _quietly(uv, "--version"):
        uv = None  # a shim that leads nowhere
    has_pip = uv is not None or _quietly(str(PYTHON), "-m", "pip", "--version")
    if not _works() or not has_pip:
        if VENV.is_symlink() or VENV.is_file():
            raise InstallError(f"{VENV} is not a folder with a working Python in it: remove it.")
        shutil.rmtree(VENV, ignore_errors=True)
        make = [uv, "venv", "--quiet", "--python", sys.executable] if uv else _python("venv")
        _run([*make, str(VENV)], _HOW_TO_GET_VENV if uv is None else "uv could not make .venv.")
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--require-hashes", "--requirement", lock]
    _run(command, f"The dependencies in {lock} could not be installed; the reason is above.")


_HOW_TO_GET_VENV = (
    "python3 -m venv does not work here. On Debian and Ubuntu: apt install python3-venv; "
    "or install uv, which is used when it is there."
)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _quietly(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _run(command: list[str], sentence: str) -> None:
    if subprocess.run(command, cwd=BASE_DIR, check=False).returncode != 0:
        raise InstallError(sentence)
