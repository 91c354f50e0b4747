"""What every test may ask for."""

import pytest

pytest_plugins = ["tests.plumbing", "tests.cast", "tests.doors"]


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address is the same for all tests: each names its site.

    Here and not in the plumbing, so that it goes before Playwright's own, which warns of itself.
    """
