"""A site with a world in it, its documents, and a key: what every test of backups begins with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.db import connection, models

from programs import plans
from tests.backups.site import NOW, OUT_OF_BAND, WORDS, Site
from tests.doors import build_world, on_friday
from tests.plumbing import use
from tests.servers import Databases


@pytest.fixture(scope="session")
def filled(
    databases: Databases,
    migrated: str,
    django_db_setup: None,
    django_db_blocker: Any,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path]]:
    """A database that the world behind the doors was written to, and the folder of its papers."""
    name, before = f"backups_{worker_name}", connection.settings_dict["NAME"]
    databases.clone(migrated, name)
    with databases.cluster.connect("bonefit_owner", name) as owner:
        owner.execute(OUT_OF_BAND.encode())
    ours = tmp_path_factory.mktemp("papers")
    use("bonefit_app", name, databases.cluster)
    plans.forget()  # the same keys are other rows here
    with django_db_blocker.unblock(), on_friday():
        build_world()
        move_papers(ours)
        connection.close()
    plans.forget()
    use("bonefit_app", before, databases.cluster)
    yield name, ours
    databases.cluster.drop_database(name)


def move_papers(ours: Path) -> None:
    """Take the files that rows name out of the folder that all tests write to."""
    fields = [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
    for model, field in fields:
        names = model._default_manager.exclude(**{field: ""}).values_list(field, flat=True)
        for name in names:
            target = ours / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(storages["private"].path(name), target)


@pytest.fixture
def site(filled: tuple[str, Path], databases: Databases, tmp_path: Path) -> Site:
    """The filled database itself, for tests that only read it, and a copy of its papers."""
    shutil.copytree(filled[1], tmp_path / "documents")
    return Site(databases.cluster, filled[0], tmp_path, pyrage.x25519.Identity.generate())


@pytest.fixture
def own_site(
    filled: tuple[str, Path], databases: Databases, tmp_path: Path, worker_name: str
) -> Iterator[Site]:
    """The same in a database of the test's own, which it may destroy."""
    shutil.copytree(filled[1], tmp_path / "documents")
    name = f"destroyed_{worker_name}"
    databases.clone(filled[0], name)
    yield Site(databases.cluster, name, tmp_path, pyrage.x25519.Identity.generate())
    databases.cluster.drop_database(name)


@pytest.fixture(scope="session")
def one_backup(
    filled: tuple[str, Path], databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """A site with a backup in its folder, for tests that only look at that."""
    folder = tmp_path_factory.mktemp("one")
    shutil.copytree(filled[1], folder / "documents")
    made = Site(databases.cluster, filled[0], folder, pyrage.x25519.Identity.generate())
    made.back_up(NOW)
    return made


@pytest.fixture(scope="session")
def under_words(
    filled: tuple[str, Path], databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Site:
    """The same with a passphrase and no recipient. To use one costs a second, by design."""
    folder = tmp_path_factory.mktemp("words")
    shutil.copytree(filled[1], folder / "documents")
    made = Site(databases.cluster, filled[0], folder, pyrage.x25519.Identity.generate())
    made.back_up(NOW, recipients=[], passphrase=WORDS)
    return made
