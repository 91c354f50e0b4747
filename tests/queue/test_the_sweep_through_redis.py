"""A real worker takes the sweeps from a real Redis and does them on PostgreSQL."""

from __future__ import annotations

import os
import signal
import time

import pytest
from django.db import connection
from redis import Redis

from bonefit.clinics.models import Heartbeat
from sessions.models import Flag, Visit
from tests.cast import NOW, Cast
from tests.servers import Databases, Worker
from tests.sessions.overdue import Trigger, as_owner, overdue_visits, trigger  # noqa: F401

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

SWEEP = "sessions.tasks.sweep_missed_visits"
LOCK = 20260306


@pytest.fixture
def overdue(cast: Cast) -> int:
    """Twenty overdue visits and no others: the worker has the real clock, not the test's."""
    Visit.objects.filter(missed_after__gt=NOW).update(status=Visit.Status.EXCUSED)
    overdue_visits(cast.enrollment, 19)
    count = Visit.objects.filter(status__in=Visit.OPEN).count()
    assert count == 20
    return count


def beats() -> set[str]:
    return set(Heartbeat.objects.exclude(at=None).values_list("name", flat=True))


def test_a_worker_takes_the_sweep_from_the_queue(overdue: int, celery_worker_process: Worker):
    celery_worker_process.send(SWEEP)

    celery_worker_process.wait_until(lambda: "sweep_missed_visits" in beats())
    assert Flag.objects.count() == overdue
    assert Visit.objects.filter(status=Visit.Status.UNRECORDED).count() == overdue


def test_the_same_message_many_times_gives_every_flag_once(
    overdue: int, celery_worker_process: Worker
):
    for _ in range(5):
        celery_worker_process.send(SWEEP)

    celery_worker_process.wait_until(lambda: celery_worker_process.log.count("succeeded") == 5)
    assert Flag.objects.count() == overdue


@pytest.mark.parametrize("task", ["review_intakes", "plan_visits"])
def test_the_other_sweeps_leave_their_beat_too(
    cast: Cast, celery_worker_process: Worker, task: str
):
    celery_worker_process.send(f"sessions.tasks.{task}")
    celery_worker_process.wait_until(lambda: beats() == {task})


def test_what_an_earlier_test_left_in_the_queue_is_not_done_on_this_ones_rows(
    redis_server: str, request: pytest.FixtureRequest
):
    with Redis.from_url(redis_server) as queue:
        queue.rpush("celery", "left by somebody")
        request.getfixturevalue("celery_worker_process")
        assert queue.llen("celery") == 0


def test_a_worker_killed_in_the_middle_of_a_sweep_loses_no_flag(
    overdue: int,
    celery_worker_process: Worker,
    trigger: Trigger,  # noqa: F811
    databases: Databases,
    worker_name: str,
):
    worker = celery_worker_process
    with (
        databases.cluster.connect(database=f"test_{worker_name}") as gate,
        trigger(f"PERFORM pg_advisory_xact_lock({LOCK});"),
    ):
        gate.execute(f"SELECT pg_advisory_lock({LOCK})".encode())
        worker.send(SWEEP)
        inserting = (
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' "
            "AND datname = current_database() AND query LIKE '%INSERT INTO \"training_flag\"%'"
        )
        worker.wait_until(lambda: gate.execute(inserting).fetchone() is not None)
        backend = gate.execute(inserting).fetchone()
        kill_with_its_children(worker)
        gate.execute(f"SELECT pg_advisory_unlock({LOCK})".encode())
        gone = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
        while gate.execute(gone, backend).fetchone() != (0,):
            time.sleep(0.02)

    assert (Flag.objects.count(), beats()) == (0, set())
    assert Visit.objects.filter(status=Visit.Status.UNRECORDED).count() == 0

    worker.start()
    worker.send(SWEEP)  # what beat does five minutes later
    worker.wait_until(lambda: "sweep_missed_visits" in beats())
    assert Flag.objects.count() == overdue


def kill_with_its_children(worker: Worker) -> None:
    """SIGKILL to the worker's whole process group: nobody gets to clean up."""
    os.killpg(worker.process.popen.pid, signal.SIGKILL)
    worker.process.popen.wait()
    connection.close()
