"""A sweep that is sent in parts adds up what they did, however early one of them is done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bonefit.celery import app
from bonefit.clinics.models import Heartbeat
from programs.models import Enrollment
from sessions.tasks import sweep_flags
from tests.cast import NOW, Cast


@pytest.fixture
def at_once() -> Iterator[None]:
    """A part runs where it is sent: quicker than any worker, before the next one is sent."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_a_part_that_is_done_before_the_last_one_is_sent_is_counted(cast: Cast, at_once: None):
    Heartbeat.objects.create(
        name="sweep_flags", at=NOW.replace(hour=0), every_seconds=300, seen=2, failed=1
    )
    sweep_flags()

    beat = Heartbeat.objects.get(name="sweep_flags")
    assert (beat.seen, beat.failed) == (Enrollment.objects.count(), 0)
    assert Enrollment.objects.values("clinic").distinct().count() == 2
    assert beat.at is not None
    assert beat.at >= NOW
