"""A shared tablet by its PIN, and the list of log-ins on a telephone, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.log_in_pages import set_pin
from tests.e2e.on_board import BOARD, TICK, all_sent, lane, opened, sets_on_the_server
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def test_back_on_the_board_by_her_pin_and_nowhere_else(
    fresh_demo_site: Site, enter: Callable[..., Page]
) -> None:
    page = enter(fresh_demo_site, "Mira")
    set_pin(page)
    opened(page)
    before = sum(sets_on_the_server(page).values())
    page.context.clear_cookies(name="sessionid")  # her log-in has idled out

    lane(page, "Ana R.").locator(TICK).click()
    page.locator("[data-sync]").get_by_role("link", name="Log in").click()
    expect(page.get_by_text("your PIN of today opens it on this tablet")).to_be_visible()
    page.get_by_role("link", name="Use my PIN").click()
    page.get_by_label("Your PIN").fill("0000")
    page.get_by_role("button", name="Open the board").click()
    expect(page.get_by_text("4 tries are left today.")).to_be_visible()
    page.get_by_label("Your PIN").fill("8352")
    page.get_by_label("Your PIN").press("Enter")

    expect(page).to_have_url(re.compile(f"{BOARD}$"))
    lane(page, "Ana R.").wait_for()
    lane(page, "Ana R.").locator(TICK).click()
    all_sent(page)
    assert sum(sets_on_the_server(page).values()) == before + 2
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    page.goto("/log-ins/")
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    page.goto(BOARD)
    lane(page, "Ana R.").wait_for()


def test_a_lost_telephone_is_logged_out_from_the_list(
    fresh_demo_site: Site, enter: Callable[..., Page]
) -> None:
    lost = enter(fresh_demo_site, "Mira")
    page = enter(fresh_demo_site, "Mira", viewport=PHONE)
    lost.goto("/c/harbour/today/")
    page.goto("/passkeys/")
    page.get_by_role("link", name="Where you are logged in now").click()

    browsers = page.get_by_role("region", name="Browsers").get_by_role("listitem")
    expect(browsers).to_have_count(2)
    expect(browsers.filter(has_text="This one")).to_have_count(1)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], "the page is wider than the telephone"
    browsers.filter(has_not_text="This one").get_by_role("button", name="End").click()
    expect(page.get_by_text("It has ended.")).to_be_visible()
    expect(browsers).to_have_count(1)

    lost.goto("/c/harbour/today/")
    expect(lost.get_by_role("heading", name="Log in", exact=True)).to_be_visible()
    page.goto("/c/harbour/today/")
    expect(page.get_by_role("heading", name="Log in", exact=True)).to_have_count(0)


def test_who_types_a_long_note_is_heard_of_and_stays_logged_in(
    fresh_demo_site: Site, enter: Callable[..., Page]
) -> None:
    page = enter(fresh_demo_site, "Mira")
    page.clock.install()
    page.goto("/c/harbour/clients/")
    field = page.get_by_role("searchbox").or_(page.locator("main input[type=text]")).first
    field.fill("a")
    page.clock.fast_forward("06:00")

    with page.expect_response("**/login/still/") as heard:
        field.press("b")
    assert heard.value.status == 204
