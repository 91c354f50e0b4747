"""Real workers take the reviews of flags from a real Redis, clinic by clinic."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis
from time_machine import escape_hatch

from bonefit.celery import app
from bonefit.clinics.models import Clinic, Heartbeat
from programs.models import Enrollment
from sessions.models import Changed, Flag, Review, Visit
from tests.cast import Cast, assign, enroll
from tests.queue.own_rule import KIND
from tests.servers import Databases, Worker
from tests.sessions.overdue import Trigger, as_owner, trigger  # noqa: F401

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

SWEEP = "sessions.tasks.sweep_flags"
REVIEW = "sessions.tasks.review_clinic_flags"
LOCK = 20260307


@pytest.fixture
def workers(
    transactional_db: None,
    redis_server: str,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
) -> Iterator[list[Worker]]:
    """Two workers that know the tests' own rule, on one queue."""
    with Redis.from_url(redis_server) as queue:
        queue.flushall()
    here = databases.environment(f"test_{worker_name}")
    with ExitStack() as stop:
        started = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            worker = Worker(redis_server, here, tmp_path / name, app="tests.queue.flag_app")
            stop.callback(lambda worker=worker: worker.process.stop())
            started.append(worker)
        yield started


@pytest.fixture
def silent(cast: Cast) -> set[int]:
    """Six people at Northside and one at Harbor, each with a visit that nobody answered for."""
    for number in range(4):
        assign(enroll(cast.ana, f"Person {number}"), cast.ana, weekdays=(2, 5))
    for enrollment in Enrollment.objects.all():
        first = enrollment.visits.order_by("during").first()
        Visit.objects.filter(pk=first.pk).update(status=Visit.Status.UNRECORDED)
    return set(Enrollment.objects.values_list("pk", flat=True))


def raised() -> list[int]:
    """The enrollments with an open flag, each as often as it has one."""
    return sorted(
        Flag.objects.filter(kind=KIND, resolved_at=None).values_list("enrollment_id", flat=True)
    )


def log_of(workers: list[Worker]) -> str:
    return "".join(worker.log for worker in workers)


def test_one_message_a_clinic_and_the_parts_add_up(silent: set[int], workers: list[Worker]):
    workers[0].send(SWEEP)

    workers[0].wait_until(lambda: not Changed.objects.exists())
    workers[0].wait_until(lambda: Heartbeat.objects.filter(seen=len(silent)).exists())
    beat = Heartbeat.objects.get(name="sweep_flags")
    assert (beat.seen, beat.opened, beat.resolved, beat.failed) == (7, 7, 0, 0)
    assert beat.seconds is not None
    assert beat.seconds > 0
    assert raised() == sorted(silent)
    assert log_of(workers).count("review_clinic_flags[") >= Clinic.objects.count() == 2


def test_many_messages_and_two_beats_raise_each_flag_once(silent: set[int], workers: list[Worker]):
    for _ in range(3):
        workers[0].send(SWEEP)
        for clinic in Clinic.objects.values_list("pk", flat=True):
            workers[1].send(REVIEW, clinic)

    workers[0].wait_until(lambda: log_of(workers).count("succeeded") >= 9)
    workers[0].wait_until(lambda: not Changed.objects.exists())
    assert raised() == sorted(silent)
    assert Flag.objects.filter(kind=KIND).count() == len(silent)


def test_a_poisoned_enrollment_stops_nobody_and_is_said(
    silent: set[int], workers: list[Worker], cast: Cast
):
    person = cast.cal_client
    type(person).objects.filter(pk=person.pk).update(name="Poison")

    workers[0].send(SWEEP)

    workers[0].wait_until(lambda: "SweepIncomplete" in log_of(workers))
    workers[0].wait_until(lambda: len(raised()) == len(silent) - 1)
    bad = Review.objects.get(enrollment=cast.enrollment)
    assert f"Review {bad.pk}: ValueError" in log_of(workers)
    for said in ("Somebody's name", "ails", "Poison"):
        assert said not in log_of(workers)
    workers[0].wait_until(lambda: Heartbeat.objects.filter(seen=6).exists())
    beat = Heartbeat.objects.get(name="sweep_flags")
    assert (beat.seen, beat.failed, beat.error) == (6, 1, "SweepIncomplete")
    # It stays due: /beats/ is red after a quarter of an hour.
    assert set(Changed.objects.values_list("enrollment", flat=True)) == {cast.enrollment.pk}


