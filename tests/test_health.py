"""Three addresses for whoever watches the site: up, ready, and are the sweeps running."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.test import Client as Browser
from django.utils import timezone

from bonefit import beats
from bonefit.celery import app
from bonefit.clinics.models import Heartbeat
from sessions.models import Changed, Review
from tests import servers
from tests.cast import Cast

SWEEPS = {
    "sweep_missed_visits": 300,
    "sweep_flags": 300,
    "review_intakes": 3600,
    "review_clinics": 3600,
    "keep_rollups": 300,
    "plan_visits": 3600,
    "ask_about_falls": 3600,
    "send_reminders": 300,
    "tell_changes": 60,
    "offer_places": 60,
    "send_outbox": 60,
    "tell_staff": 60,
    "send_to_staff": 60,
    "tell_organisers": 300,
    "take_up_imports": 60,
    "take_up_exports": 60,
    "keep_backups": 3600,
    "seal_audit": 60,
}
EVERY_MINUTE = sorted(name for name, every in SWEEPS.items() if every == 60)
OFTEN = sorted(name for name, every in SWEEPS.items() if every <= 300)
NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


def all_beat(at: datetime) -> None:
    for name in SWEEPS:
        beats.beat(name, at=at)


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
def test_a_migration_that_waits_is_seen_also_in_the_role_of_the_app(
    client: Browser, databases: servers.Databases
):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("bonefit_app",)
    # The app may only read them.
    name = connection.settings_dict["NAME"]
    with databases.cluster.connect("bonefit_owner", name) as owner:
        owner.execute("UPDATE django_migrations SET app = 'another' WHERE app = 'training'")
        try:
            response = client.get("/readyz/")
        finally:
            owner.execute("UPDATE django_migrations SET app = 'training' WHERE app = 'another'")

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
    all_beat(NOW)
    assert beats.late_beats(NOW + passed) == late


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
    beats.beat("review_intakes", at=now - timedelta(hours=3))

    response = client.get("/beats/")

    assert (response.status_code, response.json()["late"]) == (503, ["review_intakes"])


@pytest.mark.django_db
def test_a_new_site_has_time_for_its_first_sweeps_and_no_longer():
    begun = MigrationRecorder.Migration.objects.aggregate(at=Max("applied"))["at"]
    assert beats.late_beats(begun + timedelta(minutes=2)) == []
    assert beats.late_beats(begun + timedelta(minutes=3)) == EVERY_MINUTE
    assert beats.late_beats(begun + timedelta(minutes=11)) == OFTEN
    assert beats.late_beats(begun + timedelta(days=1)) == sorted(SWEEPS)


@pytest.mark.django_db
def test_a_beat_moves_forward_and_keeps_its_interval():
    beats.beat("plan_visits", at=NOW)
    beats.beat("plan_visits", at=NOW + timedelta(hours=1))

    beat = Heartbeat.objects.get()
    assert (beat.at, beat.every_seconds) == (NOW + timedelta(hours=1), 3600)


@pytest.mark.django_db
def test_a_sweep_that_failed_leaves_no_beat(monkeypatch: pytest.MonkeyPatch):
    from sessions import tasks, unrecorded

    def fails(now: datetime) -> int:
        raise unrecorded.SweepIncomplete("1 visit could not be flagged.", failed=1)

    monkeypatch.setattr(unrecorded, "flag_missed", fails)
    with pytest.raises(unrecorded.SweepIncomplete):
        tasks.sweep_missed_visits()
    kept = Heartbeat.objects.get(name="sweep_missed_visits")
    assert (kept.at, kept.error, kept.failed) == (None, "SweepIncomplete", 1)
    assert kept.error_at is not None
    assert "sweep_missed_visits" in beats.late_beats(timezone.now() + timedelta(days=1))


@pytest.mark.django_db
def test_a_failure_leaves_the_last_beat_as_it_was():
    beats.beat("plan_visits", at=NOW, seconds=1.5, did=beats.Did(seen=9, opened=4))
    later = NOW + timedelta(hours=1)
    beats.note_error("plan_visits", ValueError, at=later)

    kept = Heartbeat.objects.get()
    assert (kept.at, kept.seconds, kept.seen, kept.opened) == (NOW, 1.5, 9, 4)
    assert (kept.error, kept.error_at) == ("ValueError", later)

    beats.beat("plan_visits", at=later, seconds=0.5, did=beats.Did(seen=1))
    kept = Heartbeat.objects.get()
    assert (kept.at, kept.seconds, kept.seen, kept.opened, kept.failed) == (later, 0.5, 1, 0, 0)
    assert kept.error == "ValueError"  # the last one stays to be read


@pytest.mark.django_db
def test_the_parts_of_a_sweep_add_up_until_its_next_run():
    beats.begin("sweep_flags", at=NOW)
    beats.add("sweep_flags", beats.Did(seen=500, opened=3, resolved=1), seconds=2.0)
    assert Heartbeat.objects.get().at is None  # it is not said to be sent yet
    beats.sent("sweep_flags", at=NOW)
    # A second beat of the same moment does not begin anew.
    beats.begin("sweep_flags", at=NOW + timedelta(seconds=20))
    beats.sent("sweep_flags", at=NOW + timedelta(seconds=20))
    beats.add("sweep_flags", beats.Did(seen=20, opened=1, failed=1), seconds=0.5)

    kept = Heartbeat.objects.get()
    assert (kept.seen, kept.opened, kept.resolved, kept.failed) == (520, 4, 1, 1)
    assert kept.seconds == 2.5
    assert kept.at == NOW + timedelta(seconds=20)

    beats.begin("sweep_flags", at=NOW + timedelta(minutes=5))
    kept = Heartbeat.objects.get()
    assert (kept.seen, kept.opened, kept.resolved, kept.failed) == (0, 0, 0, 0)


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 503)])
def test_who_waits_for_a_review_too_long_makes_it_red(
    client: Browser, cast: Cast, minutes: int, status: int
):
    now = timezone.now()
    all_beat(now)
    Changed.objects.all().delete()
    Review.objects.update(next_at=now + timedelta(days=1))
    Review.objects.update_or_create(
        enrollment=cast.enrollment,
        defaults={"clinic": cast.north, "next_at": now - timedelta(minutes=minutes)},
    )

    with time_machine.travel(now, tick=False):
        response = client.get("/beats/")

    assert (response.status_code, response.json()["reviews"]) == (status, status == 200)
    assert response.json()["late"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz/", "/readyz/", "/beats/"])
def test_they_are_read_and_never_posted_to(client: Browser, address: str):
    assert client.post(address).status_code == 405
    assert client.head(address).status_code in (200, 503)
