"""What waits before tables are emptied sees who is still at work."""

import threading

import psycopg
import pytest

from tests.in_flight import wait_for_the_others

#: The key of the lock that a statement waits for, so that it runs until the test lets it go on.
LOCK = 4711
WAITS_FOR_IT = f"""
SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND objid = {LOCK} AND NOT granted AND datname = current_database()
"""

pytestmark = pytest.mark.django_db(transaction=True)  # the list stands still in a transaction


@pytest.fixture
def other(databases, worker_name):
    address = databases.cluster.url("bonefit_app", f"test_{worker_name}")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def now_of(one):
    return one.execute("SELECT clock_timestamp()").fetchone()[0]


def test_a_connection_that_rests_is_not_waited_for(other):
    assert wait_for_the_others(seconds=120)


def test_a_statement_that_runs_is_waited_for_to_its_end(other, databases, worker_name):
    ended = []

    def sleep():
        slept = other.execute(
            f"SELECT pg_advisory_lock({LOCK}), pg_sleep(0.4), clock_timestamp()"
        ).fetchone()
        ended.append(slept[2])

    address = databases.cluster.url("bonefit_app", f"test_{worker_name}")
    with psycopg.connect(address, autocommit=True) as third:
        third.execute(f"SELECT pg_advisory_lock({LOCK})")
        beside = threading.Thread(target=sleep)
        beside.start()
        while not third.execute(WAITS_FOR_IT).fetchone():
            pass  # the statement has not begun yet
        assert not wait_for_the_others(seconds=0.1)
        third.execute(f"SELECT pg_advisory_unlock({LOCK})")
        assert wait_for_the_others(seconds=120)
        over = now_of(third)
    beside.join()
    assert ended[0] <= over


def test_an_open_transaction_is_somebody_at_work(other):
    with other.transaction():
        other.execute("SELECT 1")
        assert not wait_for_the_others(seconds=0.1)
    assert wait_for_the_others(seconds=120)
