"""What waits before tables are emptied sees who is still at work."""

import threading

import psycopg
import pytest

from tests.in_flight import wait_for_the_others

pytestmark = pytest.mark.django_db(transaction=True)  # the list stands still in a transaction


@pytest.fixture
def other(databases, worker_name):
    address = databases.cluster.url("bonefit_app", f"test_{worker_name}")
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def test_a_connection_that_rests_is_not_waited_for(other):
    assert wait_for_the_others(seconds=5)


def test_a_statement_that_runs_is_waited_for_to_its_end(other):
    ended = threading.Event()

    def sleep():
        other.execute("SELECT pg_sleep(0.4)")
        ended.set()

    beside = threading.Thread(target=sleep)
    beside.start()
    while not ended.is_set() and wait_for_the_others(seconds=0.05):
        pass  # the statement has not begun yet
    assert wait_for_the_others(seconds=20)
    assert ended.is_set()
    beside.join()


def test_an_open_transaction_is_somebody_at_work(other):
    with other.transaction():
        other.execute("SELECT 1")
        assert not wait_for_the_others(seconds=0.1)
    assert wait_for_the_others(seconds=5)
