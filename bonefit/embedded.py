"""A PostgreSQL of our own, for ``make run`` and ``make test``, from the binaries in a wheel.

It listens on a Unix socket in a folder that only we can enter, and on no network port. It runs
while someone uses it: each user holds a shared lock, and the last one to leave stops the server.
The wheel's own Python wrapper would make every parent folder of the data readable to all when root
runs it, and keep a lock in the shared temporary folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from bonefit.leash import leashed
from bonefit.wheel import (
    NAMESPACE,
    VERSION,
    EmbeddedError,
    binaries,
    exists,
    is_private,
    namespace_allowed,
)

DATABASE = "bonefit"
ROLES_SQL = Path(__file__).with_name("roles.sql")
# A socket's whole path has room for 103 bytes on macOS and 107 on Linux; this leaves space for
# "/bonefit-xxxxxxxx/.s.PGSQL.5432".
LONGEST_TEMPORARY_FOLDER = 60
#: After a crash it reads its log first; a start that fails is noticed at once.
SECONDS_TO_START = 180
SECONDS_TO_STOP = 30


class Cluster:
    """One PostgreSQL server with its data in ``folder``.

    ``for_tests`` trades safety on a power cut for speed. Use :meth:`using`, or :meth:`acquire` and
    :meth:`release`.
    """

    def __init__(self, folder: Path, *, for_tests: bool = False) -> None:
        self.folder = folder.resolve()
        self.for_tests = for_tests
        self._users: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    # --- where things are -----------------------------------------------------------------------
    @property
    def outside_folder(self) -> Path:
        """Where the data is when root may not make a user namespace: nobody's, and private."""
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path("/var/lib") / f"bonefit-{name}"

    @property
    def home(self) -> Path:
        """The folder that holds ``data``: ours, or the one outside."""
        return self.outside_folder if self._needs_other_user() else self.folder

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """What the server has to say."""
        return self.folder / "server.log"

    def url(self, role: str = "bonefit_app", database: str = DATABASE) -> str:
        """The address of ``database`` for ``role``."""
        return f"postgresql://{role}@/{database}?host={quote(str(self._socket_folder()), safe='/')}"

    def connect(
        self, role: str = "postgres", database: str = "postgres"
    ) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection in autocommit mode. By default the superuser's."""
        return psycopg.connect(
            host=str(self._socket_folder()), user=role, dbname=database, autocommit=True
        )

    # --- using it -------------------------------------------------------------------------------
    @contextlib.contextmanager
    def using(self) -> Iterator[Cluster]:
        """The server runs inside this block, and after it only if someone else uses it."""
        self.acquire()
        try:
            yield self
        finally:
            self.release()

    def acquire(self, *, dies_with_us: bool = False) -> None:
        """Start the server unless it runs, and count us as a user of it.

        With ``dies_with_us`` a server that we start also stops when this process is killed (Linux).
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._one_at_a_time():
                if not self.is_running():
                    self._start(dies_with_us)
                self._users = (self.folder / "users").open("a")
                fcntl.flock(self._users, fcntl.LOCK_SH)
        except OSError as error:
            raise EmbeddedError(
                f"PostgreSQL cannot start in {self.folder}: {error.strerror or error}."
            ) from error

    def release(self) -> None:
        """Stop using the server. Whoever is last stops it."""
        with self._one_at_a_time():
            if self._users is not None:
                self._users.close()
                self._users = None
            if self._process is not None:
                self._process.poll()  # it may have crashed, and then nobody else will ask
            with (self.folder / "users").open("a") as users:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return  # someone else still works with it
                self._stop()

    def is_running(self) -> bool:
        """Does a server answer on our socket?"""
        pid = self._server_pid()
        if pid is None:
            return False
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def make_database(self, name: str, *, template: str = "template1") -> None:
        """A new database as a copy of ``template``, which nobody may be connected to."""
        statement = "CREATE DATABASE {} TEMPLATE {} OWNER bonefit_owner"
        with self.connect() as connection:
            connection.execute(
                sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(template))
            )
        with self.connect(database=name) as connection:
            connection.execute(ROLES_SQL.read_bytes())

    def drop_database(self, name: str) -> None:
        """Drop a database with all that is in it, whoever is connected to it."""
        statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
        with self.connect() as connection:
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))

    def has_database(self, name: str) -> bool:
        """Is there a database of that name?"""
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        with self.connect() as connection:
            return connection.execute(query, [name]).fetchone() is not None

    def remove(self) -> None:
        """Delete the data for good. Refuses while the server runs."""
        if self._server_pid() is not None:
            raise EmbeddedError(f"PostgreSQL still runs in {self.folder}: stop it first.")
        if self.home != self.folder:
            shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- starting -------------------------------------------------------------------------------
    def _start(self, dies_with_us: bool) -> None:
        if self.home != self.folder:
            self._make_outside_folder()
        if not self.data.exists():
            self._initialise()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != VERSION:
            raise EmbeddedError(
                f"{self.data} was made by PostgreSQL {version} and this is {VERSION}: "
                "dump it with the old one, or start over with make reset."
            )
        self._forget_stale_pid()
        sockets = self._make_socket_folder()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A failed statement and the DETAIL of an error hold values, and values are health data.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if self.for_tests:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        command = [*self._prefix(), str(self._binary("postgres")), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                leashed(command, signal.SIGINT) if dies_with_us else command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for us to handle, in order
                **self._popen_options(),
            )
        self._wait_until_it_answers()
        self.prepare()

    def _initialise(self) -> None:
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)  # of a start that was killed half-way
        command = [*self._prefix(), str(self._binary("initdb"))]
        command += ["-D", str(unfinished), "-U", "postgres"]
        # PostgreSQL's own C.UTF-8 sorts the same on every system, whatever locales it has.
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin"]
        command += ["--builtin-locale=C.UTF-8", "--auth=trust"]
        if self.for_tests:
            command.append("--no-sync")
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            **self._popen_options(),
        )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise EmbeddedError(f"PostgreSQL could not be set up: {said[-1] if said else 'why?'}")
        unfinished.rename(self.data)

    def prepare(self) -> None:
        """Make the database ``bonefit`` and the three roles where they are missing."""
        if not self.has_database(DATABASE):
            with self.connect() as connection:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with self.connect(database=DATABASE) as connection:
            connection.execute(ROLES_SQL.read_bytes())

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        give_up = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                said = self.log.read_text(errors="replace").strip().splitlines()
                raise EmbeddedError(f"PostgreSQL did not start: {said[-1] if said else 'why?'}")
            if self.is_running():
                return
            time.sleep(0.05)
        self._stop()
        raise EmbeddedError(f"PostgreSQL did not answer within {SECONDS_TO_START} seconds.")

    # --- stopping -------------------------------------------------------------------------------
    def _stop(self) -> None:
        pid = self._server_pid()
        if pid is not None:
            os.kill(pid, signal.SIGINT)  # "fast": open connections are ended, nothing is lost
            if not self._gone(pid, SECONDS_TO_STOP):
                os.kill(pid, signal.SIGQUIT)  # "immediate": recovers from its log at the next start
                self._gone(pid, SECONDS_TO_STOP)
        sockets = self._socket_folder()
        (self.folder / "socket-folder").unlink(missing_ok=True)
        if sockets != self.folder:
            shutil.rmtree(sockets, ignore_errors=True)

    def _gone(self, pid: int, seconds: float) -> bool:
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            if self._process is not None and self._process.pid == pid:
                if self._process.poll() is not None:
                    self._process = None
                    return True
            elif not exists(pid):
                return True
            time.sleep(0.02)
        return False

    # --- the server's process -------------------------------------------------------------------
    def _server_pid(self) -> int | None:
        """The running server's process id; none if the file that says so is stale."""
        pid = self._recorded_pid()
        if pid is None or not exists(pid) or not self._is_our_server(pid):
            return None
        return pid

    def _recorded_pid(self) -> int | None:
        try:
            first = (self.data / "postmaster.pid").read_text().splitlines()[0]
        except (FileNotFoundError, IndexError):
            return None
        return int(first) if first.isdecimal() else None

    def _is_our_server(self, pid: int) -> bool:
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
        except FileNotFoundError:  # no /proc here: macOS
            command = subprocess.run(
                ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, check=False
            ).stdout
        return b"postgres" in command and os.fsencode(self.data) in command

    def _forget_stale_pid(self) -> None:
        """After a crash the recorded number may belong to another process by now.

        PostgreSQL would then take that process for a server and refuse to start. Where no process
        has the number it sees for itself that the file is stale.
        """
        pid = self._recorded_pid()
        if pid is not None and exists(pid) and not self._is_our_server(pid):
            (self.data / "postmaster.pid").unlink()

    # --- the socket's folder --------------------------------------------------------------------
    def _socket_folder(self) -> Path:
        try:
            return Path((self.folder / "socket-folder").read_text())
        except FileNotFoundError:
            return self.folder  # never started: connecting there fails, and says where it looked

    def _make_socket_folder(self) -> Path:
        """A new private folder with a short path, recorded beside the data."""
        temporary = tempfile.gettempdir()
        if len(os.fsencode(temporary)) > LONGEST_TEMPORARY_FOLDER:
            temporary = "/tmp"
        old = self._socket_folder()
        if old != self.folder and is_private(old):
            shutil.rmtree(old, ignore_errors=True)
        made = Path(tempfile.mkdtemp(prefix="bonefit-", dir=temporary))
        self._give_to_server(made)
        (self.folder / "socket-folder").write_text(str(made))
        return made

    # --- as whom it runs ------------------------------------------------------------------------
    def _needs_other_user(self) -> bool:
        if os.geteuid() != 0:
            return False
        if not hasattr(self, "_namespace"):
            self._namespace = namespace_allowed()
        return not self._namespace

    def _prefix(self) -> Sequence[str]:
        if os.geteuid() == 0 and not self._needs_other_user():
            return NAMESPACE
        return ()

    def _popen_options(self) -> dict[str, Any]:
        # Nothing of our environment (secrets, PG* variables) is the server's business.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        options: dict[str, Any] = {"env": environment, "cwd": self.home}
        if self._needs_other_user():
            nobody = pwd.getpwnam("nobody")
            options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        return options

    def _give_to_server(self, path: Path) -> None:
        if self._needs_other_user():
            nobody = pwd.getpwnam("nobody")
            os.chown(path, nobody.pw_uid, nobody.pw_gid)

    def _make_outside_folder(self) -> None:
        """Data and a copy of the binaries: nobody may not enter a clone that is private."""
        if self.home.exists():
            return
        install, package = binaries().parent, binaries().parents[1]
        self.home.mkdir(mode=0o700)
        (self.home / package.name).mkdir()
        (self.home / package.name).chmod(0o755)
        shutil.copytree(install, self.home / package.name / install.name, symlinks=True)
        libraries = package.with_suffix(".libs")  # shared libraries, found relative to the binaries
        if libraries.exists():
            shutil.copytree(libraries, self.home / libraries.name)
        self._give_to_server(self.home)
        sys.stderr.write(
            "PostgreSQL will not run as root and this system allows no user namespace, "
            f"so the data is in {self.home}, which belongs to the user nobody.\n"
        )

    def _binary(self, name: str) -> Path:
        if self._needs_other_user():
            return self.home / binaries().relative_to(binaries().parents[2]) / name
        return binaries() / name

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
