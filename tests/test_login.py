"""People log in with a code from an e-mail, and each begins where her day does."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser

from bonefit.clinics.models import User
from bonefit.clinics.views_login import TOO_MANY, TOO_OLD
from tests.cast import NOW, Cast

ASK, ENTER = "/login/code/", "/login/code/enter/"


def ask(browser: Browser, email: str, **more: str) -> Any:
    return browser.post(ASK, {"email": email, **more}, follow=True)


def newest_code() -> str:
    found = re.search(r"^ +(\S+)$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    return found[1]


def wrong_code() -> str:
    return "000000" if newest_code() != "000000" else "111111"


def enter(browser: Browser, code: str, **more: str) -> Any:
    return browser.post(ENTER, {"code": code, **more})


def logged_in(browser: Browser) -> bool:
    return "_auth_user_id" in browser.session


def test_the_code_from_the_mail_logs_in(cast: Cast, client: Browser) -> None:
    page = ask(client, "cal@example.org")
    assert page.redirect_chain[-1][0] == ENTER
    assert "cal@example.org" in page.text

    response = enter(client, newest_code())

    assert response.status_code == 302
    assert response["Location"] == "/"
    assert logged_in(client)


def test_the_mail_holds_six_digits_and_no_word_about_health(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")

    assert re.fullmatch(r"\d{6}", newest_code())
    assert mail.outbox[-1].to == ["cal@example.org"]
    assert mail.outbox[-1].subject == "Your code for bonefit"
    # Letters that come by chance in the link may be any word.
    said = re.sub(r"https?://\S+", "", mail.outbox[-1].body).replace("bonefit", "").lower()
    assert not re.search(r"bone|osteo|exercise|lift|train|deadlift|\bkg\b|Cal P", said)


def test_spaces_in_the_code_and_capitals_in_the_address_do_no_harm(
    cast: Cast, client: Browser
) -> None:
    ask(client, "CAL@Example.org")
    code = newest_code()

    enter(client, f" {code[:3]} {code[3:]} ")

    assert logged_in(client)


def test_a_person_whose_address_was_saved_with_capitals_can_log_in(
    cast: Cast, client: Browser
) -> None:
    User.objects.filter(pk=cast.cal.user_id).update(email="Cal.P@example.org")

    ask(client, "cal.p@example.org")
    enter(client, newest_code())

    assert logged_in(client)


def test_an_address_that_only_looks_alike_gets_no_code(cast: Cast, client: Browser) -> None:
    User.objects.create_user("mike@example.org", name="Mike")

    ask(client, "mıke@example.org")  # a dotless i: PostgreSQL's UPPER may fold it into an I
    assert mail.outbox == []

    # The Kelvin sign is made an ordinary k before anything else: the mail goes to Mike himself.
    ask(client, "mi\u212ae@example.org")
    assert mail.outbox[-1].to == ["mike@example.org"]


def test_a_wrong_code_explains_itself_and_a_right_one_still_works(
    cast: Cast, client: Browser
) -> None:
    ask(client, "cal@example.org")

    response = enter(client, wrong_code())

    assert response.status_code == 422
    assert "This is not the code in the newest e-mail." in response.text
    assert not logged_in(client)
    enter(client, newest_code())
    assert logged_in(client)


def test_sending_nothing_costs_no_try(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")

    for _ in range(8):
        response = enter(client, "  ")
        assert response.status_code == 422
        assert "Type the code from the e-mail." in response.text

    enter(client, newest_code())
    assert logged_in(client)


def test_after_five_wrong_codes_the_right_one_is_dead_too(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org", next="/c/north/my/")
    right = newest_code()
    for _ in range(4):
        assert enter(client, wrong_code()).status_code == 422

    response = client.post(ENTER, {"code": wrong_code(), "next": "/c/north/my/"}, follow=True)

    assert response.redirect_chain[0][0] == f"{ASK}?next=%2Fc%2Fnorth%2Fmy%2F"
    assert TOO_MANY in response.text
    enter(client, right)
    assert not logged_in(client)


def test_a_code_lives_for_fifteen_minutes(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")

    with time_machine.travel(NOW + timedelta(minutes=14)):
        enter(client, newest_code())

    assert logged_in(client)


@pytest.mark.parametrize("later", [timedelta(minutes=16), timedelta(hours=3)])
def test_an_old_code_says_that_it_is_too_old(cast: Cast, client: Browser, later: timedelta) -> None:
    ask(client, "cal@example.org")

    with time_machine.travel(NOW + later):
        response = client.post(ENTER, {"code": newest_code()}, follow=True)

    assert response.redirect_chain[0][0] == ASK
    assert TOO_OLD in response.text
    assert not logged_in(client)


def test_a_new_code_replaces_the_old_one_and_has_its_full_time(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    old = newest_code()
    with time_machine.travel(NOW + timedelta(minutes=14)):
        client.post(ENTER, {"action": "resend"})
    new = newest_code()
    assert old != new

    with time_machine.travel(NOW + timedelta(minutes=25)):
        assert enter(client, old).status_code == 422
        enter(client, new)

    assert logged_in(client)


def test_a_used_code_does_not_work_again(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    code = newest_code()
    enter(client, code)
    client.post("/logout/")

    response = client.post(ENTER, {"code": code}, follow=True)

    assert TOO_OLD in response.text
    assert not logged_in(client)


def test_a_code_works_only_in_the_browser_that_asked_for_it(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    other = Browser()

    enter(other, newest_code())

    assert not logged_in(other)


def test_a_mistyped_address_can_be_typed_again(cast: Cast, client: Browser) -> None:
    ask(client, "kal@example.org")

    assert client.get(ASK).status_code == 200
    ask(client, "cal@example.org")
    enter(client, newest_code())

    assert logged_in(client)


def test_an_unknown_address_gets_the_same_answer_as_a_known_one(cast: Cast) -> None:
    def answers(email: str) -> list[tuple[int, str]]:
        browser = Browser()
        asked = ask(browser, email)
        wrong = enter(browser, "999999")
        again = browser.post(ENTER, {"action": "resend"}, follow=True)
        return [
            (page.status_code, _without_secrets(page.text, email)) for page in (asked, wrong, again)
        ]

    User.objects.filter(pk=cast.cam.user_id).update(is_active=False)
    known = answers("cal@example.org")

    assert answers("who@example.org") == known
    assert answers("cam@example.org") == known  # closed is not told from unknown either
    assert {tuple(message.to) for message in mail.outbox} == {("cal@example.org",)}


def _without_secrets(text: str, email: str) -> str:
    text = re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |nonce=)"[^"]+"', "", text)
    return text.replace(email, "ADDRESS")


def test_what_is_no_address_is_said_and_kept(cast: Cast, client: Browser) -> None:
    response = client.post(ASK, {"email": "cal at example"})

    assert response.status_code == 422
    assert 'value="cal at example"' in response.text
    assert "Enter a valid email address." in response.text


def test_the_fourth_code_in_a_minute_is_refused_known_or_not(cast: Cast, client: Browser) -> None:
    for email in ("cal@example.org", "who@example.org"):
        for _ in range(3):
            assert client.post(ASK, {"email": email}).status_code == 302
        response = client.post(ASK, {"email": email})
        assert response.status_code == 422
        assert "Too many codes were asked for" in response.text

    assert len(mail.outbox) == 3


def test_limits_count_by_the_address_that_the_proxy_saw(cast: Cast, client: Browser) -> None:
    def ask_as(number: int, forwarded: str) -> int:
        address = f"someone{number}@example.org"
        return client.post(
            ASK, {"email": address}, headers={"x-forwarded-for": forwarded}
        ).status_code

    statuses = {ask_as(number, f"10.0.0.{number}, 203.0.113.7") for number in range(20)}

    assert statuses == {302}
    assert ask_as(20, "10.0.0.99, 203.0.113.7") == 422  # what the visitor herself claims is no help
    assert ask_as(21, "10.0.0.99, 203.0.113.8") == 302
