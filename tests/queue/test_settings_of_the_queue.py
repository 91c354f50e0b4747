"""What makes the queue safe: limits, retries, and a broker that waits longer than any task runs."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError

from bonefit.celery import app
from bonefit.clients.tasks import UNTIL_SENT
from bonefit.settings import VISIBILITY_TIMEOUT

app.loader.import_default_modules()
OURS = {
    name: task
    for name, task in app.tasks.items()
    if name.startswith(("sessions.tasks.", "bonefit.clients.tasks.", "bonefit.clinics.tasks."))
}
SWEEPS = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_the_walk_sees_the_tasks():
    assert set(OURS) >= SWEEPS
    assert "sessions.tasks.review_clinic_flags" in OURS


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_task_ends_and_is_done_again_where_its_worker_dies(name: str):
    task = OURS[name]
    assert task.acks_late
    assert app.conf.task_reject_on_worker_lost
    assert task.soft_time_limit < task.time_limit < VISIBILITY_TIMEOUT


def test_nothing_waits_for_another_try_longer_than_the_broker_waits_for_it():
    assert UNTIL_SENT["retry_backoff_max"] < VISIBILITY_TIMEOUT
    assert all(getattr(task, "retry_backoff_max", 0) < VISIBILITY_TIMEOUT for task in OURS.values())


@pytest.mark.parametrize("name", sorted(SWEEPS | {"sessions.tasks.review_clinic_flags"}))
def test_a_sweep_is_tried_again_where_the_database_went_away(name: str):
    task = OURS[name]
    assert set(task.autoretry_for) == {OperationalError, InterfaceError}
    assert (task.retry_jitter, task.retry_backoff, task.max_retries) == (True, 2, 5)


@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_a_clock_that_is_five_minutes_ahead_drops_nothing_that_was_just_sent(name: str):
    """When a message is too old is said by the clock of whoever sent it."""
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    assert entry["schedule"] + 300 < entry["options"]["expires"] < VISIBILITY_TIMEOUT


@pytest.mark.parametrize("name", sorted(OURS))
def test_no_task_minds_an_argument_of_another_release(name: str):
    kinds = {one.kind for one in inspect.signature(OURS[name].run).parameters.values()}
    assert kinds >= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def test_a_process_is_replaced_before_it_has_500_mb():
    assert app.conf.worker_max_memory_per_child * 1024 <= 500_000_000
    assert 100 <= app.conf.worker_max_tasks_per_child <= 10_000
    assert app.conf.worker_prefetch_multiplier == 1


def test_a_sweep_that_the_database_left_is_retried_and_its_error_kept(
    db: None, monkeypatch: pytest.MonkeyPatch
):
    from bonefit.clinics.models import Heartbeat
    from sessions import planning, tasks

    def away(**_: Any) -> int:
        raise OperationalError("server closed the connection, and whose row it was")

    monkeypatch.setattr(planning, "plan_visits", away)
    with pytest.raises(OperationalError):
        tasks.plan_visits()
    kept = Heartbeat.objects.get(name="plan_visits")
    assert (kept.error, kept.at) == ("OperationalError", None)
