"""A backup opens for its recipients and with its passphrase, for nobody else, without bonefit."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pyrage
import pytest

import bonefit
from bonefit.backups.errors import BackupError
from bonefit.backups.keys import sealing
from bonefit.backups.postgres import program
from bonefit.backups.restoring import open_backup
from tests.backups.site import WORDS, Site


def test_a_recipients_key_opens_it_and_another_does_not(one_backup: Site, tmp_path: Path):
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text(f"# made by age-keygen\n{one_backup.key}\n")
    wrong.write_text(str(pyrage.x25519.Identity.generate()))
    assert open_backup(one_backup.file, key_file=right).manifest["format"] == 1
    with pytest.raises(BackupError, match="it was made for another key"):
        open_backup(one_backup.file, key_file=wrong)
    with pytest.raises(BackupError, match="say --identity"):
        open_backup(one_backup.file, passphrase=WORDS)
    for text in ("", "no key at all", "AGE-SECRET-KEY-1QQQ"):
        wrong.write_text(text)
        with pytest.raises(BackupError, match="holds no secret key of age"):
            open_backup(one_backup.file, key_file=wrong)
    with pytest.raises(BackupError, match="cannot be read: No such file"):
        open_backup(one_backup.file, key_file=tmp_path / "none")


def test_a_passphrase_opens_it_and_another_does_not(under_words: Site):
    file = under_words.file
    assert open_backup(file, passphrase=WORDS).manifest["documents"]["files"] >= 2
    with pytest.raises(BackupError, match="The backup does not open: the passphrase is wrong"):
        open_backup(file, passphrase=WORDS + "!")
    with pytest.raises(BackupError, match="under a passphrase, and none was given"):
        open_backup(file)


def test_a_key_file_may_itself_be_under_a_passphrase(under_words: Site, tmp_path: Path):
    """The key in the backup is such a file: ``age -d -i key.age`` takes it as well."""
    wrapped = tmp_path / "key.age"
    with tarfile.open(under_words.file) as tar:
        wrapped.write_bytes(tar.extractfile("key.age").read())
    assert open_backup(under_words.file, key_file=wrapped, passphrase=WORDS)
    with pytest.raises(BackupError, match="The key file is under a passphrase, and none"):
        open_backup(under_words.file, key_file=wrapped)


def test_nothing_of_it_can_be_read_without_a_key(one_backup: Site):
    data = one_backup.file.read_bytes()
    # Long enough that among millions of bytes of chance none of them comes about.
    for word in (b"clinics_user", b"PGDMP\x01", b"Cal P.", b"%PDF-1.", b"0001_initial"):
        assert word not in data
    assert one_backup.file.stat().st_mode & 0o777 == 0o600


def test_it_opens_without_bonefit(one_backup: Site, tmp_path: Path):
    """As its README says: tar, sha256sum, age, pg_restore."""
    with tarfile.open(one_backup.file) as tar:
        parts = {one.name: tar.extractfile(one).read() for one in tar}
    assert list(parts) == [
        *("README.txt", "rights.sql", "dump.age", "documents.tar.age", "manifest.json.age"),
        "SHA256SUMS",
    ]
    for line in parts["SHA256SUMS"].decode().splitlines():
        value, name = line.split("  ")
        assert hashlib.sha256(parts[name]).hexdigest() == value
    (tmp_path / "dump").write_bytes(pyrage.decrypt(parts["dump.age"], [one_backup.key]))
    listed = subprocess.run(
        [program("pg_restore", ""), "--list", tmp_path / "dump"], capture_output=True, check=True
    )
    assert b"TABLE DATA public training_setentry" in listed.stdout
    papers = io.BytesIO(pyrage.decrypt(parts["documents.tar.age"], [one_backup.key]))
    with tarfile.open(fileobj=papers) as tar:
        said = {one.name: tar.extractfile(one).read() for one in tar}
    assert said == one_backup.papers()


def test_what_the_readme_says_makes_the_same_database(own_site: Site, tmp_path: Path):
    """Owners, rights and policies too: the next release has to be able to migrate it."""
    own_site.back_up()
    rows, shape = own_site.rows(), own_site.shape()
    with tarfile.open(own_site.file) as tar:
        read_me = tar.extractfile("README.txt").read().decode()
        sealed = tar.extractfile("dump.age").read()
        (tmp_path / "rights.sql").write_bytes(tar.extractfile("rights.sql").read())
    (tmp_path / "dump").write_bytes(pyrage.decrypt(sealed, [own_site.key]))
    own_site.cluster.drop_database(own_site.database)
    own_site.cluster.make_database(own_site.database)

    (tmp_path / "bonefit").symlink_to(Path(bonefit.__file__).parent)
    lines = (line for line in read_me.splitlines() if "--dbname=..." in line)
    into = f"--dbname={own_site.cluster.url('postgres', own_site.database)}"
    for name in ("psql", "psql", "pg_restore"):
        line = next(lines).replace("--dbname=...", into).split()
        assert line[0] == name
        subprocess.run([program(name, ""), *line[1:]], cwd=tmp_path, check=True)
    assert own_site.rows() == rows
    assert own_site.shape() == shape


def test_a_backup_is_never_written_in_the_clear():
    with pytest.raises(BackupError, match="Set BACKUP_RECIPIENTS or BACKUP_PASSPHRASE"):
        sealing([], "")
    with pytest.raises(BackupError, match="needs 16 characters or more"):
        sealing([], "too short")
    with pytest.raises(BackupError, match="no public key of age"):
        sealing(["age1nobody"], "")
