"""Guessing the PIN of a tablet, ending it, and what a thief of its cookies has."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models_open import MOST_WRONG, BrowserLogIn, TabletPin
from bonefit.clinics.tablet_pins import TOO_EASY, secret_of, too_easy, try_pin
from tests.authenticator_app import with_app
from tests.cast import Cast
from tests.on_a_tablet import (
    BOARD,
    ENTER,
    LATER,
    LOG_IN,
    OTHER_PIN,
    PIN,
    SET,
    WHERE,
    board,
    opens,
    prepared,
    tablet,
    type_pin,
)
from tests.passkey_device import by_code
from tests.sessions.test_board_operations import send, tapped

__all__ = ["board", "tablet"]  # fixtures


# --- guessing -------------------------------------------------------------------------------------
def test_after_five_wrong_tries_it_is_gone_on_that_tablet(cast: Cast, tablet: Browser) -> None:
    for left in (4, 3, 2, 1):
        page = type_pin(tablet, cast.ana, "0000")
        assert page.status_code == 422
        tries = "One try is" if left == 1 else f"{left} tries are"
        assert f"{tries} left today." in page.text
        assert "0000" not in page.text.replace(settings.SECRET_KEY, ""), "it is shown to the next"

    last = tablet.post(ENTER, {"whose": TabletPin.objects.get().pk, "pin": "0000"}, follow=True)

    assert "Your PIN is gone on this tablet" in last.text
    assert type_pin(tablet, cast.ana)["Location"] == LOG_IN, "the right one opens it all the same"
    assert not opens(tablet)


def test_the_last_wrong_try_closes_a_board_that_is_open_by_it(cast: Cast, board: Browser) -> None:
    TabletPin.objects.update(wrong=MOST_WRONG)

    assert not opens(board)
    assert send(board, cast, [tapped(cast)])["Location"].startswith(LOG_IN)


def test_a_right_one_does_not_give_the_wrong_ones_back(cast: Cast, tablet: Browser) -> None:
    """Else who guesses waits for its owner after each four."""
    for _ in range(2):
        type_pin(tablet, cast.ana, "0000")
    type_pin(tablet, cast.ana)

    assert TabletPin.objects.get().wrong == 2


def test_many_tries_at_once_are_five_all_the_same(cast: Cast, tablet: Browser) -> None:
    """Each is counted before it is looked at: the rows that they have read say nothing of it."""
    read = [TabletPin.objects.get() for _ in range(8)]
    secret = tablet.cookies[settings.TABLET_COOKIE_NAME].value

    tried = [try_pin(one, "0000", secret=secret, now=LATER) for one in read]
    late = try_pin(read[0], PIN, secret=secret, now=LATER)

    assert [one.left for one in tried] == [4, 3, 2, 1, 0, 0, 0, 0]
    assert not late.right


def test_what_can_be_no_pin_costs_no_try(cast: Cast, tablet: Browser) -> None:
    for typed in ("", "12", "1234567", "12a4", "835２x"):
        page = type_pin(tablet, cast.ana, typed)
        assert (typed, page.status_code) == (typed, 422)
        assert "A PIN has 4 to 6 digits." in page.text

    assert TabletPin.objects.get().wrong == 0


def test_a_tablet_where_many_guess_waits_and_no_other_does(cast: Cast, tablet: Browser) -> None:
    """Ten wrong ones in five minutes, of whichever colleagues: nobody elsewhere is slowed down."""
    for name in ("Ida", "Ira", "Isa"):
        email = f"{name.lower()}@north.example.org"
        add_member(clinic=cast.north, email=email, name=name, roles=[Role.THERAPIST])
        prepared(email, OTHER_PIN, tablet=tablet)
    assert len(TabletPin.objects.values("tablet_hash").distinct()) == 1
    elsewhere = prepared("tess@example.org", OTHER_PIN)

    pins = [one for one in TabletPin.objects.order_by("pk") if one.user_id != cast.tess.user_id]
    answers = [
        tablet.post(ENTER, {"whose": pins[at // 4].pk, "pin": "0000"}).text for at in range(12)
    ]

    assert [("Too many wrong PINs" in text) for text in answers] == [False] * 10 + [True] * 2
    elsewhere.post("/logout/")
    assert type_pin(elsewhere, cast.tess, OTHER_PIN)["Location"] == BOARD


def test_nobody_who_has_not_the_tablet_can_use_up_its_tries(cast: Cast, tablet: Browser) -> None:
    stranger = Browser()
    planted = Browser()
    planted.cookies[settings.TABLET_COOKIE_NAME] = "a secret that somebody made up"
    for browser in (stranger, planted):
        for _ in range(8):
            assert type_pin(browser, cast.ana, "0000")["Location"] == LOG_IN

    assert TabletPin.objects.get().wrong == 0
    assert type_pin(tablet, cast.ana)["Location"] == BOARD


@pytest.mark.parametrize(
    "pin", ["0000", "1234", "9876", "890123", "1212", "565656", "1987", "2004", "2580", "111111"]
)
def test_pins_that_are_tried_first_are_not_taken(cast: Cast, pin: str) -> None:
    ana, _ = with_app("ana@example.org")

    page = ana.post(SET, {"pin": pin, "again": pin})

    assert page.status_code == 422
    assert TOO_EASY in page.text
    assert not TabletPin.objects.exists()


def test_of_four_digits_so_many_are_left_that_five_tries_meet_one_in_1935() -> None:
    """The rate in docs/security.md: of all PINs of four digits, as often as each is taken."""
    left = [pin for pin in (f"{number:04}" for number in range(10_000)) if not too_easy(pin)]

    assert len(left) // MOST_WRONG == 1935


def test_two_that_differ_set_none(cast: Cast) -> None:
    ana, _ = with_app("ana@example.org")

    page = ana.post(SET, {"pin": PIN, "again": OTHER_PIN})

    assert page.status_code == 422
    assert "This is not the PIN that you typed above." in page.text
    assert PIN not in page.text
    assert not TabletPin.objects.exists()


# --- ending it ------------------------------------------------------------------------------------
def test_it_is_on_her_list_and_ends_from_there(cast: Cast, board: Browser) -> None:
    home = by_code("ana@example.org")
    page = home.get(WHERE)
    assert "By your PIN, for the floor board only." in page.text
    assert 'id="pins"' in page.text

    home.post(WHERE, {"pin": TabletPin.objects.get().pk})

    assert not opens(board)
    assert board.get(ENTER)["Location"] == LOG_IN
    assert 'id="pins"' not in home.get(WHERE).text


def test_ending_the_board_or_all_others_ends_the_pin_with_it(cast: Cast, board: Browser) -> None:
    home = by_code("ana@example.org")
    row = BrowserLogIn.objects.get(board_only=True)

    home.post(WHERE, {"end": str(row.uid)})
    assert not opens(board)
    assert board.get(ENTER)["Location"] == LOG_IN

    again = prepared("ana@example.org")
    home.post(WHERE, {"end": "others"})
    assert again.get(ENTER)["Location"] == LOG_IN


def test_nobody_ends_a_pin_of_somebody_else(cast: Cast, board: Browser) -> None:
    tess, _ = with_app("tess@example.org")

    tess.post(WHERE, {"pin": TabletPin.objects.get().pk})

    assert opens(board)


def test_she_forgets_it_on_the_tablet_and_sets_another_one(cast: Cast) -> None:
    tablet = prepared("ana@example.org")
    assert "Forget my PIN here" in tablet.get(SET).text

    tablet.post(SET, {"forget": "1"})
    assert tablet.get(ENTER)["Location"] == LOG_IN
    assert "Forget my PIN here" not in tablet.get(SET).text

    tablet.post(SET, {"pin": OTHER_PIN, "again": OTHER_PIN})
    assert type_pin(tablet, cast.ana, PIN).status_code == 422
    assert type_pin(tablet, cast.ana, OTHER_PIN)["Location"] == BOARD


# --- what is kept ---------------------------------------------------------------------------------
def test_a_copy_of_the_database_says_neither_the_pin_nor_the_tablet(
    cast: Cast, tablet: Browser
) -> None:
    secret = tablet.cookies[settings.TABLET_COOKIE_NAME].value
    row = TabletPin.objects.values().get()

    assert len(secret) >= 43, "256 bits"
    assert not [value for value in row.values() if secret in str(value)]
    assert not try_pin(TabletPin.objects.get(), PIN, secret="", now=LATER).right


@override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
def test_it_is_hashed_as_slowly_as_django_hashes_passwords(cast: Cast) -> None:
    tablet = prepared("ana@example.org")
    kept = TabletPin.objects.get().pin_hash

    assert identify_hasher(kept).algorithm == "pbkdf2_sha256"
    assert int(kept.split("$")[1]) >= 600_000
    assert type_pin(tablet, cast.ana)["Location"] == BOARD


def test_the_tablets_cookie_is_out_of_reach_of_scripts(cast: Cast) -> None:
    with override_settings(SESSION_COOKIE_SECURE=True):
        morsel = prepared("ana@example.org").cookies[settings.TABLET_COOKIE_NAME]

    assert (morsel["httponly"], morsel["secure"], morsel["path"]) == (True, True, "/")
    assert (morsel["samesite"], morsel["domain"]) == ("Lax", "")


def test_whoever_planted_a_key_or_a_tablets_secret_is_not_in_after_the_pin(
    cast: Cast, tablet: Browser
) -> None:
    tablet.get(LOG_IN)
    tablet.post(LOG_IN, {"email": "cal@example.org"})  # a key is there before
    planted = tablet.session.session_key
    attacker = Browser()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = planted

    type_pin(tablet, cast.ana)

    assert tablet.session.session_key != planted
    assert not opens(attacker)
    ours = Browser()
    ours.cookies[settings.TABLET_COOKIE_NAME] = "planted"
    full = with_app("tess@example.org")[0]
    full.cookies[settings.TABLET_COOKIE_NAME] = "planted"
    full.post(SET, {"pin": OTHER_PIN, "again": OTHER_PIN})
    assert full.cookies[settings.TABLET_COOKIE_NAME].value != "planted"
    assert ours.get(ENTER)["Location"] == LOG_IN


def test_an_upload_token_that_a_pin_got_reads_nothing(cast: Cast, board: Browser) -> None:
    said = {"device": str(uuid.uuid4()), "silent": True}
    token = board.post(f"{BOARD}prepare/", said, content_type="application/json").json()["token"]

    other = Browser(headers={"authorization": f"Bearer {token}"})
    assert not opens(other)
    sent = other.post("/upload/", {"operations": [tapped(cast)]}, content_type="application/json")
    assert list(sent.json()) == ["results"]
    assert set(sent.json()["results"][0]) == {"id", "outcome", "reason"}


def test_secret_of_a_browser_without_one_is_nothing(rf: Any) -> None:
    assert secret_of(rf.get("/")) == ""
