"""Three addresses for whoever watches the site: up, ready, and are the sweeps running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client as Browser
from django.utils import timezone

from bonefit import health
from bonefit.celery import app
from bonefit.clinics.models import Heartbeat
from tests import servers

SWEEPS = {
    "sweep_missed_visits": 300,
    "review_stalls": 3600,
    "review_intakes": 3600,
    "plan_visits": 3600,
    "ask_about_falls": 3600,
    "send_reminders": 300,
    "tell_changes": 60,
    "offer_places": 60,
    "send_outbox": 60,
    "take_up_imports": 60,
}
EVERY_MINUTE = ["offer_places", "send_outbox", "take_up_imports", "tell_changes"]
OFTEN = sorted([*EVERY_MINUTE, "send_reminders", "sweep_missed_visits"])
NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


def all_beat(at: datetime) -> None:
    for name in SWEEPS:
        health.beat(name, at=at)


def long_migrated() -> None:
    MigrationRecorder.Migration.objects.update(applied=NOW - timedelta(days=30))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Points the queue at another broker for one test."""
    return lambda url: monkeypatch.setitem(app.conf, "broker_write_url", url)


# --- up -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_up_is_a_process_with_its_database(client: Browser):
    response = client.get("/healthz/")
    assert (response.status_code, response.json()) == (200, {"ok": True, "database": True})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/healthz/", "/readyz/", "/beats/"])
def test_a_database_that_is_away_is_said_and_is_no_error_page(client: Browser, address: str):
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "there_is_no_such_database"
    try:
        response = client.get(address)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert (response.status_code, response.json()["database"]) == (503, False)


# --- ready --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_ready_is_migrated_and_the_broker_takes_messages(client: Browser):
    response = client.get("/readyz/")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "database": True, "migrations": True, "broker": True}


@pytest.mark.django_db
def test_a_migration_that_waits_is_seen_also_in_the_role_of_the_app(client: Browser):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("bonefit_app",)
    MigrationRecorder.Migration.objects.filter(app="training").delete()

    response = client.get("/readyz/")

    assert response.status_code == 503
    assert response.json()["migrations"] is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1:1/0", "redis+socket:///nowhere/at/all.sock"]
)
def test_a_broker_that_is_down_makes_the_site_not_ready_but_not_down(
    client: Browser, broker: Any, address: str
):
    broker(address)
    response = client.get("/readyz/")
    assert (response.status_code, response.json()["broker"]) == (503, False)
    assert client.get("/healthz/").status_code == 200


@pytest.mark.django_db
@pytest.mark.redis
def test_a_real_redis_makes_it_ready_and_its_end_makes_it_not_ready(client: Browser, broker: Any):
    binary = servers.redis_binary()
    if binary is None:
        pytest.skip("No Redis can be had here, so the tests of the queue did not run")
    with servers.running_redis(binary) as url:
        broker(url.replace("unix://", "redis+socket://"))
        assert client.get("/readyz/").status_code == 200
    assert client.get("/readyz/").status_code == 503


@pytest.mark.django_db
def test_the_broker_of_a_machine_of_ones_own_is_ready(
    client: Browser, broker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
):
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    monkeypatch.setitem(app.conf, "broker_transport_options", folders)
    broker("filesystem://")
    assert client.get("/readyz/").status_code == 200


# --- the sweeps ---------------------------------------------------------------------------------


def test_every_sweep_of_the_schedule_is_a_task_that_exists():
    app.loader.import_default_modules()
    names = {name: entry["task"] for name, entry in settings.CELERY_BEAT_SCHEDULE.items()}
    assert set(names) == set(SWEEPS)
    assert {name: task.rpartition(".")[2] for name, task in names.items()} == {
        name: name for name in names
    }
    assert set(names.values()) <= set(app.tasks)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("passed", "late"),
    [
        # One interval of grace: red after two intervals of silence, not before.
        (timedelta(seconds=120), []),
        (timedelta(seconds=121), EVERY_MINUTE),
        (timedelta(seconds=600), EVERY_MINUTE),
        (timedelta(seconds=601), OFTEN),
        (timedelta(seconds=7200), OFTEN),
        (timedelta(seconds=7201), sorted(SWEEPS)),
    ],
)
def test_a_sweep_is_late_after_one_interval_of_grace(passed: timedelta, late: list[str]):
    long_migrated()
    all_beat(NOW)
    assert health.late_beats(NOW + passed) == late


@pytest.mark.django_db
def test_beats_are_green_while_they_come(client: Browser):
    now = timezone.now()
    all_beat(now)

    response = client.get("/beats/")

    assert response.status_code == 200
    assert (response.json()["ok"], response.json()["late"]) == (True, [])
    assert response.json()["last"] == dict.fromkeys(sorted(SWEEPS), now.isoformat())


@pytest.mark.django_db
def test_one_late_beat_is_red(client: Browser):
    now = timezone.now()
    all_beat(now)
    health.beat("review_stalls", at=now - timedelta(hours=3))

    response = client.get("/beats/")

    assert (response.status_code, response.json()["late"]) == (503, ["review_stalls"])


@pytest.mark.django_db
def test_a_new_site_has_time_for_its_first_sweeps_and_no_longer():
    MigrationRecorder.Migration.objects.update(applied=NOW)
    assert health.late_beats(NOW + timedelta(minutes=2)) == []
    assert health.late_beats(NOW + timedelta(minutes=3)) == EVERY_MINUTE
    assert health.late_beats(NOW + timedelta(minutes=11)) == OFTEN
    assert health.late_beats(NOW + timedelta(days=1)) == sorted(SWEEPS)


@pytest.mark.django_db
def test_a_beat_moves_forward_and_keeps_its_interval():
    health.beat("plan_visits", at=NOW)
    health.beat("plan_visits", at=NOW + timedelta(hours=1))

    beat = Heartbeat.objects.get()
    assert (beat.at, beat.every_seconds) == (NOW + timedelta(hours=1), 3600)


@pytest.mark.django_db
def test_a_sweep_that_failed_leaves_no_beat(monkeypatch: pytest.MonkeyPatch):
    from sessions import flagging, tasks

    def fails(now: datetime) -> int:
        raise flagging.SweepIncomplete("1 visit could not be flagged.")

    monkeypatch.setattr(flagging, "flag_missed", fails)
    with pytest.raises(flagging.SweepIncomplete):
        tasks.sweep_missed_visits()
    assert not Heartbeat.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz/", "/readyz/", "/beats/"])
def test_they_are_read_and_never_posted_to(client: Browser, address: str):
    assert client.post(address).status_code == 405
    assert client.head(address).status_code in (200, 503)
