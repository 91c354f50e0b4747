"""Before a passkey comes or goes one has logged in lately; else a code leads there and back."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings

from tests.cast import NOW, Cast
from tests.passkey_device import ADD, LIST, Device, add, by_code, options_on, remove_path, use
from tests.portal.test_invitations import REFUSING
from tests.test_login import ASK, ENTER, ask, enter, logged_in, newest_code

AGAIN = "/login/again/"


@pytest.fixture
def cal(cast: Cast) -> Browser:
    """A browser in which Cal has logged in just now."""
    return by_code("cal@example.org")


def test_after_a_quarter_of_an_hour_a_log_in_is_asked_for_and_leads_back(
    cast: Cast, cal: Browser
) -> None:
    with time_machine.travel(NOW + timedelta(minutes=16)):
        away = cal.get(ADD)
        assert away["Location"] == f"{AGAIN}?next=%2Fpasskeys%2Fadd%2F"
        page = cal.get(away["Location"])
        assert "You logged in more than 15 minutes ago." in page.text
        assert "cal@example.org" in page.text

        step = cal.post(AGAIN, {"next": ADD})
        assert not logged_in(cal)
        assert step["Location"] == f"{ENTER}?next=%2Fpasskeys%2Fadd%2F"
        back = enter(cal, newest_code(), next=ADD)

        assert back["Location"] == ADD
        assert add(cal, Device()).status_code == 302
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_log_in_that_is_too_old_adds_and_removes_nothing(
    cast: Cast, cal: Browser, method: str
) -> None:
    made = Device().make(options_on(cal.get(ADD)))
    body = {"name": "x", "credential": json.dumps(made)}
    add(cal, Device())
    path = remove_path(cal)

    with time_machine.travel(NOW + timedelta(minutes=16)):
        for url in (ADD, path):
            away = getattr(cal, method)(url, body)
            assert away["Location"].startswith(AGAIN)
        assert cal.get(LIST).status_code == 200  # looking needs none

    assert Authenticator.objects.count() == 1


def test_a_log_in_by_passkey_or_by_link_is_fresh_too(cast: Cast, cal: Browser) -> None:
    phone = Device()
    add(cal, phone)

    with time_machine.travel(NOW + timedelta(hours=1)):
        browser = Browser()
        use(browser, phone)
        assert browser.get(ADD).status_code == 200

        ask(Browser(), "cal@example.org")
        found = re.search(r"http://testserver(/login/link/\S+/)", mail.outbox[-1].body)
        assert found
        other = Browser()
        other.force_login(cast.cam.user)
        other.post(found[1])
        assert other.get(ADD).status_code == 200


def test_logging_in_again_leads_nowhere_else(cast: Cast, cal: Browser) -> None:
    for wish in ("https://evil.example/", "//evil.example/"):
        assert "evil" not in cal.get(f"{AGAIN}?next={wish}").text
    assert cal.post(AGAIN, {"next": "https://evil.example/"})["Location"] == ENTER


def test_too_many_codes_are_refused_there_too_and_she_stays_logged_in(
    cast: Cast, cal: Browser
) -> None:
    for _ in range(3):
        same = Browser()  # her own again: what strangers ask for is counted by itself
        same.cookies["known"] = cal.cookies["known"].value
        ask(same, "cal@example.org")

    page = cal.post(AGAIN, {"next": ADD})

    assert page.status_code == 422
    assert "Too many codes were asked for" in page.text
    assert f'name="next" value="{ADD}"' in page.text
    assert logged_in(cal)


def test_a_mail_that_cannot_be_sent_is_said_there_too(cast: Cast, cal: Browser) -> None:
    with override_settings(EMAIL_BACKEND=REFUSING):
        page = cal.post(AGAIN, {"next": ADD}, follow=True)

    assert page.redirect_chain[0][0] == f"{ASK}?next=%2Fpasskeys%2Fadd%2F"
    assert "The e-mail could not be sent just now." in page.text


def test_without_a_log_in_all_of_it_leads_to_one(db: None, client: Browser) -> None:
    for path in (LIST, ADD, "/passkeys/1/remove/", AGAIN):
        assert client.get(path)["Location"].startswith(f"{ASK}?next=")


def test_the_way_to_it_is_behind_everybodys_name(cast: Cast, cal: Browser) -> None:
    for email, path in (
        ("cal@example.org", "/c/north/my/"),
        ("ana@example.org", "/c/north/today/"),
    ):
        browser = cal if email.startswith("cal") else by_code(email)
        assert '<a class="btn" href="/passkeys/">How you log in</a>' in browser.get(path).text
