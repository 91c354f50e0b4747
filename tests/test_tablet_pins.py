"""A PIN on a shared tablet: it opens the floor board there, that day, and nothing else anywhere."""

from __future__ import annotations

import re
from datetime import timedelta

import time_machine
from django.conf import settings
from django.test import Client as Browser
from django.urls import get_resolver

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership, User
from bonefit.clinics.models_open import BrowserLogIn, TabletPin
from bonefit.clinics.tablet_pins import end_of_today
from sessions.models import Operation
from tests.authenticator_app import with_app
from tests.cast import NOW, Cast
from tests.on_a_tablet import (
    BOARD,
    ENTER,
    LATER,
    LOG_IN,
    OTHER_PIN,
    PIN,
    SET,
    board,
    opens,
    prepared,
    tablet,
    type_pin,
)
from tests.sessions.test_board_operations import send, tapped
from tests.test_access_routes import walk
from tests.test_login import logged_in

__all__ = ["board", "tablet"]  # fixtures
#: What a PIN opens. Each of these is of the floor board.
BOARDS = {
    *("sessions:board", "sessions:board-day", "sessions:board-send", "sessions:board-prepare"),
    *("sessions:people", "sessions:walk-in", "sessions:plates"),
}


# --- the way in -----------------------------------------------------------------------------------
def test_the_log_in_page_of_the_tablet_offers_it_and_it_opens_the_board(
    cast: Cast, tablet: Browser
) -> None:
    page = tablet.get(tablet.get(BOARD)["Location"])
    assert "Ana T.: your PIN of today opens it on this tablet." in page.text
    assert "Ana T." in tablet.get(ENTER).text

    assert type_pin(tablet, cast.ana)["Location"] == BOARD

    day = tablet.get(f"{BOARD}day/").json()
    assert day["author"]["name"] == "Ana T."
    assert [one["name"] for slot in day["slots"] for one in slot["lanes"]] == ["Cal P."]
    assert tablet.get(BOARD).status_code == 200
    assert not logged_in(tablet), "that would open more than the board"


def test_what_she_taps_is_hers(cast: Cast, board: Browser) -> None:
    answer = send(board, cast, [tapped(cast)])

    assert [one["outcome"] for one in answer.json()["results"]] == ["applied"]
    assert Operation.objects.get().by == cast.ana
    assert list(answer.json()["lanes"]) == [str(cast.visit.uid)]


def test_a_full_log_in_takes_its_place(cast: Cast, board: Browser) -> None:
    from tests.test_login import ask, enter, newest_code

    ask(board, "cal@example.org")
    enter(board, newest_code())

    assert board.get("/c/north/my/").status_code == 200
    assert "tablet_pin" not in board.session
    row = BrowserLogIn.objects.get(session_key=board.session.session_key)
    assert (row.person, row.board_only) == (cast.cal.user, False)
    board.post("/logout/")
    assert not opens(board), "the PIN session of before came back"


def test_the_board_can_be_closed_and_opened_again(cast: Cast, board: Browser) -> None:
    assert board.post(ENTER, {"leave": "1"})["Location"] == LOG_IN
    assert not opens(board)

    assert type_pin(board, cast.ana)["Location"] == BOARD
    assert opens(board)


# --- nothing but the board ------------------------------------------------------------------------
def test_at_every_other_address_of_the_site_she_is_nobody(cast: Cast, board: Browser) -> None:
    """Over the whole URLconf: what she gets there is what somebody gets who is not logged in."""
    named = {"int": cast.cal_client.pk, "uuid": cast.visit.uid, "slug": "north", "str": "x"}
    opened = set()
    for name, path, _ in walk(get_resolver()):
        # Her own address in the clinic, with things in it that are there.
        url = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda one: str(named[one[1] or "str"]), path)
        for method in ("get", "post"):
            hers = getattr(board, method)(url)
            nobodys = getattr(Browser(), method)(url)
            if name in BOARDS:
                assert nobodys.status_code == 405 or nobodys["Location"].startswith(LOG_IN)
                if hers.status_code in (200, 400):
                    opened.add(name)
                continue
            if name == "enter_pin":  # it asks for a PIN again
                continue
            assert (name, hers.status_code) == (name, nobodys.status_code)
            assert hers.headers.get("Location") == nobodys.headers.get("Location"), name
            assert "Cal P." not in hers.text if not hers.streaming else True, name

    assert opened == BOARDS
    assert opens(board), "the walk has closed the board, and proved nothing"


