"""Where one is logged in: listed in plain words, ended from elsewhere, ended by an admin."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core import mail
from django.test import Client as Browser

from bonefit.clinics.browser_store import SessionStore
from bonefit.clinics.browser_words import NOT_KNOWN, in_words
from bonefit.clinics.models import Membership
from bonefit.clinics.models_open import BrowserLogIn, TabletPin
from bonefit.clinics.open_log_ins import end_everywhere
from sessions.models import ReportExport
from tests.authenticator_app import SET_UP, STEP, take, with_app
from tests.cast import NOW, Cast
from tests.passkey_device import by_code
from tests.portal.test_invitations import REFUSING
from tests.sessions.test_board_operations import send, tapped
from tests.test_login import ask, enter, newest_code

WHERE = "/log-ins/"
STAFF = "/c/north/settings/log-ins/"
FROM_STAFF = {"referer": f"http://testserver{STAFF}"}
IPAD = (
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"
)
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
)
HOME, CAFE = "203.0.113.7", "198.51.100.23"


def came_with(user_agent: str, address: str) -> Browser:
    """A browser of Cal's, in which he has logged in by a code."""
    browser = Browser(headers={"user-agent": user_agent, "x-forwarded-for": address})
    ask(browser, "cal@example.org")
    enter(browser, newest_code())
    assert is_in(browser)
    return browser


def is_in(browser: Browser, path: str = "/c/north/my/") -> bool:
    """Whether the next request finds somebody logged in."""
    return "/login/code/" not in browser.get(path).headers.get("Location", "")


def number_of(browser: Browser) -> str:
    return str(BrowserLogIn.objects.get(session_key=browser.session.session_key).uid)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (IPAD, "Safari on an iPad"),
        (PHONE, "Chrome on an Android phone"),
        (PHONE.replace(" Mobile", ""), "Chrome on an Android tablet"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Firefox on Linux",
        ),
        ("curl/8.5.0", NOT_KNOWN),
        ("", NOT_KNOWN),
        ("<script>alert(1)</script>", NOT_KNOWN),
    ],
)
def test_a_browser_is_named_in_plain_words(said: str, words: str) -> None:
    assert in_words(said) == words


def test_the_list_says_which_browser_since_when_and_from_where(cast: Cast) -> None:
    came_with(PHONE, CAFE)
    with time_machine.travel(NOW + timedelta(hours=3), tick=True):
        tablet = came_with(IPAD, HOME)
        page = tablet.get(WHERE)

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    assert "Safari on an iPad This one" in text
    assert (
        f"Since 5 March 2026, 15:00. Last used 5 March, 15:00 from the network address {HOME}."
        in text
    )
    assert (
        f"Since 5 March 2026, 12:00. Last used 5 March, 12:00 from the network address {CAFE}."
        in text
    )
    assert text.count("This one") == 1
    assert "after 14 days without use, and 90 days after you logged in" in text
    for key in BrowserLogIn.objects.values_list("session_key", flat=True):
        assert key not in page.text, "who looks over her shoulder is in"


def test_one_is_ended_and_its_next_request_finds_nobody(cast: Cast) -> None:
    phone, tablet = came_with(PHONE, CAFE), came_with(IPAD, HOME)

    answer = tablet.post(WHERE, {"end": number_of(phone)}, follow=True)

    assert "It has ended." in answer.text
    assert not is_in(phone)
    assert is_in(tablet)


def test_all_others_are_ended_and_this_one_stays(cast: Cast) -> None:
    others = [came_with(PHONE, CAFE), came_with(PHONE, HOME)]
    tablet = came_with(IPAD, HOME)
    cam = by_code(cast.cam.user.email)

    tablet.post(WHERE, {"end": "others"})

    assert [is_in(one) for one in others] == [False, False]
    assert is_in(tablet)
    assert is_in(cam), "a log-in of somebody else has ended"


