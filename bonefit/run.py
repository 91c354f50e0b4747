"""``make run``, ``make reset`` and the install behind ``make test``: what can be checked at once.

Runs under whatever Python there is, so this file keeps to syntax that an old one can read, and says
what is wrong before anything slow begins. Then ``bonefit.launcher`` takes over, in ``.venv``.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the one place that an older Python reaches
    sys.exit(
        f"bonefit needs Python 3.11 or newer, and {sys.executable} is Python "
        f"{sys.version_info[0]}.{sys.version_info[1]}: install a newer one, or say which with "
        "make run PYTHON=/path/to/python3."
    )

import errno
import fcntl
import os
import socket

from bonefit import installing
from bonefit.paths import BASE_DIR, var_dir

RUNTIME = ("requirements.txt",)
TESTS = ("requirements.txt", "tests/requirements.txt")


def port() -> int:
    """``PORT``, else 8000."""
    value = os.environ.get("PORT") or "8000"
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535, not {value!r}.")
    return int(value)


def check_var() -> None:
    """The folder for everything that is written exists and lets us write."""
    var = var_dir()
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = var / ".may-we-write"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        sys.exit(
            f"bonefit cannot write in {var}: {error.strerror}. Or set VAR_DIR to another folder."
        )


def take_lock() -> int:
    """Hold ``var/run.lock`` until this process ends, across ``exec``. Returns its descriptor."""
    descriptor = os.open(var_dir() / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        address = os.read(descriptor, 200).decode() or "an address it has not said yet"
        sys.exit(
            f"bonefit already runs here, at {address}. Stop it first, with Ctrl-C where it runs."
        )
    os.ftruncate(descriptor, 0)
    os.set_inheritable(descriptor, True)
    return descriptor


def check_port(number: int) -> None:
    """Nobody else listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the web server does
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"is no use: {error.strerror}"
            sys.exit(f"Port {number} {why}. Choose another one: make run PORT={number % 65535 + 1}")


def hand_over(command: str, lock: int) -> None:
    """Become the launcher, under the Python in ``.venv``. The lock stays held."""
    python = installing.ensure(*RUNTIME)
    os.environ["BONEFIT_LOCK"] = str(lock)
    os.chdir(BASE_DIR)
    os.execv(python, [str(python), "-m", "bonefit.launcher", command])


def main() -> None:
    """``run``, ``reset`` or ``install-tests``."""
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if command == "install-tests":
            installing.ensure(*TESTS)
        elif command in ("run", "reset"):
            check_var()
            lock = take_lock()
            if command == "run":
                os.write(lock, f"http://127.0.0.1:{port()}/".encode())
                check_port(port())
            hand_over(command, lock)
        else:
            sys.exit("Say python3 -m bonefit.run run, reset or install-tests; or use make help.")
    except installing.InstallError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
