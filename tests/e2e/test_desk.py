"""The front desk at work: a make-up in two taps, by keyboard, on a telephone, without script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, TABLET
from tests.e2e.desk_pages import MISSED, a_class, bookings_of, next_visit_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def cancel_the_next(page: Page, name: str) -> None:
    """She cannot come next time: one session is owed then, and there is room in her week."""
    next_visit_of(name, "Cancel")(page)
    page.locator("label:has([name=cause][value=client])").click()
    page.get_by_role("button", name="Cancel this visit").click()
    expect(page.locator("#toast")).to_contain_text("does not come on")


class Taps:
    """Counts what is tapped, as a finger would: each one is one event in the page."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, what: object) -> None:
        what.tap()  # type: ignore[attr-defined]
        self.count += 1


def test_the_desk_books_a_make_up_in_two_taps(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Nell", viewport=TABLET, has_touch=True)
    cancel_the_next(page, "Mei L.")
    taps = Taps(page)

    taps.tap(page.get_by_role("link", name=re.compile(f"^{MISSED}")).first)
    taps.tap(page.locator("button.place-btn[name=slot]").first)

    expect(page.locator("#toast")).to_contain_text("Mei L. is booked for")
    expect(page.get_by_role("link", name=re.compile(f"^{MISSED}"))).to_have_count(0)
    expect(page.locator("main")).to_contain_text("make-up of")
    assert taps.count == 2

    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#messages")).to_contain_text("Undone.")
    expect(page.get_by_role("link", name=re.compile(f"^{MISSED}"))).to_have_count(1)


def test_without_javascript_on_a_telephone_the_desk_works_all_the_same(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Nell", java_script_enabled=False, viewport=PHONE)
    cancel_the_next(page, "Mei L.")
    page.get_by_role("link", name=re.compile(f"^{MISSED}")).first.click()
    page.locator("button.place-btn[name=slot]").first.click()
    expect(page.locator("#toast")).to_contain_text("Mei L. is booked for")
    next_visit_of("Tom B.", "Cancel")(page)
    page.get_by_role("button", name="Cancel this visit").click()
    expect(page.locator(".wrong").first).to_contain_text("Choose one.")


def test_a_seat_is_cancelled_with_the_keyboard_alone(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Nell")
    bookings_of("Mei L.")(page)
    page.get_by_role("link", name=re.compile("^Cancel")).first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel this visit").wait_for()
    page.locator("[name=cause]").first.focus()
    page.keyboard.press("Space")
    page.locator("[name=why]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("does not come on")


def test_a_name_is_found_as_it_is_typed_and_stands_in_no_address(demo_site, enter):
    page = enter(demo_site, "Nell")
    a_class("book/")(page)
    page.get_by_label("Name").press_sequentially("mei")
    expect(page.locator("#found li")).to_have_count(1)
    assert "mei" not in page.url.lower()


def test_a_class_is_called_off_by_an_act_of_its_own(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Nell")
    a_class()(page)
    page.get_by_role("link", name="Call it off").click()
    button = page.get_by_role("button", name=re.compile("^Call it off and tell"))
    button.click()
    expect(page.locator(".wrong").first).to_contain_text("Say why")
    page.get_by_label("Why").fill("Nobody to supervise")
    button.click()
    expect(page.locator("main")).to_contain_text("This class is called off")
    expect(page.get_by_role("link", name="Book somebody")).to_have_count(0)
