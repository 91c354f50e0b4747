"""Stop: two taps and no word, whom to call with or without a network, and the report after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.on_board import TICK, Counted, all_sent, lane, lanes_on_the_server, opened, waits
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]


def stop(page: Page, name: str) -> None:
    lane(page, name).locator('[data-act="stop"]').click()
    lane(page, name).locator('[data-act="stop-now"]').first.click()


def test_stop_takes_two_taps_and_no_word_and_locks_on_every_tablet(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page]
):
    board.context.set_offline(True)
    counted = Counted(board)
    stop(board, "Ana R.")
    ana = lane(board, "Ana R.")
    expect(ana).to_contain_text("locked")
    assert (counted.taps, counted.keys) == (2, 0)
    expect(ana).to_contain_text("In an emergency call")
    expect(ana.locator(TICK)).to_have_count(0)

    board.context.set_offline(False)
    all_sent(board)
    expect(lane(board, "Ana R.")).to_contain_text("stopped on the floor")
    other = opened(enter(fresh_demo_site, "Sam"))
    expect(lane(other, "Ana R.")).to_contain_text("locked")
    other.goto("/c/harbour/today/")
    expect(other.locator(".slot-people li").filter(has_text="Ana R.")).to_contain_text("locked")
    other.goto("/c/harbour/flags/")
    other.get_by_role("link", name="Record a release").first.click()
    expect(other.get_by_role("heading", name="Locked: stopped on the floor")).to_be_visible()


def test_after_a_stop_the_number_and_the_plan_stand_in_the_lane_without_a_network(board: Page):
    clinic = board.request.get("/c/harbour/floor/day/").json()["clinic"]
    contact = lanes_on_the_server(board)["Ana R."]["emergency"]
    board.context.set_offline(True)
    stop(board, "Ana R.")
    # It is drawn once it is kept; before that a reload takes the page away from under it.
    expect(lane(board, "Ana R.")).to_contain_text("locked")
    board.reload()
    ana = lane(board, "Ana R.")
    ana.get_by_role("button", name="Number and plan").click()
    expect(ana.locator(".lane-panel")).to_contain_text(contact)
    expect(ana.locator(".lane-panel")).to_contain_text(clinic["phone"])
    expect(ana.locator(".lane-panel")).to_contain_text(clinic["emergency_plan"].split("\n")[0])
    assert ana.locator('.lane-panel a[href^="tel:"]').count() == 2


def test_the_report_of_a_stop_is_due_before_signing_and_takes_three_taps(board: Page):
    board.context.set_offline(True)
    stop(board, "Ana R.")
    board.locator('[data-sheet="finish"]').click()
    row = board.locator(".finish-line").filter(has_text="Ana R.")
    expect(row).to_contain_text("due before signing")
    expect(board.locator('[data-act="sign"]')).to_contain_text("Sign all 4")
    row.get_by_role("button", name="Write the report").click()

    ana = lane(board, "Ana R.")
    ana.locator('[data-act="report-now"]').click()
    expect(ana.locator(".is-wrong").first).to_contain_text("Choose what happened.")
    expect(ana.locator(".is-wrong").last).to_contain_text("Choose how bad it was.")
    assert waits(board) == 1

    counted = Counted(board)
    ana.locator('[data-name="what"][data-value="dizzy"]').click()
    ana.locator('[data-name="severity"][data-value="mild"]').click()
    ana.locator('[data-act="report-now"]').click()
    expect(ana).to_contain_text("Reported: Dizzy or faint, mild.")
    assert (counted.taps, counted.keys) == (3, 0)

    board.context.set_offline(False)
    all_sent(board)
    found = lanes_on_the_server(board)["Ana R."]
    assert found["report_due"] is False
    assert len(found["reports"]) == 1
