"""The floor board in a real browser: one tap a set, and what was tapped outlives every fault."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.engine_offers import offered_by_the_engine
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]
BOARD = "/c/harbour/floor/"
OPERATIONS = "**/floor/operations/"
#: A tick as prescribed: Done, or clean at RPE 14 where effort and technique are asked for.
TICK = '[data-act="done"]:is(.done, [data-technique="clean"][data-rpe="14"])'


@pytest.fixture
def board(fresh_demo_site: Site, enter: Callable[..., Page]) -> Page:
    return opened(enter(fresh_demo_site, "Mira"))


def opened(page: Page) -> Page:
    page.goto(BOARD)
    page.locator(".lane").first.wait_for()
    # The worker keeps the page from its first visit on, once it is in charge.
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.locator(".lane").first.wait_for()
    return page


def lane(page: Page, name: str) -> Any:
    return page.locator(".lane").filter(has_text=name)


def sets_on_the_server(page: Page) -> Counter[tuple[str, str, int]]:
    """(visit, lift, number) of every set that the server has, each as often as it has it."""
    day = page.request.get(f"{BOARD}day/").json()
    return Counter(
        (one["visit"], made["lift"], made["number"])
        for slot in day["slots"]
        for one in slot["lanes"]
        for made in one["sets"]
    )


def waits(page: Page) -> int:
    """Operations that the tablet still keeps."""
    found: int = page.evaluate(
        """async () => (await (await import(document.querySelector(
        'script[src*="board/board"]').src.replace(/board\\.[^/]*js$/, 'store.js')
        )).operations()).length"""
    )
    return found


def all_sent(page: Page) -> None:
    """The server has everything. The badge alone would be empty also before the tap is kept."""
    deadline = time.monotonic() + 20
    while waits(page) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert waits(page) == 0
    expect(page.locator("[data-sync]")).to_be_empty()


def tick_everything(page: Page) -> int:
    """Each set that is still to come, as prescribed; how many taps it took."""
    taps = 0
    for visit in page.locator(".lane").evaluate_all("all => all.map((one) => one.dataset.visit)"):
        mine = page.locator(f'.lane[data-visit="{visit}"]')
        while (tick := mine.locator(TICK)).count():
            before = mine.inner_text()
            tick.first.click()
            expect(mine).not_to_have_text(before)
            page.wait_for_function(
                "([visit, before]) => document.querySelector("
                "`.lane[data-visit='${visit}']`).innerText !== before",
                arg=[visit, before],
            )
            taps += 1
    return taps


def test_a_set_as_prescribed_is_one_tap_and_no_sign_is_typed(board: Page):
    ana = lane(board, "Ana R.")
    expect(ana).to_contain_text("set 4 of 5")
    ana.locator(TICK).click()

    expect(ana).to_contain_text("last: tap the RPE")
    all_sent(board)
    board.reload()
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")


def test_undo_takes_the_set_back_with_one_tap(board: Page):
    before = sets_on_the_server(board)
    lane(board, "Ana R.").locator(TICK).click()
    board.locator('[data-act="undo"]').click()
    expect(board.locator("[data-toast]")).to_contain_text("Taken back")

    expect(lane(board, "Ana R.")).to_contain_text("set 4 of 5")
    all_sent(board)
    assert sets_on_the_server(board) == before


def test_other_reps_take_two_taps_and_another_load_three(board: Page):
    joan = lane(board, "Joan P.")
    joan.locator('[data-act="other"]').click()
    joan.locator('[data-act="record"][data-count="4"]').click()
    expect(joan).to_contain_text("Lower for the rest: 4 of 5 reps on set 2.")
    expect(joan.locator('[data-act="all"]')).to_have_count(0)

    ana = lane(board, "Ana R.")
    ana.locator('[data-act="other"]').click()
    ana.locator('[data-act="step"]').first.click()
    ana.locator('[data-act="record"][data-count="5"]').click()
    expect(ana).to_contain_text("Same as the last set, which was lower.")
    all_sent(board)


def test_an_earlier_set_is_corrected_in_three_taps_and_none_is_added(board: Page):
    before = sets_on_the_server(board)
    ana = lane(board, "Ana R.")
    ana.locator('[data-act="sets"]').click()
    ana.locator('[data-act="edit"]').first.click()
    ana.locator('[data-act="record"][data-count="3"]').click()

    expect(board.locator("[data-toast]")).to_contain_text("set 1 corrected")
    all_sent(board)
    assert sets_on_the_server(board) == before
    ana.locator('[data-act="sets"]').click()
    expect(ana.locator('[data-act="edit"]').first).to_contain_text("× 3")


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


@pytest.mark.parametrize("choice", ["keep-theirs", "keep-mine"])
def test_two_tablets_that_log_one_set_are_asked_once(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page], choice: str
):
    other = opened(enter(fresh_demo_site, "Sam"))
    board.context.set_offline(True)
    lane(board, "Ana R.").locator(TICK).click()
    theirs = lane(other, "Ana R.")
    theirs.locator('[data-act="other"]').click()
    theirs.locator('[data-act="record"][data-count="3"]').click()
    expect(other.locator("[data-toast]")).to_contain_text("recorded")
    all_sent(other)
    board.context.set_offline(False)

    mine = lane(board, "Ana R.")
    expect(mine).to_contain_text("was logged twice", timeout=20_000)
    mine.locator(f'[data-act="{choice}"]').click()
    expect(mine).not_to_contain_text("was logged twice")
    all_sent(board)
    mine.locator('[data-act="sets"]').click()
    last = mine.locator('[data-act="edit"]').last
    expect(last).to_contain_text("× 3" if choice == "keep-theirs" else "× 5")


def test_a_refused_operation_stays_in_sight_and_holds_up_no_other(board: Page):
    board.evaluate(
        """async () => {
          const base = document.querySelector('script[src*="board/board"]').src;
          const store = await import(base.replace(/board\\.[^/]*js$/, 'store.js'));
          const kept = await store.dayOf("harbour");
          const visit = document.querySelector('.lane').dataset.visit;
          await store.keep([{id: crypto.randomUUID(), clinic: "harbour", author: kept.author.id,
            kind: "log_set", visit, entry: crypto.randomUUID(), base_revision: null, at: "",
            author_name: "", state: "waiting", reason: "",
            payload: {lift: "squat", number: "9", load: "heavy", reps: "5"}}]);
        }"""
    )
    lane(board, "Joan P.").locator(TICK).click()

    first = board.locator(".lane").first
    expect(first).to_contain_text("Not taken: Write the load as a number in kg", timeout=15_000)
    expect(board.locator("[data-sync]")).to_be_empty()
    first.locator('[data-act="discard"]').click()
    expect(first).not_to_contain_text("Not taken")
    assert waits(board) == 0


def test_logging_out_wipes_what_was_read_and_keeps_what_waits(board: Page):
    board.route(OPERATIONS, lambda route: route.abort())
    lane(board, "Ana R.").locator(TICK).click()
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


def test_six_lanes_are_seen_without_scrolling_and_switching_is_one_tap(board: Page):
    assert board.locator(".lane").count() == 6
    bottom = board.locator(".lane").last.evaluate("one => one.getBoundingClientRect().bottom")
    assert bottom <= 820


OFFERS = """async (cases) => {
  const model = await import('/static/js/board/model.js');
  return cases.map(({ lift, sets, limits }) => {
    const { load, stopped } = model.offer(lift, sets, limits);
    return [load, stopped];
  });
}"""


def test_the_tablet_offers_what_the_engine_offers(board: Page):
    cases, expected = offered_by_the_engine(400)
    assert board.evaluate(OFFERS, cases) == expected


def test_stop_takes_two_taps_and_no_word_and_locks_on_every_tablet(
    board: Page, fresh_demo_site: Site, enter: Callable[..., Page]
):
    board.context.set_offline(True)
    ana = lane(board, "Ana R.")
    ana.locator('[data-act="stop"]').click()
    ana.locator('[data-act="stop-now"]').click()
    expect(ana).to_contain_text("Locked")
    expect(ana).to_contain_text("In an emergency call")
    expect(ana.locator(TICK)).to_have_count(0)

    board.context.set_offline(False)
    all_sent(board)
    expect(lane(board, "Ana R.")).to_contain_text("stopped on the floor")
    other = opened(enter(fresh_demo_site, "Sam"))
    expect(lane(other, "Ana R.")).to_contain_text("A named clinician releases it.")
    other.goto("/c/harbour/today/")
    expect(other.locator(".slot-people li").filter(has_text="Ana R.")).to_contain_text("locked")
    other.goto("/c/harbour/flags/")
    other.get_by_role("link", name="Record a release").first.click()
    expect(other.get_by_role("heading", name="Locked: stopped on the floor")).to_be_visible()
