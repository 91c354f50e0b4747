"""axe finds no violation on any page, in any state, in light and dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import PHONE, TABLET
from tests.e2e.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
LOOKS = [("light", TABLET), ("dark", PHONE)]


@pytest.mark.parametrize(("who", "what"), PAGES, ids=[what for _, what in PAGES])
def test_no_violation(demo_site, enter, who, what):
    for scheme, size in LOOKS:
        page = enter(demo_site, who, color_scheme=scheme, viewport=size)
        PAGES[who, what](page)
        page.wait_for_load_state("networkidle")
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
