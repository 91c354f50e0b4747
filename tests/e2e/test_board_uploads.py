"""What waits on a tablet in a real browser: after the log-in is gone, and when storage plays up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.on_board import until
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("board")]
BOARD = "/c/harbour/floor/"
OPERATIONS, UPLOAD = "**/floor/operations/", "**/upload/"
TICK = '[data-act="done"]:is(.done, [data-technique="clean"][data-rpe="14"])'

#: Opens the board's database (``version`` makes it as it was then) and does BODY in one store.
IN_STORE = """async ([name, version, given]) => {
  const database = await new Promise((resolve, reject) => {
    const asked = indexedDB.open("bonefit-floor", version ?? undefined);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("operations", { keyPath: "seq", autoIncrement: true });
      asked.result.createObjectStore("days");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const transaction = database.transaction(name, "readwrite");
  const store = transaction.objectStore(name);
  const all = (request) => new Promise((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const answer = await (async () => { BODY })();
  await new Promise((resolve) => { transaction.oncomplete = resolve; });
  database.close();
  return answer;
}"""
EVERYTHING = "return all(store.getAll())"


def stored(
    page: Page, name: str, body: str = EVERYTHING, given: Any = None, version: int | None = None
) -> Any:
    """What a store of the tablet holds, or what ``body`` does to it."""
    return page.evaluate(IN_STORE.replace("BODY", body), [name, version, given])


def operations(page: Page) -> list[dict[str, Any]]:
    """What the tablet keeps and the server does not have yet."""
    return [one for one in stored(page, "operations") if not one.get("sent_at")]


def log(site: Site) -> list[tuple[str, str, str]]:
    """Who did what, and its id: the server's log of operations of this test."""
    with psycopg.connect(site.rows_url) as sees:
        return sees.execute(
            "SELECT split_part(u.name, ' ', 1), o.kind, o.uid::text FROM training_operation o"
            " JOIN clinics_membership m ON m.id = o.by_id JOIN clinics_user u ON u.id = m.user_id"
            " ORDER BY o.id"
        ).fetchall()


def done_by(site: Site, name: str, ids: set[str]) -> bool:
    """Whether the server has all of these once, and all as this person's."""
    found = [(who, uid) for who, _, uid in log(site) if uid in ids]
    return sorted(found) == sorted((name, uid) for uid in ids)


def lane(page: Page, name: str) -> Any:
    return page.locator(".lane").filter(has_text=name)


def enter_as(page: Page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/demo/")
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def opened(page: Page) -> Page:
    page.goto(BOARD)
    page.locator(".lane").first.wait_for()
    page.evaluate("navigator.serviceWorker.ready")
    until(page, lambda: len(stored(page, "tokens")) > 0)
    return page


@pytest.fixture
def board(fresh_demo_site: Site, enter: Callable[..., Page]) -> Page:
    return opened(enter(fresh_demo_site, "Mira"))


def cut(page: Page) -> None:
    """The server cannot be reached with operations."""
    for address in (OPERATIONS, UPLOAD):
        page.route(address, lambda route: route.abort())


def mend(page: Page) -> None:
    for address in (OPERATIONS, UPLOAD):
        page.unroute(address)


def tap_two(page: Page) -> set[str]:
    """Two sets that wait; the ids of their operations."""
    for name in ("Ana R.", "Joan P."):
        lane(page, name).locator(TICK).click()
    until(page, lambda: len(operations(page)) == 2)
    return {one["id"] for one in operations(page)}


def test_a_full_queue_is_sent_by_token_after_the_log_out(board: Page, fresh_demo_site: Site):
    cut(board)
    ids = tap_two(board)
    board.goto("/c/harbour/today/")
    board.locator("details.me summary").click()
    board.get_by_role("button", name="Log out").click()
    board.wait_for_load_state()
    until(board, lambda: stored(board, "days") == [])
    assert len(operations(board)) == 2

    mend(board)
    until(board, lambda: operations(board) == [])
    assert done_by(fresh_demo_site, "Mira", ids)


def test_after_the_log_in_ran_out_sets_are_sent_and_stay_drawn(board: Page, fresh_demo_site: Site):
    kept = board.context.cookies()
    board.context.clear_cookies()
    lane(board, "Ana R.").locator(TICK).click()
    until(
        board, lambda: [bool(one.get("sent_at")) for one in stored(board, "operations")] == [True]
    )

    (sent,) = stored(board, "operations")
    assert done_by(fresh_demo_site, "Mira", {sent["id"]})
    expect(board.locator("[data-sync]")).to_contain_text("Log in")
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")
    board.context.add_cookies(kept)
    until(board, lambda: stored(board, "operations") == [])
    expect(lane(board, "Ana R.")).to_contain_text("last: tap the RPE")
    expect(board.locator("[data-sync]")).to_be_empty()


def test_with_somebody_else_logged_in_it_is_still_sent_as_its_author(
    board: Page, fresh_demo_site: Site
):
    cut(board)
    ids = tap_two(board)
    enter_as(board, "Sam")
    mend(board)
    opened(board)

    until(board, lambda: operations(board) == [])
    assert done_by(fresh_demo_site, "Mira", ids)
    lane(board, "Joan P.").locator(TICK).click()
    until(board, lambda: log(fresh_demo_site)[-1][0] == "Sam")


def test_without_a_token_it_waits_and_the_badge_says_for_whom(board: Page, fresh_demo_site: Site):
    cut(board)
    ids = tap_two(board)
    stored(board, "tokens", "store.clear()")
    enter_as(board, "Sam")
    mend(board)
    opened(board)

    expect(board.locator("[data-sync]")).to_contain_text("2 of Mira")
    expect(board.locator("[data-sync]")).to_contain_text("logs in on this tablet")
    assert {one["id"] for one in operations(board)} == ids
    assert not {uid for _, _, uid in log(fresh_demo_site)} & ids
    enter_as(board, "Mira")
    opened(board)
    until(board, lambda: operations(board) == [])
    assert done_by(fresh_demo_site, "Mira", ids)


def test_what_a_token_may_not_send_waits_for_the_log_in_and_is_said_there(board: Page):
    cut(board)
    lane(board, "Joan P.").locator(TICK).click()
    until(board, lambda: len(operations(board)) == 1)
    stored(
        board,
        "operations",
        "const [one] = await all(store.getAll()); one.payload.load = 'heavy'; store.put(one);",
    )
    kept = board.context.cookies()
    board.context.clear_cookies()
    mend(board)
    until(board, lambda: bool(operations(board)[0].get("needs_login")))
    expect(board.locator("[data-sync]")).to_contain_text("Log in on this tablet to see why")

    board.context.add_cookies(kept)
    board.reload()
    expect(lane(board, "Joan P.")).to_contain_text("Write the load as a number in kg")


def test_of_a_revoked_author_it_is_held_and_the_badge_says_so_once(
    board: Page, fresh_demo_site: Site
):
    cut(board)
    ids = tap_two(board)
    with psycopg.connect(fresh_demo_site.rows_url) as changes:
        changes.execute(
            "UPDATE clinics_membership SET is_active = false WHERE id = %s",
            [operations(board)[0]["author"]],
        )
    enter_as(board, "Sam")
    mend(board)
    opened(board)

    badge = board.locator("[data-sync]")
    expect(badge).to_contain_text("kept for the clinic’s admin")
    assert stored(board, "operations") == []
    with psycopg.connect(fresh_demo_site.rows_url) as sees:
        held = sees.execute("SELECT uid::text FROM training_heldoperation").fetchall()
    assert {uid for (uid,) in held} >= ids
    badge.get_by_role("button", name="OK").click()
    expect(badge).to_be_empty()
    board.reload()
    board.locator(".lane").first.wait_for()
    expect(badge).to_be_empty()


@pytest.mark.parametrize("change", ["day.read_at = given", "day.limits.until = given"])
def test_after_the_period_what_was_read_is_wiped_and_operations_stay(board: Page, change: str):
    board.reload()  # the worker, in charge by now, keeps the page
    board.locator(".lane").first.wait_for()
    board.wait_for_load_state("networkidle")  # the day is read again, and kept
    cut(board)
    ids = tap_two(board)
    stored(
        board,
        "days",
        f"const day = await all(store.get('harbour')); {change}; store.put(day, 'harbour');",
        board.evaluate("new Date(Date.now() - 17 * 3600000).toISOString()"),
    )
    board.context.set_offline(True)
    board.reload()

    expect(board.locator("[data-lanes]")).to_contain_text("Nothing is kept on this tablet")
    until(board, lambda: stored(board, "days") == [])
    assert {one["id"] for one in operations(board)} == ids


def test_a_tablet_of_the_version_before_keeps_what_waits(
    fresh_demo_site: Site, enter: Callable[..., Page]
):
    page = enter(fresh_demo_site, "Mira")
    page.goto("/c/harbour/today/")
    day = page.request.get(f"{BOARD}day/").json()
    visit = day["slots"][0]["lanes"][0]["visit"]
    waiting = {
        "id": "6f1d4f54-58d3-4f0e-8f0b-0d2f3f6f0a01",
        "kind": "say",
        "visit": visit,
        "entry": None,
        "base_revision": None,
        "payload": {"status": "nonsense"},
        "at": "2026-03-05T09:00:00Z",
        "clinic": "harbour",
        "author": day["author"]["id"],
        "author_name": "Mira",
        "state": "waiting",
        "reason": "",
    }
    refused = {**waiting, "id": "6f1d4f54-58d3-4f0e-8f0b-0d2f3f6f0a02", "state": "refused"}
    add = "for (const one of given) store.add(one)"
    stored(page, "operations", add, [waiting, refused], version=1)

    opened(page)
    until(page, lambda: {one["state"] for one in operations(page)} == {"refused"})
    kept = operations(page)
    assert [one["id"] for one in kept] == [waiting["id"], refused["id"]]
    assert kept[0]["reason"] == "That is nothing that can be said of a visit."


# --- a server and a tablet that play up -----------------------------------------------------------
def test_one_that_the_server_cannot_bear_gets_stuck_in_sight_and_holds_up_no_other(
    board: Page, fresh_demo_site: Site
):
    cut(board)
    poison, *others = [one["id"] for one in _tapped_in_order(board)]
    asked: list[list[str]] = []

    def fail(route: Route) -> None:
        sent = [one["id"] for one in json.loads(route.request.post_data or "{}")["operations"]]
        asked.append(sent)
        if poison in sent:
            route.fulfill(status=500, body="no")
        else:
            route.continue_()

    began = time.monotonic()
    board.unroute(OPERATIONS)
    board.route(OPERATIONS, fail)
    badge = board.locator("[data-sync]")
    expect(badge).to_contain_text("1 of them is stuck")
    assert done_by(fresh_demo_site, "Mira", set(others))
    assert [one["id"] for one in operations(board)] == [poison]
    so_far = asked.count([poison])
    board.wait_for_timeout(6_000)
    # By itself it is tried again half a minute later: on a slow machine that is already now.
    again = asked.count([poison]) - so_far
    assert again <= (time.monotonic() - began) // 30


def _tapped_in_order(page: Page) -> list[dict[str, Any]]:
    tap_two(page)
    lane(page, "Joan P.").locator(TICK).click()
    until(page, lambda: len(operations(page)) == 3)
    return operations(page)


@pytest.mark.parametrize("fault", ["half an answer", "an answer for others", "too large"])
def test_what_was_not_answered_for_is_sent_again(board: Page, fresh_demo_site: Site, fault: str):
    cut(board)
    ids = tap_two(board)
    times: list[float] = []
    began = time.monotonic()

    def fail(route: Route) -> None:
        times.append(time.monotonic())
        sent = json.loads(route.request.post_data or "{}")["operations"]
        if fault == "too large" and len(sent) > 1:
            route.fulfill(status=413, json={"error": "At most one."})
        elif fault == "half an answer" and len(times) == 1:
            answer = route.fetch().json()
            route.fulfill(json={**answer, "results": answer["results"][:1]})
        elif fault == "an answer for others" and len(times) == 1:
            route.fulfill(json={"results": [{"id": "x", "outcome": "applied"}], "lanes": {}})
        else:
            route.continue_()

    board.unroute(OPERATIONS)
    board.route(OPERATIONS, fail)
    until(board, lambda: stored(board, "operations") == [])
    assert done_by(fresh_demo_site, "Mira", ids)
    # What a slow machine does not answer within a quarter of a minute is asked for again.
    assert len(times) <= 4 + (time.monotonic() - began) // 15


def test_a_server_that_asks_to_wait_is_left_alone_so_long(board: Page, fresh_demo_site: Site):
    cut(board)
    times: list[float] = []

    def busy(route: Route) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            route.fulfill(status=429, headers={"Retry-After": "4"}, json={"error": "Later."})
        else:
            route.continue_()

    board.unroute(OPERATIONS)
    board.route(OPERATIONS, busy)
    lane(board, "Joan P.").locator(TICK).click()
    until(board, lambda: len(times) > 0)
    lane(board, "Ana R.").locator(TICK).click()
    until(board, lambda: stored(board, "operations") == [])
    assert times[1] - times[0] >= 3.8


FULL = "IDBObjectStore.prototype.add = () => { throw new DOMException('', 'QuotaExceededError'); }"
CLOSED = "indexedDB.open = () => { throw new DOMException('', 'SecurityError'); }"
MISSING = "Object.defineProperty(window, 'indexedDB', { value: undefined })"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (FULL, "This tablet is full"),
        (CLOSED, "This tablet could not keep it"),
        (MISSING, "This browser keeps nothing"),
    ],
)
def test_a_tablet_that_can_keep_nothing_says_so_and_draws_no_tick(
    board: Page, broken: str, words: str
):
    board.context.add_init_script(broken)
    board.reload()
    if broken != FULL:
        expect(board.locator("[data-sync]")).to_contain_text(words)
        return
    ana = lane(board, "Ana R.")
    expect(ana).to_contain_text("set 4 of 5")
    ana.locator(TICK).click()
    expect(board.locator("[data-toast]")).to_contain_text("Not recorded")
    expect(board.locator("[data-sync]")).to_contain_text(words)
    expect(ana).to_contain_text("set 4 of 5")
