"""``backup``, ``verify_backup`` and ``restore``, as whoever runs the site types them."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bonefit.clinics.models import Backup
from tests.backups.site import WORDS, Site
from tests.plumbing import use

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run_site(own_site: Site, settings: Any, tmp_path: Path) -> Iterator[Site]:
    """The settings are those of a site that makes backups."""
    before = connection.settings_dict["NAME"]
    settings.BACKUP_DIR = str(own_site.backups)
    settings.DATABASE_BACKUP_URL = own_site.cluster.url("bonefit_backup", own_site.database)
    settings.DATABASE_OWNER_URL = own_site.cluster.url("bonefit_owner", own_site.database)
    settings.BACKUP_RECIPIENTS = [str(own_site.key.to_public())]
    settings.BACKUP_SCRATCH_DIR = str(tmp_path / "scratch")
    store = {**settings.STORAGES}
    store["private"] = {**store["private"], "OPTIONS": {"location": str(own_site.documents)}}
    settings.STORAGES = store
    use("bonefit_app", own_site.database, own_site.cluster)
    yield own_site
    use("bonefit_app", before, own_site.cluster)


def said(*command: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def test_backup_verify_and_restore_onto_an_emptied_site(run_site: Site, tmp_path: Path):
    site = run_site
    key = tmp_path / "key"
    key.write_text(str(site.key))
    told = said("backup", "--verify")
    row = Backup.objects.get()
    assert f"{row.name}: {row.rows:,} rows, {row.files} documents" in told
    assert "Restored and compared: " in told
    assert row.verified_at is not None
    Backup.objects.update(verified_at=None)

    told = said("verify_backup", site.file, identity=key, record=True)
    assert f"{row.name} is good" in told
    assert Backup.objects.get().verified_at is not None
    connection.close()
    rows, papers = site.rows(), site.papers()

    with pytest.raises(CommandError, match="The database is not empty"):
        said("restore", site.file, identity=key)
    with pytest.raises(CommandError, match="say --identity"):
        said("restore", site.file)
    told = said("restore", site.file, identity=key, replace=True)
    assert "Documents that were there are in .before-" in told
    # The note of the backup came after it.
    rows["clinics_backup"] = []
    assert (site.rows(), site.papers()) == (rows, papers)


def test_restore_into_another_database_and_folder(
    run_site: Site, under_words: Site, settings: Any, tmp_path: Path
):
    site, file = run_site, under_words.file
    settings.BACKUP_PASSPHRASE = WORDS
    other = f"{site.database}_other"
    site.cluster.make_database(other)
    try:
        told = said("restore", file, into=other, documents=tmp_path / "other" / "documents")
        assert "Restored and compared: " in told
        there = Site(site.cluster, other, tmp_path, None)
        assert there.rows()["clinics_user"] == site.rows()["clinics_user"]
        there.folder = tmp_path / "other"
        assert there.papers() == site.papers()
    finally:
        site.cluster.drop_database(other)
    settings.BACKUP_PASSPHRASE = ""
    with pytest.raises(CommandError, match="under a passphrase, and none was given"):
        said("verify_backup", file)


def test_what_is_not_configured_is_asked_for(settings: Any, tmp_path: Path):
    with pytest.raises(CommandError, match="No backup is configured: set BACKUP_DIR"):
        said("backup")
    with pytest.raises(CommandError, match="Set DATABASE_BACKUP_URL"):
        said("restore", tmp_path / "x.tar")
    with pytest.raises(CommandError, match=r"x\.tar cannot be read: No such file"):
        said("verify_backup", tmp_path / "x.tar")
