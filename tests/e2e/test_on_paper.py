"""What is printed: black on white whatever the screen, with strokes and plates, and fitting."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.pages import client_of
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

#: A4 without its margins, in the pixels that a browser prints by.
PAPER = {"width": 672, "height": 1031}
BLACK, WHITE = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
WEEK = "/c/harbour/week/"
#: A week with classes on each of its days, as the demo has it where it is made on a Sunday.
SEVEN_DAYS = """() => {
  const days = document.querySelector('.week-days');
  while (days.children.length < 7) days.append(days.lastElementChild.cloneNode(true));
  days.className = 'week-days week-days-7';
  for (const day of days.children) day.classList.remove('is-empty');
}"""


def on_paper(page: Page) -> Page:
    page.emulate_media(media="print")
    return page


def style(page: Page, selector: str, name: str) -> str:
    said = "([one, name]) => getComputedStyle(document.querySelector(one))[name]"
    return str(page.evaluate(said, [selector, name]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_and_ink_is_black_on_a_dark_screen_too(demo_site: Site, enter, scheme: str):
    page = enter(demo_site, "Mira", color_scheme=scheme)
    client_of("Ana")(page)
    on_paper(page)
    assert (style(page, "h1", "color"), style(page, "html", "backgroundColor")) == (BLACK, WHITE)


def test_a_client_s_strokes_are_printed_where_a_browser_leaves_colours_out(demo_site: Site, enter):
    page = enter(demo_site, "Ana", viewport=PAPER)
    page.goto("/c/harbour/my/")
    on_paper(page)
    assert style(page, ".tally i.d", "printColorAdjust") == "exact"


@pytest.mark.parametrize("all_seven", [False, True], ids=["its days", "all seven"])
def test_the_days_of_a_week_stand_beside_each_other_and_none_runs_into_the_next(
    demo_site: Site, enter, all_seven: bool
):
    page = enter(demo_site, "Mira", viewport=PAPER)
    page.goto(WEEK)
    on_paper(page)
    if all_seven:
        page.evaluate(SEVEN_DAYS)
    days = page.locator(".week-day")
    columns = style(page, ".week-days", "gridTemplateColumns").split()
    assert len(columns) == days.count()
    too_wide = days.locator("h2").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    assert too_wide == []
