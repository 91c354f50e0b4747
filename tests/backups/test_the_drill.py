"""Write, back up, destroy, restore: everything is as it was, and works."""

from __future__ import annotations

import shutil
import threading
import time

import psycopg
import pytest

from bonefit.backups import postgres
from bonefit.backups.errors import BackupError
from bonefit.backups.verifying import verify
from tests.backups.site import Site


def test_a_destroyed_site_comes_back_row_by_row_and_byte_for_byte(own_site: Site):
    site = own_site
    rows, sequences, shape, papers = site.rows(), site.sequences(), site.shape(), site.papers()
    assert sum(len(found) > 0 for found in rows.values()) > 50
    assert len(rows["drill_seal"]) == 50
    assert len(papers) >= 2
    site.back_up()

    site.cluster.drop_database(site.database)
    shutil.rmtree(site.documents)
    site.cluster.make_database(site.database)
    done = site.restore()

    assert site.rows() == rows
    assert site.sequences() == sequences
    assert len(shape) > 1000
    assert site.shape() ^ shape == set()
    assert site.papers() == papers
    assert (done.tables, done.files) == (len(rows), len(papers))
    assert done.rows == sum(len(found) for found in rows.values())
    assert (done.aside, done.older) == (None, False)
    modes = {path.stat().st_mode & 0o777 for path in site.documents.rglob("*") if path.is_file()}
    assert modes == {0o600}
    the_app_may_work_and_no_more(site)


def the_app_may_work_and_no_more(site: Site) -> None:
    with site.cluster.connect("bonefit_app", site.database) as app:
        # Policies came back too: the app sees what it says, and nothing before.
        assert app.execute("SELECT count(*) FROM training_setentry").fetchone() == (0,)
        app.execute("SELECT set_config('bonefit.clinics', '{(,)}', false)")
        before = app.execute("SELECT count(*) FROM training_changed").fetchone()
        app.execute("UPDATE training_setentry SET reps = reps + 1 WHERE reps IS NOT NULL")
        assert app.execute("SELECT count(*) FROM training_changed").fetchone() > before
        organisation = "INSERT INTO clinics_organisation (name, slug) VALUES ('New', 'new')"
        app.execute(organisation)  # its key is not one that was given out before
        with pytest.raises(psycopg.errors.RaiseException, match="a seal is not changed"):
            app.execute("UPDATE drill_seal SET said = 'x' WHERE id = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DELETE FROM drill_seal")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE clinics_heartbeat")
        assert app.execute("SELECT count(*) FROM drill_seal").fetchone() == (49,)
    with site.cluster.connect("bonefit_owner", site.database) as owner:
        owner.execute("CREATE TABLE made_later (id int)")
    with site.cluster.connect("bonefit_app", site.database) as app:
        app.execute("INSERT INTO made_later VALUES (1)")


def test_a_backup_is_put_in_the_place_of_what_is_there_and_nothing_is_lost(own_site: Site):
    site = own_site
    rows, papers = site.rows(), site.papers()
    site.back_up()
    with site.cluster.connect("bonefit_owner", site.database) as owner:
        owner.execute("DELETE FROM training_changed")
        owner.execute("UPDATE clinics_user SET name = 'Gone'")
    shape = site.shape()
    with site.cluster.connect("bonefit_owner", site.database) as owner:
        owner.execute("CREATE TABLE of_a_later_release (id int)")
    (site.documents / "later.pdf").write_bytes(b"later")

    done = site.restore(replace=True)

    assert site.rows() == rows
    assert site.papers() == papers
    assert done.aside is not None
    assert (done.aside / "later.pdf").read_bytes() == b"later"
    assert site.shape() ^ shape == set()
    the_app_may_work_and_no_more(site)
    # What was put aside is in no later backup.
    shutil.rmtree(site.backups)
    assert site.back_up().files == len(papers)


