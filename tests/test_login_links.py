"""The link beside the code: one tap, once, for clients and companions and nobody who works here."""

from __future__ import annotations

import hashlib
import io
import logging
import re
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.login_links import (
    BESIDE_A_CODE,
    FROM_THE_CLINIC,
    KEPT,
    address_of,
    make_link,
    masked,
    use_link,
)
from bonefit.clinics.models import LoginLink, Membership, User
from tests.cast import NOW, Cast, build_cast
from tests.doors import body_of
from tests.test_login import ASK, ask, enter, logged_in, newest_code

GONE = "This link does not work"
LATER = NOW + timedelta(minutes=20)


def path_in_mail(number: int = -1) -> str:
    """The path of the link in the text of a mail."""
    found = re.search(r"^http://testserver(/login/link/\S+/)$", mail.outbox[number].body, re.M)
    assert found, mail.outbox[number].body
    return found[1]


def path_of(link: LoginLink) -> str:
    return address_of(link).removeprefix(settings.SITE_URL)


def link_for(member: Membership, **more: Any) -> LoginLink:
    return make_link(**{"user": member.user, "life": BESIDE_A_CODE, "now": NOW, **more})


# --- the way in -----------------------------------------------------------------------------------
def test_the_mail_with_the_code_carries_a_link_that_logs_in(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    other = Browser()  # the mail is read on another device than the one that asked

    page = other.get(path_in_mail())
    assert page.status_code == 200
    assert "Log in to your appointments at Northside" in page.text
    assert not logged_in(other)
    response = other.post(path_in_mail())

    assert response["Location"] == "/"
    assert other.get("/", follow=True).redirect_chain[-1][0] == "/c/north/my/"


def test_the_mail_is_text_and_html_and_says_the_same_in_both(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")

    ((html, kind),) = mail.outbox[-1].alternatives
    assert kind == "text/html"
    for part in (mail.outbox[-1].body, html):
        assert newest_code() in part
        assert path_in_mail() in part
        assert "for 15 minutes" in part
        assert not re.search(r"osteo|exercise|lift|train|\bkg\b|Cal P", part)


def test_a_companion_gets_a_link_too(cast: Cast, client: Browser) -> None:
    ask(client, cast.con.user.email)

    client.post(path_in_mail())

    assert logged_in(client)


@pytest.mark.parametrize("who", ["ana", "ada", "dee"])
def test_who_works_in_a_clinic_gets_the_code_and_no_link(
    cast: Cast, client: Browser, who: str
) -> None:
    ask(client, f"{who}@example.org")

    assert newest_code()
    assert "link" not in mail.outbox[-1].body
    assert "<a " not in mail.outbox[-1].alternatives[0][0]
    assert not LoginLink.objects.exists()


def test_a_client_who_works_in_another_clinic_gets_no_link(cast: Cast, client: Browser) -> None:
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.DESK])

    ask(client, "cal@example.org")

    assert "/login/link/" not in mail.outbox[-1].body
    with pytest.raises(ValueError, match="no link"):
        link_for(cast.cal)


def test_who_may_use_the_admin_pages_gets_no_link(cast: Cast, client: Browser) -> None:
    User.objects.filter(pk=cast.cal.user_id).update(is_staff=True)

    ask(client, "cal@example.org")

    assert "/login/link/" not in mail.outbox[-1].body


def test_an_unknown_address_makes_no_link(cast: Cast, client: Browser) -> None:
    ask(client, "who@example.org")

    assert not LoginLink.objects.exists()


# --- a look uses nothing up -----------------------------------------------------------------------
def test_a_program_that_opens_every_link_of_a_mail_uses_nothing_up(
    cast: Cast, client: Browser
) -> None:
    path = path_of(link_for(cast.cal))
    scanner = Browser()

    for method in (scanner.get, scanner.head, scanner.get):
        assert method(path).status_code == 200
    assert scanner.put(path).status_code == 405
    assert "_auth_user_id" not in scanner.session

    client.post(path)
    assert logged_in(client)


