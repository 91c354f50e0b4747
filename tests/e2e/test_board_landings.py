"""Landings: level and height in sight, tolerated or not with the tick, and what was not cleared."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.on_board import TICK, Counted, all_sent, lane, lanes_on_the_server, with_day

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]


def to_landings(page: Page, name: str) -> None:
    """The lift of landings of somebody, by two taps."""
    lane(page, name).locator('[data-act="sets"]').click()
    lane(page, name).locator('[data-act="lift"][data-lift="impact"]').click()


def landings_of(page: Page, name: str) -> list[dict[str, Any]]:
    return [one for one in lanes_on_the_server(page)[name]["sets"] if one["lift"] == "impact"]


def test_the_last_landings_are_recorded_with_how_they_were_felt_by_one_tap(board: Page):
    to_landings(board, "Ana R.")
    ana = lane(board, "Ana R.")
    asked = next(
        one for one in lanes_on_the_server(board)["Ana R."]["lifts"] if one["lift"] == "impact"
    )
    expect(ana.locator(".level")).to_have_attribute(
        "aria-label", f"Impact level {asked['level']} of 5"
    )
    for number in range(1, asked["sets"]):
        expect(ana).to_contain_text(f"set {number} of {asked['sets']}")
        ana.locator(TICK).click()
    expect(ana).to_contain_text("last: how was it?")
    expect(ana.locator('.felt [aria-pressed="true"]')).to_have_count(0)
    counted = Counted(board)
    ana.get_by_role("button", name="Not tolerated").click()
    assert counted.taps == 1
    all_sent(board)
    found = landings_of(board, "Ana R.")
    assert [one["tolerated"] for one in found] == [None] * (asked["sets"] - 1) + [False]
    assert {one["landings"] for one in found} == {
        asked["landings"] if "landings" in asked else asked["asked"]
    }


def test_a_landing_above_the_clearance_is_recorded_and_marked_outside_it(board: Page):
    to_landings(board, "Joan P.")
    joan = lane(board, "Joan P.")
    cleared = lanes_on_the_server(board)["Joan P."]["cleared"]
    joan.locator('[data-act="other"]').click()
    level = f'[data-act="pick"][data-name="level"][data-value="{cleared + 1}"]'
    joan.locator(level).click()
    joan.locator('[data-act="pick"][data-name="drop_cm"][data-value="20"]').click()
    joan.locator('[data-act="record"][data-count="5"]').click()
    joan.locator('[data-act="sets"]').click()
    expect(joan.locator(".lane-list .is-outside")).to_contain_text("outside clearance")
    expect(joan.locator(".lane-list .is-outside")).to_contain_text("from 20 cm")
    all_sent(board)
    assert [(one["level"], one["outside"]) for one in landings_of(board, "Joan P.")] == [
        (cleared + 1, True)
    ]


def test_of_a_lift_that_is_not_cleared_nothing_is_prescribed_and_what_was_done_is_kept(
    board: Page,
):
    def not_cleared(day: dict[str, Any]) -> None:
        for one in (one for slot in day["slots"] for one in slot["lanes"]):
            one["cleared"] = 0
            for lift in (lift for lift in one["lifts"] if lift["lift"] == "impact"):
                why = "Cleared for level 0 only. Nothing is prescribed."
                lift.update(available=False, sets=0, asked=None, load=None, why=why)

    with_day(board, not_cleared)
    board.reload()
    to_landings(board, "Joan P.")
    joan = lane(board, "Joan P.")
    expect(joan).to_contain_text("Nothing prescribed")
    expect(joan).to_contain_text("Cleared for level 0 only.")
    expect(joan.locator(TICK)).to_have_count(0)
    board.context.set_offline(True)
    joan.locator('[data-act="sets"]').click()
    joan.locator('[data-act="extra"][data-lift="impact"]').click()
    joan.locator('[data-act="record"][data-count="5"]').click()
    joan.locator('[data-act="sets"]').click()
    expect(joan.locator(".lane-list .is-outside")).to_contain_text("outside clearance")
    board.context.set_offline(False)
    all_sent(board)
    assert [one["landings"] for one in landings_of(board, "Joan P.")] == [5]