def test_a_database_or_a_folder_that_is_not_empty_is_left_alone(own_site: Site):
    site = own_site
    site.back_up()
    rows, papers = site.rows(), site.papers()
    with pytest.raises(BackupError, match="The database is not empty: say --replace"):
        site.restore()
    site.cluster.drop_database(site.database)
    site.cluster.make_database(site.database)
    with pytest.raises(BackupError, match="folder of documents is not empty"):
        site.restore()
    assert (site.rows(), site.papers()) == ({}, papers)
    shutil.rmtree(site.documents)
    site.restore()
    assert site.rows() == rows


def test_nobody_may_be_at_work_in_a_database_that_is_replaced(own_site: Site):
    site = own_site
    site.back_up()
    with (
        site.cluster.connect("bonefit_app", site.database),
        pytest.raises(BackupError, match=r"1 others are connected .* stop web, worker and beat"),
    ):
        site.restore(replace=True)


def test_who_is_about_to_be_gone_is_waited_for(own_site: Site, monkeypatch: pytest.MonkeyPatch):
    """The server counts one that has left until its process has ended, which takes a moment."""
    site = own_site
    site.back_up()
    opened = site.opened()
    leaving = site.cluster.connect("bonefit_app", site.database)
    come = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'bonefit_owner'"

    def leave() -> None:
        with site.cluster.connect() as sees:
            while sees.execute(come, [site.database]).fetchone() == (0,):
                time.sleep(0.02)
        time.sleep(0.3)
        leaving.close()

    monkeypatch.setattr(postgres, "LEAVING_SECONDS", 60.0)
    other = threading.Thread(target=leave)
    other.start()
    try:
        site.restore(opened, replace=True)
    finally:
        other.join()


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(own_site: Site):
    """The tables were dropped, in the same transaction, when the database refuses a function."""
    site = own_site
    with site.cluster.connect(database=site.database) as superuser:
        # Only he may make it, so the owner cannot make it again.
        superuser.execute("CREATE FUNCTION zz() RETURNS int LANGUAGE internal AS 'pg_backend_pid'")
    site.back_up()
    rows, papers = site.rows(), site.papers()
    with pytest.raises(BackupError, match=r"refused: .*permission denied for language internal"):
        site.restore(replace=True)
    assert site.rows() == rows
    assert site.papers() == papers
    assert not any(path.name.startswith(".before") for path in site.documents.iterdir())


def test_a_verification_touches_nothing_and_finds_what_is_not_as_it_was(one_backup: Site, tmp_path):
    opened = one_backup.opened()
    found = verify(opened, scratch=tmp_path / "scratch", programs="")
    assert found.rows == sum(len(rows) for rows in one_backup.rows().values())
    assert (found.files, found.lost) == (len(one_backup.papers()), 0)
    assert list((tmp_path / "scratch").iterdir()) == []

    rows, total = opened.manifest["tables"]["public.clinics_user"]
    opened.manifest["tables"]["public.clinics_user"] = [rows, str(int(total) + 1)]
    opened.manifest["tables"]["public.clinics_clinic"][0] += 1
    with pytest.raises(
        BackupError,
        match=r"clinics_clinic: \d+ rows, and there were \d+; "
        r"public.clinics_user: as many rows, with other contents",
    ):
        verify(opened, scratch=tmp_path / "scratch", programs="")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_backup_of_a_newer_bonefit_is_not_restored(one_backup: Site):
    opened = one_backup.opened()
    opened.manifest["migrations"].append(["clinics", "9999_from_the_future"])
    with pytest.raises(BackupError, match=r"newer bonefit .clinics 9999_from_the_future."):
        one_backup.restore(opened)


def test_a_file_that_a_row_names_and_nobody_has_is_told(own_site: Site, tmp_path):
    first = next(path for path in sorted(own_site.documents.rglob("*")) if path.is_file())
    first.unlink()
    own_site.back_up()
    assert verify(own_site.opened(), scratch=tmp_path / "scratch", programs="").lost == 1