def test_no_cache_keeps_the_page_and_no_search_engine_lists_it(cast: Cast, client: Browser) -> None:
    for path in (path_of(link_for(cast.cal)), "/login/link/never/"):
        page = client.get(path)
        assert "no-store" in page["Cache-Control"]
        assert page["X-Robots-Tag"] == "noindex"
        assert page["Referrer-Policy"] == "same-origin"


def test_the_button_needs_the_token_of_the_page(cast: Cast) -> None:
    path = path_of(link_for(cast.cal))
    strict = Browser(enforce_csrf_checks=True)
    assert strict.post(path).status_code == 403
    page = strict.get(path)
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert found

    strict.post(path, {"csrfmiddlewaretoken": found[1]})

    assert logged_in(strict)


# --- once, for a while, for one person ------------------------------------------------------------
def test_a_used_link_explains_itself_and_logs_nobody_in(cast: Cast, client: Browser) -> None:
    path = path_of(link_for(cast.cal))
    client.post(path)
    client.post("/logout/")

    for method in (client.get, client.post):
        page = method(path)
        assert page.status_code == 404
        assert GONE in page.text
        assert "Each link logs you in once." in page.text
        assert f'href="{ASK}"' in page.text
    assert not logged_in(client)


@pytest.mark.parametrize(("life", "said"), [(BESIDE_A_CODE, 15), (FROM_THE_CLINIC, 48 * 60)])
def test_a_link_lives_as_long_as_it_says(
    cast: Cast, client: Browser, life: timedelta, said: int
) -> None:
    path = path_of(link_for(cast.cal, life=life))
    assert life == timedelta(minutes=said)

    with time_machine.travel(NOW + life - timedelta(seconds=5)):
        assert client.get(path).status_code == 200
    with time_machine.travel(NOW + life + timedelta(seconds=5)):
        page = client.post(path)

    assert page.status_code == 404
    assert "It is too old." in page.text
    assert not logged_in(client)


def test_the_link_and_the_code_live_equally_long(cast: Cast) -> None:
    assert timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) == BESIDE_A_CODE


def test_used_old_foreign_and_invented_links_look_all_alike(cast: Cast) -> None:
    used, old, shut, works = (link_for(one) for one in (cast.cal, cast.cal, cast.cam, cast.con))
    use_link(used, now=NOW)
    LoginLink.objects.filter(pk=old.pk).update(expires_at=NOW + timedelta(seconds=1))
    Membership.objects.filter(pk=cast.cam.pk).update(is_active=False)
    add_member(clinic=cast.north, email=works.sent_to, name="Con P.", roles=[Role.DESK])
    browser = Browser()
    browser.force_login(cast.olga.user)

    with time_machine.travel(NOW + timedelta(minutes=1)):
        pages = [browser.get(path_of(link)) for link in (used, old, shut, works)]
        pages.append(browser.get("/login/link/never-was/"))

    assert {page.status_code for page in pages} == {404}
    assert len({body_of(page) for page in pages}) == 1


def test_a_link_dies_when_the_log_in_gets_another_address(cast: Cast, client: Browser) -> None:
    path = path_of(link_for(cast.cal))
    User.objects.filter(pk=cast.cal.user_id).update(email="new@example.org")

    assert client.post(path).status_code == 404
    assert not logged_in(client)


def test_of_two_taps_at_once_one_logs_in(cast: Cast) -> None:
    link = link_for(cast.cal)

    assert [use_link(link, now=NOW), use_link(link, now=NOW)] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_use_a_link_up_once(noon: None) -> None:
    cast = build_cast()
    link = link_for(cast.cal)
    start, won = Barrier(20), []

    def tap() -> None:
        start.wait()
        won.append(use_link(link, now=NOW))
        connection.close()

    threads = [Thread(target=tap) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False] * 19 + [True]


def test_who_is_in_already_keeps_the_link(cast: Cast, client: Browser) -> None:
    link = link_for(cast.cal)
    client.force_login(cast.cal.user)

    for method in (client.get, client.post):
        assert method(path_of(link))["Location"] == "/"

    link.refresh_from_db()
    assert link.used_at is None


def test_on_a_shared_device_it_says_who_is_logged_out(cast: Cast, client: Browser) -> None:
    path = path_of(link_for(cast.cal))
    client.force_login(cast.cam.user)
    assert "Cam Q. is logged in on this device now." in client.get(path).text

    client.post(path)

    assert client.session["_auth_user_id"] == str(cast.cal.user_id)


