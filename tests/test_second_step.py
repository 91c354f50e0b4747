"""Whoever works in a clinic proves twice that it is she; clients and companions do as before."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings
from django.urls import get_resolver

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, add_organiser
from bonefit.clinics.models import User
from bonefit.clinics.second_step import ALWAYS, WHILE_NONE
from tests.authenticator_app import (
    APP,
    CODES,
    SET_UP,
    STEP,
    half_in,
    read_in,
    set_up,
    take,
    with_app,
)
from tests.cast import NOW, Cast
from tests.passkey_device import ADD, LIST, Device, add, use
from tests.test_access_routes import walk
from tests.test_login import logged_in

HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/c/north/flags/"}


def is_in(browser: Browser) -> bool:
    """Whether the pages of a clinic open: a page that exists answers by itself."""
    return "/login/second/" not in browser.get("/").headers.get("Location", "")


# --- setting it up at the first log-in ------------------------------------------------------------
@pytest.mark.parametrize("who", ["ana", "ada", "dee", "otto", "greta"])
def test_whoever_works_sets_one_up_at_her_first_log_in_and_is_then_where_she_wanted(
    cast: Cast, who: str
) -> None:
    add_organiser(organisation=cast.north.organisation, email="greta@example.org", name="Greta G.")
    browser = half_in(f"{who}@example.org")

    away = browser.get("/passkeys/")
    assert away["Location"] == f"{SET_UP}?next=%2Fpasskeys%2F"
    page = browser.get(away["Location"])
    assert f"{APP}?next=/passkeys/" in page.text
    assert f"{ADD}?next=/passkeys/" in page.text
    app = read_in(browser.get(f"{APP}?next=/passkeys/"))
    then = browser.post(APP, {"code": app.code(), "next": "/passkeys/"})

    assert then["Location"] == f"{CODES}?next=%2Fpasskeys%2F"
    assert len(re.findall(r"<li>\d{4} \d{4}</li>", browser.get(then["Location"]).text)) == 10
    assert browser.get("/passkeys/").status_code == 200
    assert mail.outbox[-1].subject == "An app was set up for your log-in"


@pytest.mark.parametrize("who", ["cal", "con"])
def test_clients_and_companions_are_in_with_the_code_alone(cast: Cast, who: str) -> None:
    email = getattr(cast, who).user.email

    page = half_in(email).get("/", follow=True)

    assert page.status_code == 200
    assert page.redirect_chain[-1][0].startswith("/c/north/my/")


def test_a_passkey_is_the_whole_second_step_too(cast: Cast, client: Browser) -> None:
    browser, phone = half_in("ana@example.org"), Device()

    assert add(browser, phone)["Location"] == CODES
    assert is_in(browser)
    use(client, phone)

    assert is_in(client)


OPEN_BEFORE = {
    ALWAYS: {
        *("account_inactive", "account_logout", "login_link", "refused"),
        *("second_step", "second_passkey", "enter_pin"),
        *("calendar", "reminders", "falls-month", "answer-questions", "upload"),
        *("service-worker", "manifest", "healthz", "readyz", "beats", "metrics"),
    },
    WHILE_NONE: {"second_set_up", "second_app", "passkey_add", "log_in_again", "still_here"},
}


def test_before_it_nothing_opens_but_what_is_listed_here(cast: Cast) -> None:
    """Every address of the URLconf, with a made-up thing in it: the gate stands before the view."""
    named = {"int": 1, "uuid": uuid.uuid4(), "slug": "north", "str": "x"}
    without, holder = half_in("ada@example.org"), with_app("dee@example.org")[0]
    holder.post("/logout/")
    holder = half_in("dee@example.org")
    found: dict[str, set[str]] = {ALWAYS: set(), WHILE_NONE: set()}
    for name, path, pattern in walk(get_resolver()):
        when = getattr(getattr(pattern, "callback", None), "before_second_step", "")
        if when:
            found[when].add(name)
        if when == ALWAYS:
            continue
        url = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda one: str(named[one[1] or "str"]), path)
        for method in ("get", "post"):
            answer = getattr(holder, method)(url)
            assert (name, answer.status_code) == (name, 302)
            assert answer["Location"].startswith(f"{STEP}?next="), (name, answer["Location"])
            if not when:
                assert getattr(without, method)(url)["Location"].startswith(f"{SET_UP}?next="), name

    assert found == OPEN_BEFORE


def test_who_has_one_cannot_set_up_another_with_her_e_mail_alone(cast: Cast) -> None:
    """Else a mailbox would be enough after all."""
    with_app("ana@example.org")
    thief = half_in("ana@example.org")

    for path in (APP, ADD, SET_UP, CODES, LIST):
        for method in ("get", "post"):
            assert getattr(thief, method)(path)["Location"].startswith(STEP)

    assert Authenticator.objects.filter(type="totp").count() == 1


def test_she_can_always_log_out(cast: Cast) -> None:
    browser = half_in("ana@example.org")
    assert 'action="/logout/"' in browser.get(SET_UP).text

    browser.post("/logout/")

    assert not logged_in(browser)


def test_a_code_that_is_not_the_apps_sets_nothing_up_and_the_picture_stays(cast: Cast) -> None:
    browser = half_in("ana@example.org")
    app = read_in(browser.get(APP))

    page = browser.post(APP, {"code": app.wrong()})

    assert page.status_code == 422
    assert "not the code that the app shows now" in page.text
    assert read_in(page) == app
    assert not Authenticator.objects.exists()
    assert browser.post(APP, {"code": app.code()}).status_code == 302


# --- taking it at every later log-in --------------------------------------------------------------
def test_later_log_ins_ask_for_the_code_of_the_app_and_lead_on(cast: Cast) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")
    away = browser.get("/c/north/flags/?show=all")
    assert away["Location"] == f"{STEP}?next=%2Fc%2Fnorth%2Fflags%2F%3Fshow%3Dall"
    assert 'name="next" value="/c/north/flags/?show=all"' in browser.get(away["Location"]).text
    before = browser.session.session_key

    code = app.code(later=1)
    then = take(browser, f"{code[:3]} {code[3:]}", next="/c/north/flags/?show=all")

    assert then["Location"] == "/c/north/flags/?show=all"
    assert browser.get(then["Location"]).status_code == 200
    assert browser.session.session_key != before, "who knew the key from before is in too"


def test_it_leads_nowhere_outside(cast: Cast) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")

    assert take(browser, app.code(later=1), next="https://evil.example/")["Location"] == "/"


def test_a_wrong_code_is_said_beside_the_field_and_opens_nothing(cast: Cast) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")

    for typed, words in (
        (app.wrong(), "This is not the code that the app shows now"),
        ("", "Type the code that the app shows."),
        ("12", "What you typed has 2."),
        ("abc", "What you typed has none."),
    ):
        page = take(browser, typed)
        assert page.status_code == 422
        assert words in page.text

    assert not is_in(browser)


def test_a_code_of_the_app_works_once_and_none_before_it_works_after_it(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _, app = with_app("ana@example.org")
        first, second = half_in("ana@example.org"), half_in("ana@example.org")
        clock.shift(60)
        now, before = app.code(), app.code(later=-1)

        assert take(first, now).status_code == 302
        for used in (now, before):
            assert take(second, used).status_code == 422

        clock.shift(30)
        assert take(second, app.code()).status_code == 302


def test_the_code_that_set_the_app_up_is_used_up_by_that(cast: Cast) -> None:
    with time_machine.travel(NOW, tick=False):
        _, app = with_app("ana@example.org")

        assert take(half_in("ana@example.org"), app.code()).status_code == 422


def test_a_telephone_that_is_half_a_minute_off_is_let_in_and_one_of_two_minutes_is_not(
    cast: Cast,
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        _, app = with_app("ana@example.org")
        browser = half_in("ana@example.org")
        clock.shift(300)

        for off in (-4, -2, 2, 4):
            assert take(browser, app.code(later=off)).status_code == 422
        assert take(browser, app.code(later=-1)).status_code == 302


def test_a_passkey_of_hers_takes_the_step_and_nobody_elses_does(cast: Cast) -> None:
    phone, toms = Device(), Device()
    add(half_in("ana@example.org"), phone)
    add(half_in("tess@example.org"), toms)
    browser = half_in("ana@example.org")
    page = browser.get(STEP)
    assert 'action="/login/second/passkey/"' in page.text

    assert sign(browser, toms)["Location"] == STEP
    assert not is_in(browser)
    assert sign(browser, phone, next=LIST)["Location"] == LIST
    assert is_in(browser)


def sign(browser: Browser, device: Device, **more: str) -> Any:
    """Take the step with a passkey, as the page's script does."""
    signed = device.use(browser.get("/login/second/passkey/").json())
    return browser.post("/login/second/passkey/", {"credential": json.dumps(signed), **more})


