"""Pages of screenings and outcomes: who opens each, and what is done to get there."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.e2e.opening import Open, client_of, goes


def a_screening(page: Page) -> None:
    """Somebody whose screening is half filled in; its form."""
    client_of("Mei L.", "screening/")(page)
    page.get_by_role("button", name="Fill it in together").click()
    page.locator(".page-screening form").first.wait_for()


def what_follows(page: Page) -> None:
    a_screening(page)
    page.get_by_role("button", name="Save, and see what follows").click()
    page.get_by_role("heading", name=re.compile("^What follows")).wait_for()


def a_value_that_cannot_be(page: Page) -> None:
    client_of("Mei L.", "battery/")(page)
    page.locator('[name="tug_1"]').fill("900")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("cannot be").first.wait_for()


def pictures(page: Page) -> None:
    client_of("Mei L.", "outcomes/")(page)
    page.locator(".outcome-picture svg").first.wait_for()


def a_measurement(page: Page) -> None:
    client_of("Mei L.", "outcomes/")(page)
    page.get_by_role("link", name=re.compile(r"^Correct\b")).first.click()
    page.get_by_role("button", name="Correct").wait_for()


OUTCOME_PAGES: dict[tuple[str, str], Open] = {
    ("Mira", "a screening to begin"): client_of("Mei L.", "screening/"),
    ("Mira", "a screening that goes on"): a_screening,
    ("Mira", "what follows from a screening"): what_follows,
    ("Mira", "the outcomes of a client"): pictures,
    ("Mira", "a battery of tests"): client_of("Mei L.", "battery/"),
    ("Mira", "a battery with a value that cannot be"): a_value_that_cannot_be,
    ("Mira", "a value to correct"): a_measurement,
    ("", "questions by a link that does not work"): goes("/questions/gone/"),
}
