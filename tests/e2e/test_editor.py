"""A program is written by keyboard on a tablet: list, edit, error, compare, publish."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

UPRIGHT = {"width": 820, "height": 1180}
SETS = "phases-0-prescriptions-0-sets"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def press(page: Page, control) -> None:
    """Reach a control with Tab, as somebody does who has no mouse, and press Enter."""
    tab_to(page, control)
    page.keyboard.press("Enter")


def tab_to(page: Page, control) -> None:
    expect(control).to_be_visible()
    target = control.element_handle()
    for _ in range(400):
        if page.evaluate("target => document.activeElement === target", target):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never came there.")


def typed_over(page: Page, control, text: str) -> None:
    tab_to(page, control)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def fits_and_is_clean(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert page.evaluate(TOO_WIDE) <= 0
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("script", [True, False], ids=["with htmx", "without JavaScript"])
def test_a_program_is_edited_compared_and_published_by_keyboard(
    fresh_demo_site: Site, enter, script
):
    # Without motion, so that no button is between two colours while its contrast is measured.
    still = {"viewport": UPRIGHT, "reduced_motion": "reduce", "java_script_enabled": script}
    page = enter(fresh_demo_site, "Mira", **still)
    look = fits_and_is_clean if script else lambda page: None

    page.goto("/c/harbour/programs/")
    look(page)
    press(page, page.get_by_role("link", name=re.compile("^HiRIT")))
    expect(page.get_by_role("heading", level=1)).to_contain_text("HiRIT")
    press(page, page.locator(".read-lines summary").first)
    expect(page.locator(".read-lines details").first).to_have_attribute("open", "")
    look(page)
    press(page, page.get_by_role("button", name="Edit"))

    # An error: said above and beside its field, and what was typed stands there.
    press(page, page.locator(".edit-lines summary").first)
    typed_over(page, page.locator(f'[name="{SETS}"]'), "four")
    press(page, page.get_by_role("button", name="Save the draft"))
    expect(page.get_by_text("Saved as a draft, not ready to publish.")).to_be_visible()
    field = page.locator(f'[name="{SETS}"]')
    expect(field).to_have_value("four")
    expect(field).to_have_attribute("aria-invalid", "true")
    look(page)
    press(page, page.get_by_role("link", name="Learn, Deadlift, sets"))
    if script:
        expect(field).to_be_focused()

    typed_over(page, field, "4")
    press(page, page.get_by_role("button", name="Down Deadlift").first)
    moved = page.locator(".edit-lines").first.locator(".line").nth(1)
    expect(moved.locator("summary")).to_contain_text("Deadlift 4 × 5")
    if script:
        expect(moved.locator("summary")).to_be_focused()
    press(page, page.get_by_role("button", name="Add an exercise to phase 1"))
    added = page.locator(".edit-lines").first.locator(".line").last
    expect(added.locator("details")).to_have_attribute("open", "")
    look(page)
    press(page, added.get_by_role("button", name="Remove"))
    expect(page.locator(".edit-lines").first.locator(".line")).to_have_count(4)

    press(page, page.get_by_role("button", name="Save and compare").first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("what version 2 changes")
    row = page.get_by_role("row", name=re.compile("Learn, Deadlift"))
    expect(row).to_contain_text("Sets")
    expect(row.locator("del")).to_have_text("5")
    expect(row.locator("ins")).to_have_text("4")
    look(page)
    press(page, page.get_by_role("button", name="Publish version 2"))
    expect(page.get_by_text(re.compile("Version 2 of HiRIT.* is published"))).to_be_visible()
    expect(page.locator(".editions")).to_contain_text(re.compile(r"Version 1.*\d+ clients", re.S))


def test_the_edit_page_fits_at_every_width_and_with_large_text(demo_site: Site, enter):
    page = enter(demo_site, "Lea")
    page.goto("/c/harbour/programs/")
    page.get_by_role("link", name=re.compile("^General strength")).click()
    page.get_by_role("button", name="Edit").or_(
        page.get_by_role("link", name="Go on with the draft")
    ).click()
    page.locator(".edit-lines summary").first.click()
    for width in (390, 820, 1180, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, width
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (820, 1180):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, f"{width} at 200 % text"
