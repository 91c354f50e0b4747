"""Fixtures of reports: an organisation's admin; long exports with no worker called and no clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from bonefit.clinics import actions as clinics
from bonefit.clinics.models import OrganisationMembership
from programs.models import Enrollment
from sessions import tasks
from tests.cast import NOW, Cast
from tests.reports.long_exports import kept_files


@pytest.fixture
def greta(cast: Cast) -> OrganisationMembership:
    """She administers the organisation, where none of the cast trains until years later."""
    Enrollment.objects.filter(clinic=cast.north).update(
        starts_on=NOW.date() + timedelta(days=3_000)
    )
    return clinics.add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exports for which a worker was sent a message."""
    found: list[int] = []
    monkeypatch.setattr(tasks.write_export, "delay", found.append)
    return found


@pytest.fixture
def at_noon(cast: Cast) -> Iterator[None]:
    """The clock stands still, and no file of another test lies in the folder."""
    for one in kept_files():
        one.unlink()
    with time_machine.travel(NOW, tick=False):
        yield
    for one in kept_files():
        one.unlink()