def test_nobody_ends_a_log_in_of_somebody_else(cast: Cast) -> None:
    cal, cam = came_with(PHONE, CAFE), by_code(cast.cam.user.email)

    page = cam.post(WHERE, {"end": number_of(cal)}, follow=True)

    assert "had ended already" in page.text
    assert is_in(cal)
    assert "Chrome on an Android phone" not in cam.get(WHERE).text


@pytest.mark.parametrize("end", ["", "x", "00000000-0000-0000-0000-000000000000", "others'"])
def test_a_number_that_is_none_ends_nothing(cast: Cast, end: str) -> None:
    cal = came_with(PHONE, CAFE)

    assert cal.post(WHERE, {"end": end}).status_code == 302
    assert is_in(cal)


def test_ending_asks_once_more_who_she_is_and_looking_does_not(cast: Cast) -> None:
    phone, tablet = came_with(PHONE, CAFE), came_with(IPAD, HOME)
    with time_machine.travel(NOW + timedelta(minutes=16), tick=True):
        assert tablet.get(WHERE).status_code == 200
        away = tablet.post(WHERE, {"end": number_of(phone)})

        assert away["Location"] == "/login/again/?next=%2Flog-ins%2F"
        assert is_in(phone)


def test_one_that_is_ended_while_it_takes_its_second_step_is_ended(cast: Cast) -> None:
    """The key changes at that moment: what was read under the old one must not come back."""
    by_code("cal@example.org")
    store = SessionStore(BrowserLogIn.objects.get(person=cast.cal.user).session_key)
    assert store["_auth_user_id"]

    end_everywhere(cast.cal.user, now=NOW)
    store.cycle_key()

    assert "_auth_user_id" not in store
    assert not BrowserLogIn.objects.filter(person=cast.cal.user).exists()


def test_one_that_is_ended_while_a_page_is_made_does_not_come_back(cast: Cast) -> None:
    browser = by_code("cal@example.org")
    store = SessionStore(browser.session.session_key)
    store["seen"] = True

    end_everywhere(cast.cal.user, now=NOW)

    with pytest.raises(UpdateError):
        store.save()
    assert not is_in(browser)


# --- by an admin ----------------------------------------------------------------------------------
@pytest.fixture
def ada(cast: Cast) -> Browser:
    """A browser in which Ada has logged in, both steps."""
    return with_app("ada@example.org")[0]


def end_path(member: Membership) -> str:
    return f"{STAFF}{member.pk}/end/"


def test_an_admin_ends_all_log_ins_of_a_colleague_who_is_told_and_can_come_back(
    cast: Cast, ada: Browser
) -> None:
    ana, app = with_app("ana@example.org")
    assert "Logged in in 1 browser now." in ada.get(STAFF).text

    page = ada.post(end_path(cast.ana), headers=FROM_STAFF, follow=True)

    assert "Ana T. is logged out everywhere. A mail says so." in page.text
    assert mail.outbox[-1].to == ["ana@example.org"]
    assert "An admin of Northside has ended all your log-ins" in mail.outbox[-1].body
    assert not is_in(ana, "/c/north/today/")
    ask(ana, "ana@example.org")
    enter(ana, newest_code())
    assert take(ana, app.code(later=1)).status_code == 302
    assert is_in(ana, "/c/north/today/")


def test_an_admin_ends_those_of_a_client_too_and_sees_no_network_address(
    cast: Cast, ada: Browser
) -> None:
    cal = came_with(PHONE, CAFE)
    contact = f"/c/north/bookings/{cast.cal_client.pk}/contact/"
    page = ada.get(contact).text
    assert f'action="{end_path(cast.cal)}"' in page
    assert CAFE not in page + ada.get(STAFF).text

    done = ada.post(end_path(cast.cal), headers={"referer": f"http://testserver{contact}"})

    assert done["Location"] == contact
    assert not is_in(cal)


def test_a_mail_server_that_is_down_keeps_nobody_logged_in(
    cast: Cast, ada: Browser, settings: Any
) -> None:
    cal = came_with(PHONE, CAFE)
    settings.EMAIL_BACKEND = REFUSING

    page = ada.post(end_path(cast.cal), headers=FROM_STAFF, follow=True)

    assert "No mail could be sent." in page.text
    assert not is_in(cal)


