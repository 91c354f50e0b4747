"""Pages of logging in as staff do, and of whoever administers them, in each of their states."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.authenticator_app import App
from tests.e2e.opening import Open, goes


def app_on(page: Page) -> App:
    """What an app reads from the page that is open."""
    return App((page.locator(".key").text_content() or "").replace(" ", ""))


def set_up_app(page: Page) -> App:
    """From the page with the picture to the recovery codes, or where they were made before."""
    app = app_on(page)
    page.get_by_label("Code from the app").fill(app.code())
    page.get_by_role("button", name="Set it up").click()
    page.wait_for_url(lambda url: "/second/app/" not in url)
    return app


def the_codes(page: Page) -> None:
    page.goto("/login/second/app/")
    set_up_app(page)
    page.goto("/login/second/codes/")
    page.get_by_role("button", name="Make new codes").click()
    page.get_by_role("link", name="I have them").wait_for()


def the_step(page: Page) -> None:
    page.goto("/login/second/app/")
    set_up_app(page)
    page.goto("/login/second/")


def a_wrong_step(page: Page) -> None:
    the_step(page)
    page.get_by_label("Code from your app").fill("12")
    page.get_by_role("button", name="Go on").click()
    page.locator(".wrong:visible").first.wait_for()


def a_wrong_app(page: Page) -> None:
    page.goto("/login/second/app/")
    page.get_by_label("Code from the app").fill("12")
    page.get_by_role("button", name="Set it up").click()
    page.locator(".wrong:visible").first.wait_for()


def set_pin(page: Page, pin: str = "8352") -> None:
    """Hers on this tablet, from the page that sets it."""
    page.goto("/c/harbour/floor/pin/")
    page.get_by_label("New PIN").fill(pin)
    page.get_by_label("The same once more").fill(pin)
    page.get_by_role("button", name="Set").click()
    page.get_by_role("button", name="Forget my PIN here").wait_for()


def the_pin(page: Page) -> None:
    set_pin(page)
    page.goto("/login/pin/")


def a_wrong_pin(page: Page) -> None:
    the_pin(page)
    page.get_by_label("Your PIN").fill("0000")
    page.get_by_role("button", name="Open the board").click()
    page.locator(".wrong:visible").first.wait_for()


def the_log_in_page_of_a_tablet(page: Page) -> None:
    set_pin(page)
    page.context.clear_cookies(name="sessionid")
    page.goto("/login/code/")


def her_log_ins_and_her_pin(page: Page) -> None:
    set_pin(page)
    page.goto("/log-ins/")


#: (who, what) -> how to get there.
LOG_IN_PAGES: dict[tuple[str, str], Open] = {
    ("Sam", "two ways to a second step"): goes("/login/second/set-up/"),
    ("Sam", "setting up an app"): goes("/login/second/app/"),
    ("Sam", "a code that is not the app's"): a_wrong_app,
    ("Sam", "recovery codes"): the_codes,
    ("Sam", "the second step"): the_step,
    ("Sam", "a wrong second step"): a_wrong_step,
    ("Sam", "how he logs in"): goes("/passkeys/"),
    ("Sam", "where he is logged in"): goes("/log-ins/"),
    ("Mira", "where she is logged in, with a PIN"): her_log_ins_and_her_pin,
    ("Mira", "a PIN for this tablet"): goes("/c/harbour/floor/pin/"),
    ("Mira", "the PIN of this tablet, set"): set_pin,
    ("Mira", "who comes back with a PIN"): the_pin,
    ("Mira", "a wrong PIN"): a_wrong_pin,
    ("Mira", "the log-in page of a tablet with a PIN"): the_log_in_page_of_a_tablet,
    ("Lea", "how her staff log in"): goes("/c/harbour/settings/log-ins/"),
}
