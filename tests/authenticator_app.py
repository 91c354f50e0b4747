"""An authenticator app on somebody's telephone, and how she sets it up."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client as Browser

from tests.test_login import ask, enter, logged_in, newest_code

STEP, SET_UP, APP, CODES = (
    "/login/second/",
    "/login/second/set-up/",
    "/login/second/app/",
    "/login/second/codes/",
)
HALF_MINUTE = 30


@dataclass
class App:
    """What the app has read, and what it shows."""

    secret: str

    def code(self, later: int = 0) -> str:
        """The code of now, or of so many half minutes later."""
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // HALF_MINUTE + later))

    def wrong(self) -> str:
        """Six digits that it shows neither now nor near now."""
        near = {self.code(step) for step in range(-3, 4)}
        return next(code for code in (str(digit) * 6 for digit in range(10)) if code not in near)


def half_in(email: str) -> Browser:
    """A browser in which this person has typed the code from her mail, and nothing else."""
    browser = Browser()
    ask(browser, email)
    enter(browser, newest_code())
    assert logged_in(browser)
    return browser


def read_in(page: Any) -> App:
    """The app reads what the page shows it."""
    found = re.search(r'<p class="key">([A-Z2-7 ]+)</p>', page.text)
    assert found
    return App(found[1].replace(" ", ""))


def set_up(browser: Browser, **more: str) -> App:
    """Set up an app through the pages."""
    app = read_in(browser.get(APP))
    response = browser.post(APP, {"code": app.code(), **more})
    assert response.status_code == 302, response.text
    return app


def with_app(email: str) -> tuple[Browser, App]:
    """A browser in which she has set up her app just now, and the app."""
    browser = half_in(email)
    return browser, set_up(browser)


def take(browser: Browser, code: str, **more: str) -> Any:
    return browser.post(STEP, {"code": code, **more})
