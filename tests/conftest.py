"""What every test may ask for."""

import pytest
from django.core.cache import cache

pytest_plugins = ["tests.plumbing", "tests.cast", "tests.doors"]


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address is the same for all tests: each names its site.

    Here and not in the plumbing, so that it goes before Playwright's own, which warns of itself.
    """


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> None:
    """Who asked for a login code how often is kept in the cache, and is no other test's matter."""
    cache.clear()
