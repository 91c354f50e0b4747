"""The board can be hit, read and used without a pointer: sizes, distances, contrast, keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.on_board import all_sent, lane

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]

#: Taps that open each state of the board; its controls are measured in each.
STATES: dict[str, tuple[str, ...]] = {
    "lanes": (),
    "sets": ('[data-act="sets"]',),
    "editor": ('[data-act="other"]',),
    "stop": ('[data-act="stop"]',),
    "plan": ('[data-act="stop"]', '[data-act="stop-now"]'),
    "people": ('[data-sheet="people"]',),
    "plates": ('[data-sheet="plates"]',),
    "finish": ('[data-sheet="finish"]',),
    "arrival": (".tab[aria-current] + .tab", '[data-act="ask"]'),
}
#: Controls smaller than 48 px, and pairs of them nearer than 8 px; a name in a sentence is a link.
CROWDED = """() => {
  const all = [...document.querySelectorAll('#board .btn, #board .lane-sets, #board textarea')]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.getAttribute('aria-label') ?? one.innerText, one.getBoundingClientRect()]);
  const found = all.filter(([, a]) => a.height < 47.5 || a.width < 47.5)
    .map(([name, a]) => `${name}: ${a.width} x ${a.height}`);
  all.forEach(([name, a], at) => all.slice(at + 1).forEach(([other, b]) => {
    const x = Math.max(a.left - b.right, b.left - a.right);
    const y = Math.max(a.top - b.bottom, b.top - a.bottom);
    if (Math.max(x, y) < 7.5) found.push(`${name} | ${other}: ${x}, ${y}`);
  }));
  return found; }"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT = """() => [...document.querySelectorAll('.lane')].flatMap((lane) => {
  const edge = lane.getBoundingClientRect();
  return [...lane.querySelectorAll('button, a, .load b')].map((one) => one.getBoundingClientRect())
    .filter((box) => box.width && (box.right > edge.right + .5 || box.bottom > edge.bottom + .5))
    .map((box) => `${lane.getAttribute('aria-label')}: ${box.right} of ${edge.right}`); })"""


@pytest.mark.parametrize("state", STATES)
def test_each_control_is_48_px_and_8_px_from_the_next_at_every_width(board: Page, state: str):
    for tap in STATES[state]:
        board.locator(tap).first.click()
    for width in (1180, 820, 390):
        board.set_viewport_size({"width": width, "height": 844})
        assert board.evaluate(CROWDED) == [], width
        assert board.evaluate(TOO_WIDE) <= 0, width
        assert board.evaluate(CUT) == [], width
    board.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in (1180, 820):
        board.set_viewport_size({"width": width, "height": 844})
        assert board.evaluate(TOO_WIDE) <= 0, f"{width} at 200 % text"
        assert board.evaluate(CUT) == [], f"{width} at 200 % text"


CONTRAST = """() => { const canvas = document.createElement('canvas').getContext('2d',
    {willReadFrequently: true});
  const light = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  return [...document.querySelectorAll('.lane:not([data-state="stop"]) .load b')].map((one) => {
    const [ink, ground] = [one, one.closest('.lane')].map((e, at) =>
      light(getComputedStyle(e)[at ? 'backgroundColor' : 'color']));
    const ratio = (Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05);
    return [parseFloat(getComputedStyle(one).fontSize), ratio]; }); }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_digits_of_a_load_are_28_px_and_seven_to_one(board: Page, scheme: Any):
    board.emulate_media(color_scheme=scheme)
    found = board.evaluate(CONTRAST)
    assert len(found) == 6
    assert all(size >= 28 and ratio >= 7 for size, ratio in found), found


def test_nothing_moves_where_less_motion_is_wished_and_borders_stand_in_for_colours(board: Page):
    board.emulate_media(reduced_motion="reduce", forced_colors="active")
    done = lane(board, "Joan P.").locator(".done")
    assert done.evaluate("one => getComputedStyle(one).transitionDuration") == "0s"
    assert done.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    assert lane(board, "Joan P.").evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"


def test_a_class_is_logged_by_keyboard_and_the_focus_stays_where_it_was(board: Page):
    joan = lane(board, "Joan P.")
    joan.locator(".done").focus()
    board.keyboard.press("Enter")
    expect(joan).to_contain_text("set 3 of 5")
    expect(joan.locator(".done")).to_be_focused()
    all_sent(board)
    expect(joan.locator(".done")).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(lane(board, "Mei L.").locator(".done")).to_be_focused()
    board.keyboard.press("ArrowUp")
    expect(joan.locator(".done")).to_be_focused()

    joan.locator('[data-act="other"]').focus()
    board.keyboard.press("Enter")
    pick = joan.locator('[data-name="rpe"][data-value="15"]')
    pick.focus()
    board.keyboard.press("Space")
    expect(pick).to_have_attribute("aria-pressed", "true")
    expect(pick).to_be_focused()
    board.keyboard.press("Escape")
    expect(joan.locator(".lane-panel")).to_have_count(0)

    board.locator('[data-sheet="finish"]').focus()
    board.keyboard.press("Enter")
    expect(board.locator("[data-panel] :focus")).to_have_count(1)
    board.keyboard.press("Escape")
    expect(board.locator('[data-sheet="finish"]')).to_be_focused()


def test_switching_to_another_lane_waits_for_nothing(board: Page):
    """Its panel is there before the tap is over; how soon that is, ``make bench`` says."""
    board.context.set_offline(True)
    opened = board.evaluate(
        """() => [...document.querySelectorAll('.lane')].map((lane) => {
          const visit = lane.dataset.visit;
          lane.querySelector('[data-act="sets"]').click();
          return Boolean(document.querySelector(`.lane[data-visit="${visit}"] .lane-panel`)); })"""
    )
    assert opened == [True] * 6


def test_a_tick_is_drawn_after_it_was_kept(board: Page):
    board.context.set_offline(True)
    order = board.evaluate(
        """() => new Promise((resolve) => { const order = [];
          const add = IDBObjectStore.prototype.add; // nothing else is added to what is kept
          IDBObjectStore.prototype.add = function (...one) {
            this.transaction.addEventListener('complete', () => order.push('kept'));
            return add.apply(this, one);
          };
          const lane = [...document.querySelectorAll('.lane')]
            .find((one) => one.getAttribute('aria-label') === 'Mei L.');
          new MutationObserver((_, watch) => { watch.disconnect(); order.push('drawn');
            resolve(order); }).observe(lane.parentElement, {childList: true});
          lane.querySelector('.done').click(); })"""
    )
    assert order == ["kept", "drawn"]