def test_an_htmx_request_is_led_there_as_a_page_and_back_to_the_page_it_was_on(cast: Cast) -> None:
    answer = half_in("ana@example.org").get("/c/north/flags/", headers=HTMX)

    assert answer["HX-Redirect"] == f"{SET_UP}?next=%2Fc%2Fnorth%2Fflags%2F"


# --- recovery codes -------------------------------------------------------------------------------
def codes_on(page: Any) -> list[str]:
    return re.findall(r"<li>(\d{4} \d{4})</li>", page.text)


def test_a_recovery_code_lets_her_in_once_and_she_is_told(cast: Cast) -> None:
    browser, _ = with_app("ana@example.org")
    code = codes_on(browser.get(CODES))[3]
    again = half_in("ana@example.org")

    page = again.post(STEP, {"code": code, "next": LIST}, follow=True)

    assert "You have 9 left." in page.text
    assert mail.outbox[-1].subject == "A recovery code was used for your log-in"
    assert is_in(again)
    assert take(half_in("ana@example.org"), code).status_code == 422


def test_recovery_codes_are_shown_once_and_new_ones_void_the_old(cast: Cast) -> None:
    browser, _ = with_app("ana@example.org")
    old = codes_on(browser.get(CODES))
    assert len(set(old)) == 10
    assert codes_on(browser.get(CODES)) == []

    new = codes_on(browser.post(CODES, follow=True))

    assert len(set(new) - set(old)) == 10
    assert mail.outbox[-1].subject == "New recovery codes were made for your log-in"
    again = half_in("ana@example.org")
    assert take(again, old[0]).status_code == 422
    assert take(again, new[0]).status_code == 302


