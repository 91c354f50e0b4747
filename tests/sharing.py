"""Which tests go to which worker: a pytest plugin that conftest.py registers.

A file stays in one worker, so that what it builds for itself is built once; so does a group
(``xdist_group``) and a folder whose tests share something dear. The greatest go first.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadGroupScheduling

#: Their tests share a world, a Redis, a copied database or a launcher.
FOLDERS = ("tests/attacks/", "tests/backups/", "tests/queue/", "tests/runtime/")


def shared_by(nodeid: str) -> str:
    """The part of the tests that one worker does: a group, a folder or a file."""
    if nodeid.rfind("@") > nodeid.rfind("]"):
        return nodeid.rpartition("@")[2]
    file = nodeid.partition("::")[0]
    return next((folder for folder in FOLDERS if file.startswith(folder)), file)


class ByFile(LoadGroupScheduling):
    """Hands out whole files, and groups as before."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_by(nodeid)


def pytest_configure(config: pytest.Config) -> None:
    """The mark is known where xdist is switched off, too."""
    config.addinivalue_line("markers", "xdist_group(name): one worker does all tests of the group")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile | None:
    """For ``--dist loadgroup``; any other is xdist's own affair."""
    return ByFile(config, log) if config.getoption("dist") == "loadgroup" else None  # type: ignore[arg-type]