def test_messages_of_another_release_still_run(silent: set[int], workers: list[Worker]):
    broker = workers[0].redis_url.replace("unix://", "redis+socket://")
    with app.connection_for_write(broker) as queue:
        for task in ("review_stalls", "review_intakes", "sweep_missed_visits", "sweep_flags"):
            app.send_task(
                f"sessions.tasks.{task}",
                args=("later", 3),
                kwargs={"shard": 7},
                connection=queue,
                ignore_result=True,
            )
        app.send_task(
            REVIEW, args=(10**9, "later"), kwargs={"run": 1}, connection=queue, ignore_result=True
        )
        for task in ("review_stalls", "review_intakes", "sweep_missed_visits"):
            app.send_task(f"sessions.tasks.{task}", connection=queue, ignore_result=True)

    workers[0].wait_until(lambda: log_of(workers).count("succeeded") >= 10)
    assert "raised" not in log_of(workers)
    assert set(Heartbeat.objects.exclude(at=None).values_list("name", flat=True)) == {
        "review_intakes",
        "sweep_missed_visits",
        "sweep_flags",
    }


def test_a_worker_whose_clock_is_five_minutes_ahead_takes_what_beat_sends(
    silent: set[int],
    redis_server: str,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
):
    with Redis.from_url(redis_server) as queue:
        queue.flushall()
    here = databases.environment(f"test_{worker_name}") | {"CLOCK_AHEAD": "300"}
    worker = Worker(redis_server, here, tmp_path, app="tests.queue.flag_app")
    try:
        broker = redis_server.replace("unix://", "redis+socket://")
        with app.connection_for_write(broker) as queue:
            # The cast's clock stands still; beat's does not.
            now = escape_hatch.datetime.datetime.now(UTC)
            for entry in settings.CELERY_BEAT_SCHEDULE.values():
                over = now + timedelta(seconds=entry["options"]["expires"])
                app.send_task(entry["task"], connection=queue, expires=over)

        names = set(settings.CELERY_BEAT_SCHEDULE)
        worker.wait_until(lambda: set(Heartbeat.objects.values_list("name", flat=True)) >= names)
        # The part of the sweep as well, which a worker sends itself.
        worker.wait_until(lambda: raised() == sorted(silent))
        assert "Discarding revoked task" not in worker.log
    finally:
        worker.process.stop()


def test_a_worker_killed_in_the_middle_of_a_review_loses_and_doubles_nothing(
    silent: set[int],
    workers: list[Worker],
    trigger: Trigger,  # noqa: F811
    databases: Databases,
    worker_name: str,
):
    with (
        databases.cluster.connect(database=f"test_{worker_name}") as gate,
        trigger(f"PERFORM pg_advisory_xact_lock({LOCK});"),
    ):
        gate.execute(f"SELECT pg_advisory_lock({LOCK})".encode())
        workers[0].send(SWEEP)
        inserting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' "
            "AND datname = current_database()"
        )
        # Both are in the middle of a clinic, or one of them of the only one left.
        workers[0].wait_until(lambda: gate.execute(inserting).fetchone() == (2,))
        for worker in workers:
            os.killpg(worker.process.popen.pid, signal.SIGKILL)
            worker.process.popen.wait()
        gate.execute(f"SELECT pg_advisory_unlock({LOCK})".encode())
        while gate.execute(inserting).fetchone() != (0,):
            time.sleep(0.02)
    connection.close()
    assert raised() == []

    for worker in workers:
        worker.start()
    workers[0].send(SWEEP)
    workers[0].wait_until(lambda: not Changed.objects.exists())
    workers[0].wait_until(lambda: raised() == sorted(silent))


def test_nobody_is_left_alone_for_more_than_a_week(silent: set[int], workers: list[Worker]):
    """The safety net: no fact has changed that anybody noted, and still they are looked at."""
    workers[0].send(SWEEP)
    workers[0].wait_until(lambda: not Changed.objects.exists())
    workers[0].wait_until(lambda: raised() == sorted(silent))
    for looked, due in Review.objects.values_list("reviewed_at", "next_at"):
        assert due - looked <= timedelta(days=7)

    # A fact went past every trigger, and a week is over.
    Flag.objects.filter(kind=KIND).delete()
    Changed.objects.all().delete()
    Review.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    workers[0].send(SWEEP)
    workers[0].wait_until(lambda: raised() == sorted(silent))
