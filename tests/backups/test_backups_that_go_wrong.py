"""Damaged files, full disks, wrong programs, two at once: a clear word, and nothing half done."""

from __future__ import annotations

import io
import os
import resource
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bonefit.backups import postgres, rows
from bonefit.backups.errors import BackupBusy, BackupError
from bonefit.backups.making import LOCK
from bonefit.backups.restoring import open_backup
from bonefit.paths import BASE_DIR
from tests.backups.site import Site
from tests.servers import environment


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def changed(site: Site, folder: Path, data: bytes) -> Path:
    path = folder / site.file.name
    path.write_bytes(data)
    return path


def test_a_file_that_was_cut_is_no_backup(one_backup: Site, tmp_path: Path):
    data = one_backup.file.read_bytes()
    for length in (0, 10, 600, len(data) // 2, len(data) - 1024 - 512 - 1):
        with pytest.raises(BackupError, match="cut short, damaged, or no backup"):
            open_backup(changed(one_backup, tmp_path, data[:length]), keys=[one_backup.key])


def test_a_flipped_byte_is_found_in_every_part_without_a_key(one_backup: Site, tmp_path: Path):
    data = one_backup.file.read_bytes()
    with tarfile.open(one_backup.file) as tar:
        parts = {one.name: (one.offset_data, one.size) for one in tar}
    for name, (start, size) in parts.items():
        for at in (start, start + size // 2, start + size - 1, start - 512):
            flipped = bytearray(data)
            flipped[at] ^= 1
            path = changed(one_backup, tmp_path, bytes(flipped))
            with pytest.raises(BackupError, match="cut short, damaged, or no backup"):
                open_backup(path, keys=[one_backup.key])
            assert name in parts


def test_a_part_whose_sum_was_mended_still_does_not_decrypt(one_backup: Site, tmp_path: Path):
    """Who changes a part and its sum has to change what the key protects as well."""
    with tarfile.open(one_backup.file) as tar:
        start, size = next((one.offset_data, one.size) for one in tar if one.name == "dump.age")
    data = bytearray(one_backup.file.read_bytes())
    data[start + size // 2] ^= 1
    opened = one_backup.opened()
    opened.whole.path = changed(one_backup, tmp_path, bytes(data))
    site = one_backup
    scratch = f"{site.database}_half"
    site.cluster.make_database(scratch)
    try:
        with pytest.raises(BackupError, match="damaged: a part of it does not decrypt"):
            site.restore(
                opened,
                into=site.cluster.url("bonefit_owner", scratch),
                documents=tmp_path / "documents",
            )
        with site.cluster.connect(database=scratch) as sees:
            tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert sees.execute(tables).fetchone() == (0,)
        assert left_in(tmp_path / "documents") == [".restoring"]
    finally:
        site.cluster.drop_database(scratch)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """This process may make no file longer than that: as if the disk were full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_a_full_disk_leaves_no_file(site: Site, size: int):
    with room_for(size), pytest.raises(BackupError, match="cannot be written to BACKUP_DIR"):
        site.back_up()
    assert left_in(site.backups) == []
    assert site.back_up().size > 100_000


def test_a_folder_that_cannot_be_written_is_told(site: Site):
    site.backups.write_text("a file where the folder should be")
    with pytest.raises(BackupError, match="cannot be written to BACKUP_DIR: "):
        site.back_up()


def test_two_at_once_are_one(site: Site):
    with site.cluster.connect("bonefit_backup", site.database) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with pytest.raises(BackupBusy, match="Another backup of this database is being made"):
            site.back_up()
    assert not site.backups.exists()
    site.back_up()
    with pytest.raises(BackupError, match=r"There is a backup named .* already"):
        site.back_up()
    assert len(left_in(site.backups)) == 1


def test_who_is_killed_leaves_no_file_that_looks_good(site: Site, tmp_path: Path):
    """A table is locked, so pg_dump waits; the process dies; the next one clears up."""
    env = environment(
        **{
            "DATABASE_URL": site.cluster.url("bonefit_app", site.database),
            "DATABASE_BACKUP_URL": site.cluster.url("bonefit_backup", site.database),
            "DJANGO_SETTINGS_MODULE": "bonefit.settings",
            "BACKUP_DIR": str(site.backups),
            "BACKUP_RECIPIENTS": str(site.key.to_public()),
            "VAR_DIR": str(tmp_path),
        }
    )
    with site.cluster.connect("bonefit_owner", site.database) as owner:
        owner.autocommit = False
        owner.execute("LOCK TABLE clinics_user IN ACCESS EXCLUSIVE MODE")
        child = subprocess.Popen(
            [sys.executable, "manage.py", "backup"], cwd=BASE_DIR, env=env, start_new_session=True
        )
        with site.cluster.connect(database="postgres") as sees:
            waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
            waits += " AND wait_event_type = 'Lock'"
            while sees.execute(waits, [site.database, "bonefit_backup"]).fetchone() == (0,):
                assert child.poll() is None
            child.send_signal(signal.SIGKILL)
            child.wait()
            owner.rollback()
            there = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
            while sees.execute(there, [site.database, "bonefit_backup"]).fetchone() != (0,):
                pass
    (unfinished,) = left_in(site.backups)
    assert unfinished.startswith(".unfinished-bonefit-")
    made = site.back_up()
    assert left_in(site.backups) == [made.path.name]


# --- programs -------------------------------------------------------------------------------------


def programs_of(folder: Path, version: str) -> str:
    """A folder of programs that say they are of that version, and do nothing else."""
    folder.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        script = folder / name
        script.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {version}"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(folder)


def test_a_server_newer_than_the_programs_is_told_before_anything_is_written(
    site: Site, tmp_path: Path
):
    old = programs_of(tmp_path / "old", "15.9 (Debian 15.9-1)")
    with pytest.raises(
        BackupError,
        match="pg_dump is of PostgreSQL 15 and the server is 18: set PG_BIN to the programs",
    ):
        site.back_up(programs=old)
    assert not site.backups.exists()
    with pytest.raises(BackupError, match="PG_BIN names a folder without pg_dump"):
        site.back_up(programs=str(tmp_path))
    silent = programs_of(tmp_path / "silent", "unknown")
    with pytest.raises(BackupError, match="pg_dump does not say its version"):
        site.back_up(programs=silent)


@pytest.mark.parametrize(("server", "drop"), [(15, True), (18, False)])
def test_an_older_server_is_not_told_what_it_does_not_know(server: int, drop: bool):
    """pg_restore of 17 and later begins with a setting that makes a server of 15 or 16 refuse."""
    said = b"--\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\nSELECT 1;\n"
    reading, writing = os.pipe()
    os.write(writing, said[:20])
    os.write(writing, said[20:])
    os.close(writing)
    told = io.BytesIO()
    rows.pump(os.fdopen(reading, "rb"), told, server=server)
    kept = said.replace(b"SET transaction_timeout = 0;\n", b"") if drop else said
    assert told.getvalue() == kept


def test_programs_that_do_nothing_leave_nothing(site: Site, tmp_path: Path):
    """They end well and write nothing: the dump is empty, which the test of a restore finds."""
    idle = programs_of(tmp_path / "idle", "18.4")
    site.back_up(programs=idle)
    target = f"{site.database}_idle"
    site.cluster.make_database(target)
    try:
        with pytest.raises(BackupError, match=r"pg_restore failed: .*(empty|short|input file)"):
            site.restore(
                into=site.cluster.url("bonefit_owner", target), documents=tmp_path / "elsewhere"
            )
    finally:
        site.cluster.drop_database(target)


def test_a_database_that_does_not_answer_is_told_without_its_password(site: Site, tmp_path: Path):
    address = f"postgresql://bonefit_backup:sesame@/bonefit?host={tmp_path}"
    with pytest.raises(
        BackupError, match="The database of DATABASE_BACKUP_URL does not let us in"
    ) as told:
        site.back_up(database=address)
    assert "sesame" not in str(told.value)
    target, env = postgres.arguments(address, "DATABASE_BACKUP_URL")
    assert ("sesame" in target, env["PGPASSWORD"]) == (False, "sesame")


def test_a_role_that_policies_bind_makes_no_backup_rather_than_half_of_one(site: Site):
    # The dump or the count is refused, whichever comes first; then the other's snapshot is gone.
    refused = r"row-level security|row security|InsufficientPrivilege|requested snapshot"
    with pytest.raises(BackupError, match=refused):
        site.back_up(database=site.cluster.url("bonefit_app", site.database))
    assert left_in(site.backups) == []


def test_the_backup_role_reads_all_rows_and_changes_and_owns_nothing(site: Site):
    with site.cluster.connect("bonefit_backup", site.database) as backup:
        assert backup.execute("SELECT count(*) FROM drill_seal").fetchone() == (50,)
        for statement in (
            "INSERT INTO drill_seal (said) VALUES ('x')",
            "UPDATE clinics_user SET name = 'x'",
            "DELETE FROM clinics_heartbeat",
            "CREATE TABLE mine (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                backup.execute(statement)
        owned = "SELECT count(*) FROM pg_class WHERE relowner = 'bonefit_backup'::regrole"
        assert backup.execute(owned).fetchone() == (0,)
