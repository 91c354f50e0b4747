"""What Prometheus reads: open to this machine, or to who shows the token; else there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from bonefit import beats
from sessions.models import Changed, Flag
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def figures(browser: Browser, **more: Any) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    response = browser.get("/metrics", **more)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in response["Cache-Control"]
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_what_a_sweep_did_and_how_long_ago(client: Browser):
    at = timezone.now() - timedelta(seconds=100)
    beats.beat("sweep_flags", at=at, seconds=2.5, did=beats.Did(seen=12, opened=3, resolved=2))
    beats.note_error("send_outbox", ValueError, at=timezone.now(), failed=1)

    with time_machine.travel(at + timedelta(seconds=100), tick=False):
        said = figures(client)

    assert said["bonefit_sweep_last_seconds", "sweep_flags"] == 100
    assert said["bonefit_sweep_duration_seconds", "sweep_flags"] == 2.5
    assert said["bonefit_sweep_seen", "sweep_flags"] == 12
    assert said["bonefit_sweep_opened", "sweep_flags"] == 3
    assert said["bonefit_sweep_resolved", "sweep_flags"] == 2
    assert said["bonefit_sweep_failing", "sweep_flags"] == 0
    assert said["bonefit_sweep_failing", "send_outbox"] == 1
    assert said["bonefit_sweep_failed", "send_outbox"] == 1
    assert ("bonefit_sweep_last_seconds", "send_outbox") not in said


def test_what_waits(client: Browser, cast: Cast):
    Changed.objects.all().delete()
    before = figures(client)["bonefit_reviews_due",]
    Changed.objects.create(clinic=cast.north, enrollment=cast.enrollment)
    said = figures(client)
    assert said["bonefit_reviews_due",] >= max(before, 1)
    assert said["bonefit_oldest_notice_seconds",] == 0
    assert said["bonefit_open_flags", "red"] == 0
    Flag.objects.create(
        clinic=cast.north,
        enrollment=cast.enrollment,
        kind=Flag.Kind.LOCKED,
        severity="red",
        rule="F15.1",
        evidence_key="k",
        opened_at=timezone.now(),
    )
    assert figures(client)["bonefit_open_flags", "red"] == 1


def test_two_questions_are_two_answers(client: Browser):
    """Nothing is counted twice: no registry of the process holds anything."""
    assert figures(client).keys() == figures(client).keys()


@pytest.mark.parametrize(
    ("token", "more", "status"),
    [
        # Without a token only this machine may ask, and not by way of a proxy on it.
        ("", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("", {"REMOTE_ADDR": "::1"}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.7"}, 404),
        ("", {"REMOTE_ADDR": ""}, 404),
        ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ("", {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": ""}, 404),
        ("", {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer "}, 404),
        # With a token only who shows it, from wherever.
        ("s3cret", {"REMOTE_ADDR": "127.0.0.1"}, 404),
        ("s3cret", {"REMOTE_ADDR": "10.0.0.7", "HTTP_AUTHORIZATION": "Bearer s3cret"}, 200),
        ("s3cret", {"HTTP_AUTHORIZATION": "Bearer s3cre"}, 404),
        ("s3cret", {"HTTP_AUTHORIZATION": "s3cret"}, 404),
        ("s3cret", {"HTTP_AUTHORIZATION": "Basic s3cret"}, 404),
        ("s3cret", {"HTTP_AUTHORIZATION": "Bearer sécret"}, 404),
    ],
)
def test_who_may_ask(client: Browser, settings: Any, token: str, more: dict[str, str], status: int):
    settings.METRICS_TOKEN = token
    assert client.get("/metrics", **more).status_code == status


def test_it_is_read_and_never_posted_to(client: Browser):
    assert client.post("/metrics").status_code == 405
