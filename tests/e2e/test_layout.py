"""Pages fit: no sideways scrolling at any width or at 200 % text, and targets a finger can hit."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.pages import PAGES, visit_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
WIDTHS = (390, 820, 1180, 1440)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('main .btn, main button, nav[aria-label=Main] a')]
  .filter(e => e.offsetParent && e.getClientRects().length)
  .map(e => [e.innerText.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
  .map(([text, box]) => `${text}: ${box.width} × ${box.height}`)"""


@pytest.mark.parametrize(("who", "what"), PAGES, ids=[what for _, what in PAGES])
def test_a_page_fits_and_its_buttons_can_be_hit(demo_site, enter, who, what):
    page = enter(demo_site, who)
    PAGES[who, what](page)
    page.wait_for_load_state("networkidle")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(TOO_WIDE) <= 0, width
    assert page.evaluate(SMALL) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    # Clients read on telephones, the others on a tablet at the least.
    for width in (390, 820) if who in ("", "Ana", "Sara") else (820, 1180):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(TOO_WIDE) <= 0, f"{width} at 200 % text"


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
    expect(portal.locator("h1")).to_contain_text("session")
