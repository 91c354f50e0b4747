"""The end of a class: what is not logged, who is not spoken for, one signature, opened again."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.on_board import (
    TICK,
    Counted,
    all_sent,
    lane,
    lanes_on_the_server,
    opened,
    tick_everything,
    with_day,
)
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]

#: Two who lift later today come an hour earlier: a class of six of whom nobody has lifted yet.
SIX = """
    UPDATE training_visit AS moved SET slot_id = soon.slot_id, during = soon.during
    FROM training_visit AS soon
    JOIN clients_client AS known ON known.id = soon.client_id AND known.name = 'Luis A.'
    WHERE soon.during && tstzrange(now() - interval '12 hours', now() + interval '12 hours')
    AND moved.during && tstzrange(now() - interval '12 hours', now() + interval '12 hours')
    AND moved.client_id IN (
        SELECT id FROM clients_client WHERE name IN ('Hugh N.', 'Olga T.')
        AND clinic_id = soon.clinic_id)
"""


@pytest.fixture
def fresh_six(fresh_demo_site: Site) -> None:
    with psycopg.connect(fresh_demo_site.rows_url) as connection:
        assert connection.execute(SIX).rowcount == 2


def test_a_class_of_six_is_logged_and_signed_in_at_most_146_taps(
    fresh_six: None, fresh_demo_site: Site, enter
):
    page = opened(enter(fresh_demo_site, "Mira"))
    page.locator(".tab[aria-current] ~ .tab").first.click()
    expect(page.locator(".lane")).to_have_count(6)
    names = [one.get_attribute("aria-label") for one in page.locator(".lane").all()]
    lanes = lanes_on_the_server(page)
    sets = sum(lift["sets"] for name in names for lift in lanes[name]["lifts"])
    counted = Counted(page)

    page.locator("[data-start]").get_by_role("button", name="Mira K.").click()
    page.locator('[data-act="all-here"]').click()
    expect(page.locator("[data-count]")).to_contain_text("6 of 6 here")
    assert counted.taps <= 4  # with the board already open: to the first set of everybody
    ticks = tick_everything(page)
    page.locator('[data-sheet="finish"]').click()
    expect(page.locator("[data-panel]")).not_to_contain_text("Not logged")
    page.locator('[data-act="sign"]').click()
    expect(page.locator("[data-toast]")).to_contain_text("6 visits signed")

    all_sent(page)
    after = lanes_on_the_server(page)
    assert sum(len(after[name]["sets"]) for name in names) == ticks == sets
    assert {after[name]["status"] for name in names} == {"attended"}
    assert sets >= 114
    assert counted.taps <= 146 * sets / 120
    assert counted.keys == 0


def test_finish_lists_what_is_not_logged_and_signs_all_with_one_tap(board: Page):
    board.locator('[data-sheet="finish"]').click()
    sheet = board.locator("[data-panel]")
    lifts = lanes_on_the_server(board)["Ana R."]["lifts"]
    press = next(one for one in lifts if one["lift"] == "press")
    line = sheet.locator(".finish-line").filter(has_text="Ana R.")
    expect(line).to_contain_text(f"Not logged: Back squat 2, {press['title']} 5")
    vera = sheet.locator(".finish-line").filter(has_text="Vera S.")
    expect(vera).to_contain_text("Here, and no set is logged")
    counted = Counted(board)
    vera.get_by_role("button", name="Excused").click()
    expect(sheet).not_to_contain_text("Not spoken for")
    sheet.get_by_role("button", name="Sign all 5 as Mira K.").click()
    expect(lane(board, "Ana R.")).to_contain_text("Signed")
    assert (counted.taps, counted.keys) == (2, 0)
    all_sent(board)
    found = lanes_on_the_server(board)
    assert found["Ana R."]["status"] == "attended_partial"
    assert found["Vera S."]["status"] == "excused"
    with board.expect_navigation():
        sheet.get_by_role("link", name="5 notes of the class").click()
    expect(board.locator("h1")).to_be_visible()


def test_a_signed_visit_is_opened_again_with_one_tap_and_takes_a_set(board: Page):
    board.locator('[data-sheet="finish"]').click()
    board.locator('[data-act="sign"]').click()
    all_sent(board)
    board.locator('[data-act="close-sheet"]').click()
    ana = lane(board, "Ana R.")
    expect(ana).to_contain_text("Signed")
    expect(ana.locator(TICK)).to_have_count(0)
    counted = Counted(board)
    ana.locator('[data-act="reopen"]').click()
    expect(ana.locator(TICK)).to_have_count(1)
    assert counted.taps == 1
    ana.locator(TICK).click()
    all_sent(board)
    found = lanes_on_the_server(board)["Ana R."]
    assert found["status"] == "checked_in"
    assert found["signed_at"] is None


def test_after_its_hours_a_signed_visit_is_amended_on_its_own_page(board: Page):
    board.locator('[data-sheet="finish"]').click()
    board.locator('[data-act="sign"]').click()
    all_sent(board)

    def long_ago(day: dict[str, Any]) -> None:
        for one in (one for slot in day["slots"] for one in slot["lanes"]):
            one["reopen_until"] = one["reopen_until"] and "2020-01-01T00:00:00+00:00"

    with_day(board, long_ago)
    board.reload()
    ana = lane(board, "Ana R.")
    expect(ana.locator('[data-act="reopen"]')).to_have_count(0)
    link = ana.get_by_role("link", name="Amend, with a reason")
    expect(link).to_be_visible()
    with board.expect_navigation():
        link.click()
    expect(board.locator("h1")).to_contain_text("Ana R.")
