"""A database in which the named cast is there already, for the tests that undo what they write.

To build the cast takes a third of a second, and two thousand tests ask for it. So each worker
builds it once, and a test gets new objects of the same rows. A test that commits, or that asks for
no cast, has the empty database; there the cast is built anew.

What all tests of a module build on top of it, they build once with ``module_cast``.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from programs import plans
from tests.cast import NOW, Cast, build_cast
from tests.plumbing import commits, use
from tests.servers import Databases

_ASKED = pytest.StashKey[bool]()
_OF_THE_WORKER = pytest.StashKey["CastDatabase"]()


class CastDatabase:
    """This worker's database of the cast, made when the first test asks for it."""

    def __init__(
        self, databases: Databases, template: str, empty: str, peopled: str, blocker: Any
    ) -> None:
        self.databases, self.template, self.blocker = databases, template, blocker
        self.empty, self.peopled = empty, peopled
        self._cast = b""

    @property
    def in_use(self) -> bool:
        return bool(connection.settings_dict["NAME"] == self.peopled)

    def choose(self, peopled: bool) -> None:
        """Point Django at the one or the other, unless a whole module's transaction is open."""
        if peopled == self.in_use or connection.in_atomic_block:
            return
        if peopled and not self._cast:
            self.databases.clone(self.template, self.peopled)
        use("bonefit_app", self.peopled if peopled else self.empty, self.databases.cluster)
        plans.forget()  # the same keys are other rows here
        if peopled and not self._cast:
            with self.blocker.unblock(), time_machine.travel(NOW, tick=False):
                self._cast = pickle.dumps(build_cast())

    def cast(self) -> Cast:
        """As if it had just been built: nothing is left of what a test before set or read."""
        plans.forget()
        cast: Cast = pickle.loads(self._cast)
        for clinic in (cast.north, cast.harbor):
            plans.rules_of(clinic)
        return cast


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    databases: Databases,
    migrated: str,
    django_db_blocker: Any,
    worker_name: str,
    pytestconfig: pytest.Config,
) -> Iterator[None]:
    """After the plumbing's own, whose database stays the one without a cast."""
    names = f"test_{worker_name}", f"cast_{worker_name}"
    ours = CastDatabase(databases, migrated, *names, django_db_blocker)
    pytestconfig.stash[_OF_THE_WORKER] = ours
    ours.choose(pytestconfig.stash[_ASKED])
    yield
    del pytestconfig.stash[_OF_THE_WORKER]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Before pytest-django opens the test's transaction."""
    stash = item.config.stash
    names = getattr(item, "fixturenames", ())
    stash[_ASKED] = not {"cast", "module_cast"}.isdisjoint(names) and not commits(item)
    if _OF_THE_WORKER in stash:
        stash[_OF_THE_WORKER].choose(stash[_ASKED])


@pytest.fixture
def cast(db: None, noon: None, pytestconfig: pytest.Config) -> Cast:
    ours = pytestconfig.stash[_OF_THE_WORKER]
    return ours.cast() if ours.in_use else build_cast()


@pytest.fixture(scope="module")
def module_cast(
    django_db_setup: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[Cast]:
    """The cast for a module's fixtures of that scope: what they write at NOW is there for each of
    its tests, which are undone to that, and is undone after the last one.

    None of the tests may commit. ``cast`` is beside it as ever, with new objects for each test.
    """
    ours = pytestconfig.stash[_OF_THE_WORKER]
    if not ours.in_use:
        raise pytest.UsageError("No test that commits may ask for module_cast.")
    now = time_machine.travel(NOW, tick=True)
    with django_db_blocker.unblock(), now, transaction.atomic():
        yield ours.cast()
        transaction.set_rollback(True)
