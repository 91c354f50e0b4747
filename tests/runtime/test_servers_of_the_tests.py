"""The servers that tests lean on are real, and so is the deployed site's own health check."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from playwright.sync_api import Page

from bonefit.paths import BASE_DIR
from tests.servers import GUNICORN, Databases, Process, Worker, environment


@pytest.fixture
def deployed_site(
    databases: Databases, migrated: str, redis_server: str, tmp_path: Path
) -> Iterator[str]:
    """gunicorn under the deployed settings, as in the image."""
    database = databases.clone(migrated, "deployed")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = Process(
            [sys.executable, *GUNICORN, "--bind", f"fd://{listener.fileno()}"],
            log=tmp_path / "web.log",
            env=environment(
                **databases.environment(database),
                DJANGO_SETTINGS_MODULE="bonefit.settings",
                ALLOWED_HOSTS="clinic.example",
                REDIS_URL=redis_server,
                VAR_DIR=str(tmp_path),
            ),
            pass_fds=[listener.fileno()],
        )
    process.wait_for(lambda: "Booting worker" in process.log.read_text())
    yield url
    process.stop()


def health(url: str, host: str = "clinic.example") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bonefit.healthcheck", url],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "ALLOWED_HOSTS": host},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.redis
def test_the_containers_health_check_tells_well_from_unwell(deployed_site: str):
    well = health(f"{deployed_site}/healthz/")
    assert (well.returncode, well.stderr) == (0, "")
    stranger = health(f"{deployed_site}/healthz/", host="other.example")
    assert stranger.returncode == 1
    assert " answers " in stranger.stderr
    silent = health("http://127.0.0.1:9/healthz/")
    assert silent.returncode == 1
    assert "does not answer" in silent.stderr


@pytest.mark.redis
def test_a_real_redis_keeps_what_it_is_given(redis_server: str):
    with redis.Redis.from_url(redis_server) as client:
        client.set("kept", "yes")
        assert client.get("kept") == b"yes"
        assert "redis_version" in client.info()


@pytest.mark.redis
def test_a_real_worker_takes_a_message_from_it_in_a_process_of_its_own(
    celery_worker_process: Worker,
):
    from bonefit.clinics.models import Heartbeat

    celery_worker_process.send("sessions.tasks.sweep_missed_visits")
    celery_worker_process.wait_until(
        lambda: Heartbeat.objects.filter(name="sweep_missed_visits").exists()
    )
    assert celery_worker_process.process.popen.pid != os.getpid()


@pytest.mark.browser
def test_a_real_chromium_runs_scripts(page: Page):
    page.set_content("<h1>before</h1>")
    page.evaluate("document.querySelector('h1').textContent = 'after'")
    assert page.inner_text("h1") == "after"


def test_the_environment_of_a_server_holds_none_of_the_callers_own_settings(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/")
    monkeypatch.setenv("REDIS_URL", "redis://production/")
    assert not {"DATABASE_URL", "REDIS_URL"} & set(environment())
