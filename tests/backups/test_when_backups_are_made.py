"""Nightly, verified weekly, and as many kept as the settings say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.db import connection

from bonefit.backups import keeping
from bonefit.backups.errors import BackupError
from bonefit.backups.making import LOCK, file_name
from bonefit.backups.retention import due, kept, verification_due
from bonefit.backups.state import backup_state
from bonefit.beats import Did
from bonefit.clinics.models import Backup, Heartbeat
from bonefit.clinics.tasks import keep_backups
from tests.servers import Databases


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- pure -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "last", "is_due"),
    [
        ("2026-03-06 02:00", None, True),
        ("2026-03-06 02:00", "2026-03-05 02:10", True),
        ("2026-03-06 01:59", "2026-03-05 02:10", False),
        ("2026-03-06 23:00", "2026-03-06 02:05", False),
        ("2026-03-06 01:00", "2026-03-05 01:30", True),  # the night before was missed
    ],
)
def test_a_backup_is_due_once_a_night(now: str, last: str | None, is_due: bool):
    assert due(at(now), at(last) if last else None, 2) is is_due


def test_a_restore_is_tried_once_a_week():
    now = at("2026-03-13 02:10")
    assert verification_due(now, None)
    assert verification_due(now, at("2026-03-06 02:30"))  # the same hour a week before
    assert not verification_due(now, at("2026-03-07 02:30"))


def test_the_newest_of_each_day_week_and_month_is_kept():
    nights = [at("2026-01-01 02:00") + timedelta(days=n) for n in range(100)]  # to 10 April
    twice = [*nights, at("2026-04-10 14:00")]
    keep = kept(twice, daily=7, weekly=3, monthly=3)
    assert sorted(f"{one:%m-%d %H}" for one in keep) == [
        *("02-28 02", "03-29 02", "03-31 02", "04-04 02", "04-05 02"),
        *("04-06 02", "04-07 02", "04-08 02", "04-09 02", "04-10 14"),
    ]
    assert kept(nights[:1], daily=1, weekly=0, monthly=0) == {nights[0]}
    assert kept([], daily=7, weekly=5, monthly=12) == frozenset()


# --- on a database --------------------------------------------------------------------------------


@pytest.fixture
def nights(
    transactional_db: None, databases: Databases, settings: Any, tmp_path: Path
) -> Iterator[Path]:
    """A site that makes backups of the test's own, empty database."""
    name = str(connection.settings_dict["NAME"])
    settings.BACKUP_DIR = str(tmp_path / "backups")
    private = settings.STORAGES["private"]
    own = {**private["OPTIONS"], "location": str(tmp_path / "documents")}
    settings.STORAGES = {**settings.STORAGES, "private": {**private, "OPTIONS": own}}
    settings.DATABASE_BACKUP_URL = databases.cluster.url("bonefit_backup", name)
    settings.BACKUP_RECIPIENTS = [str(pyrage.x25519.Identity.generate().to_public())]
    settings.BACKUP_SCRATCH_DIR = str(tmp_path / "scratch")
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_week_of_nights(nights: Path, settings: Any):
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 3, 0
    settings.BACKUP_KEEP_MONTHLY = 0
    first = at("2026-03-06 02:20")
    assert keeping.nightly(first) == Did(seen=1, opened=1)
    row = Backup.objects.get()
    assert (row.name, row.made_at, row.files) == (file_name(first), first, 0)
    assert row.size == (nights / row.name).stat().st_size
    assert row.verified_at is not None
    assert row.damaged_at is None

    assert keeping.nightly(first + timedelta(hours=1)) == Did()
    for day in (1, 2, 3):
        did = keeping.nightly(first + timedelta(days=day))
    assert did == Did(seen=1, opened=1, resolved=1)
    assert names(nights) == [file_name(first + timedelta(days=day)) for day in (1, 2, 3)]
    gone = Backup.objects.get(name=file_name(first))
    assert gone.removed_at == first + timedelta(days=3)
    assert Backup.objects.exclude(verified_at=None).get() == gone  # once a week


def test_a_backup_that_went_bad_on_the_disk_is_found_within_the_week(nights: Path):
    first = at("2026-03-06 02:20")
    keeping.nightly(first)
    Backup.objects.update(verified_at=first)
    path = nights / file_name(first)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))

    assert keeping.nightly(first + timedelta(days=7)).failed == 1
    bad, good = Backup.objects.order_by("made_at")
    assert (bad.damaged_at is None, good.damaged_at is None) == (False, True)
    assert good.verified_at is not None
    assert backup_state(first + timedelta(days=7)).damaged == 1


def test_a_damaged_one_takes_no_good_ones_place_and_stays(nights: Path, settings: Any):
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 1, 0
    settings.BACKUP_KEEP_MONTHLY = 0
    nights.mkdir()
    good, bad = at("2026-03-05 02:20"), at("2026-03-06 02:20")
    for moment, damaged in ((good, None), (bad, bad)):
        (nights / file_name(moment)).write_text("bytes")
        Backup.objects.create(
            name=file_name(moment), made_at=moment, size=5, rows=1, files=0, damaged_at=damaged
        )
    assert keeping.prune(nights, bad) == 0
    assert names(nights) == [file_name(good), file_name(bad)]
    (nights / file_name(bad)).unlink()
    keeping.prune(nights, bad)
    assert Backup.objects.get(removed_at=bad).damaged_at == bad
    assert backup_state(bad).damaged == 0


def test_no_room_to_try_a_restore_is_an_error_and_the_backup_is_good(nights: Path, settings: Any):
    nights.mkdir()
    (nights / "a file").touch()
    settings.BACKUP_SCRATCH_DIR = str(nights / "a file")
    with pytest.raises(BackupError, match="The scratch database does not work"):
        keeping.nightly(at("2026-03-06 02:20"))
    row = Backup.objects.get()
    assert (row.damaged_at, row.verified_at) == (None, None)


def test_other_files_in_the_folder_are_left_alone(nights: Path, settings: Any):
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 1, 0
    settings.BACKUP_KEEP_MONTHLY = 0
    nights.mkdir()
    (nights / "bonefit-notes.tar").write_text("mine")
    keeping.nightly(at("2026-03-06 02:20"))
    keeping.nightly(at("2026-03-07 02:20"))
    assert names(nights) == ["bonefit-20260307T022000Z.tar", "bonefit-notes.tar"]


def test_while_another_worker_makes_it_nothing_is_done(nights: Path, databases: Databases):
    name = str(connection.settings_dict["NAME"])
    with databases.cluster.connect("bonefit_backup", name) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert keeping.nightly(at("2026-03-06 02:20")) == Did()
    assert not Backup.objects.exists()


@pytest.mark.django_db
def test_without_a_folder_there_is_no_backup_and_no_error():
    keep_backups()
    assert Heartbeat.objects.get(name="keep_backups").error == ""
    assert not Backup.objects.exists()


@pytest.mark.django_db
def test_a_folder_without_a_key_is_an_error_that_the_heartbeat_tells(settings: Any, tmp_path: Path):
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.DATABASE_BACKUP_URL = "postgresql://bonefit_backup@/nowhere"
    with pytest.raises(BackupError, match="Set BACKUP_RECIPIENTS or BACKUP_PASSPHRASE"):
        keep_backups()
    beat = Heartbeat.objects.get(name="keep_backups")
    assert (beat.error, beat.at) == ("BackupError", None)
    settings.DATABASE_BACKUP_URL = ""
    with pytest.raises(BackupError, match="Set DATABASE_BACKUP_URL"):
        keep_backups()
