"""Which tests go to which worker, and when: a pytest plugin that conftest.py registers.

A file stays in one worker, so that what it builds for itself is built once; so does a group
(``xdist_group``) and a folder whose tests share something dear. What takes longest goes first, or
else one worker would still be in front of a browser when the others have nothing left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

#: Their tests share a world, a Redis, a copied database or a launcher.
FOLDERS = ("tests/attacks/", "tests/backups/", "tests/queue/", "tests/runtime/")
#: What a test takes that asks for one of these, in hundredths of one in front of a browser.
TAKES = (
    (100, {"demo_site", "fresh_demo_site", "live_server", "page", "browser", "redis_server"}),
    (10, {"world", "copied", "transactional_db"}),
    (2, {"db", "cast", "module_cast"}),
)


def shared_by(nodeid: str) -> str:
    """The part of the tests that one worker does: a group, a folder or a file."""
    if nodeid.rfind("@") > nodeid.rfind("]"):
        return nodeid.rpartition("@")[2]
    file = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS if file.startswith(folder)), file)


def takes(item: pytest.Item) -> int:
    """How long a test takes, roughly, by what it asks for."""
    asked = set(getattr(item, "fixturenames", ()))
    return next((long for long, names in TAKES if asked & names), 1)


def in_order(parts: Mapping[str, int], workers: int) -> list[str]:
    """The parts by how long they take, the longest first.

    Each worker is given two to begin with, and nobody else can take the second off it: these are
    the shortest.
    """
    longest = sorted(parts, key=lambda part: -parts[part])
    first, rest = longest[:workers], longest[workers:]
    others = max(len(rest) - workers, 0)
    return [*first, *rest[others:], *rest[:others]]


class ByFile(LoadGroupScheduling):
    """Hands out whole files, and groups as before, in the order of the collected tests."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_by(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known where xdist is switched off, too."""
    config.addinivalue_line("markers", "xdist_group(name): one worker does all tests of the group")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each worker alike, after xdist has written the groups into the tests' names."""
    if not hasattr(config, "workerinput") or not config.getoption("loadgroup"):
        return
    parts: Counter[str] = Counter()
    for item in items:
        parts[shared_by(item.nodeid)] += takes(item)
    order = in_order(parts, config.workerinput["workercount"])
    places = {part: place for place, part in enumerate(order)}
    items.sort(key=lambda item: places[shared_by(item.nodeid)])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """For ``--dist loadgroup``; any other is xdist's own affair."""
    if config.getoption("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False  # by how long they take, not by how many they are
    return ByFile(config, log)
