"""A shared tablet on which Ana has set her PIN: before and after she has come back with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client as Browser

from bonefit.clinics.models import Membership
from bonefit.clinics.models_open import TabletPin
from tests.cast import NOW, Cast
from tests.passkey_device import by_code

SET, ENTER, WHERE = "/c/north/floor/pin/", "/login/pin/", "/log-ins/"
BOARD = "/c/north/floor/"
LOG_IN = "/login/code/"
PIN, OTHER_PIN = "8352", "719402"
#: After the log-in has idled out, within the same day of the clinic.
LATER = NOW + timedelta(hours=2)


def prepared(email: str, pin: str = PIN, *, tablet: Browser | None = None) -> Browser:
    """A tablet on which this therapist has logged in in full, and set her PIN."""
    browser = by_code(email)
    if tablet is not None:
        browser.cookies[settings.TABLET_COOKIE_NAME] = tablet.cookies[settings.TABLET_COOKIE_NAME]
    answer = browser.post(SET, {"pin": pin, "again": pin})
    assert answer.status_code == 302, answer.text
    return browser


def type_pin(tablet: Browser, member: Membership, pin: str = PIN) -> Any:
    number = TabletPin.objects.filter(user=member.user).latest("pk").pk
    return tablet.post(ENTER, {"whose": number, "pin": pin})


def opens(tablet: Browser, path: str = f"{BOARD}day/") -> bool:
    answer = tablet.get(path)
    if answer.status_code == 302:
        assert answer["Location"].startswith(LOG_IN)
    return answer.status_code == 200


@pytest.fixture
def tablet(cast: Cast) -> Iterator[Browser]:
    """Ana's log-in on it has idled out; her PIN has not been typed yet."""
    browser = prepared("ana@example.org")
    with time_machine.travel(LATER, tick=True):
        assert not opens(browser)
        yield browser


@pytest.fixture
def board(tablet: Browser, cast: Cast) -> Browser:
    """Ana is back on the board by her PIN."""
    assert type_pin(tablet, cast.ana)["Location"] == BOARD
    return tablet
