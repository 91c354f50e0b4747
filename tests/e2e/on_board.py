"""A floor board in a browser: how it is opened, what is tapped, and what the server has of it."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Locator, Page, Route, expect

from bonefit.paths import BASE_DIR
from tests.browsers import PATIENCE

_STRIP = (BASE_DIR / "static/js/board/strip.js").read_text()
(_UNDO_SECONDS,) = re.findall(r"^const UNDO_SECONDS = (\d+);$", _STRIP, re.M)
#: The board says for some seconds what was just done, and offers to undo it. A slow machine takes
#: longer to tap that, so in tests these seconds are over when one says so: ``a_while_later``.
WHILE_OF_UNDO = f"""(() => {{
  const later = window.setTimeout;
  window.setTimeout = (work, milliseconds, ...given) => {{
    if (milliseconds !== {_UNDO_SECONDS}000) return later(work, milliseconds, ...given);
    window.whileOfUndoIsOver = work;
    return 0;
  }};
}})()"""

BOARD = "/c/harbour/floor/"
OPERATIONS = "**/floor/operations/"
#: A tick as prescribed: Done, or clean at RPE 14, or tolerated, where more than load and reps is
#: asked for.
TICK = (
    '[data-act="done"]:is(.done, [data-technique="clean"][data-rpe="14"], [data-tolerated="yes"])'
)
#: What the lane of a visit says, but for the clock of its rest, which goes on by itself.
LANE = """(visit) => {
  const lane = document.querySelector(`.lane[data-visit="${visit}"]`).cloneNode(true);
  lane.querySelectorAll('.clock').forEach((one) => one.remove());
  return lane.textContent;
}"""
STORE = """(await import(document.querySelector('script[src*="board/board"]').src
    .replace(/board\\.[^/]*js$/, 'store.js')))"""


def opened(page: Page) -> Page:
    """The board, kept by its worker: from its second opening it needs no network."""
    page.goto(BOARD)
    page.locator(".lane").first.wait_for()
    # The worker keeps the page from its first visit on, once it is in charge.
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    page.locator(".lane").first.wait_for()
    return page


def a_while_later(page: Page) -> None:
    """The time for which the board offers to undo what was just done is over."""
    page.evaluate("whileOfUndoIsOver()")


def lane(page: Page, name: str) -> Locator:
    return page.locator(".lane").filter(has_text=name)


def until(page: Page, true: Callable[[], bool], seconds: float = PATIENCE / 1000) -> None:
    """Wait until it is true; fail where it is not after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert true()


def tab_of(page: Page, name: str) -> Locator:
    """The tab of somebody's class: late in the evening the demo holds some of them the other way
    round, so that which tab is the first one depends on the hour.
    """
    slots = page.request.get(f"{BOARD}day/").json()["slots"]
    places = [at for at, slot in enumerate(slots) if name in [one["name"] for one in slot["lanes"]]]
    return page.locator(".tab").nth(places[0])


def lanes_on_the_server(page: Page) -> dict[str, dict[str, Any]]:
    """Every lane of the day by the client's name, as the server has it."""
    day = page.request.get(f"{BOARD}day/").json()
    return {one["name"]: one for slot in day["slots"] for one in slot["lanes"]}


def sets_on_the_server(page: Page) -> Counter[tuple[str, str, int]]:
    """(visit, lift, number) of every set that the server has, each as often as it has it."""
    return Counter(
        (one["visit"], made["lift"], made["number"])
        for one in lanes_on_the_server(page).values()
        for made in one["sets"]
    )


def kept(page: Page) -> list[dict[str, Any]]:
    """Operations that the tablet still keeps."""
    found: list[dict[str, Any]] = page.evaluate(f"async () => {STORE}.operations()")
    return found


def waits(page: Page) -> int:
    return len(kept(page))


def all_sent(page: Page) -> None:
    """The server has everything. The badge alone would be empty also before the tap is kept."""
    deadline = time.monotonic() + PATIENCE / 1000
    while waits(page) and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert kept(page) == []
    expect(page.locator("[data-sync]")).to_be_empty()


def tick_everything(page: Page) -> int:
    """Each set that is still to come, as prescribed; how many taps it took."""
    taps = 0
    for visit in page.locator(".lane").evaluate_all("all => all.map((one) => one.dataset.visit)"):
        mine = page.locator(f'.lane[data-visit="{visit}"]')
        while (tick := mine.locator(TICK)).count():
            before = page.evaluate(LANE, visit)
            tick.first.click()
            page.wait_for_function(
                f"([visit, before]) => ({LANE})(visit) !== before", arg=[visit, before]
            )
            taps += 1
    return taps


def with_day(page: Page, change: Callable[[dict[str, Any]], object]) -> None:
    """The day as the server says it, with a change: a class as it is nowhere in the demo."""

    def changed(route: Route) -> None:
        try:
            day = route.fetch().json()
        except Error:  # the page was closed while the day was read
            return
        change(day)
        route.fulfill(body=json.dumps(day), content_type="application/json")

    page.route("**/floor/day/", changed)


class Counted:
    """Counts the taps and the keys of a page, as the browser sees them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate(
            """() => { window.counted = {taps: 0, keys: 0};
            const tap = (event) => { if (event.isTrusted) window.counted.taps += 1; };
            addEventListener('click', tap, true);
            addEventListener('keydown', () => { window.counted.keys += 1; }, true); }"""
        )

    @property
    def taps(self) -> int:
        found: int = self.page.evaluate("window.counted.taps")
        return found

    @property
    def keys(self) -> int:
        found: int = self.page.evaluate("window.counted.keys")
        return found
