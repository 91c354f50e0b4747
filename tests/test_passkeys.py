"""A passkey is a way in beside the code: added, used, removed; for staff and clients alike."""

from __future__ import annotations

import json
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings

from tests.cast import NOW, Cast
from tests.passkey_device import ADD, LIST, USE, Device, add, by_code, options_on, remove_path, use
from tests.portal.test_invitations import REFUSING
from tests.test_login import ASK, ask, enter, logged_in, newest_code


@pytest.fixture
def cal(cast: Cast) -> Browser:
    """A browser in which Cal has logged in just now."""
    return by_code("cal@example.org")


# --- adding and using -----------------------------------------------------------------------------
@pytest.mark.parametrize(("who", "begins_at"), [("cal", "/c/north/my/"), ("ana", "/c/north/")])
def test_staff_and_clients_alike_add_a_passkey_and_log_in_with_it(
    cast: Cast, client: Browser, who: str, begins_at: str
) -> None:
    browser, phone = by_code(f"{who}@example.org"), Device()
    assert "There are none." in browser.get(LIST).text

    then = {"cal": LIST, "ana": "/login/second/codes/"}  # staff get recovery codes with the first
    assert add(browser, phone)["Location"] == then[who]
    page = browser.get(LIST)
    assert "The passkey is added." in page.text
    assert "<strong>My phone</strong>" in page.text
    assert "Added 5 March 2026. Not used yet." in page.text

    response = use(client, phone)
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(getattr(cast, who).user_id)
    assert client.get("/", follow=True).redirect_chain[-1][0].startswith(begins_at)
    assert "Last used 5 March 2026." in client.get(LIST).text


def test_the_day_on_the_page_is_the_clinics(cast: Cast) -> None:
    with time_machine.travel(NOW.replace(hour=20)):  # the next morning in Brisbane
        browser = by_code("cal@example.org")
        add(browser, Device())
        assert "Added 6 March 2026." in browser.get(LIST).text


def test_the_log_in_page_offers_it_to_a_browser_that_can(cast: Cast, client: Browser) -> None:
    page = client.get(f"{ASK}?next=/c/north/my/calendar/").text

    form = re.search(r'<form[^>]*action="/login/passkey/".*?</form>', page, re.DOTALL)
    assert form
    assert " hidden>" in form[0].split("\n")[0]  # the script shows it
    assert 'name="next" value="/c/north/my/calendar/"' in form[0]
    assert "js/passkeys.js" in page
    assert "script>" not in page.replace("></script>", "")  # nothing inline


def test_after_a_passkey_she_is_where_she_wanted_to_be_if_that_is_here(
    cast: Cast, cal: Browser
) -> None:
    phone = Device()
    add(cal, phone)

    assert use(Browser(), phone, next="/c/north/my/calendar/")["Location"] == (
        "/c/north/my/calendar/"
    )
    assert use(Browser(), phone, next="https://evil.example/")["Location"] == "/"


def test_the_code_alone_still_lets_her_in(cast: Cast, cal: Browser, client: Browser) -> None:
    """A passkey is no second lock: who has lost her telephone has her e-mail."""
    add(cal, Device())

    ask(client, "cal@example.org")
    response = enter(client, newest_code())

    assert response["Location"] == "/"
    assert logged_in(client)


def test_whoever_planted_a_session_key_is_not_in_after_the_passkey(
    cast: Cast, cal: Browser, client: Browser
) -> None:
    phone = Device()
    add(cal, phone)
    signed = phone.use(client.get(USE).json())
    planted = client.session.session_key

    client.post(USE, {"credential": json.dumps(signed)})

    assert logged_in(client)
    attacker = Browser()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert "_auth_user_id" not in attacker.session


def test_only_what_is_needed_is_kept_of_what_the_browser_sent(cast: Cast, cal: Browser) -> None:
    made = Device().make(options_on(cal.get(ADD)))
    made |= {"note": "\u0000", "clientExtensionResults": {"credProps": {"rk": True}}}
    cal.post(ADD, {"name": "Phone", "credential": json.dumps(made)})

    kept = Authenticator.objects.get().data
    assert set(kept["credential"]) == {"id", "rawId", "type", "response"}
    assert set(kept["credential"]["response"]) == {"clientDataJSON", "attestationObject"}


# --- removing -------------------------------------------------------------------------------------
def test_removing_asks_first_and_then_the_passkey_opens_nothing(
    cast: Cast, cal: Browser, client: Browser
) -> None:
    phone = Device()
    add(cal, phone, "Old phone")
    path = remove_path(cal)
    assert "Remove “Old phone”?" in cal.get(path).text
    assert Authenticator.objects.exists()

    page = cal.post(path, follow=True)

    assert "The passkey is removed." in page.text
    assert "There are none." in page.text
    use(client, phone)
    assert not logged_in(client)
    assert cal.get(path).status_code == 404


def test_nobody_removes_another_persons_passkey(cast: Cast, cal: Browser) -> None:
    add(cal, Device())
    path = remove_path(cal)

    for email in ("cam@example.org", "ada@example.org"):
        other = by_code(email)
        assert other.get(path).status_code == 404
        assert other.post(path).status_code == 404
        assert "My phone" not in other.get(LIST).text

    assert Authenticator.objects.count() == 1


def test_a_passkey_that_comes_or_goes_is_told_by_mail(cast: Cast, cal: Browser) -> None:
    add(cal, Device())
    cal.post(remove_path(cal))

    added, removed = mail.outbox[-2:]
    assert added.to == removed.to == ["cal@example.org"]
    assert added.subject == "A passkey was added to your log-in"
    assert "If it was not you" in added.body
    assert removed.subject == "A passkey was removed from your log-in"
    for message in (added, removed):
        assert message.alternatives[0].mimetype == "text/html"
        assert "My phone" not in message.body


def test_a_mail_server_that_is_down_keeps_no_passkey_from_coming(cast: Cast, cal: Browser) -> None:
    with override_settings(EMAIL_BACKEND=REFUSING):
        assert add(cal, Device()).status_code == 302

    assert Authenticator.objects.count() == 1
