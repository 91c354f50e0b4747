"""A client of 68 with a telephone: large letters, strong contrast, no script, one sheet."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.daylight import daylight
from tests.e2e.conftest import PHONE
from tests.e2e.pages import PAGES
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

Enter = Callable[..., Page]
HERS = [key for key in PAGES if key[0] in ("Ana", "Sara")]
IDS = [what for _, what in HERS]
TWICE = "document.documentElement.style.fontSize = '200%'"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

#: What in main shows less than all of itself.
CUT = """() => [...document.querySelectorAll('main *')]
  .filter(e => !e.closest('.vh, svg, #address, .stacks thead') && e.id !== 'address')
  .filter(e => e.getClientRects().length && getComputedStyle(e).overflow === 'hidden')
  .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  .map(e => e.outerHTML.slice(0, 80))"""

#: Every piece of text that is drawn in main: its words, its size in CSS px and its contrast.
READ = """() => {
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const behind = element => {
    let below = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      below.push(colour);
      if (colour[3] === 1) break;
    }
    return below.reverse().reduce(
      (under, [r, g, b, a]) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a)),
      [255, 255, 255]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.trim(), parent = walker.currentNode.parentElement;
    const style = getComputedStyle(parent);
    if (!words || parent.closest('.vh, title, desc, script') || !parent.getClientRects().length)
      continue;
    const inSvg = parent.closest('svg');
    const ink = rgba(inSvg ? style.fill : style.color);
    const scale = inSvg ? inSvg.getBoundingClientRect().width / inSvg.viewBox.baseVal.width : 1;
    const [bright, dark] =
      [luminance(ink), luminance(behind(inSvg ? inSvg.parentElement : parent))]
        .sort((a, b) => b - a);
    found.push([words, parseFloat(style.fontSize) * scale, (bright + 0.05) / (dark + 0.05)]);
  }
  return found;
}"""


@pytest.mark.parametrize("key", HERS, ids=IDS)
def test_every_word_has_18_px_and_a_contrast_of_7_to_1_and_none_is_cut_off_at_twice_the_text(
    demo_site: Site, enter: Enter, key: tuple[str, str]
) -> None:
    # Without motion a colour is the new one at once when the scheme changes.
    page = enter(demo_site, key[0], viewport=PHONE, reduced_motion="reduce")
    PAGES[key](page)
    page.wait_for_load_state("networkidle")

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        read = page.evaluate(READ)
        assert len(read) > 2
        assert [one for one in read if one[1] < 17.95] == []
        assert [one for one in read if one[2] < 7] == [], scheme

    page.evaluate(TWICE)
    assert page.evaluate(TOO_WIDE) <= 0
    assert page.evaluate(CUT) == []


def test_the_measure_sees_what_is_too_small_or_too_pale(demo_site: Site, enter: Enter) -> None:
    page = enter(demo_site, "Ana", viewport=PHONE)
    page.goto("/c/harbour/my/why/")
    page.evaluate(
        "document.querySelector('main h1 + p').animate("
        "[{fontSize: '12px', color: '#777'}], {fill: 'forwards', duration: 0})"
    )

    read = page.evaluate(READ)

    assert any(one[1] < 17.95 and one[2] < 7 for one in read)


def test_the_next_session_is_there_without_scrolling(fresh_demo_site: Site, enter: Enter) -> None:
    page = enter(fresh_demo_site, "Ana", viewport=PHONE)
    page.goto("/c/harbour/my/")

    assert page.evaluate("window.scrollY") == 0
    for part in (".day-name", ".when", ".next .when + p", ".next .acts", ".bring"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= PHONE["height"], part


def cancels_and_takes_another_day(page: Page) -> None:
    """From her page: two taps to say she can't come, one more to take another day."""
    page.goto("/c/harbour/my/")
    page.get_by_role("link", name=re.compile("^I can’t come")).last.click()
    expect(page.get_by_text("You can make up for it.")).to_be_visible()
    page.get_by_role("button", name="Yes, I can’t come").click()
    expect(page.get_by_text("Thank you for telling us.")).to_be_visible()
    expect(page.get_by_role("heading", name="Choose another day")).to_be_visible()
    page.get_by_role("button", name=re.compile("Take it")).first.click()
    expect(page.get_by_text("The place is yours:")).to_be_visible()
    expect(page.get_by_text("in place of another day")).to_be_visible()
    expect(page.get_by_text("You are not coming to this one.")).to_be_visible()


