"""A PIN for today is offered where the floor board is used, in one line, until it is put away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.log_in_pages import set_pin
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
Enter = Callable[..., Page]

TODAY = "/c/harbour/today/"
BOARD = "/c/harbour/floor/"


def on_the_board_and_back(page: Page) -> None:
    page.goto(BOARD)
    page.wait_for_function("localStorage.getItem('floor-board-opened') !== null")
    page.goto(TODAY)


def test_it_is_offered_on_a_device_of_the_board_only_and_can_be_put_away(
    fresh_demo_site: Site, enter: Enter
) -> None:
    page = enter(fresh_demo_site, "Mira")
    page.goto(TODAY)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-pin-offer]")).to_be_hidden()

    on_the_board_and_back(page)
    expect(page.locator("[data-pin-offer]")).to_be_visible()
    page.get_by_role("button", name="Not today").click()
    expect(page.locator("[data-pin-offer]")).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-pin-offer]")).to_be_hidden()


def test_who_has_set_one_is_not_asked_and_finds_it_first_when_she_is_logged_out(
    fresh_demo_site: Site, enter: Enter
) -> None:
    page = enter(fresh_demo_site, "Mira")
    on_the_board_and_back(page)
    page.get_by_role("link", name="Set a PIN").click()
    page.wait_for_url("**/floor/pin/")
    set_pin(page)
    page.goto(TODAY)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-pin-offer]")).to_have_count(0)

    kept = [one for one in page.context.cookies() if "session" not in one["name"]]
    page.context.clear_cookies()
    page.context.add_cookies(kept)
    page.goto(TODAY)
    first = page.locator("main a.btn-main, main button.btn-main").first
    expect(first).to_have_text("Use my PIN")
    first.click()
    expect(page.get_by_role("heading", name="Your PIN")).to_be_visible()
