"""A database with people in it, and copies for tests that do what they like with one: a plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from programs import plans
from tests.deidentify.copies import Copy
from tests.doors import build_world, on_friday
from tests.plumbing import use
from tests.servers import Databases


@pytest.fixture(scope="session")
def peopled(
    databases: Databases,
    migrated: str,
    django_db_setup: None,
    django_db_blocker: Any,
    worker_name: str,
) -> Iterator[str]:
    """A database with the world behind the doors in it."""
    name, before = f"peopled_{worker_name}", connection.settings_dict["NAME"]
    databases.clone(migrated, name)
    use("bonefit_app", name, databases.cluster)
    plans.forget()  # the same keys are other rows here
    with django_db_blocker.unblock(), on_friday():
        build_world()
        connection.close()
    plans.forget()
    use("bonefit_app", before, databases.cluster)
    yield name
    databases.cluster.drop_database(name)


@pytest.fixture
def copied(databases: Databases, worker_name: str) -> Iterator[Callable[[str], Copy]]:
    """Make a copy of a database for one test, which may do what it likes with it."""
    made: list[str] = []

    def copy(of: str) -> Copy:
        name = f"copy_{len(made)}_{worker_name}"
        databases.clone(of, name)
        with databases.cluster.connect() as superuser:  # as roles.sql does
            superuser.execute(f"ALTER DATABASE {name} OWNER TO bonefit_owner".encode())
        made.append(name)
        return Copy(databases.cluster, name)

    yield copy
    for name in made:
        databases.cluster.drop_database(name)


@pytest.fixture
def copy(copied: Callable[[str], Copy], peopled: str) -> Copy:
    """A copy of the world behind the doors."""
    return copied(peopled)
