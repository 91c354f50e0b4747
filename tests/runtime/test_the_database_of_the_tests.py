"""The tests run on real PostgreSQL, in the role that the deployed site has."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from bonefit.clinics.models import Organisation
from tests.cast import build_cast


def one(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_tests_run_as_the_app_role_on_postgresql_18():
    assert one("SELECT current_user") == "bonefit_app"
    assert str(one("SHOW server_version")).startswith("18")


@pytest.mark.django_db
def test_the_app_owns_no_table_and_may_not_change_one():
    owned = "SELECT count(*) FROM pg_tables WHERE tableowner = current_user"
    assert one(owned) == 0
    with pytest.raises(ProgrammingError, match="must be owner"), transaction.atomic():
        one("DROP TABLE django_migrations")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        one("CREATE TABLE mine (id int)")


@pytest.mark.django_db
def test_the_app_is_not_a_superuser_and_makes_no_databases_or_roles():
    assert (
        one("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = user")
        is False
    )


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_writes_rows(noon):
    Organisation.objects.create(name="Kept until the end of this test")
    assert Organisation.objects.count() == 1
    build_cast()


@pytest.mark.django_db(transaction=True)
def test_and_leaves_none_to_the_next():
    assert Organisation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_nor_anything_in_any_other_table_whoever_may_see_it(databases):
    with databases.cluster.connect(database=connection.settings_dict["NAME"]) as superuser:
        left = [
            name
            for name in connection.introspection.django_table_names()
            if name not in ("django_content_type", "auth_permission")
            and superuser.execute(f"SELECT 1 FROM {name} LIMIT 1".encode()).fetchone()
        ]
    assert left == []


def test_the_backup_role_reads_everything_and_writes_nothing(databases, migrated):
    with databases.cluster.connect("bonefit_backup", databases.clone(migrated, "backup")) as backup:
        assert backup.execute("SELECT count(*) FROM clinics_organisation").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            backup.execute("DELETE FROM clinics_organisation")
