"""Limits slow a guesser down; they never keep out whose address he tries, nor tell who is known."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.views_login import MAIL_IS_DOWN
from tests.authenticator_app import half_in, take, with_app
from tests.cast import NOW, Cast
from tests.test_login import ASK, ask, enter, logged_in, newest_code, wrong_code

THIEF = {"x-forwarded-for": "203.0.113.66"}


def use_up(email: str, number: int = 3) -> None:
    """A stranger asks for codes for this address until he gets none."""
    for _ in range(number):
        assert Browser(headers=THIEF).post(ASK, {"email": email}).status_code == 302
    assert Browser(headers=THIEF).post(ASK, {"email": email}).status_code == 422


@pytest.mark.parametrize("who", ["cal", "ana"])
def test_a_stranger_who_uses_up_her_codes_keeps_her_from_none_in_her_own_browser(
    cast: Cast, who: str
) -> None:
    email = f"{who}@example.org"
    hers = half_in(email) if who == "cal" else with_app(email)[0]
    hers.post("/logout/")
    use_up(email, 2)  # her own log-in was the first of the minute's three

    ask(hers, email)
    enter(hers, newest_code())

    assert logged_in(hers)


def test_her_own_browser_has_a_limit_too(cast: Cast) -> None:
    hers = half_in("cal@example.org")
    hers.post("/logout/")

    answers = [hers.post(ASK, {"email": "cal@example.org"}).status_code for _ in range(4)]

    assert answers == [302, 302, 302, 422]


def test_a_browser_that_knows_one_person_is_a_strangers_for_another(cast: Cast) -> None:
    cals = half_in("cal@example.org")
    cals.post("/logout/")
    use_up("cam@example.org")

    assert cals.post(ASK, {"email": "cam@example.org"}).status_code == 422


def test_an_admin_lets_a_colleague_have_codes_again_in_a_browser_she_never_used(
    cast: Cast,
) -> None:
    admin, _ = with_app("ada@example.org")
    use_up("ana@example.org")
    new = Browser()
    assert new.post(ASK, {"email": "ana@example.org"}).status_code == 422

    answer = admin.post(f"/c/north/settings/log-ins/{cast.ana.pk}/anew/", follow=True)

    assert "can ask for a code again now" in answer.text
    assert new.post(ASK, {"email": "ana@example.org"}).status_code == 302


def test_nobody_is_let_in_again_by_a_log_in_of_an_hour_ago(cast: Cast) -> None:
    admin, _ = with_app("ada@example.org")
    use_up("ana@example.org")

    with time_machine.travel(NOW + timedelta(minutes=16), tick=True):
        away = admin.post(f"/c/north/settings/log-ins/{cast.ana.pk}/anew/")

    assert "/second-step/" in away["Location"] or "next=" in away["Location"]
    assert Browser().post(ASK, {"email": "ana@example.org"}).status_code == 422


@pytest.mark.parametrize("forged", ["", "x", "eyIxIjoieCJ9:1vyZ4K:forged", '{"1":"x"}'])
def test_a_made_up_cookie_makes_nobody_known(cast: Cast, forged: str) -> None:
    use_up("cal@example.org")
    browser = Browser()
    browser.cookies["known"] = forged

    assert browser.post(ASK, {"email": "cal@example.org"}).status_code == 422


def test_the_code_of_a_mailbox_alone_makes_no_browser_known_for_staff(cast: Cast) -> None:
    with_app("ana@example.org")
    thief = half_in("ana@example.org")

    assert "known" not in thief.cookies


def test_wrong_codes_of_who_reads_her_mail_leave_her_own_browsers_tries_alone(cast: Cast) -> None:
    hers, app = with_app("ana@example.org")
    thief = half_in("ana@example.org")
    for _ in range(6):
        take(thief, app.wrong())
    assert "Wait five minutes" in take(thief, app.code(later=1)).text

    assert take(hers, app.code(later=1)).status_code == 302


def test_the_cookie_opens_nothing_and_no_script_reads_it(cast: Cast) -> None:
    hers = half_in("cal@example.org")
    cookie = hers.cookies["known"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    other = Browser()
    other.cookies["known"] = cookie.value

    assert other.get("/c/north/my/")["Location"].startswith(ASK)


# --- nobody is told who is known here -------------------------------------------------------------
class Unreachable(EmailBackend):
    """A mail server that does not answer at all."""

    def open(self) -> bool:
        raise smtplib.SMTPServerDisconnected("not there")

    def send_messages(self, messages: Any) -> int:
        self.open()
        return 0


class Counted(EmailBackend):
    """A mail server that counts who greets it."""

    greeted = 0
    is_open = False

    def open(self) -> bool:
        Counted.greeted += not self.is_open
        self.is_open = True
        return True

    def send_messages(self, messages: Any) -> int:
        self.open()
        return super().send_messages(messages)


@pytest.mark.parametrize("email", ["cal@example.org", "ana@example.org", "who@example.org"])
def test_a_mail_server_that_is_down_is_said_for_known_and_unknown_addresses_alike(
    cast: Cast, client: Browser, email: str
) -> None:
    with override_settings(EMAIL_BACKEND=f"{__name__}.Unreachable"):
        page = client.post(ASK, {"email": email})

    assert page.status_code == 422
    assert MAIL_IS_DOWN in page.text


@pytest.mark.parametrize("email", ["cal@example.org", "who@example.org"])
def test_the_mail_server_is_greeted_once_for_known_and_unknown_addresses_alike(
    cast: Cast, client: Browser, email: str
) -> None:
    Counted.greeted = 0
    with override_settings(EMAIL_BACKEND=f"{__name__}.Counted"):
        assert client.post(ASK, {"email": email}).status_code == 302

    assert Counted.greeted == 1
    assert len(mail.outbox) == (1 if email.startswith("cal") else 0)


def test_a_wrong_code_is_answered_alike_for_an_address_that_nobody_has(cast: Cast) -> None:
    ask(known := Browser(), "cal@example.org")
    ask(unknown := Browser(), "who@example.org")

    answers = []
    for browser in (known, unknown):
        page = enter(browser, wrong_code())
        answers.append((page.status_code, page.text.count("This is not the code")))

    assert answers == [(422, 1), (422, 1)]


# --- who is let go while she is logged in ---------------------------------------------------------
def test_a_member_who_is_let_go_finds_nothing_at_her_next_request(cast: Cast) -> None:
    hers, _ = with_app("tess@example.org")
    assert hers.get("/c/north/today/").status_code == 200

    cast.tess.is_active = False
    cast.tess.save(update_fields=["is_active"])

    for path in ("/c/north/today/", "/c/north/clients/", "/c/north/floor/", "/c/north/"):
        assert hers.get(path).status_code == 404
    assert hers.get("/").status_code == 403


def test_a_person_whose_log_in_is_closed_is_out_at_her_next_request(cast: Cast) -> None:
    hers, _ = with_app("tess@example.org")

    cast.tess.user.is_active = False
    cast.tess.user.save(update_fields=["is_active"])

    assert hers.get("/c/north/today/")["Location"].startswith(ASK)