def test_it_reads_no_other_day(cast: Cast, board: Browser) -> None:
    asked = board.get(f"{BOARD}day/?day=2026-03-09").json()
    assert asked["day"] == "2026-03-05"

    (monday,) = [one for one in cast.visits if one.starts_at.day == 8]  # Monday 9:00 in Brisbane
    for path in ("people/", "plates/"):
        today = board.get(f"{BOARD}{path}?slot={cast.visit.slot_id}")
        other = board.get(f"{BOARD}{path}?slot={monday.slot_id}")
        assert (path, today.status_code, other.status_code) == (path, 200, 404)
    answer = send(board, cast, [tapped(cast, visit=str(monday.uid))])
    assert answer.json()["lanes"] == {}


def test_it_opens_no_other_clinic_where_she_works_too(cast: Cast, board: Browser) -> None:
    add_member(clinic=cast.harbor, email="ana@example.org", name="Ana T.", roles=[Role.THERAPIST])

    assert opens(board)
    assert not opens(board, "/c/harbor/floor/day/")
    assert not opens(board, "/c/harbor/floor/")


def test_it_is_set_after_a_full_log_in_of_just_now_only(cast: Cast, board: Browser) -> None:
    assert board.get(SET)["Location"].startswith(LOG_IN)
    assert board.post(SET, {"pin": OTHER_PIN, "again": OTHER_PIN})["Location"].startswith(LOG_IN)

    ana, _ = with_app("tess@example.org")
    with time_machine.travel(LATER + timedelta(minutes=16), tick=True):
        assert ana.get(SET).status_code == 200
        away = ana.post(SET, {"pin": OTHER_PIN, "again": OTHER_PIN})
        assert away["Location"].startswith("/login/second/?next=")
    assert TabletPin.objects.count() == 1


# --- other day, other device ----------------------------------------------------------------------
def test_at_the_end_of_the_clinics_day_it_is_gone(cast: Cast) -> None:
    """At midnight in Brisbane, wherever the server is."""
    midnight = end_of_today(cast.north, NOW)
    assert midnight.isoformat() == "2026-03-06T00:00:00+10:00"
    tablet = prepared("ana@example.org")
    with time_machine.travel(midnight - timedelta(minutes=20), tick=True):
        assert type_pin(tablet, cast.ana)["Location"] == BOARD
        assert opens(tablet)
    with time_machine.travel(midnight - timedelta(seconds=20), tick=True):
        assert opens(tablet)

    with time_machine.travel(midnight, tick=True):
        assert not opens(tablet)
        assert tablet.get(ENTER)["Location"] == LOG_IN
        assert type_pin(tablet, cast.ana)["Location"] == LOG_IN
        assert "your PIN of today" not in tablet.get(LOG_IN).text


def test_a_day_that_is_over_leaves_no_row_behind(cast: Cast) -> None:
    prepared("ana@example.org")
    with time_machine.travel(NOW + timedelta(days=5), tick=True):
        prepared("tess@example.org")

    assert [one.user for one in TabletPin.objects.all()] == [cast.tess.user]


def test_the_cookie_of_the_board_opens_nothing_on_another_device(
    cast: Cast, board: Browser
) -> None:
    thief = Browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = board.cookies[settings.SESSION_COOKIE_NAME].value

    assert not opens(thief)
    thief.cookies[settings.TABLET_COOKIE_NAME] = "made up"
    assert not opens(thief)
    assert opens(board)


