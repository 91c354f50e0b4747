"""A site whose workers, broker and database connections are taken away while they work."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from django.db import connection
from kombu.exceptions import OperationalError
from redis import ConnectionError as RedisAway
from redis import Redis

from tests.servers import REDIS, Databases, Process, Worker, environment

SWEEPS = ("sweep_missed_visits", "sweep_flags", "tell_staff", "send_to_staff")
#: Seconds by which the clocks of the two workers are ahead: five minutes apart.
CLOCKS = (-150, 150)


class Broker:
    """A Redis that can be killed and started again on the same socket, and keeps nothing."""

    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.folder = Path(tempfile.mkdtemp(prefix="redis-"))
        self.socket = self.folder / "redis.sock"
        self.start()

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.process = Process(
            [self.binary, *REDIS, "--unixsocket", str(self.socket), "--dir", str(self.folder)],
            log=self.folder / "redis.log",
            env=environment(),
        )
        self.process.wait_for(self.socket.is_socket)

    def kill(self) -> None:
        os.killpg(self.process.popen.pid, signal.SIGKILL)
        self.process.popen.wait()

    def empty(self) -> None:
        with Redis.from_url(self.url) as queue:
            queue.flushall()

    def waiting(self) -> int:
        """Messages that no worker has taken."""
        with Redis.from_url(self.url) as queue, contextlib.suppress(RedisAway):
            return int(queue.llen("celery"))  # type: ignore[arg-type]
        return 0

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.folder)


class Rough:
    """Two workers under two clocks, and what is done to them; ``crashes`` counts it."""

    def __init__(
        self, broker: Broker, databases: Databases, database: str, var: Path, mails: int
    ) -> None:
        self.broker, self.databases, self.database = broker, databases, database
        self.crashes: dict[str, int] = {}
        here = databases.environment(database)
        here |= {"EMAIL_URL": f"smtp://127.0.0.1:{mails}", "SITE_URL": "http://testserver"}
        self.workers = []
        for number, ahead in enumerate(CLOCKS):
            (var / f"{number}").mkdir()
            self.workers.append(
                Worker(
                    broker.url,
                    here | {"CLOCK_AHEAD": str(ahead)},
                    var / f"{number}",
                    app="tests.queue.flag_app",
                )
            )

    @property
    def log(self) -> str:
        return "".join(worker.log for worker in self.workers)

    def send(self, *, beats: int = 1) -> None:
        """What beat sends in an interval; with two beats everything comes twice."""
        for _ in range(beats):
            for sweep in SWEEPS:
                with contextlib.suppress(OperationalError, OSError):
                    self.workers[0].send(f"sessions.tasks.{sweep}")

    # --- faults -----------------------------------------------------------------------------------

    def fault(self, name: str, chance: Random) -> None:
        """Do one of FAULTS now, and mend it."""
        self.crashes[name] = self.crashes.get(name, 0) + 1
        getattr(self, name)(chance)

    def kill_one(self, chance: Random) -> None:
        self._kill([chance.choice(self.workers)])

    def kill_both(self, chance: Random) -> None:
        self._kill(self.workers)

    def empty_redis(self, chance: Random) -> None:
        self.broker.empty()

    def restart_redis(self, chance: Random) -> None:
        self.broker.kill()
        time.sleep(chance.uniform(0, 0.5))
        self.broker.start()

    def cut_database(self, chance: Random) -> None:
        connection.close()
        with self.databases.cluster.connect(database=self.database) as owner:
            owner.execute(
                b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                b"WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    @staticmethod
    def _kill_group(worker: Worker) -> None:
        os.killpg(worker.process.popen.pid, signal.SIGKILL)
        worker.process.popen.wait()

    def _kill(self, workers: list[Worker]) -> None:
        for worker in workers:
            self._kill_group(worker)
        for worker in workers:
            worker.start()

    # --- the end ----------------------------------------------------------------------------------

    def calm(self, done: Callable[[], bool], seconds: float = 120) -> None:
        """No fault any more: sweep until all is done. Raises with the log if it never is."""
        give_up = time.monotonic() + seconds
        while not done():
            if time.monotonic() > give_up:
                raise AssertionError(f"It was not done. The workers said:\n{self.log[-8000:]}")
            self.send()
            self.wait(5)
            time.sleep(0.3)

    def wait(self, seconds: float) -> None:
        """Until the queue is empty, or so long."""
        give_up = time.monotonic() + seconds
        while self.broker.waiting() and time.monotonic() < give_up:
            time.sleep(0.05)


FAULTS = ("kill_one", "cut_database", "kill_both", "restart_redis", "empty_redis")


@contextlib.contextmanager
def rough_site(
    binary: str, databases: Databases, database: str, var: Path, mails: int
) -> Iterator[Rough]:
    """Workers, a broker and what can be done to them, until the block ends."""
    broker = Broker(binary)
    rough = None
    try:
        rough = Rough(broker, databases, database, var, mails)
        yield rough
    finally:
        for worker in rough.workers if rough else []:
            worker.process.stop()
        broker.stop()


#: One clean sweep in a process of its own; it prints the flags that are open then.
CLEAN = """
import json
import tests.queue.flag_app
from django.utils import timezone
from sessions import reviewing, unrecorded
from sessions.models import Flag
unrecorded.flag_missed(timezone.now())
reviewing.sweep(timezone.now())
rows = Flag.objects.open().values_list("enrollment_id", "kind", "subject", "severity")
print(json.dumps(sorted(map(list, rows))))
"""


def clean_command() -> list[str]:
    """The command that does it."""
    return [sys.executable, "-c", CLEAN]
