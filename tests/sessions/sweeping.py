"""A site whose workers, beats, broker and database connections are taken away while they work."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from django.db import connection
from kombu.exceptions import OperationalError
from redis import ConnectionError as RedisAway
from redis import Redis

from bonefit.paths import BASE_DIR
from tests.queue.sweeps_of_flags import SWEEPS
from tests.servers import REDIS, Databases, Process, Worker, environment

#: Seconds by which the clocks of the two workers, and of the two beats, are ahead of ours: five
#: minutes apart.
CLOCKS = (-150, 150)
#: Seconds after which each beat sends every sweep again.
BEAT_EVERY = 3
APP = "tests.queue.clocked_app"


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


class Beat:
    """A real beat with a schedule file of its own, in a process under a clock of its own."""

    def __init__(self, redis_url: str, env: dict[str, str], var: Path) -> None:
        self._command = [sys.executable, "-m", "celery", "--app", APP, "beat"]
        self._command += ["--loglevel", "INFO", "--pidfile", "", "--schedule", str(var / "beat")]
        self._log = var / "beat.log"
        self._environment = environment(
            **env,
            REDIS_URL=redis_url,
            VAR_DIR=str(var),
            BEAT_EVERY=str(BEAT_EVERY),
            DJANGO_SETTINGS_MODULE="bonefit.settings",
        )
        self.start()

    def start(self) -> None:
        self.process = Process(self._command, log=self._log, env=self._environment)

    @property
    def sent(self) -> int:
        """How many messages it has sent by its schedule."""
        said = self._log.read_text(errors="replace") if self._log.exists() else ""
        return said.count("Sending due task")


class Rough:
    """Two workers and two beats under two clocks, and what is done to them; ``crashes`` counts it.

    ``ahead``: by how much the clock of the whole site is ahead of this process's.
    """

    def __init__(
        self,
        broker: Broker,
        databases: Databases,
        database: str,
        var: Path,
        mails: int,
        ahead: timedelta,
    ) -> None:
        self.broker, self.databases, self.database = broker, databases, database
        self.crashes: dict[str, int] = {}
        self.workers: list[Worker] = []
        self.beats: list[Beat] = []
        here = databases.environment(database)
        here |= {"EMAIL_URL": f"smtp://127.0.0.1:{mails}", "SITE_URL": "http://testserver"}
        for number, seconds in enumerate(CLOCKS):
            own = var / f"{number}"
            own.mkdir()
            env = here | {"CLOCK_AHEAD": str(int(ahead.total_seconds()) + seconds)}
            self.workers.append(Worker(broker.url, env, own, app=APP))
            self.beats.append(Beat(broker.url, env, own))

    @property
    def log(self) -> str:
        return "".join(worker.log for worker in self.workers)

    def send(self) -> None:
        """What a beat sends in an interval, beside the two that run."""
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

    def kill_beats(self, chance: Random) -> None:
        """Both beats at once; each begins anew with the schedule file that it left."""
        for beat in self.beats:
            self._kill_group(beat)
        for beat in self.beats:
            beat.start()

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
    def _kill_group(one: Worker | Beat) -> None:
        os.killpg(one.process.popen.pid, signal.SIGKILL)
        one.process.popen.wait()

    def _kill(self, workers: list[Worker]) -> None:
        for worker in workers:
            self._kill_group(worker)
        for worker in workers:
            worker.begin()
        for worker in workers:
            worker.wait_until_ready()

    # --- the end ----------------------------------------------------------------------------------

    def calm(self, done: Callable[[], bool], seconds: float = 300) -> None:
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


FAULTS = ("kill_one", "cut_database", "kill_both", "restart_redis", "empty_redis", "kill_beats")


@contextlib.contextmanager
def rough_site(
    binary: str, databases: Databases, database: str, var: Path, mails: int, ahead: timedelta
) -> Iterator[Rough]:
    """Workers, beats, a broker and what can be done to them, until the block ends."""
    broker = Broker(binary)
    rough = None
    try:
        rough = Rough(broker, databases, database, var, mails, ahead)
        yield rough
    finally:
        for one in (*rough.beats, *rough.workers) if rough else ():
            one.process.stop()
        broker.stop()


#: One clean sweep of everybody in a process of its own; it prints the flags that are open then.
CLEAN = """
import json
import tests.queue.clocked_app
from django.utils import timezone
from bonefit.clinics.models import Clinic
from sessions import intake_flags, reviewing, reviewing_clinics, unrecorded
from sessions.models import Flag
from tests.in_sight import see_everything
see_everything()
now = timezone.now()
unrecorded.flag_missed(now)
intake_flags.review_intakes(now)
reviewing.sweep(now)
for clinic in Clinic.objects.all():
    reviewing.review_all(clinic, now)
reviewing_clinics.review_clinics(now)
rows = Flag.objects.open().values_list("clinic", "enrollment", "kind", "subject", "severity")
print(json.dumps(list(rows)))
"""


def one_clean_sweep(databases: Databases, database: str, ahead: timedelta) -> list[list[object]]:
    """Sweep a database once, without any fault; the flags that are open then."""
    done = subprocess.run(
        [sys.executable, "-c", CLEAN],
        cwd=BASE_DIR,
        env=environment(
            **databases.environment(database),
            CLOCK_AHEAD=str(int(ahead.total_seconds())),
            DJANGO_SETTINGS_MODULE="bonefit.settings",
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[object]] = json.loads(done.stdout.splitlines()[-1])
    return found
