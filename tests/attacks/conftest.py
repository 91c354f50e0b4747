"""One world behind the doors for all tests of this folder, and the forms on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.attacks.forms_on_pages import Form, forms_of
from tests.doors import World, build_world, on_friday


@pytest.fixture(scope="package")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """As in tests/doors.py, but once for the folder: one worker does all of it."""
    with django_db_blocker.unblock(), on_friday(), transaction.atomic():
        yield build_world()
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def forms(built: World) -> dict[str, list[Form]]:
    """Every form of every page of Northside, by the route that it is sent to."""
    with transaction.atomic():
        found = forms_of(built)
        transaction.set_rollback(True)
    return found
