"""``make run`` in a copy of the clone: it starts all, says what is wrong, and leaves nothing."""

from __future__ import annotations

import ast
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bonefit.embedded import Cluster
from bonefit.paths import BASE_DIR
from tests.servers import answers, environment

pytestmark = pytest.mark.xdist_group("make-run")
COPIED = ("bonefit", "programs", "sessions", "static", "templates", "tests")
FILES = ("manage.py", "Makefile", "requirements.txt", "pyproject.toml")
SECONDS = 300  # a limit for a machine that is busy, not a promise
#: Below those that a system gives to whoever asks for any: such a one could be another test's when
#: the site begins.
PORTS = range(20_000, 30_000)


class Clone:
    """A copy of this clone with data of its own, and with this one's ``.venv``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.running: subprocess.Popen[bytes] | None = None
        without = shutil.ignore_patterns("__pycache__", "*.pyc")
        for name in COPIED:
            shutil.copytree(BASE_DIR / name, folder / name, ignore=without)
        for name in FILES:
            shutil.copy(BASE_DIR / name, folder / name)
        (folder / ".venv").symlink_to(sys.prefix)
        self.port = next(filter(is_free, random.sample(PORTS, 100)))
        self.url = f"http://127.0.0.1:{self.port}/"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder / "var" / "postgres")

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in environment().items() if "MAKE" not in name}
        del kept["SECRET_KEY"]
        return {**kept, "PORT": str(self.port), "PYTHON": sys.executable, **more}

    def make(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run make to its end."""
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            input="",
        )

    def start(self) -> None:
        """``make run`` as in a terminal of its own, until it says where the site is."""
        with self.output.open("wb") as output:
            self.running = subprocess.Popen(
                ["make", "run"],
                cwd=self.folder,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        wait_until(lambda: "Ctrl-C stops everything" in self.said or self.has_ended(), self)
        assert not self.has_ended(), self.said

    def has_ended(self) -> bool:
        return self.running is not None and self.running.poll() is not None

    @property
    def said(self) -> str:
        return self.output.read_text()

    def press_ctrl_c(self) -> None:
        """A terminal sends the signal to make and to what make started alike."""
        assert self.running
        os.killpg(self.running.pid, signal.SIGINT)
        self.running.wait(SECONDS)

    def processes(self) -> list[str]:
        """All processes of this clone: they have its path in their command line."""
        listed = subprocess.run(
            ["ps", "-eww", "-o", "pid=,args="], capture_output=True, text=True, check=True
        ).stdout
        return [line for line in listed.splitlines() if str(self.folder) in line]

    def process(self, word: str) -> int:
        """The number of the oldest process with ``word`` in its command line."""
        return min(int(line.split()[0]) for line in self.processes() if word in line)


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until(done: Callable[[], bool], clone: Clone) -> None:
    give_up = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < give_up, (clone.said, clone.processes())
        time.sleep(0.1)


def nothing_runs(clone: Clone) -> None:
    """What was killed may be listed a moment longer."""
    wait_until(lambda: clone.processes() == [], clone)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    private = tmp_path_factory.mktemp("a folder with spaces")
    private.chmod(0o700)
    long = private / (" a clone under a path too long for a socket" * 3).strip()
    long.mkdir()
    return Clone(long)


@pytest.fixture
def clone(folder: Clone) -> Iterator[Clone]:
    yield folder
    if folder.running is not None and folder.running.poll() is None:
        os.killpg(folder.running.pid, signal.SIGTERM)
        folder.running.wait(SECONDS)
    folder.running = None


def test_it_starts_the_site_says_who_is_there_and_ctrl_c_ends_it_all(clone: Clone):
    clone.start()
    assert answers(f"{clone.url}healthz/")
    from bonefit.demo.people import PEOPLE

    for person in PEOPLE:
        assert f"{person.name}, {person.role}, {person.clinic}: {person.sees}" in clone.said
    for program in ("postgres -D", "gunicorn", "worker", "beat"):
        assert clone.process(program)

    beside = clone.make("run")
    assert beside.returncode != 0
    assert f"bonefit already runs here, at {clone.url}. Stop it first" in beside.stderr
    refused = clone.make("reset", YES="1")
    assert refused.returncode != 0
    assert "already runs here" in refused.stderr

    clone.press_ctrl_c()
    assert "Everything has stopped." in clone.said
    assert "Traceback" not in clone.said
    nothing_runs(clone)


def test_a_second_start_keeps_all_data_and_a_killed_launcher_leaves_nothing_running(clone: Clone):
    clone.start()
    with clone.cluster.connect("bonefit_app", "bonefit") as app:
        app.execute("UPDATE clinics_organisation SET name = 'Kept over a restart'")
    clone.press_ctrl_c()

    clone.start()
    assert "Making the demo clinics" not in clone.said
    with clone.cluster.connect("bonefit_app", "bonefit") as app:
        names = app.execute("SELECT DISTINCT name FROM clinics_organisation").fetchall()
    assert names == [("Kept over a restart",)]

    os.kill(clone.process("bonefit.launcher"), signal.SIGKILL)
    nothing_runs(clone)


def test_after_that_it_starts_again_and_a_child_that_dies_ends_it_in_a_sentence(clone: Clone):
    clone.start()
    os.kill(clone.process("gunicorn"), signal.SIGKILL)
    wait_until(clone.has_ended, clone)
    assert clone.running
    assert clone.running.returncode != 0
    assert "The web process ended by itself, so everything stops." in clone.said
    assert "Traceback" not in clone.said
    nothing_runs(clone)


def test_with_a_database_and_a_queue_of_ones_own_nothing_embedded_starts(
    clone: Clone, redis_server: str, databases, seeded: str
):
    database = databases.clone(seeded, "of_ones_own")
    own = {**databases.environment(database), "REDIS_URL": redis_server}
    clone.environment = lambda **more: Clone.environment(clone, **own, **more)  # type: ignore[method-assign]
    before = set((clone.folder / "var" / "broker" / "messages").glob("*"))
    try:
        clone.start()
        assert answers(f"{clone.url}healthz/")
        assert [line for line in clone.processes() if "postgres" in line] == []
        assert set((clone.folder / "var" / "broker" / "messages").glob("*")) == before
        clone.press_ctrl_c()
    finally:
        del clone.environment
    nothing_runs(clone)


def test_reset_asks_and_then_starts_over(clone: Clone):
    unsure = clone.make("reset")
    assert unsure.returncode != 0
    assert "Nothing was deleted." in unsure.stderr
    assert clone.cluster.data.exists()

    assert clone.make("reset", YES="1").returncode == 0
    left = {path.name for path in (clone.folder / "var").iterdir()}
    assert left <= {"run.lock"}


def test_a_taken_port_is_one_sentence(clone: Clone):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", clone.port))
        taken.listen()
        done = clone.make("run")
    assert done.returncode != 0
    assert f"Port {clone.port} is taken. Choose another one: make run PORT=" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Starting" not in done.stdout


@pytest.mark.parametrize("port", ["0", "http", "65536"])
def test_a_port_that_is_none_is_one_sentence(clone: Clone, port: str):
    done = clone.make("run", PORT=port)
    assert done.returncode != 0
    assert f"PORT must be a number from 1 to 65535, not '{port}'." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(clone: Clone):
    in_the_way = clone.folder / "in-the-way"
    in_the_way.write_text("a file, so that not even root can make a folder here")
    done = clone.make("run", VAR_DIR=str(in_the_way))
    assert done.returncode != 0
    assert f"bonefit cannot write in {in_the_way}: File exists." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_is_a_sentence(clone: Clone):
    nowhere = f"postgresql://app@/bonefit?host={clone.folder}"
    done = clone.make("run", DATABASE_URL=nowhere)
    assert done.returncode != 0
    assert "manage.py migrate failed." in done.stderr
    assert "launcher.py" not in done.stderr
    nothing_runs(clone)


def test_a_python_that_is_too_old_is_one_sentence():
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 18, 'final', 0);"
        "sys.argv = ['run', 'run']; runpy.run_module('bonefit.run', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=BASE_DIR, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "bonefit needs Python 3.11 or newer, and" in done.stderr
    assert "is Python 3.9" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["run.py", "__init__.py"])
def test_an_old_python_can_read_what_it_reads_before_that_sentence(name: str):
    source = (BASE_DIR / "bonefit" / name).read_text()
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__" not in source


def test_make_without_any_python_is_one_sentence(clone: Clone):
    done = clone.make("run", "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert "there is no python-that-is-not-there here." in done.stderr


def test_make_with_a_python_2_is_one_sentence(clone: Clone):
    old = clone.folder / "python2"
    old.write_text("#!/bin/sh\nexit 1  # as a Python 2 ends that is asked whether it is one\n")
    old.chmod(0o700)
    done = clone.make("run", f"PYTHON={old}")
    assert done.returncode != 0
    assert f"bonefit needs Python 3.11 or newer, and {old} is Python 2." in done.stderr


def test_the_dependencies_are_installed_once(clone: Clone):
    first = clone.make("reset", YES="1")
    second = clone.make("reset", YES="1")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "Installing" not in second.stdout
