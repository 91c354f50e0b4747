"""What the board says aloud: a change of its state once, and nothing that is no longer true."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.on_board import OPERATIONS, TICK, all_sent, lane, until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]

OFFLINE = "Offline. What is tapped is kept on this tablet."
SENT = "Connected again. Everything is sent."
LISTEN = """() => {
  window.said = [];
  const live = document.querySelector('[data-live]');
  new MutationObserver(() => window.said.push(live.textContent))
    .observe(live, {childList: true, characterData: true});
}"""
#: The tablet's network is gone by what the browser says; requests that are out go on.
GONE = "dispatchEvent(new Event('offline'))"


def said(page: Page) -> list[str]:
    return page.evaluate("window.said")


def test_lanes_are_groups_with_names_and_only_a_change_of_state_is_said_aloud(board: Page):
    names = [one.get_attribute("aria-label") for one in board.get_by_role("group").all()]
    assert {"Ana R.", "Joan P.", "Mei L.", "Ruth K.", "Tom B.", "Vera S."} <= set(names)
    live = board.locator("[data-live]")
    expect(live).to_have_attribute("role", "status")
    board.evaluate(LISTEN)
    board.context.set_offline(True)
    for _ in range(3):
        lane(board, "Mei L.").locator(TICK).first.click()
        board.wait_for_timeout(600)
    expect(live).to_contain_text("Offline")
    board.context.set_offline(False)
    expect(live).to_contain_text("Everything is sent")
    assert said(board) == [OFFLINE, SENT]


def test_an_answer_asked_for_before_the_network_went_says_nothing_of_it(board: Page):
    """What was on its way still arrives; that the network is back, only a later question shows."""
    out: list[Route] = []
    board.route(OPERATIONS, lambda route: out.append(route))
    board.evaluate(LISTEN)
    lane(board, "Mei L.").locator(TICK).first.click()
    until(board, lambda: len(out) == 1)
    board.evaluate(GONE)
    out[0].continue_()
    # It was taken, and the board asks anew: that question is out and nobody answers it yet.
    until(board, lambda: len(out) == 2)
    assert said(board) == [OFFLINE]
    out[1].abort()
    expect(board.locator("[data-sync]")).to_contain_text("Offline")
    assert said(board) == [OFFLINE]

    board.unroute(OPERATIONS)
    board.evaluate("dispatchEvent(new Event('online'))")
    expect(board.locator("[data-live]")).to_have_text(SENT)
    all_sent(board)
    assert said(board) == [OFFLINE, SENT]
