"""Every page in any state: axe finds nothing, it fits at any width, and a finger can hit it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.conftest import PHONE, TABLET
from tests.e2e.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
LOOKS = [("light", TABLET), ("dark", PHONE)]
WIDTHS = (390, 820, 1180, 1440)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll('main .btn, main button, nav[aria-label=Main] a')]
  .filter(e => e.offsetParent && e.getClientRects().length)
  .map(e => [e.innerText.trim(), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
  .map(([text, box]) => `${text}: ${box.width} × ${box.height}`)"""


@pytest.mark.parametrize(("who", "what"), PAGES, ids=[what for _, what in PAGES])
def test_axe_finds_nothing_and_the_page_fits_and_its_buttons_can_be_hit(
    demo_site, enter, who, what
):
    """One visit for all of it: to get there takes longer than to look."""
    # Without motion a colour is the new one at once when the scheme changes.
    page = enter(demo_site, who, reduced_motion="reduce")
    PAGES[who, what](page)
    page.wait_for_load_state("networkidle")
    for scheme, size in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        assert violations(page) == [], scheme
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(TOO_WIDE) <= 0, width
    assert page.evaluate(SMALL) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    # Clients read on telephones, the others on a tablet at the least.
    for width in (390, 820) if who in ("", "Ana", "Sara") else (820, 1180):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(TOO_WIDE) <= 0, f"{width} at 200 % text"


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds: the rule, and the beginning of each element that breaks it."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
