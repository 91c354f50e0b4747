"""Each command begins with no clinic in sight, as on a real site, and sees what it needs by itself.

A new command fails here until it has a test that shows so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pyrage
import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from bonefit.audit.sealing import seal
from bonefit.clients.models import Client, RetentionDecision
from bonefit.clinics import rows
from bonefit.clinics.actions import create_clinic
from bonefit.clinics.management.commands import write_access_page
from bonefit.clinics.models import Backup, Clinic, Heartbeat, Membership, Seal, User
from bonefit.paths import BASE_DIR
from programs.models import ProgramVersion
from sessions.management.commands import write_definitions, write_record_page
from sessions.models import DoseReady, SetEntry
from tests.audit.rows import others_have_ended
from tests.deidentify.copies import Copy
from tests.servers import Databases

pytestmark = pytest.mark.django_db(transaction=True)

COMMANDS = {
    path.stem
    for top in ("bonefit", "programs", "sessions")
    for path in (BASE_DIR / top).glob("**/management/commands/*.py")
    if not path.stem.startswith("_")
}
SHOWN: set[str] = set()


def shows(*names: str) -> Callable[[Any], Any]:
    """Note that a test shows these commands at work."""
    SHOWN.update(names)
    return lambda test: test


def said(*command: Any, **options: Any) -> str:
    """What a command says that begins as a deployed one does."""
    out = StringIO()
    with rows.nothing():
        assert not Client.objects.exists()
        call_command(*command, stdout=out, **options)
        assert rows.current() == rows.NOTHING, "it left something in sight"
    return out.getvalue()


@pytest.fixture
def site(copy: Copy, databases: Databases, settings: Any, tmp_path: Path) -> Iterator[Copy]:
    """The world behind the doors in a database that this process uses, and its backups."""
    settings.DATABASE_URL = databases.cluster.url("bonefit_app", copy.name)
    settings.DATABASE_OWNER_URL = copy.owner
    settings.DATABASE_BACKUP_URL = databases.cluster.url("bonefit_backup", copy.name)
    settings.BACKUP_DIR = str(tmp_path / "backups")
    settings.BACKUP_SCRATCH_DIR = str(tmp_path / "scratch")
    key = pyrage.x25519.Identity.generate()
    (tmp_path / "key").write_text(str(key))
    settings.BACKUP_RECIPIENTS = [str(key.to_public())]
    store = {**settings.STORAGES}
    folder = {"location": str(tmp_path / "documents")}
    settings.STORAGES = store | {"private": {**store["private"], "OPTIONS": folder}}
    (tmp_path / "documents").mkdir()
    with copy.in_use():
        yield copy


def sealed(databases: Databases) -> None:
    """Twice: what is marked first is sealed then, once no other test may still write into it."""
    seal(timezone.now())
    others_have_ended(databases)
    seal(timezone.now())


def test_each_command_that_there_is_has_a_test_here():
    assert SHOWN == COMMANDS


@shows("sweep")
def test_a_sweep_sees_the_clinics(site, settings, databases):
    settings.BACKUP_DIR = ""
    Heartbeat.objects.all().delete()
    assert "seal_audit: done" in said("sweep")
    first = dict(Heartbeat.objects.values_list("name", "seen"))
    others_have_ended(databases)
    said("sweep")  # what the first one marked is sealed
    seen = dict(Heartbeat.objects.values_list("name", "seen"))
    for name in ("plan_visits", "sweep_flags", "sweep_missed_visits", "review_intakes"):
        assert name in seen, seen
    assert first["sweep_flags"] > 5, first
    assert first["sweep_missed_visits"] > 5, first
    assert seen["seal_audit"] > 100, seen
    assert not Heartbeat.objects.exclude(error="").exists()


@shows("rebuild_rollups")
def test_the_rows_of_reports_are_made_for_every_clinic(site):
    DoseReady.objects.all().delete()
    assert "The rows are made." in said("rebuild_rollups")
    made = set(DoseReady.objects.values_list("clinic", flat=True))
    assert made == set(Clinic.objects.values_list("pk", flat=True))


@shows("load_catalogue")
def test_the_catalogue_is_published_where_it_is_missing_and_only_there(site):
    new = create_clinic(name="New", slug="new", timezone="Europe/Berlin")
    before = ProgramVersion.objects.exclude(clinic=new).count()
    assert "in 3 clinics" in said("load_catalogue")
    assert ProgramVersion.objects.filter(clinic=new).exists()
    assert ProgramVersion.objects.exclude(clinic=new).count() == before


@shows("open_clinic")
def test_a_clinic_is_opened_with_its_first_admin(site):
    options = {"timezone": "Europe/Berlin", "admin_email": "n@example.org", "admin_name": "N A."}
    assert "New is open" in said("open_clinic", name="New", slug="new", **options)
    assert Membership.objects.get(clinic__slug="new").user.name == "N A."


@shows("released_records")
def test_records_that_may_be_deleted_are_listed_for_every_clinic_without_a_name(site):
    decided = RetentionDecision.objects.filter(kind="release").select_related("client")
    assert len({one.clinic_id for one in decided}) == 2
    told = said("released_records")
    for one in decided:
        assert f"clinic {one.clinic_id}, client {one.client_id}: last entry 2017-03-" in told
        assert one.client.name not in told
    assert told.endswith("Records that may be deleted: 2.\n")


@shows("verify_sets")
def test_sets_are_compared_with_what_was_entered_in_every_clinic(site):
    total = SetEntry.objects.count()
    assert total > 2
    assert f"All {total} sets are what was entered." in said("verify_sets")


@shows("reset_second_step")
def test_a_second_step_is_taken_away(site):
    user = User.objects.filter(memberships__roles__contains=["admin"])[0]
    Authenticator.objects.filter(user=user).delete()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert "Taken away: 1" in said("reset_second_step", user.email)
    assert not Authenticator.objects.filter(user=user).exists()


@shows("verify_audit", "let_go_audit")
def test_the_audit_is_verified_over_the_rows_of_every_clinic(site, databases):
    sealed(databases)
    told = said("verify_audit")
    total = sum(Seal.objects.values_list("rows", flat=True))
    assert f"seals over {total:,} rows hold" in told
    assert total > 100
    upto = Seal.objects.filter(name="looks").latest("number").upto
    assert f"looks up to {upto} were let go" in said(
        "let_go_audit", "looks", upto=upto, why="Six years are over."
    )
    with site.superuser() as sees:
        sees.execute(b"UPDATE training_operation SET kind = 'void_set' WHERE id = 1")
    with pytest.raises(CommandError, match=r"of operations, does not hold: .*row 1\)"):
        said("verify_audit")


@shows("backup", "verify_backup", "restore")
def test_a_backup_has_every_clinic_and_is_put_back(site, tmp_path, databases):
    people = Client.objects.count()
    assert "Restored and compared" in said("backup", "--verify")
    (file,) = (tmp_path / "backups").glob("*.tar")
    key = tmp_path / "key"
    assert "is good" in said("verify_backup", file, identity=key, record=True)
    assert Backup.objects.exclude(verified_at=None).count() == 1
    connection.close()
    other = f"{site.name}_back"
    databases.cluster.make_database(other)
    try:
        said("restore", file, identity=key, into=other, documents=tmp_path / "back")
        assert Copy(site.cluster, other).rows("SELECT count(*) FROM clients_client") == [(people,)]
    finally:
        databases.cluster.drop_database(other)


@shows("deidentify")
def test_a_copy_without_people_has_the_rows_of_every_clinic(site, copied, peopled):
    other: Copy = copied(peopled)
    before = other.rows("SELECT count(*) FROM clients_client")
    said("deidentify", other.name, database_url=other.owner, again=other.name)
    assert other.rows("SELECT count(*) FROM clients_client") == before
    names = "SELECT name FROM clinics_clinic WHERE name NOT LIKE 'Clinic %'"
    assert other.rows(names) == []


@shows("shell")
def test_what_is_typed_into_a_shell_sees_every_clinic(site, capsys):
    query = "from bonefit.clients.models import Client; print(Client.objects.count(), 'clients')"
    said("shell", "--no-imports", command=query)
    assert f"{Client.objects.count()} clients" in capsys.readouterr().out


@shows("seed_demo")
def test_the_demo_s_people_are_there_after_a_command_of_its_own(databases, seeded):
    """``seeded`` is what ``manage.py seed_demo`` made, in a process of its own."""
    made = Copy(databases.cluster, seeded).rows(
        "SELECT c.slug, count(*) FROM clients_client p JOIN clinics_clinic c ON c.id = p.clinic_id"
        " GROUP BY 1"
    )
    assert len(made) == 2
    assert sum(people for _, people in made) > 10


@shows("write_definitions", "write_record_page", "write_access_page")
def test_pages_of_the_documentation_need_no_rows(
    tmp_path, monkeypatch, django_assert_num_queries, settings
):
    for name, module in {
        "write_definitions": write_definitions,
        "write_record_page": write_record_page,
        "write_access_page": write_access_page,
    }.items():
        there = module.DOCUMENT.read_text(encoding="utf-8")
        monkeypatch.setattr(module, "DOCUMENT", tmp_path / f"{name}.md")
        with rows.nothing(), django_assert_num_queries(0):
            call_command(name, stdout=StringIO())
        assert (tmp_path / f"{name}.md").read_text(encoding="utf-8") == there
