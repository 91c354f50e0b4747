"""The site as it is deployed, with a PostgreSQL of its own, and how its parts are taken away."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from bonefit.backups import postgres
from bonefit.embedded import DATABASE, Cluster
from tests.load.crowd import HOST
from tests.servers import Databases, Process, Worker, answers, environment

#: As in the Dockerfile.
GUNICORN = [
    *("-m", "gunicorn", "bonefit.wsgi:application", "--worker-class", "gthread"),
    *("--workers", "2", "--threads", "4", "--keep-alive", "75", "--no-control-socket"),
]


class OwnCluster(Cluster):
    """A server that syncs as a deployed one does, and that can be killed: its address stays."""

    def _make_socket_folder(self) -> Path:
        there = self._socket_folder()
        return there if there != self.folder and there.is_dir() else super()._make_socket_folder()

    def crash(self) -> None:
        """Every process of it ends at once, as when it is killed; then it starts and recovers."""
        pid = self._server_pid()
        assert pid is not None
        os.kill(pid, signal.SIGQUIT)
        assert self._gone(pid, 60)
        self._start(dies_with_us=True)


class LoadedSite:
    """The running site; each fault takes something away and waits until it is back."""

    def __init__(self, cluster: OwnCluster, redis_url: str, var: Path) -> None:
        self.cluster, self.var = cluster, var
        here = {
            "DATABASE_URL": cluster.url("bonefit_app"),
            "DATABASE_OWNER_URL": cluster.url("bonefit_owner"),
            "SECRET_KEY": settings.SECRET_KEY,
        }
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(512)
        self.port: int = self.listener.getsockname()[1]
        self.web = Process(
            [sys.executable, *GUNICORN, "--bind", f"fd://{self.listener.fileno()}"],
            log=var / "web.log",
            env=environment(
                **here,
                REDIS_URL=redis_url,
                VAR_DIR=str(var),
                ALLOWED_HOSTS=f"{HOST},127.0.0.1",
                CSRF_TRUSTED_ORIGINS=f"https://{HOST}",
                SITE_URL=f"https://{HOST}",
                DJANGO_SETTINGS_MODULE="tests.load.settings",
            ),
            pass_fds=[self.listener.fileno()],
        )
        self.worker = Worker(redis_url, here, var)
        self.web.wait_for(self.is_up)

    def is_up(self) -> bool:
        return answers(f"http://127.0.0.1:{self.port}/healthz/")

    def kill_worker(self) -> None:
        """The Celery worker, in the middle of whatever it does."""
        os.killpg(self.worker.process.popen.pid, signal.SIGKILL)
        self.worker.process.popen.wait()
        self.worker.begin()
        self.worker.wait_until_ready()

    def kill_web(self) -> None:
        """One of the two web processes, with the requests that it is at."""
        log = (self.var / "web.log").read_text(errors="replace")
        booted = [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log)]
        living = [pid for pid in booted if Path(f"/proc/{pid}").exists()]
        os.kill(living[-1], signal.SIGKILL)
        self.web.wait_for(
            lambda: (
                (self.var / "web.log").read_text(errors="replace").count("Booting worker")
                > len(booted)
            )
        )

    def restart_database(self) -> None:
        """PostgreSQL without a shutdown: what was committed it finds again in its log."""
        self.cluster.crash()

    def stop(self) -> None:
        self.worker.process.stop()
        self.web.stop()
        self.listener.close()


@contextlib.contextmanager
def own_cluster(databases: Databases, template: str, name: str) -> Iterator[OwnCluster]:
    """A server of its own with the tables of ``template``, as migrations leave them."""
    cluster = OwnCluster(databases.folder / name)
    try:
        cluster.acquire(dies_with_us=True)
        to, env = postgres.arguments(databases.cluster.url("postgres", template), "the template")
        tool = postgres.program("pg_dump", "")
        dumped = subprocess.run([tool, to], env=env, capture_output=True, check=True)
        to, env = postgres.arguments(cluster.url("postgres", DATABASE), "the new one")
        tool = postgres.program("psql", "")
        put = [tool, to, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
        subprocess.run(put, env=env, input=dumped.stdout, check=True)
        yield cluster
    finally:
        cluster.release()
        cluster.remove()
