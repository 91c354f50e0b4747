"""No process serves anybody as a role that policies do not bind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from bonefit.clinics.roles import troubles
from bonefit.embedded import Cluster
from bonefit.paths import BASE_DIR
from tests.servers import Databases, environment

STARTS = {
    "web": ("-c", "import bonefit.wsgi"),
    "worker": ("-m", "celery", "--app", "bonefit", "worker", "--pool", "solo"),
    "beat": ("-m", "celery", "--app", "bonefit", "beat", "--pidfile="),
}


def start(cluster: Cluster, database: str, role: str, *command: str) -> subprocess.CompletedProcess:
    address = cluster.url(role, database)
    return subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=environment(
            DJANGO_SETTINGS_MODULE="bonefit.demo.settings",
            DATABASE_URL=address,
            REDIS_URL="redis://127.0.0.1:1/0",
            # A folder that is there: beat begins with its schedule, before it connects.
            VAR_DIR=os.environ["VAR_DIR"],
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def database(databases: Databases, migrated: str, worker_name: str) -> Iterator[str]:
    """One of this file's own: nobody may be connected to the one that others are copied from."""
    yield (name := databases.clone(migrated, f"roles_{worker_name}"))
    databases.cluster.drop_database(name)


@pytest.fixture
def handy(databases: Databases, database: str, worker_name: str) -> Iterator[str]:
    """A role of somebody's that may become the owner of the tables."""
    name = f"handy_{worker_name}"
    with databases.cluster.connect(database=database) as superuser:
        superuser.execute(f"CREATE ROLE {name} LOGIN IN ROLE bonefit_owner".encode())
        yield name
        superuser.execute(f"DROP ROLE {name}".encode())


@pytest.mark.parametrize("process", STARTS)
def test_nothing_starts_as_the_owner_of_the_tables(process, databases, database):
    done = start(databases.cluster, database, "bonefit_owner", *STARTS[process])
    assert done.returncode != 0
    assert "The role bonefit_owner owns tables" in done.stderr
    assert "roles.sql" in done.stderr


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("bonefit_backup", "The role bonefit_backup has, or can take, BYPASSRLS"),
        ("postgres", "The role postgres is, or can become, a superuser"),
    ],
)
def test_the_site_does_not_start_as_a_role_that_policies_do_not_bind(
    role, said, databases, database
):
    done = start(databases.cluster, database, role, *STARTS["web"])
    assert done.returncode != 0
    assert said in done.stderr


def test_the_site_does_not_start_as_a_role_that_may_become_the_owner(handy, databases, database):
    done = start(databases.cluster, database, handy, *STARTS["web"])
    assert done.returncode != 0
    assert f"The role {handy} owns tables, or can become who does" in done.stderr


def test_the_site_starts_as_the_app(databases, database):
    done = start(databases.cluster, database, "bonefit_app", *STARTS["web"])
    assert done.returncode == 0, done.stderr


def test_a_site_whose_database_is_away_starts_and_looks_when_it_answers(databases, database):
    """The database comes back under a role that is not bound: its first question is refused."""
    code = (
        "import os, django\n"
        "django.setup()\n"
        "from django.db import connection\n"
        "there = connection.settings_dict['HOST']\n"
        "connection.settings_dict['HOST'] = '/nowhere'\n"
        "import bonefit.wsgi\n"
        "connection.settings_dict['HOST'] = there\n"
        "print('started')\n"
        "connection.cursor()\n"
    )
    done = start(databases.cluster, database, "bonefit_owner", "-c", code)
    assert "started" in done.stdout
    assert done.returncode != 0
    assert "The role bonefit_owner owns tables" in done.stderr


def test_the_check_of_a_deployment_says_it(databases, database):
    check = ("manage.py", "check", "--deploy", "--database", "default")
    done = start(databases.cluster, database, "bonefit_owner", *check)
    assert done.returncode != 0
    assert "bonefit.E003" in done.stderr
    done = start(databases.cluster, database, "bonefit_app", *check)
    assert "bonefit.E003" not in done.stderr


def test_the_app_has_no_way_around_the_policies(databases, database):
    """What the role may do is what roles.sql gives it, on the database that tests run on too."""
    with psycopg.connect(databases.cluster.url("bonefit_app", database)) as app:
        assert troubles(app) == []
