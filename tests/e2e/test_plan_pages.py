"""The timeline and the preview of a plan are read by keyboard on a tablet, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import client_of
from tests.e2e.test_editor import TOO_WIDE, fits_and_is_clean, press
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

UPRIGHT = {"width": 820, "height": 1180}


def the_chart(page: Page):
    chart = page.locator("svg.plan-chart")
    expect(chart).to_be_visible()
    return chart


def colour(page: Page) -> str:
    return page.evaluate(
        "getComputedStyle(document.querySelector('.load_marks path')).stroke + getComputedStyle("
        "document.querySelector('.plan-chart .mark-text text')).fill"
    )


def test_the_plan_is_read_by_keyboard(demo_site: Site, enter):
    page = enter(demo_site, "Mira", viewport=UPRIGHT, reduced_motion="reduce")
    client_of("Ana")(page)
    press(page, page.get_by_role("link", name="Timeline", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Timeline: Deadlift")
    the_chart(page)
    fits_and_is_clean(page)
    assert page.locator("tbody tr").count() > 5

    press(page, page.get_by_role("link", name="Back squat", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Back squat")
    the_chart(page)

    press(page, page.get_by_role("link", name="Next 12 weeks"))
    expect(page.get_by_role("heading", level=2, name="Back squat, visit by visit")).to_be_visible()
    the_chart(page)
    fits_and_is_clean(page)
    press(page, page.get_by_role("link", name="Two weeks away from week 6"))
    expect(page.get_by_role("cell", name="Away").first).to_be_visible()
    expect(page.get_by_text("days away").first).to_be_visible()
    press(page, page.get_by_role("link", name="RPE 18 from week 9"))
    expect(page.get_by_role("cell", name="18", exact=True).first).to_be_visible()


def test_the_chart_takes_the_colours_of_the_page(demo_site: Site, enter):
    page = enter(demo_site, "Mira", viewport=UPRIGHT)
    client_of("Ana", "plan/timeline/")(page)
    the_chart(page)
    light = colour(page)
    page.emulate_media(color_scheme="dark")
    assert colour(page) != light


def test_without_a_script_the_chart_is_a_page_of_its_own(demo_site: Site, enter):
    page = enter(demo_site, "Mira", viewport=UPRIGHT, java_script_enabled=False)
    client_of("Ana", "plan/preview/")(page)
    page.get_by_role("link", name="Show the chart").click()
    the_chart(page)


def test_both_pages_fit_at_every_width_and_with_large_text(demo_site: Site, enter):
    for path in ("plan/timeline/", "plan/preview/?scenario=away"):
        page = enter(demo_site, "Mira")
        client_of("Ana", path)(page)
        the_chart(page)
        for width in (390, 820, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(TOO_WIDE) <= 0, (path, width)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.set_viewport_size({"width": 820, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, f"{path} at 200 % text"