def test_an_admin_ends_none_of_another_clinics(cast: Cast, ada: Browser) -> None:
    otto = with_app("otto@example.org")[0]

    assert ada.post(end_path(cast.otto)).status_code == 404
    assert ada.post(end_path(cast.ada)).status_code == 404, "her own are on her own page"
    assert is_in(otto, "/c/harbor/today/")


def test_an_admin_proves_once_more_who_she_is(cast: Cast, ada: Browser) -> None:
    cal = came_with(PHONE, CAFE)
    with time_machine.travel(NOW + timedelta(minutes=16), tick=True):
        away = ada.post(end_path(cast.cal))

        assert away["Location"].startswith(f"{STEP}?next=")
        assert is_in(cal)


# --- who has left ---------------------------------------------------------------------------------
def test_who_has_left_gets_nothing_by_a_log_in_that_is_still_open(cast: Cast) -> None:
    browser, _ = with_app("ana@example.org")
    for path in ("/c/north/today/", "/c/north/floor/day/", "/c/north/reports/adherence.csv"):
        assert browser.get(path).status_code == 200
    taken = ReportExport.objects.count()
    send(browser, cast, [tapped(cast)])

    Membership.objects.filter(pk=cast.ana.pk).update(is_active=False)

    record = f"/c/north/clients/{cast.cal_client.pk}/"
    visit = f"/c/north/visits/{cast.visit.uid}/"
    pages = ("/c/north/", "/c/north/today/", "/c/north/clients/", record, visit, "/c/north/flags/")
    board = ("floor/", "floor/day/", "floor/people/", "floor/plates/", "floor/notes/", "floor/pin/")
    files = ("reports/adherence.csv", "reports/adherence.xlsx", "reports/adherence.pdf")
    for path in (*pages, *(f"/c/north/{one}" for one in (*board, *files))):
        answer = browser.get(path)
        assert (path, answer.status_code) == (path, 404)
        assert "Cal P." not in answer.text
    for path in ("floor/prepare/", "floor/walk-in/"):
        posted = browser.post(f"/c/north/{path}", "{}", content_type="application/json")
        assert (path, posted.status_code) == (path, 404)
    sent = send(browser, cast, [tapped(cast, 2)])
    assert [one["outcome"] for one in sent.json()["results"]] == ["held"]
    assert sent.json()["lanes"] == {}, "what she sends is kept for the admin; nothing is read"
    assert ReportExport.objects.count() == taken


def test_a_reset_of_the_second_step_ends_her_log_ins_and_her_pins(cast: Cast, ada: Browser) -> None:
    ana, _ = with_app("ana@example.org")
    ana.post("/c/north/floor/pin/", {"pin": "8352", "again": "8352"})

    ada.post(f"{STAFF}{cast.ana.pk}/reset/", {"reason": "Telephone lost"})

    assert not BrowserLogIn.objects.filter(person=cast.ana.user).exists()
    assert not TabletPin.objects.filter(user=cast.ana.user, ended_at=None).exists()
    assert ana.get("/login/pin/")["Location"].startswith("/login/code/")


# --- the way out ----------------------------------------------------------------------------------
def test_the_cookies_of_a_browser_that_logged_out_open_nothing(cast: Cast) -> None:
    browser = by_code("cal@example.org")
    kept = {name: morsel.value for name, morsel in browser.cookies.items()}
    assert settings.SESSION_COOKIE_NAME in kept

    browser.post("/logout/")

    thief = Browser()
    for name, value in kept.items():
        thief.cookies[name] = value
    assert not is_in(thief)
    assert thief.get(WHERE)["Location"].startswith("/login/code/")


def test_who_has_no_second_step_sees_no_list(cast: Cast) -> None:
    browser = Browser()
    ask(browser, "ana@example.org")
    enter(browser, newest_code())

    assert browser.get(WHERE)["Location"].startswith(SET_UP)
