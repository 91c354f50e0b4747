"""The operator's page: what each sweep did and what waits, for who runs the site only."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from redis import Redis

from bonefit import beats, queue_depth
from bonefit.celery import app
from bonefit.clinics.models import User
from sessions.models import Changed, Review, StaffNotice
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Browser) -> Browser:
    """Somebody who runs the site and is in no clinic."""
    client.force_login(User.objects.create_user("ops@example.org", name="Op S.", is_staff=True))
    return client


def page(browser: Browser) -> str:
    response = browser.get("/operator/")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_it_says_what_each_sweep_did(operator: Browser):
    now = timezone.now()
    beats.beat("sweep_flags", at=now, seconds=2.25, did=beats.Did(seen=1200, opened=14, resolved=9))
    beats.note_error("plan_visits", ValueError, at=now, failed=3)

    said = page(operator)

    assert re.search(r"sweep_flags well .{0,30} 2\.[23] s 1,200 14 9 0 none", said)
    assert re.search(r"plan_visits failing never – – – – 3 ValueError, ", said)
    # Each of the schedule has its line.
    assert all(name in said for name in beats.intervals())


def test_an_error_that_a_later_run_has_mended_is_still_told_and_not_failing(operator: Browser):
    now = timezone.now()
    beats.note_error("plan_visits", ValueError, at=now - timedelta(hours=1))
    beats.beat("plan_visits", at=now)
    assert re.search(r"plan_visits well .{0,60} ValueError, ", page(operator))


def test_it_says_what_waits(operator: Browser, cast: Cast):
    now = timezone.now()
    Changed.objects.all().delete()
    Review.objects.update(next_at=now + timedelta(days=1))
    assert "Reviews due 0" in page(operator)
    Changed.objects.create(clinic=cast.north, enrollment=cast.enrollment)
    StaffNotice.objects.create(
        clinic=cast.north, member=cast.ana, kind="red", key="red|x", due_at=now
    )

    said = page(operator)

    assert "Reviews due 1, the oldest since" in said
    assert "Oldest unsent message to a client none is due" in said
    assert "Oldest unsent message to the staff due since" in said
    assert "Messages in the queue the broker does not say" in said


def test_nothing_of_any_person_is_on_it(operator: Browser, cast: Cast):
    said = page(operator)
    for word in ("Cal", "Ana", "Northside", "cal@example.org"):
        assert word not in said


def test_as_many_questions_however_much_there_is(operator: Browser, cast: Cast):
    page(operator)  # the log-in's session is read and kept
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(operator)
    for name in beats.intervals():
        beats.beat(name, at=timezone.now())
    with CaptureQueriesContext(connection) as many:
        page(operator)
    assert len(many) == len(few)


@pytest.mark.parametrize("who", ["ana", "ada", "cal"])
def test_for_everybody_else_there_is_no_such_page(client: Browser, cast: Cast, who: str):
    client.force_login(getattr(cast, who).user)
    assert client.get("/operator/").status_code == 404


def test_it_is_read_and_never_posted_to(operator: Browser):
    assert operator.post("/operator/").status_code == 405


def test_who_may_not_log_in_any_more_gets_no_page(operator: Browser):
    User.objects.update(is_active=False)
    assert operator.get("/operator/").status_code == 404


@pytest.mark.redis
def test_the_depth_of_a_real_queue(redis_server: str, monkeypatch: pytest.MonkeyPatch):
    url = redis_server.replace("unix://", "redis+socket://")
    monkeypatch.setitem(app.conf, "broker_write_url", url)
    with Redis.from_url(redis_server) as queue:
        queue.flushall()
        assert queue_depth.messages_waiting() == 0
        with app.connection_for_write() as broker:
            for _ in range(3):
                app.send_task("nobody.takes.it", connection=broker, ignore_result=True)
        assert queue_depth.messages_waiting() == 3
        queue.flushall()


def test_a_queue_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.conf, "broker_write_url", "redis+socket:///nowhere/at/all.sock")
    assert queue_depth.messages_waiting() is None