def test_the_right_pin_opens_nothing_on_a_tablet_where_it_was_not_set(
    cast: Cast, tablet: Browser
) -> None:
    other = prepared("tess@example.org", OTHER_PIN)
    other.post("/logout/")

    page = type_pin(other, cast.ana)

    assert page.status_code == 422
    assert "Tap your name." in page.text
    assert not opens(other)
    assert "Ana T." not in other.get(ENTER).text


def test_the_board_idles_out_too_and_the_pin_opens_it_again(cast: Cast, board: Browser) -> None:
    for minutes in (25, 31):
        with time_machine.travel(LATER + timedelta(minutes=minutes), tick=True):
            assert opens(board) == (minutes == 25), "reading is no use of it"
    with time_machine.travel(LATER + timedelta(minutes=40), tick=True):
        assert type_pin(board, cast.ana)["Location"] == BOARD
        assert opens(board)


# --- people ---------------------------------------------------------------------------------------
def test_who_has_left_gets_nothing_by_it_and_what_she_sends_is_held(
    cast: Cast, board: Browser
) -> None:
    send(board, cast, [tapped(cast)])
    Membership.objects.filter(pk=cast.ana.pk).update(is_active=False)

    for path in ("", "day/", "people/", "plates/"):
        answer = board.get(f"{BOARD}{path}")
        assert (path, answer.status_code) == (path, 404)
        assert "Cal P." not in answer.text
    sent = send(board, cast, [tapped(cast, 2)]).json()
    assert [one["outcome"] for one in sent["results"]] == ["held"]
    assert sent["lanes"] == {}


def test_who_may_log_no_sets_any_more_gets_nothing_by_it(cast: Cast, board: Browser) -> None:
    Membership.objects.filter(pk=cast.ana.pk).update(roles=[Role.DESK])

    assert board.get(f"{BOARD}day/").status_code == 403
    assert board.get(BOARD).status_code == 403


def test_whose_log_in_is_closed_gets_nothing_by_it(cast: Cast, board: Browser) -> None:
    User.objects.filter(pk=cast.ana.user_id).update(is_active=False)

    assert not opens(board)
    assert type_pin(board, cast.ana)["Location"] == LOG_IN


def test_two_therapists_have_a_pin_each_on_one_tablet(cast: Cast, tablet: Browser) -> None:
    tess = prepared("tess@example.org", OTHER_PIN, tablet=tablet)
    assert tess.cookies[settings.TABLET_COOKIE_NAME].value == (
        tablet.cookies[settings.TABLET_COOKIE_NAME].value
    )
    page = tablet.get(ENTER).text
    assert page.index("Ana T.") < page.index("Tess")

    assert type_pin(tablet, cast.tess, PIN).status_code == 422, "a colleague's PIN is not hers"
    for member, pin in ((cast.tess, OTHER_PIN), (cast.ana, PIN), (cast.tess, OTHER_PIN)):
        assert type_pin(tablet, member, pin)["Location"] == BOARD
        day = tablet.get(f"{BOARD}day/").json()
        assert day["author"]["id"] == member.pk
    sent = send(tablet, cast, [tapped(cast)])  # in Ana's name
    assert sent.status_code == 409

    for _ in range(4):
        type_pin(tablet, cast.tess, "0000")
    assert type_pin(tablet, cast.ana)["Location"] == BOARD, "Tess's tries were counted as Ana's"
    assert BrowserLogIn.objects.filter(board_only=True).count() == 1


def test_a_pin_logs_out_who_is_logged_in_on_the_tablet_in_full(cast: Cast, tablet: Browser) -> None:
    tess = prepared("tess@example.org", OTHER_PIN, tablet=tablet)
    old = tess.session.session_key
    assert "Tess" in tess.get(ENTER).text

    assert type_pin(tess, cast.ana)["Location"] == BOARD

    assert not BrowserLogIn.objects.filter(session_key=old).exists()
    assert tess.get("/c/north/today/")["Location"].startswith(LOG_IN)
