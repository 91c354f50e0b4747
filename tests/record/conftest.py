"""Fixtures for copies of records: no worker is called, the clock stands still, no file is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from sessions import tasks
from tests.cast import NOW, Cast
from tests.record.copying import kept_zips


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The copies for which a worker was sent a message."""
    found: list[int] = []
    monkeypatch.setattr(tasks.write_copy, "delay", found.append)
    return found


@pytest.fixture
def at_noon(cast: Cast) -> Iterator[None]:
    """The clock stands still, and no file of another test lies in the folder."""
    for one in kept_zips():
        one.unlink()
    with time_machine.travel(NOW, tick=False):
        yield
    for one in kept_zips():
        one.unlink()
