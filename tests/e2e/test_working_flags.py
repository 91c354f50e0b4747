"""A therapist works her list with the keyboard alone; the focus goes from flag to flag."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def test_answered_by_keyboard_the_focus_is_on_the_next_flag(fresh_demo_site, enter):
    page: Page = enter(fresh_demo_site, "Mira")
    page.goto("/c/harbour/flags/")
    flags = page.locator("article.flag h2")
    second = flags.nth(1).get_attribute("id")
    before = flags.count()

    button = page.locator("article.flag").first.locator("button[type=submit]:visible").first
    button.focus()
    page.keyboard.press("Enter")

    expect(flags).to_have_count(before - 1)
    expect(page.locator(f"#{second}")).to_be_focused()
    assert str(before - 1) in page.locator("#open-flags").inner_text()


def test_put_off_with_the_keyboard_a_flag_is_hidden_and_comes_back(fresh_demo_site, enter):
    page: Page = enter(fresh_demo_site, "Mira")
    page.goto("/c/harbour/flags/")
    summary = page.locator(".flag summary.btn").filter(has_text="Later").first
    summary.focus()
    page.keyboard.press("Enter")
    opened = page.locator("details.resolve[open]")
    until = opened.locator(".help").inner_text().rpartition("up to ")[2]
    opened.locator('[name="until"]').fill(until)
    opened.locator('[name="why"]').fill("On holiday")
    page.keyboard.press("Enter")

    page.get_by_role("link", name="1 put off").click()
    page.get_by_role("button", name="Take up again").click()
    expect(page.get_by_text("taken up again")).to_be_visible()
