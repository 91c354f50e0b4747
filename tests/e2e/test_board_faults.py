"""Nothing that was tapped is ever lost: network, server, page, log-in, clock and desk fail."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.on_board import (
    BOARD,
    OPERATIONS,
    TICK,
    all_sent,
    lane,
    lanes_on_the_server,
    opened,
    sets_on_the_server,
    tick_everything,
    waits,
)
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]
#: Where a page sends without a log-in, by the leave that the board may have got by then.
UPLOAD = "**/upload/"


def test_a_class_logged_without_network_is_sent_once_when_it_returns(board: Page):
    before = sets_on_the_server(board)
    board.context.set_offline(True)
    taps = tick_everything(board)
    assert taps > 40
    expect(board.locator("[data-sync]")).to_contain_text(f"{taps} entries wait")

    board.reload()
    expect(board.locator("[data-sync]")).to_contain_text(f"{taps} entries wait")
    assert board.locator(TICK).count() == 0

    board.context.set_offline(False)
    all_sent(board)
    after = sets_on_the_server(board)
    assert sum(after.values()) == sum(before.values()) + taps
    assert set(after.values()) == {1}


def test_a_tab_that_is_killed_right_after_the_tick_loses_nothing(board: Page):
    board.context.set_offline(True)
    lane(board, "Ana R.").locator(TICK).click()
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")
    again = board.context.new_page()
    board.close()

    again.goto(BOARD)
    expect(lane(again, "Ana R.")).to_contain_text("last: tap the RPE")
    again.context.set_offline(False)
    all_sent(again)


@pytest.mark.parametrize("fault", ["500", "429", "lost answer", "cut off"])
def test_a_server_that_fails_gets_every_set_once_in_the_end(board: Page, fault: str):
    before = sets_on_the_server(board)
    failures = iter(range(2))

    def fail(route: Route) -> None:
        if next(failures, None) is None:
            route.continue_()
        elif fault == "lost answer":
            route.fetch()
            route.abort()
        elif fault == "cut off":
            route.abort()
        else:
            route.fulfill(status=int(fault), headers={"Retry-After": "1"}, body="no")

    board.route(OPERATIONS, fail)
    lane(board, "Ana R.").locator(TICK).click()
    lane(board, "Joan P.").locator(TICK).click()

    all_sent(board)
    after = sets_on_the_server(board)
    assert sum(after.values()) == sum(before.values()) + 2
    assert set(after.values()) == {1}


def test_after_the_log_in_ran_out_the_sets_wait_until_somebody_logs_in(board: Page):
    before = sets_on_the_server(board)
    kept = board.context.cookies()
    board.context.clear_cookies()
    lane(board, "Ana R.").locator(TICK).click()
    expect(board.locator("[data-sync]")).to_contain_text("Log in to")
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")

    board.context.add_cookies(kept)
    all_sent(board)
    assert sum(sets_on_the_server(board).values()) == sum(before.values()) + 1


def test_a_swipe_back_and_forth_is_harmless(board: Page):
    board.context.set_offline(True)
    lane(board, "Ana R.").locator(TICK).click()
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")
    board.context.set_offline(False)
    board.goto("/c/harbour/today/")
    board.go_back()

    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")
    all_sent(board)
    board.go_forward()
    board.go_back()
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")


def test_of_a_batch_that_arrived_by_half_nothing_is_lost_and_nothing_is_twice(board: Page):
    before = sets_on_the_server(board)
    halves = iter(range(1))

    def half(route: Route) -> None:
        if next(halves, None) is None:
            return route.continue_()
        body = route.request.post_data_json
        first = {**body, "operations": body["operations"][: len(body["operations"]) // 2]}
        route.fetch(post_data=json.dumps(first))
        return route.abort()

    board.context.set_offline(True)
    lane(board, "Mei L.").locator('[data-act="all"]').click()
    expect(board.locator("[data-sync]")).to_contain_text("5 entries wait")
    board.route(OPERATIONS, half)
    board.context.set_offline(False)
    all_sent(board)
    after = sets_on_the_server(board)
    assert sum(after.values()) == sum(before.values()) + 5
    assert set(after.values()) == {1}


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_an_hour_wrong_changes_neither_class_nor_order(
    fresh_demo_site: Site, enter: Callable[..., Page], hours: int
):
    page = enter(fresh_demo_site, "Mira")
    page.add_init_script(
        f"""{{ const real = Date.now; const off = {hours} * 3600000; const Real = Date;
        Date.now = () => real() + off;
        globalThis.Date = class extends Real {{
          constructor(...all) {{ super(...(all.length ? all : [real() + off])); }} }}; }}"""
    )
    opened(page)
    expect(lane(page, "Ana R.")).to_contain_text("set 4 of 5")
    lane(page, "Ana R.").locator(TICK).click()
    expect(lane(page, "Ana R.")).to_contain_text("last: tap the RPE")
    all_sent(page)
    made = [one for one in lanes_on_the_server(page)["Ana R."]["sets"] if one["lift"] == "squat"]
    assert [one["number"] for one in made] == [1, 2, 3, 4]


def test_a_visit_that_was_signed_meanwhile_takes_the_set_that_was_lifted(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page]
):
    board.context.set_offline(True)
    lane(board, "Ana R.").locator(TICK).click()
    expect(board.locator("[data-sync]")).to_contain_text("1 entry waits")
    desk = opened(enter(fresh_demo_site, "Sam"))
    desk.locator('[data-sheet="finish"]').click()
    desk.locator('[data-act="sign"]').click()
    all_sent(desk)
    board.context.set_offline(False)

    all_sent(board)
    expect(lane(board, "Ana R.")).to_contain_text("Signed")
    made = [one for one in lanes_on_the_server(board)["Ana R."]["sets"] if one["lift"] == "squat"]
    assert len(made) == 4


def test_a_visit_that_was_called_off_meanwhile_is_one_that_took_place(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page]
):
    board.context.set_offline(True)
    lane(board, "Vera S.").locator(TICK).first.click()
    expect(board.locator("[data-sync]")).to_contain_text("1 entry waits")
    desk = opened(enter(fresh_demo_site, "Sam"))
    desk.locator('[data-sheet="finish"]').click()
    desk.get_by_role("button", name="Excused: Vera S.").click()
    all_sent(desk)
    assert lanes_on_the_server(desk)["Vera S."]["status"] == "excused"
    board.context.set_offline(False)

    all_sent(board)
    vera = lanes_on_the_server(board)["Vera S."]
    assert (vera["status"], len(vera["sets"])) == ("checked_in", 1)


def put_a_bad_set(board: Page) -> None:
    """A set in the queue whose load is no number, as an old board might have kept it."""
    board.evaluate(
        """async () => {
          const base = document.querySelector('script[src*="board/board"]').src;
          const store = await import(base.replace(/board\\.[^/]*js$/, 'store.js'));
          const kept = await store.dayOf("harbour");
          const visit = document.querySelector('.lane').dataset.visit;
          await store.keep([{id: crypto.randomUUID(), clinic: "harbour", author: kept.author.id,
            kind: "log_set", visit, entry: crypto.randomUUID(), base_revision: null, at: "",
            author_name: "", state: "waiting", reason: "",
            payload: {lift: "squat", number: "9", load: "heavy", reps: "5", rpe: "15"}}]);
          // The board has not kept it itself: it is told to look, or it would within a minute.
          dispatchEvent(new Event("online"));
        }"""
    )


def test_a_refused_operation_stays_in_sight_and_holds_up_no_other(board: Page):
    put_a_bad_set(board)
    lane(board, "Joan P.").locator(TICK).click()

    first = board.locator(".lane").first
    expect(first).to_contain_text("Not taken: Write the load as a number in kg")
    expect(board.locator("[data-sync]")).to_be_empty()
    first.locator('[data-act="discard"]').click()
    expect(first).not_to_contain_text("Not taken")
    assert waits(board) == 0


def test_a_refused_set_is_corrected_with_what_was_sent_in_its_editor(board: Page):
    put_a_bad_set(board)
    first = board.locator(".lane").first
    expect(first).to_contain_text("Not taken")
    before = sum(sets_on_the_server(board).values())
    first.locator('[data-act="correct"]').click()
    expect(first.locator(".lane-edit")).to_contain_text("Write the load as a number in kg")
    expect(first.locator('.lane-edit [data-name="rpe"][data-value="15"]')).to_have_attribute(
        "aria-pressed", "true"
    )
    first.locator('[data-act="step"]').last.click()
    first.locator('[data-act="record"][data-count="5"]').click()
    expect(first).not_to_contain_text("Not taken")
    all_sent(board)
    assert sum(sets_on_the_server(board).values()) == before + 1


def test_logging_out_wipes_what_was_read_and_keeps_what_waits(board: Page):
    for address in (OPERATIONS, UPLOAD):
        board.route(address, lambda route: route.abort())
    lane(board, "Ana R.").locator(TICK).click()
    # Before it is kept, another page takes this one away from under it.
    expect(board.locator("[data-sync]")).to_contain_text("1 entry waits")
    board.context.clear_cookies()
    board.goto("/login/code/")
    board.wait_for_function(
        """() => new Promise((resolve) => { const asked = indexedDB.open("bonefit-floor");
          asked.onsuccess = () => { const all = asked.result.transaction(["days", "operations"]);
            const days = all.objectStore("days").count();
            const kept = all.objectStore("operations").count();
            all.oncomplete = () => { asked.result.close();
              resolve(days.result === 0 && kept.result === 1); }; }; })"""
    )


def test_logging_out_with_a_full_queue_keeps_it_for_the_next_log_in(board: Page):
    before = sum(sets_on_the_server(board).values())
    board.route(OPERATIONS, lambda route: route.abort())
    lane(board, "Ana R.").locator(TICK).click()
    expect(board.locator("[data-sync]")).to_contain_text("1 entry waits")
    board.goto("/logout/")
    board.get_by_role("button", name="Log out").click()
    board.unroute(OPERATIONS)
    board.goto("/demo/")
    board.get_by_role("button", name="Mira").first.click()
    board.wait_for_load_state()
    board.goto(BOARD)
    all_sent(board)
    assert sum(sets_on_the_server(board).values()) == before + 1