# --- who comes to need one ------------------------------------------------------------------------
def test_a_client_who_is_made_a_therapist_is_led_to_it_at_her_next_request(cast: Cast) -> None:
    browser = half_in("cal@example.org")
    assert browser.get("/c/north/my/").status_code == 200

    add_member(clinic=cast.north, email="cal@example.org", name="Cal P.", roles=[Role.THERAPIST])

    assert browser.get("/c/north/clients/")["Location"].startswith(SET_UP)


def test_who_runs_the_site_needs_one_too(cast: Cast) -> None:
    User.objects.filter(pk=cast.nobody.pk).update(is_staff=True)

    assert half_in("nobody@example.org").get("/operator/")["Location"].startswith(SET_UP)


# --- keeping and removing -------------------------------------------------------------------------
def test_the_last_one_cannot_be_removed_before_there_is_another(cast: Cast) -> None:
    browser = half_in("ana@example.org")
    add(browser, Device())
    key = Authenticator.objects.get(type="webauthn")
    path = f"/passkeys/{key.pk}/remove/"

    page = browser.post(path)
    assert page.status_code == 422
    assert "the only second step that you have" in page.text
    assert Authenticator.objects.filter(pk=key.pk).exists()

    set_up(browser)
    assert browser.post(path)["Location"] == LIST
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    assert is_in(browser)


def test_another_app_takes_the_place_of_the_one_before(cast: Cast) -> None:
    browser, old = with_app("ana@example.org")
    new = set_up(browser)

    again = half_in("ana@example.org")
    assert take(again, old.code(later=1)).status_code == 422
    assert take(again, new.code(later=1)).status_code == 302


def test_after_a_quarter_of_an_hour_the_step_is_asked_for_again_and_leads_back(cast: Cast) -> None:
    browser, app = with_app("ana@example.org")
    with time_machine.travel(NOW + timedelta(minutes=16)):
        away = browser.get(APP)
        assert away["Location"] == f"{STEP}?next=%2Flogin%2Fsecond%2Fapp%2F"
        assert "Is it still you?" in browser.get(away["Location"]).text
        assert is_in(browser), "everything else stays open meanwhile"

        assert take(browser, app.code(), next=APP)["Location"] == APP
        assert browser.get(APP).status_code == 200


# --- what is kept ---------------------------------------------------------------------------------
def test_nobody_with_a_copy_of_the_database_alone_has_the_secrets(cast: Cast) -> None:
    browser, app = with_app("ana@example.org")
    codes = [code.replace(" ", "") for code in codes_on(browser.get(CODES))]

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert app.secret not in kept
    assert not any(code in kept for code in codes)


def test_with_another_key_of_the_site_an_app_opens_nothing_and_with_the_old_one_beside_it_does(
    cast: Cast, settings: Any
) -> None:
    _, app = with_app("ana@example.org")
    old = settings.SECRET_KEY
    with override_settings(SECRET_KEY="a new one" * 8):
        browser = half_in("ana@example.org")
        assert take(browser, app.code(later=1)).status_code == 422

        with override_settings(SECRET_KEY_FALLBACKS=[old]):
            assert take(browser, app.code(later=1)).status_code == 302
