"""How long a mail server takes over a code tells nobody whether an address is known."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from bonefit.clinics.models import LoginLink
from bonefit.clinics.views_login import MAIL_IS_DOWN
from tests.browsers import PATIENCE
from tests.cast import Cast
from tests.notices.smtp import Postbox, postbox
from tests.test_login import ASK, ENTER, enter, logged_in

#: Who works in a clinic, who trains there, and nobody: a link is made for one of them alone.
KNOWN, CLIENT, UNKNOWN = "ana@example.org", "cal@example.org", "who@example.org"


@pytest.fixture
def server() -> Iterator[Postbox]:
    """The mail server of the site; it takes letters as fast as the test lets it."""
    with (
        postbox() as box,
        override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=box.port,
        ),
    ):
        yield box


@pytest.fixture
def busy(server: Postbox) -> Iterator[threading.Event]:
    """Until it is set the server has the letter and does not say that it took it."""
    done = threading.Event()
    server.on_taken = lambda _: not done.wait(PATIENCE / 1000)
    yield done
    done.set()


def wait_for(what: Callable[[], object]) -> None:
    give_up = time.monotonic() + PATIENCE / 1000
    while not what():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def again(browser: Browser) -> int:
    """Ask for a new code on the page of the code."""
    return browser.post(ENTER, {"action": "resend"}).status_code


def test_who_is_known_is_answered_while_the_server_still_has_her_letter(
    cast: Cast, server: Postbox, busy: threading.Event
) -> None:
    hers = Browser()

    assert hers.post(ASK, {"email": KNOWN}).status_code == 302
    wait_for(lambda: len(server.received) == 1)
    assert again(hers) == 302
    wait_for(lambda: len(server.received) == 2)

    assert not busy.is_set()
    code = re.search(r"^\s*(\d{6})\s*$", server.received[-1].text, re.MULTILINE)
    assert code, server.received[-1].text
    enter(hers, code[1])
    assert logged_in(hers)


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_the_server_is_greeted_once_for_each_code_that_is_asked_for(
    cast: Cast, server: Postbox, email: str
) -> None:
    browser = Browser()

    browser.post(ASK, {"email": email})
    wait_for(lambda: server.connections == 1)
    again(browser)

    wait_for(lambda: server.connections == 2)


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_a_new_code_from_a_server_that_is_away_is_refused_alike(
    cast: Cast, server: Postbox, email: str
) -> None:
    browser = Browser()
    browser.post(ASK, {"email": email})
    server.close()

    answer = browser.post(ENTER, {"action": "resend"}, follow=True)

    assert MAIL_IS_DOWN in answer.text


@pytest.mark.parametrize("email", [KNOWN, UNKNOWN])
def test_a_mailbox_that_is_refused_is_told_to_the_log_alone(
    cast: Cast, server: Postbox, email: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses[KNOWN] = "550 No such user"

    assert Browser().post(ASK, {"email": email}).status_code == 302

    if email == KNOWN:
        wait_for(lambda: "could not be mailed: SMTPRecipientsRefused" in caplog.text)
        assert KNOWN not in caplog.text


def test_the_database_is_asked_alike_for_whoever_it_is(cast: Cast, server: Postbox) -> None:
    asked = {}
    for email in (KNOWN, CLIENT, UNKNOWN):
        with CaptureQueriesContext(connection) as caught:
            assert Browser().post(ASK, {"email": email}).status_code == 302
        said = [one["sql"] for one in caught.captured_queries if "SAVEPOINT" not in one["sql"]]
        asked[email] = sorted(re.sub(r"'[^']*'|\d+", "?", sql) for sql in said)

    assert len(asked[KNOWN]) > 5
    assert asked[KNOWN] == asked[UNKNOWN]
    assert asked[CLIENT] == asked[UNKNOWN]


def test_a_link_for_nobody_is_nowhere(cast: Cast, server: Postbox) -> None:
    for email in (KNOWN, UNKNOWN):
        Browser().post(ASK, {"email": email})

    assert not LoginLink.objects.exists()