def test_a_visitor_with_two_clinics_reads_no_name_of_one(cast: Cast, client: Browser) -> None:
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.CLIENT])
    link = link_for(cast.cal)
    assert "<h1>Log in to your appointments</h1>" in client.get(path_of(link)).text

    sent = link_for(cast.cal, by=cast.dee)

    assert "at Northside" in client.get(path_of(sent)).text


# --- what an attacker would try -------------------------------------------------------------------
def test_whoever_planted_a_session_key_is_not_in_after_the_log_in(
    cast: Cast, client: Browser
) -> None:
    ask(client, "cal@example.org")  # a session is there before the log-in, as an attacker plants it
    planted = client.session.session_key
    attacker = Browser()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted

    client.post(path_in_mail())

    assert client.session.session_key != planted
    assert "_auth_user_id" not in attacker.session
    assert attacker.get("/c/north/my/").status_code == 302


def test_whoever_planted_a_session_key_is_not_in_after_the_code_either(
    cast: Cast, client: Browser
) -> None:
    ask(client, "cal@example.org")
    planted = client.session.session_key

    enter(client, newest_code())

    assert client.session.session_key != planted
    attacker = Browser()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert "_auth_user_id" not in attacker.session


def test_who_guesses_links_is_stopped_after_twenty(cast: Cast) -> None:
    """And would need 10^61 years at the rate that is left: see ACCOUNT_RATE_LIMITS."""
    path = path_of(link_for(cast.cal))
    browser = Browser()

    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        answers = [browser.get(f"/login/link/guess-{number}/").status_code for number in range(22)]

        assert answers == [404] * 20 + [429] * 2
        assert "Too many tries" in browser.get(path).text
    elsewhere = Browser(headers={"x-forwarded-for": "203.0.113.8"})
    assert elsewhere.get(path).status_code == 200


def test_right_links_are_not_counted_as_guesses(cast: Cast, client: Browser) -> None:
    path = path_of(link_for(cast.cal))

    assert {client.get(path).status_code for _ in range(25)} == {200}


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "é" * 43, "a" * 5000])
def test_nonsense_for_a_token_is_a_wrong_link_and_no_error(
    cast: Cast, client: Browser, token: str
) -> None:
    assert client.get(f"/login/link/{token}/").status_code == 404


def test_the_database_holds_no_secret(cast: Cast) -> None:
    link = link_for(cast.cal)
    token = path_of(link).split("/")[3]

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in " ".join(map(str, LoginLink.objects.values_list().get()))
    with override_settings(SECRET_KEY="of somebody else, who has a copy of the database"):
        assert address_of(link) == ""


def test_the_secret_is_kept_out_of_the_logs(cast: Cast) -> None:
    handlers = logging.getLogger().handlers
    console = next(one for one in handlers if any("WithoutSecrets" in repr(f) for f in one.filters))
    assert isinstance(console, logging.StreamHandler)
    path = path_of(link_for(cast.cal))
    said = io.StringIO()
    usual = console.setStream(said)
    try:
        LoginLink.objects.update(used_at=NOW)
        Browser().get(path)
        logging.getLogger("django.server").info('"GET %s HTTP/1.1" 200 9', path)
    finally:
        if usual:
            console.setStream(usual)

    assert said.getvalue().count("/login/link/…") == 2
    assert path.split("/")[3] not in said.getvalue()


# --- what is kept ---------------------------------------------------------------------------------
def test_rows_of_links_that_are_long_over_go_with_the_next_one(cast: Cast) -> None:
    first, theirs = link_for(cast.cal), link_for(cast.cam)

    second = link_for(cast.cal, now=NOW + KEPT)
    assert LoginLink.objects.count() == 3
    third = link_for(cast.cal, now=NOW + KEPT + BESIDE_A_CODE + timedelta(seconds=1))

    assert set(LoginLink.objects.all()) == {theirs, second, third}
    assert first not in LoginLink.objects.all()


def test_an_address_is_said_masked() -> None:
    assert masked("cal@example.org") == "c…@example.org"
