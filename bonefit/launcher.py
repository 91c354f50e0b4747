"""Start everything that ``make run`` promises, watch it, and stop it all together."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

import psycopg

from bonefit import env
from bonefit.embedded import DATABASE, Cluster, EmbeddedError
from bonefit.leash import leashed
from bonefit.paths import BASE_DIR, var_dir

SETTINGS = "bonefit.demo.settings"
WEB_WORKERS, WEB_THREADS = 2, 4
#: A busy machine has long to do with three starts of Python; one that fails is noticed at once.
SECONDS_TO_ANSWER = 180
SECONDS_TO_STOP = 15
# What a run leaves in var/, and make reset takes away. Anything else there is not ours.
MADE_BY_US = (
    "postgres",
    "broker",
    "mail",
    "log",
    "secret-key",
    "beat-schedule",
    "seeding",
    "documents",
    "scratch",
)


class StoppedError(Exception):
    """Something that was started did not work or ended. One sentence, and maybe its last words."""


class AskedToStop(BaseException):
    """Ctrl-C, a SIGTERM, or the terminal was closed."""


def say(line: str = "") -> None:
    """Print at once, also into a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Launcher:
    """One run: its cluster and its children."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}/"
        self.var = var_dir()
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.cluster: Cluster | None = None
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "VAR_DIR": str(self.var),
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }

    # --- up -------------------------------------------------------------------------------------
    def start(self) -> None:
        """Database, tables, demo clinics, processes; then say where it is."""
        began = time.monotonic()
        (self.var / "log").mkdir(mode=0o700, exist_ok=True)
        self._start_database()
        self._run_step("migrate", "migrate", "--no-input")
        if not self._has_clinics():
            self._seed()
        self._start_children()
        self._wait_until_it_answers()
        say(f"\nbonefit is at {self.address} (ready after {time.monotonic() - began:.0f} s)")
        self._say_who_is_there()
        say(f"\nLogs are in {self.var / 'log'}. Ctrl-C stops everything.")

    def _start_database(self) -> None:
        if "DATABASE_URL" in self.environment:
            say("Using the database of DATABASE_URL.")
            return
        say("Starting PostgreSQL …")
        cluster = Cluster(self.var / "postgres")
        cluster.acquire(dies_with_us=True)
        self.cluster = cluster
        self.environment["DATABASE_URL"] = cluster.url("bonefit_app")
        self.environment["DATABASE_OWNER_URL"] = cluster.url("bonefit_owner")
        self.environment["DATABASE_BACKUP_URL"] = cluster.url("bonefit_backup")
        if self._seeding.exists():
            say("The first start was interrupted, so the demo clinics are made from the beginning.")
            cluster.drop_database(DATABASE)
            cluster.prepare()
            self._seeding.unlink()

    @property
    def _seeding(self) -> Path:
        """There while the demo clinics are being made: half of them is not a demo."""
        return self.var / "seeding"

    def _seed(self) -> None:
        say("Making the demo clinics …")
        if self.cluster is not None:
            self._seeding.touch()
        self._run_step("seed_demo", "seed_demo")
        self._seeding.unlink(missing_ok=True)

    def _has_clinics(self) -> bool:
        address = env.database(self.environment["DATABASE_URL"])
        with psycopg.connect(
            host=address["HOST"] or None,
            port=address["PORT"] or None,
            user=address["USER"] or None,
            password=address["PASSWORD"] or None,
            dbname=address["NAME"],
            **address["OPTIONS"],
        ) as connection:
            found = connection.execute("SELECT EXISTS (SELECT FROM clinics_clinic)").fetchone()
        return bool(found and found[0])

    def _run_step(self, name: str, *arguments: str) -> None:
        """One management command; what it says goes to its log, and on failure to the terminal."""
        child = self._spawn(name, ["manage.py", *arguments])
        try:
            status = child.wait()
        except BaseException:
            child.kill()
            child.wait()
            raise
        if status != 0:
            raise StoppedError(f"manage.py {name} failed.{self._last_words(name)}")

    def _start_children(self) -> None:
        gunicorn = ["-m", "gunicorn", "bonefit.wsgi:application"]
        gunicorn += ["--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread"]
        gunicorn += ["--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
        gunicorn += ["--keep-alive", "75", "--no-control-socket"]
        celery = ["-m", "celery", "--app", "bonefit"]
        worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"]
        worker += ["--without-gossip", "--without-mingle"]
        beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile="]
        for name, command in (("web", gunicorn), ("worker", worker), ("beat", beat)):
            self.children[name] = self._spawn(name, command)

    def _spawn(self, name: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """A child in a process group of its own: Ctrl-C is for us, and we stop all in order."""
        with (self.var / "log" / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                leashed([sys.executable, *arguments], signal.SIGTERM),
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_until_it_answers(self) -> None:
        # No proxy is asked: the site is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        give_up = time.monotonic() + SECONDS_TO_ANSWER
        while time.monotonic() < give_up:
            self._check_children()
            try:
                with opener.open(f"{self.address}healthz/", timeout=10):
                    return
            except urllib.error.HTTPError as error:
                error.close()
                raise StoppedError(
                    f"The site answers with an error {error.code}.{self._last_words('web')}"
                ) from error
            except OSError:
                time.sleep(0.1)
        raise StoppedError(f"The site does not answer.{self._last_words('web')}")

    def _say_who_is_there(self) -> None:
        from bonefit.demo.people import PEOPLE

        say("\nLog in there with one tap as")
        for person in PEOPLE:
            say(f"  {person.name}, {person.role}, {person.clinic}: {person.sees}")

    # --- watch ----------------------------------------------------------------------------------
    def watch(self) -> NoReturn:
        """Until asked to stop, or until a child ends by itself."""
        while True:
            self._check_children()
            time.sleep(0.2)

    def _check_children(self) -> None:
        for name, child in self.children.items():
            if child.poll() is not None:
                raise StoppedError(
                    f"The {name} process ended by itself, so everything stops."
                    f"{self._last_words(name)}"
                )

    def _last_words(self, name: str) -> str:
        log = self.var / "log" / f"{name}.log"
        lines = log.read_text(errors="replace").strip().splitlines()[-15:]
        return "".join(f"\n  {name}: {line}" for line in lines) + f"\nThe whole log is {log}."

    # --- down -----------------------------------------------------------------------------------
    def stop(self) -> None:
        """End every child and wait for it; the database last."""
        for child in self.children.values():
            child.terminate()
        give_up = time.monotonic() + SECONDS_TO_STOP
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, give_up - time.monotonic()))
            # What it started itself is in its group, and may have outlived it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        if self.cluster is not None:
            self.cluster.release()


def _ask_to_stop(signum: int, frame: FrameType | None) -> NoReturn:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # we are stopping: once is enough
    raise AskedToStop


def run() -> None:
    """``make run``."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _ask_to_stop)
    launcher = Launcher(int(os.environ.get("PORT") or "8000"))
    problem = ""
    try:
        launcher.start()
        launcher.watch()
    except AskedToStop:
        say("\nStopping …")
    except (StoppedError, EmbeddedError) as error:
        problem = str(error)
    except psycopg.Error as error:
        problem = f"The database of DATABASE_URL cannot be used: {str(error).splitlines()[0]}"
    finally:
        launcher.stop()
    if problem:
        sys.exit(problem)
    say("Everything has stopped.")


def reset() -> None:
    """``make reset``: delete the demo's data, after asking."""
    var = var_dir()
    if "DATABASE_URL" in os.environ:
        say("DATABASE_URL is set: that database is yours and stays as it is.")
    if os.environ.get("YES") != "1":
        say(f"This deletes the demo's database, papers, mail, queue, logs and key in {var}.")
        say("Type yes to go on:")
        if sys.stdin.readline().strip().lower() != "yes":
            sys.exit("Nothing was deleted.")
    try:
        cluster = Cluster(var / "postgres")
        if cluster.folder.exists():
            cluster.release()  # a server that nobody uses any more is stopped first
            cluster.remove()
    except EmbeddedError as error:
        sys.exit(str(error))
    for name in MADE_BY_US:
        for path in var.glob(f"{name}*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    say("The demo's data is gone. make run starts over.")


if __name__ == "__main__":
    reset() if sys.argv[1:] == ["reset"] else run()
