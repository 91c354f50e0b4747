"""The invitation to log in: plain, without a word about health, and sent at least once."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.exceptions import Retry
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client as Browser
from django.test import override_settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from bonefit.clients.log_ins import invite
from bonefit.clients.models import Client
from bonefit.clients.tasks import send_invitation
from bonefit.clinics.models import Membership
from tests.cast import NOW, Cast, enroll

REFUSING = "tests.portal.test_invitations.RefusingBackend"


class RefusingBackend(EmailBackend):
    """A mail server that is not there."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("not there")


@pytest.fixture
def nel(cast: Cast) -> Client:
    return enroll(cast.ana, "Nel N.", email="nel@example.org", notes="T-score -2.9, deadlift")


@pytest.fixture
def at_once() -> Iterator[None]:
    """Tasks run where they are sent; the queue has tests of its own."""
    from bonefit.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def invited(client: Client, by: Membership) -> Client:
    return invite(client=client, by=by, now=NOW)


def test_the_mail_says_how_to_log_in_and_nothing_about_health(cast: Cast, nel: Client) -> None:
    send_invitation(invited(nel, cast.ana).pk)

    (message,) = mail.outbox
    assert message.to == ["nel@example.org"]
    assert message.subject == "Your appointments at Northside"
    assert message.body.startswith("Hello Nel N.,")
    assert "1. Open this page: http://testserver/login/code/" in message.body
    assert "Type this e-mail address: nel@example.org" in message.body
    assert "Questions? Call us: 07 5550 0100." in message.body
    said = f"{message.subject} {message.body}".lower()
    words = r"bone|osteo|score|deadlift|lift|exerci|train|session|\bkg\b|load|therap|diagnos|health"
    assert not re.search(words, said)
    assert "{" not in message.body
    assert "&" not in message.body


def test_who_was_invited_can_log_in_with_that_address(cast: Cast, nel: Client) -> None:
    send_invitation(invited(nel, cast.ana).pk)
    browser = Browser()

    browser.post("/login/code/", {"email": "nel@example.org"})
    found = re.search(r"^ +(\d{6})$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    browser.post("/login/code/enter/", {"code": found[1]})

    assert browser.get("/", follow=True).redirect_chain[-1][0] == "/c/north/my/"


def test_the_mail_goes_out_when_the_invitation_stands_and_not_before(
    cast: Cast,
    nel: Client,
    at_once: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invited(nel, cast.ana)
        assert mail.outbox == []

    assert len(mail.outbox) == 1
    nel.refresh_from_db()
    assert nel.invitation_sent_at is not None


def test_a_message_that_comes_twice_sends_one_mail(cast: Cast, nel: Client) -> None:
    invited(nel, cast.ana)

    send_invitation(nel.pk)
    send_invitation(nel.pk)

    assert len(mail.outbox) == 1


def test_inviting_again_sends_the_mail_again(cast: Cast, nel: Client) -> None:
    for _ in range(2):
        invited(nel, cast.ana)
        send_invitation(nel.pk)

    assert len(mail.outbox) == 2


def test_a_mail_server_that_is_not_there_is_tried_again_later(cast: Cast, nel: Client) -> None:
    invited(nel, cast.ana)

    # Called outside a worker a retry raises what went wrong, after asking for another try.
    with override_settings(EMAIL_BACKEND=REFUSING), pytest.raises((Retry, OSError)):
        send_invitation(nel.pk)
    nel.refresh_from_db()
    assert nel.invitation_sent_at is None

    send_invitation(nel.pk)
    nel.refresh_from_db()
    assert nel.invitation_sent_at is not None
    assert len(mail.outbox) == 1


def test_a_worker_goes_on_trying_for_hours() -> None:
    policy = send_invitation
    waits = [min(policy.retry_backoff * 2**tried, policy.retry_backoff_max) for tried in range(12)]

    assert OSError in policy.autoretry_for
    assert issubclass(smtplib.SMTPException, OSError)
    assert policy.max_retries == 12
    assert timedelta(seconds=sum(waits)) > timedelta(hours=4)
    assert policy.acks_late


@pytest.mark.parametrize("reason", ["no address", "log-in closed", "gone"])
def test_where_nobody_can_be_invited_nothing_is_sent(cast: Cast, nel: Client, reason: str) -> None:
    invited(nel, cast.ana)
    nel.refresh_from_db()
    if reason == "no address":
        Client.objects.filter(pk=nel.pk).update(email="")
    elif reason == "log-in closed":
        Membership.objects.filter(pk=nel.membership_id).update(is_active=False)

    send_invitation(nel.pk if reason != "gone" else 999_999)

    assert mail.outbox == []
