"""A code that does not work says why, in words, and costs no try where nothing was guessed."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.forms_login import digits_of
from bonefit.clinics.views_login import MAIL_IS_DOWN, NOT_THIS, TOO_MANY, TOO_OLD
from tests.cast import NOW, Cast
from tests.portal.test_invitations import REFUSING
from tests.test_login import ASK, ENTER, ask, enter, logged_in, newest_code, wrong_code


@pytest.mark.parametrize(
    "typed",
    [
        "{0} {1}",
        "  {0}  {1}  ",
        "{0}-{1}",
        "{0}\u00a0{1}",
        "{0}\u2009{1}",
        "Your code is {0}{1}",
    ],
)
def test_a_code_may_be_typed_or_copied_in_any_spacing(
    cast: Cast, client: Browser, typed: str
) -> None:
    ask(client, "cal@example.org")
    code = newest_code()

    enter(client, typed.format(code[:3], code[3:]))

    assert logged_in(client)


def test_digits_of_a_wide_keyboard_are_digits_too() -> None:
    assert digits_of("１２３ ４５６") == "123456"
    assert digits_of("l2E") == "2"


@pytest.mark.parametrize(("typed", "count"), [("12345", "5"), ("1234567", "7"), ("abcdef", "none")])
def test_what_cannot_be_a_code_is_said_and_costs_no_try(
    cast: Cast, client: Browser, typed: str, count: str
) -> None:
    ask(client, "cal@example.org")

    for _ in range(8):
        page = enter(client, typed)
        assert page.status_code == 422
        assert f"A code has 6 digits. What you typed has {count}." in page.text
        assert f'value="{typed}"' in page.text

    enter(client, newest_code())
    assert logged_in(client)


def test_a_code_used_twice_says_that_it_was_used(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    code = newest_code()
    enter(client, code)
    again = enter(client, code)
    assert again["Location"] == "/"  # the second tap of a double tap: she is in

    client.post("/logout/")
    page = client.post(ENTER, {"code": code}, follow=True)

    assert TOO_OLD in page.text
    assert "It was used" in page.text
    assert not logged_in(client)


@pytest.mark.parametrize("how", ["sent again", "asked anew"])
def test_the_code_of_an_older_mail_says_that_there_is_a_newer_one(
    cast: Cast, client: Browser, how: str
) -> None:
    ask(client, "cal@example.org")
    older = newest_code()
    if how == "sent again":
        client.post(ENTER, {"action": "resend"})
    else:
        ask(client, "cal@example.org")
    assert newest_code() != older

    page = enter(client, older)

    assert page.status_code == 422
    assert NOT_THIS in page.text
    enter(client, newest_code())
    assert logged_in(client)


def test_a_code_typed_in_another_browser_says_so(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    other = Browser()

    page = other.post(ENTER, {"code": newest_code()}, follow=True)

    assert page.redirect_chain[0][0] == ASK
    assert "asked for in another browser" in page.text


def test_new_codes_bring_no_new_tries(cast: Cast, client: Browser) -> None:
    """Five tries for one question, however often its code is sent again: 40 × 5 a day, as said."""
    ask(client, "cal@example.org")
    for _ in range(3):
        enter(client, wrong_code())
        client.post(ENTER, {"action": "resend"})
    enter(client, wrong_code())

    page = client.post(ENTER, {"code": wrong_code()}, follow=True)

    assert TOO_MANY in page.text
    enter(client, newest_code())
    assert not logged_in(client)


def test_forty_codes_a_day_are_the_most_for_one_address(cast: Cast) -> None:
    """40 codes × 5 tries of 1,000,000: a guesser has 1 chance in 5,000 a day."""
    asked = 0
    for hour in range(8):
        for minute in range(0, 60, 5):
            with time_machine.travel(NOW + timedelta(hours=hour, minutes=minute)):
                asked += Browser().post(ASK, {"email": "cal@example.org"}).status_code == 302

    assert asked == 40


def test_a_mail_server_that_is_down_is_said_and_logged_without_the_address(
    cast: Cast, client: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(EMAIL_BACKEND=REFUSING), caplog.at_level(logging.ERROR):
        page = client.post(ASK, {"email": "cal@example.org"})
        assert page.status_code == 422
        assert MAIL_IS_DOWN in page.text
        assert 'value="cal@example.org"' in page.text
    ask(client, "cal@example.org")
    with override_settings(EMAIL_BACKEND=REFUSING), caplog.at_level(logging.ERROR):
        again = client.post(ENTER, {"action": "resend"}, follow=True)
        assert MAIL_IS_DOWN in again.text

    assert len(mail.outbox) == 1
    assert caplog.text.count("A log-in code could not be mailed") == 2
    assert "cal@" not in caplog.text
