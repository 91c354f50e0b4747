"""A sender that dies at the worst moment, and senders that work side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise

import psycopg
import pytest
from django.db import DatabaseError, connection

from sessions.models import Notice
from sessions.outbox import send_due
from sessions.posting import CLAIM
from tests.cast import NOW, Cast, enroll
from tests.notices.senders import Senders
from tests.notices.smtp import Postbox
from tests.notices.test_outbox import message
from tests.servers import SECONDS_TO_START, Databases

pytestmark = pytest.mark.django_db(transaction=True)

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def senders(box: Postbox, databases: Databases, worker_name: str) -> Senders:
    return Senders("sessions.outbox", box, databases, f"test_{worker_name}")


def test_a_sender_killed_after_sending_and_before_recording_forgets_nobody(
    cast: Cast, box: Postbox, senders: Senders
):
    first, second = message(cast.cal_client, key="a"), message(cast.cam_client, key="b")
    senders.killed_after(1, NOW)
    assert box.said == [("cal@example.org", box.received[0].subject)]
    assert Notice.objects.filter(sent_at=None, claimed_at__isnull=False).count() == 2

    # Nobody hears of it twice within a minute, nor while another sender may still be at it.
    for wait in (SECOND, MINUTE, CLAIM - SECOND):
        assert send_due(NOW + wait) == 0
    assert send_due(NOW + CLAIM + SECOND) == 2

    assert [one.to for one in box.received] == [
        "cal@example.org",
        "cal@example.org",
        "cam@example.org",
    ]
    # A mail program can tell that it is the same message.
    assert box.received[0].id == box.received[1].id
    assert not Notice.objects.filter(sent_at=None).exists()
    assert {first.pk, second.pk} == set(Notice.objects.values_list("pk", flat=True))


def test_a_sender_in_its_own_process_does_all_by_itself(cast: Cast, box: Postbox, senders: Senders):
    message(cast.cal_client)
    assert senders.start(NOW).wait(SECONDS_TO_START) == 0
    assert [one.to for one in box.received] == ["cal@example.org"]
    assert Notice.objects.filter(sent_at__isnull=False).count() == 1


@contextmanager
def nothing_is_recorded(databases: Databases, worker_name: str) -> Iterator[None]:
    """The database refuses to write down that a message was sent."""

    def owner() -> psycopg.Connection:
        return databases.cluster.connect("bonefit_owner", f"test_{worker_name}")

    with owner() as tables:
        tables.execute(
            b"CREATE FUNCTION not_recorded() RETURNS trigger LANGUAGE plpgsql AS "
            b"$$BEGIN IF NEW.sent_at IS NOT NULL THEN RAISE EXCEPTION 'no'; END IF; "
            b"RETURN NEW; END$$"
        )
        tables.execute(
            b"CREATE TRIGGER not_recorded BEFORE UPDATE ON training_notice "
            b"FOR EACH ROW EXECUTE FUNCTION not_recorded()"
        )
        try:
            yield
        finally:
            tables.execute(b"DROP FUNCTION not_recorded CASCADE")


def test_a_database_that_cannot_record_stops_the_sender_after_one_message(
    cast: Cast, box: Postbox, databases: Databases, worker_name: str
):
    """Else it would tell everybody again ten minutes later, and for ever."""
    message(cast.cal_client, key="a")
    message(cast.cam_client, key="b")
    with nothing_is_recorded(databases, worker_name), pytest.raises(DatabaseError):
        send_due(NOW)
    assert [one.to for one in box.received] == ["cal@example.org"]

    assert send_due(NOW + CLAIM - SECOND) == 0
    assert send_due(NOW + CLAIM + SECOND) == 2
    assert [one.to for one in box.received[1:]] == ["cal@example.org", "cam@example.org"]


def at_once(count: int, act: Callable[[], object]) -> list[BaseException]:
    """Do it in so many threads that begin together; what they raised."""
    barrier = threading.Barrier(count)
    errors: list[BaseException] = []

    def run() -> None:
        try:
            barrier.wait()
            act()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_six_senders_at_once_send_each_message_once(cast: Cast, box: Postbox):
    for number in range(24):
        person = enroll(cast.ana, f"Person {number}", email=f"p{number}@example.org")
        message(person, key=f"{number}")

    assert at_once(6, lambda: send_due(NOW, batch=2)) == []
    send_due(NOW)

    expected = sorted(f"p{number}@example.org" for number in range(24))
    assert sorted(one.to for one in box.received) == expected


def test_six_senders_at_once_write_to_one_client_once_a_minute(cast: Cast, box: Postbox):
    for number in range(6):
        message(cast.cal_client, key=f"{number}")
    now = NOW
    arrived: list[datetime] = []
    for _ in range(14):
        before = len(box.received)
        at = now
        assert at_once(6, lambda at=at: send_due(at, batch=1)) == []
        arrived += [now] * (len(box.received) - before)
        now += 35 * SECOND
    assert len(arrived) == 6
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(arrived))
