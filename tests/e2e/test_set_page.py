"""A set is logged by keyboard, with no network for a while, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.pages import visit_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def test_a_set_is_logged_by_keyboard_and_the_focus_waits_on_the_next(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Mira")
    visit_of("Tom B.", lift="press")(page)
    done = page.locator("button.done")
    expect(done).to_be_focused()
    expect(page.locator("#current-lift")).to_have_text("Overhead press, set 1 of 5")
    page.keyboard.press("Enter")
    expect(page.locator("#current-lift")).to_have_text("Overhead press, set 2 of 5")
    expect(done).to_be_focused()


def test_without_network_a_tap_says_so_and_works_when_it_is_back(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Mira")
    visit_of("Tom B.", lift="press")(page)
    page.locator('label:has(input[name="rpe"][value="14"])').click()
    page.context.set_offline(True)
    page.locator("button.done").click()
    expect(page.get_by_text("No connection. Nothing was lost")).to_be_visible()
    expect(page.locator('input[name="rpe"][value="14"]')).to_be_checked()

    page.context.set_offline(False)
    page.locator("button.done").click()
    expect(page.locator("#current-lift")).to_have_text("Overhead press, set 2 of 5")
    expect(page.locator(".said li")).to_have_count(1)
    expect(page.locator(".said")).to_contain_text("@ 14")


def test_without_javascript_a_set_is_logged_and_an_error_is_said(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Mira", java_script_enabled=False)
    visit_of("Tom B.", lift="press")(page)
    page.locator("button.done").click()
    expect(page.locator("#current-lift")).to_have_text("Overhead press, set 2 of 5")
    page.locator('[name="load"]').fill("heavy")
    page.locator("button.done").click()
    expect(page.get_by_text("Write the load as a number in kg")).to_be_visible()

    portal = enter(fresh_demo_site, "Ana", java_script_enabled=False, viewport=PHONE)
    portal.goto("/")
    expect(portal.locator("h1")).to_contain_text("session")
