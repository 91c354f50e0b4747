"""What the command makes of a copy."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection

from bonefit.deidentify.running import Done, deidentify
from tests.deidentify.copies import Copy
from tests.servers import Databases


@pytest.fixture
def clean(databases: Databases, migrated: str) -> Callable[..., Done]:
    """Take the people out of a copy, as the command does on a site that has another database."""

    def run(one: Copy, pause: Callable[[float], None] = time.sleep) -> Done:
        connection.close()
        deployed = [databases.cluster.url("bonefit_app", migrated)]
        return deidentify(one.owner, name=one.name, again=one.name, deployed=deployed, pause=pause)

    return run
