"""The operator sees plainly whether there is a good backup; so does Prometheus."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from bonefit.clinics.models import Backup, User
from tests.test_metrics import figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Browser) -> Browser:
    user = User.objects.create_user(email="op@example.org", name="Op E.", is_staff=True)
    client.force_login(user)
    return client


def made(hours: float, **more: Any) -> Backup:
    now = timezone.now()
    usual: dict[str, Any] = {"size": 5_242_880, "rows": 12_345, "files": 7}
    moment = now - timedelta(hours=hours)
    return Backup.objects.create(name=f"{hours}.tar", made_at=moment, **(usual | more))


def backups(page: Browser) -> str:
    text = page.get("/operator/").content.decode()
    part = text.partition('id="backups"')[2].partition('id="sweeps"')[0]
    return " ".join(part.replace("\xa0", " ").split())


def test_without_a_folder_it_says_so(operator: Browser, client: Browser):
    assert "No backup is configured" in backups(operator)
    said = figures(client)
    assert said["bonefit_backup_configured",] == 0
    assert said["bonefit_backup_late",] == 0
    assert client.get("/readyz/").json()["migrations"] is True


def test_none_yet_is_red(operator: Browser, settings: Any):
    settings.BACKUP_DIR = "/backups"
    said = backups(operator)
    assert "none yet" in said
    assert "badge-stop" in said or "stop" in said
    assert figures(operator)["bonefit_backup_late",] == 1


def test_a_good_one_with_its_age_its_size_and_when_it_was_restored(
    operator: Browser, settings: Any
):
    settings.BACKUP_DIR = "/backups"
    made(100, verified_at=timezone.now() - timedelta(hours=99))
    made(35)
    said = backups(operator)
    assert "well" in said
    assert "1 day, 11 hours ago" in said
    assert "5.0 MB, 12,345 rows, 7 documents" in said
    assert "Last restored for a test" in said
    assert "never" not in said
    figure = figures(operator)
    assert figure["bonefit_backup_late",] == 0
    assert 35 * 3600 <= figure["bonefit_backup_last_seconds",] < 35.1 * 3600
    assert figure["bonefit_backup_last_bytes",] == 5_242_880
    assert 99 * 3600 <= figure["bonefit_backup_verified_seconds",] < 99.1 * 3600


def test_older_than_a_day_and_a_half_is_red(operator: Browser, settings: Any):
    settings.BACKUP_DIR = "/backups"
    made(36.1)
    assert "too old" in backups(operator)
    assert figures(operator)["bonefit_backup_late",] == 1


def test_a_damaged_one_is_not_the_last_good_one(operator: Browser, settings: Any):
    settings.BACKUP_DIR = "/backups"
    made(30)
    made(6, damaged_at=timezone.now())
    said = backups(operator)
    assert "a kept backup is damaged" in said
    assert "1 day, 6 hours ago" in said
    assert figures(operator)["bonefit_backup_damaged",] == 1
    Backup.objects.exclude(damaged_at=None).update(removed_at=timezone.now())
    assert "well" in backups(operator)


def test_nobody_else_sees_it(client: Browser):
    assert client.get("/operator/").status_code == 404
