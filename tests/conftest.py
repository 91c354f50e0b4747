"""What every test may ask for."""

import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.files.storage import storages

from bonefit.clients import looks_lately

pytest_plugins = [
    *("tests.plumbing", "tests.garbage", "tests.sharing", "tests.uncounted", "tests.steps_taken"),
    *("tests.in_flight", "tests.emptied", "tests.properties"),
    *("tests.cast", "tests.cast_database", "tests.doors", "tests.copied"),
]


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address is the same for all tests: each names its site.

    Here and not in the plumbing, so that it goes before Playwright's own, which warns of itself.
    """


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> None:
    """Who asked for a login code how often is kept in the cache, and is no other test's matter."""
    cache.clear()


@pytest.fixture(autouse=True)
def no_look_remembered() -> None:
    """The rows of the test before were taken back; this process would still go by them."""
    looks_lately.forget()


@pytest.fixture(scope="session", autouse=True)
def no_papers_left() -> Iterator[None]:
    """Papers of invented clients are kept in a folder of this run, and go with it."""
    yield
    shutil.rmtree(storages["private"].location, ignore_errors=True)
