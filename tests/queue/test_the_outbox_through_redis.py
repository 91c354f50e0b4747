"""A real worker takes the messages' sweeps from a real Redis and mails over real SMTP."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from redis import Redis

from bonefit.clinics.models import Heartbeat
from sessions.models import Notice, Visit
from sessions.posting import CLAIM
from tests.cast import NOW, Cast
from tests.notices.smtp import Postbox, Received, postbox
from tests.notices.test_outbox import message
from tests.servers import Databases, Worker

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

SEND = "sessions.tasks.send_outbox"


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as opened:
        yield opened


@pytest.fixture
def worker(
    transactional_db: None,
    redis_server: str,
    databases: Databases,
    worker_name: str,
    tmp_path: Path,
    box: Postbox,
) -> Iterator[Worker]:
    """A worker whose mail goes into the box."""
    with Redis.from_url(redis_server) as queue:
        queue.flushall()
    here = databases.environment(f"test_{worker_name}")
    mails_to = {"EMAIL_URL": f"smtp://127.0.0.1:{box.port}", "SITE_URL": "http://testserver"}
    started = Worker(redis_server, here | mails_to, tmp_path)
    yield started
    started.process.stop()


def due_now(cast: Cast, count: int) -> list[Notice]:
    """Messages that are due by the worker's clock, which is the real one, at any time of day."""
    far = timezone.now() + timedelta(days=4000)
    long_ago = NOW - timedelta(days=400)
    people = [cast.cal_client, cast.cam_client, cast.olga_client][:count]
    return [
        message(
            one,
            key=f"{number}",
            due_at=long_ago,
            expires_at=far,
            # Its session is about to begin: it does not wait for the morning.
            facts={
                "lines": [
                    {
                        "what": "booked",
                        "uid": "x",
                        "was": None,
                        "now": {
                            "starts_at": far.isoformat(),
                            "ends_at": far.isoformat(),
                            "room": "Room 1",
                        },
                    }
                ],
                "first": long_ago.isoformat(),
            },
        )
        for number, one in enumerate(people)
    ]


def beats() -> set[str]:
    return set(Heartbeat.objects.exclude(at=None).values_list("name", flat=True))


def test_the_same_message_in_the_queue_many_times_is_one_mail_each(
    cast: Cast, box: Postbox, worker: Worker
):
    due_now(cast, 3)
    for _ in range(4):
        worker.send(SEND)
    worker.wait_until(lambda: worker.log.count("succeeded") == 4)
    assert sorted(one.to for one in box.received) == [
        "cal@example.org",
        "cam@example.org",
        "olga@example.org",
    ]
    assert Notice.objects.filter(sent_at__isnull=False).count() == 3
    assert beats() == {"send_outbox"}
    assert "example.org" not in worker.log


@pytest.mark.parametrize("task", ["send_reminders", "tell_changes", "offer_places"])
def test_the_other_sweeps_leave_their_beat(cast: Cast, worker: Worker, task: str):
    Visit.objects.update(status=Visit.Status.RELEASED)
    worker.send(f"sessions.tasks.{task}")
    worker.wait_until(lambda: beats() == {task})
    assert Notice.objects.count() == 0


def test_a_worker_killed_after_sending_and_before_recording_forgets_nobody(
    cast: Cast, box: Postbox, worker: Worker
):
    due_now(cast, 2)
    taken = threading.Event()

    def kill(_: Received) -> bool:
        os.killpg(worker.process.popen.pid, signal.SIGKILL)
        taken.set()
        return True

    box.on_taken = kill
    worker.send(SEND)
    worker.wait_until(taken.is_set)
    worker.process.popen.wait()
    connection.close()
    box.on_taken = None
    assert Notice.objects.filter(sent_at=None, claimed_at__isnull=False).count() == 2
    assert beats() == set()

    # Started again, the claims are still another's: nobody hears of it twice within minutes.
    worker.start()
    worker.send(SEND)
    worker.wait_until(lambda: beats() == {"send_outbox"})
    assert len(box.received) == 1

    # Ten minutes later they are free.
    Notice.objects.update(claimed_at=timezone.now() - CLAIM)
    Heartbeat.objects.all().delete()
    worker.send(SEND)
    worker.wait_until(lambda: beats() == {"send_outbox"})
    assert len(box.received) == 3
    assert box.received[0].id == box.received[1].id
    assert not Notice.objects.filter(sent_at=None).exists()


def test_a_mail_server_that_is_away_leaves_no_beat(cast: Cast, box: Postbox, worker: Worker):
    due_now(cast, 1)
    box.close()
    worker.send(SEND)
    worker.wait_until(lambda: "MailServerAway" in worker.log)
    notice = Notice.objects.get()
    assert (notice.tries, notice.error, notice.sent_at) == (1, "ConnectionRefusedError", None)
    assert beats() == set()
    assert "example.org" not in worker.log
