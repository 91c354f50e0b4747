"""Run a command that ends with its parent: ``python leash.py PARENT SIGNAL COMMAND…``.

Linux sends SIGNAL to this process when its parent is gone, even by SIGKILL, and keeps the promise
across ``exec``. Elsewhere the command just runs. A file of its own, because the same call between
fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leashed(command: list[str], by: signal.Signals) -> list[str]:
    """``command``, to be started by this process and to get ``by`` when this process is gone."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(by)), *command]


def main() -> None:
    """Put on the leash, then become the command."""
    parent, by, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by, 0, 0, 0)
        if os.getppid() != parent:  # gone before we asked
            sys.exit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
