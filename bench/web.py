"""gunicorn as the launcher starts it, and rounds of requests against it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.requests import Request
from bench.tablet import WHO, Line
from bonefit.launcher import WEB_THREADS, WEB_WORKERS
from bonefit.leash import leashed
from bonefit.paths import BASE_DIR

SECONDS_TO_START = 180
SECONDS_TO_STOP = 20
LONGEST_ROUND = 120  # seconds


class BenchError(Exception):
    """The bench cannot go on. One sentence."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what was answered, and how fast. Latencies in seconds."""

    per_second: float
    seconds: tuple[float, ...]
    kept: tuple[str, ...]

    def percentile(self, percent: int) -> float:
        """A latency in seconds, by nearest rank."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.seconds)


@dataclass(slots=True)
class Web:
    """A running gunicorn."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    workers: tuple[int, ...] = ()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def send(self, posts: Sequence[Sequence[Request]]) -> Round:
        """Each list on a tablet of its own, all at once; BenchError unless all answers are 200."""
        tablets = [
            self._tablet(mine, self.workers[number % len(self.workers)])
            for number, mine in enumerate(posts)
        ]
        try:
            for tablet in tablets:
                self._hear(tablet, "ready")
            for tablet in tablets:
                self._tell(tablet, "go")
            answers = [json.loads(self._hear(tablet)) for tablet in tablets]
        finally:
            for tablet in tablets:
                tablet.kill()
                tablet.communicate()
        statuses = {status for answer in answers for status in answer["statuses"]}
        if statuses != {200}:
            raise BenchError(f"{self.name} answered {sorted(statuses)}. {self._last_words()}")
        kept = [
            post.op
            for mine, answer in zip(posts, answers, strict=True)
            for post in mine[: len(answer["statuses"])]
        ]
        wall = max(one["ended"] for one in answers) - min(one["began"] for one in answers)
        seconds = [taken for answer in answers for taken in answer["seconds"]]
        return Round(len(kept) / wall, tuple(seconds), tuple(kept))

    def _tablet(self, posts: Sequence[Request], worker: int) -> subprocess.Popen[str]:
        tablet = subprocess.Popen(
            leashed([sys.executable, "-m", "bench.tablet"], signal.SIGKILL),
            cwd=BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        orders = {
            "port": self.port,
            "worker": worker,
            "seconds": LONGEST_ROUND,
            "requests": [post.raw(self.host) for post in posts],
        }
        self._tell(tablet, json.dumps(orders))
        return tablet

    @staticmethod
    def _tell(tablet: subprocess.Popen[str], words: str) -> None:
        assert tablet.stdin is not None
        tablet.stdin.write(words + "\n")
        tablet.stdin.flush()

    def _hear(self, tablet: subprocess.Popen[str], expected: str = "") -> str:
        assert tablet.stdout is not None
        said = tablet.stdout.readline().strip()
        if not said or (expected and said != expected):
            raise BenchError(f"A tablet of {self.name} broke. {self._last_words()}")
        return said

    def peak_bytes(self) -> int:
        """The most memory that any worker ever held (resident set)."""
        return max(self._ask_each_worker().values())

    def _ask_each_worker(self) -> dict[int, int]:
        """Peak memory by process id; asks until every worker has answered."""
        said: dict[int, int] = {}
        give_up = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < give_up:
            line = Line(self.port)
            with contextlib.closing(line):
                answer = json.loads(line.ask(WHO)[1])
            said[answer["pid"]] = answer["peak_bytes"]
            if len(said) == WEB_WORKERS:
                return said
        raise BenchError(f"{self.name}: not every worker answers.")

    def wait(self) -> None:
        """Until every worker answers."""
        give_up = time.monotonic() + SECONDS_TO_START
        while not self.workers:
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise BenchError(f"{self.name} did not start. {self._last_words()}")
            try:
                self.workers = tuple(sorted(self._ask_each_worker()))
            except OSError:
                time.sleep(0.05)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()[-15:]
        return "The web server said:\n" + "\n".join(lines)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def serving(name: str, environment: dict[str, str], folder: Path) -> Iterator[Web]:
    """gunicorn with the launcher's worker class, workers and threads, on a port of 127.0.0.1."""
    log = folder / f"{name.replace(' ', '-')}.log"
    with socket.socket() as listener, log.open("wb") as out:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        command = [sys.executable, "-m", "gunicorn", "bench.served:application"]
        command += ["--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"]
        command += ["--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)]
        command += ["--keep-alive", "75", "--no-control-socket"]
        web = Web(
            name=name,
            port=listener.getsockname()[1],
            log=log,
            process=subprocess.Popen(
                leashed(command, signal.SIGTERM),
                cwd=BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            ),
        )
    try:
        web.wait()
        yield web
    finally:
        web.stop()
