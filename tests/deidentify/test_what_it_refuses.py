"""It changes a copy, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bonefit.deidentify.running import Done, Refused, deidentify
from bonefit.deidentify.shape import shape
from bonefit.deidentify.table import Undeclared
from tests.deidentify.copies import Copy
from tests.servers import Databases

NAMES = "SELECT array_agg(name ORDER BY id) FROM clients_client"


@pytest.fixture
def as_it_was(copy: Copy) -> Any:
    """After the test nothing in the copy is different."""
    before = copy.rows(NAMES)
    yield copy
    assert copy.rows(NAMES) == before


def test_a_name_that_is_not_written_twice_alike(as_it_was: Copy, databases: Databases, migrated):
    deployed = [databases.cluster.url("bonefit_app", migrated)]
    for name, again in (("", ""), (as_it_was.name, ""), (as_it_was.name, "bonefit")):
        with pytest.raises(Refused, match="not written twice alike"):
            deidentify(as_it_was.owner, name=name, again=again, deployed=deployed)
    with pytest.raises(Refused, match=f"The address is that of {as_it_was.name}, not of other"):
        deidentify(as_it_was.owner, name="other", again="other", deployed=deployed)


@pytest.mark.parametrize("role", ["bonefit_app", "bonefit_owner", "bonefit_backup"])
def test_the_database_of_the_site_by_whichever_address(
    as_it_was: Copy, databases: Databases, role: str
):
    """Also where the two addresses differ: the server says which one it is."""
    address = databases.cluster.url(role, as_it_was.name)
    for deployed in (address, f"{address}&application_name=elsewhere"):
        with pytest.raises(Refused, match="is the database of this site"):
            deidentify(
                as_it_was.owner, name=as_it_was.name, again=as_it_was.name, deployed=[deployed]
            )


def test_a_site_whose_own_database_does_not_answer(as_it_was: Copy, databases: Databases):
    gone = [databases.cluster.url("bonefit_app", "there_is_no_such")]
    with pytest.raises(Refused, match="does not answer, so nobody can tell"):
        deidentify(as_it_was.owner, name=as_it_was.name, again=as_it_was.name, deployed=gone)


def test_a_database_that_somebody_works_with(as_it_was: Copy, clean: Callable[[Copy], Done]):
    with (
        psycopg.connect(as_it_was.cluster.url("bonefit_app", as_it_was.name)),
        pytest.raises(Refused, match="1 others are connected"),
    ):
        clean(as_it_was)


def test_an_address_that_is_not_the_owner_s(as_it_was: Copy, databases: Databases, migrated: str):
    with pytest.raises(Refused, match="has to be that of bonefit_owner"):
        deidentify(
            databases.cluster.url("bonefit_app", as_it_was.name),
            name=as_it_was.name,
            again=as_it_was.name,
            deployed=[databases.cluster.url("bonefit_app", migrated)],
        )


def test_a_table_or_a_column_that_nobody_declared(as_it_was: Copy, clean: Callable[[Copy], Done]):
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(b"CREATE TABLE public.people_of_old (name text)")
        owner.execute(b"ALTER TABLE clients_client ADD COLUMN nickname text")
    with pytest.raises(Undeclared, match=r"people_of_old \(no model\)"):
        clean(as_it_was)
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(b"DROP TABLE public.people_of_old")
    with pytest.raises(Undeclared, match=r"clients\.Client\.nickname"):
        clean(as_it_was)


BESIDE = {
    "the table reporting.people": (
        "CREATE SCHEMA reporting; CREATE TABLE reporting.people AS SELECT * FROM clinics_user",
        "DROP SCHEMA reporting CASCADE",
    ),
    "the materialized view public.of_old": (
        "CREATE MATERIALIZED VIEW public.of_old AS SELECT name FROM clinics_user",
        "DROP MATERIALIZED VIEW public.of_old",
    ),
    "the large object 4711": (
        "SELECT lo_from_bytea(4711, 'Somebody')",
        "SELECT lo_unlink(4711)",
    ),
}


@pytest.mark.parametrize("what", BESIDE)
def test_what_holds_rows_beside_the_tables_of_the_site(
    as_it_was: Copy, clean: Callable[[Copy], Done], what: str
):
    made, gone = BESIDE[what]
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(made.encode())
    with pytest.raises(Undeclared, match=f"what becomes of {what}: drop it from the copy first"):
        clean(as_it_was)
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(gone.encode())
        assert shape(owner).labels["clients_client"] == "clients.Client"


def test_a_copy_of_an_older_release(as_it_was: Copy, clean: Callable[[Copy], Done]):
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(b"DELETE FROM django_migrations WHERE app = 'clients' AND name LIKE '0014%'")
    with pytest.raises(Refused, match=r"of an older bonefit \(clients 0014"):
        clean(as_it_was)


def test_what_breaks_half_way_leaves_everything_as_it_was(
    as_it_was: Copy, clean: Callable[[Copy], Done]
):
    with as_it_was.cluster.connect("bonefit_owner", as_it_was.name) as owner:
        owner.execute(
            b"ALTER TABLE training_sessionnote ADD CONSTRAINT of_before CHECK (length(plan) <> 1)"
        )
    with as_it_was.superuser() as sees:
        sees.execute(b"UPDATE training_sessionnote SET plan = 'Rest'")
    with pytest.raises(psycopg.errors.CheckViolation):
        clean(as_it_was)


def test_the_command_says_what_it_did_and_asks_for_the_name_again(
    copy: Copy, databases: Databases, settings: Any
):
    connection.close()
    site = connection.settings_dict["NAME"]
    for variable, role in (("DATABASE_URL", "app"), ("DATABASE_OWNER_URL", "owner")):
        setattr(settings, variable, databases.cluster.url(f"bonefit_{role}", site))
    settings.DATABASE_BACKUP_URL = ""
    with pytest.raises(CommandError, match="not written twice alike"):
        call_command("deidentify", copy.name, database_url=copy.owner)
    own = databases.cluster.url("bonefit_owner", site)
    with pytest.raises(CommandError, match="is the database of this site"):
        call_command("deidentify", site, database_url=own, again=site)
    out = StringIO()
    call_command("deidentify", copy.name, database_url=copy.owner, again=copy.name, stdout=out)
    assert "tables are written anew" in out.getvalue()
    assert "Hand over a dump of it" in out.getvalue()
