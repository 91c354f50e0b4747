"""Tables are emptied only when the server beside a test is done with its requests: a pytest plugin.

A page that brings its tables later may have asked for one just when its test ended. To empty the
tables beside that request is a deadlock, and the next test finds the rows of the last.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connection

AT_WORK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""


@pytest.fixture(autouse=True)
def requests_are_over(request: pytest.FixtureRequest) -> Iterator[None]:
    """For tests with a live server. The browser is asked for after this, so it is closed before."""
    serves = "live_server" in request.fixturenames
    if serves:
        request.getfixturevalue("live_server")
    yield
    if serves:
        wait_for_the_others(seconds=120)


def wait_for_the_others(*, seconds: float) -> bool:
    """Wait until no other connection to this database is at work, and say whether that came.

    Twice in a row, since a request rests between two statements.
    """
    quiet, end = 0, time.monotonic() + seconds
    while quiet < 2 and time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(AT_WORK)
            quiet = quiet + 1 if cursor.fetchone() == (0,) else 0
        time.sleep(0.02)
    return quiet == 2