def test_with_a_telephone_and_large_letters_she_cancels_and_takes_another_day(
    fresh_demo_site: Site, enter: Enter
) -> None:
    page = enter(fresh_demo_site, "Ana", viewport=PHONE)
    page.add_init_script(f"addEventListener('DOMContentLoaded', () => {{ {TWICE} }})")

    cancels_and_takes_another_day(page)

    # The words are there before the page is whole, and the letters grow when it is.
    expect(page.locator("html")).to_have_css("font-size", "32px")
    assert page.evaluate(TOO_WIDE) <= 0


def test_the_same_without_a_script(fresh_demo_site: Site, enter: Enter) -> None:
    page = enter(fresh_demo_site, "Ana", java_script_enabled=False, viewport=PHONE)

    cancels_and_takes_another_day(page)

    page.goto("/c/harbour/my/growth/")
    expect(page.locator("table").first).to_be_visible()
    page.get_by_role("link", name="Show it as a picture").click()
    expect(page.locator("figure svg")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("heading", name="What you lifted")).to_be_visible()


def test_with_the_keyboard_alone_she_gets_there(demo_site: Site, enter: Enter) -> None:
    page = enter(demo_site, "Ana", viewport=PHONE)
    page.goto("/c/harbour/my/")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText.trim()"))
    assert any(text.startswith("I can’t come") for text in reached)
    page.get_by_role("link", name=re.compile("^I can’t come")).last.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, I can’t come")).to_be_visible()


@pytest.mark.parametrize("who", ["Ana", "Sara"])
def test_the_page_is_one_sheet_of_paper(demo_site: Site, enter: Enter, who: str) -> None:
    page = enter(demo_site, who, viewport=PHONE)
    page.goto("/c/harbour/my/")

    assert sheets(page) == 1


def sheets(page: Page) -> int:
    """How many sheets of A4 the page takes on paper."""
    page.wait_for_load_state("networkidle")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", paper))


def test_it_is_one_sheet_also_with_sessions_to_make_up_for(
    fresh_demo_site: Site, enter: Enter
) -> None:
    page = enter(fresh_demo_site, "Ana", viewport=PHONE)
    for _ in range(2):
        page.goto("/c/harbour/my/")
        page.get_by_role("link", name=re.compile("^I can’t come")).last.click()
        page.get_by_role("button", name="Yes, I can’t come").click()
    page.goto("/c/harbour/my/")
    expect(page.get_by_text("Sessions you can make up for")).to_be_visible()

    assert sheets(page) == 1
    page.goto("/c/harbour/my/why/")
    assert sheets(page) > 1  # the measure can tell


def test_a_companion_lands_on_her_mother_s_page_and_can_press_nothing(
    demo_site: Site, enter: Enter
) -> None:
    page = enter(demo_site, "Sara", viewport=PHONE)
    page.goto("/")

    expect(page.get_by_text("This is the page of Ana R.")).to_be_visible()
    assert page.locator("main button, main form").count() == 0


def test_a_browser_far_away_shows_the_clinic_s_own_times(demo_site: Site, enter: Enter) -> None:
    """A daughter in Tokyo reads the same clock as her mother at the clinic, and where it hangs."""
    here = enter(demo_site, "Ana", viewport=PHONE, timezone_id=str(daylight()))
    far = enter(demo_site, "Sara", viewport=PHONE, timezone_id="Asia/Tokyo")
    for page in (here, far):
        page.goto("/c/harbour/my/")

    assert here.locator(".when").inner_text() == far.locator(".when").inner_text()
    expect(far.get_by_text("Harbour Clinic, Room")).to_be_visible()
