"""What the board weighs when a tablet opens it, compressed as it is sent, and how soon it works."""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.log_in import log_in
from bench.web import BenchError

if TYPE_CHECKING:
    from bonefit.clinics.models import Membership

AIM_KB = 150
#: Files that a page names: style sheets, scripts, icons.
_NAMED = re.compile(r'(?:href|src)="/static/([^"?]+\.(?:css|js|svg))"')


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes after gzip: the page, each file that it loads, and the day's lanes."""

    page: int
    files: dict[str, int]
    day: int
    lanes: int

    @property
    def total(self) -> int:
        return self.page + sum(self.files.values()) + self.day

    def as_text(self) -> str:
        heaviest = sorted(self.files.items(), key=lambda item: -item[1])[:3]
        words = ", ".join(f"`{name}` {size / 1000:.1f} kB" for name, size in heaviest)
        return (
            f"**The board's first load weighs {self.total / 1000:.0f} kB compressed** (aim: "
            f"{AIM_KB} kB): the page {self.page / 1000:.1f}, {len(self.files)} files "
            f"{sum(self.files.values()) / 1000:.1f}, the day with {self.lanes} lanes "
            f"{self.day / 1000:.1f} kB. The heaviest: {words}."
        )


def weigh(member: Membership) -> Weight:
    """Ask for the board as its therapist does, and compress what comes and what it names."""
    from django.contrib.auth import get_user_model
    from django.contrib.staticfiles import finders
    from django.test import Client as Browser
    from django.test import override_settings
    from django.urls import reverse

    from sessions.views.board import ASSETS

    plain = {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    browser = Browser(headers={"X-Forwarded-Proto": "https"}, SERVER_NAME="127.0.0.1")
    log_in(browser, get_user_model().objects.get(pk=member.user_id))
    slug = member.clinic.slug
    with override_settings(STORAGES=plain):
        page = browser.get(reverse("sessions:board", args=[slug]))
        day = browser.get(reverse("sessions:board-day", args=[slug]))
    if page.status_code != 200 or day.status_code != 200:
        raise BenchError("The board cannot be opened.")
    # The modules that scripts import are not named by the page; the worker keeps them all.
    names = sorted({*_NAMED.findall(page.content.decode()), *ASSETS})
    files = {}
    for name in names:
        path = finders.find(name)
        if path is None:
            raise BenchError(f"The board names a file that is not there: {name}")
        with open(path, "rb") as file:
            files[name] = _compressed(file.read())
    lanes = sum(len(slot["lanes"]) for slot in day.json()["slots"])
    return Weight(_compressed(page.content), files, _compressed(day.content), lanes)


def _compressed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


# --- how soon the first set can be logged -------------------------------------------------------

TIMES = 7
#: As bonefit.demo.settings names it.
DEMOS_COOKIE = "sessionid"
A_CLASS = 224  # sets: eight people, four lifts, seven sets each
#: Milliseconds from the beginning of the navigation to a button that takes the first tap.
_READY = """() => new Promise((resolve) => {
  const look = () => document.querySelector('.lane button:not([disabled])')
    ? resolve(performance.now()) : requestAnimationFrame(look);
  look();
})"""


#: Milliseconds from a tap to what it draws: a set that is kept first, and another lane's panel.
_TICK = """() => new Promise((resolve) => {
  const from = performance.now();
  new MutationObserver((_, watch) => { watch.disconnect(); resolve(performance.now() - from); })
    .observe(document.querySelector('[data-lanes]'), { childList: true });
  document.querySelector('.lane [data-act="done"]').click();
})"""
_SWITCH = """() => {
  const from = performance.now();
  const lane = [...document.querySelectorAll('.lane')].at(-1);
  lane.querySelector('[data-act="sets"]').click();
  document.querySelector('.lane-panel').getBoundingClientRect();
  return performance.now() - from;
}"""


#: The board's own queue on a page where no board runs, filled while there is no network.
_FILL = """async ([slug, count]) => {
  const { Queue } = await import('/static/js/board/queue.js');
  const day = await (await fetch(`/c/${slug}/floor/day/`)).json();
  const sendUrl = `/c/${slug}/floor/operations/`;
  window.queue = new Queue({ clinic: slug, sendUrl, changed() {}, merge() { return null; } });
  await window.queue.read();
  window.queue.author = day.author.id;
  window.queue.authorName = day.author.name;
  window.fill = () => {
    const lanes = day.slots.flatMap((slot) => slot.lanes);
    const made = [];
    for (let number = 1; made.length < count; number += 1) {
      for (const { visit, lifts } of lanes) {
        for (const { lift, kind, load } of lifts) {
          const said = kind === 'impact'
            ? { landings: '5', level: '0' } : { load: load ?? '10', reps: '5' };
          made.push({ kind: 'log_set', visit, entry: crypto.randomUUID(),
            payload: { lift, number: String(number), ...said } });
        }
      }
    }
    return window.queue.add(made.slice(0, count));
  };
}"""
_SENT = """() => new Promise((resolve) => {
  const from = performance.now();
  const look = async () => {
    await window.queue.read();
    if (window.queue.waiting.length === 0) resolve(performance.now() - from);
    else setTimeout(look, 20);
  };
  look();
})"""


@dataclass(frozen=True, slots=True)
class Opened:
    """Medians in milliseconds: until the first tap is possible, and from a tap to its picture."""

    first: float
    again: float
    offline: float
    tick: float
    switch: float
    sent: float = 0.0

    def as_text(self) -> str:
        return (
            f"Time to the first loggable set in Chromium, medians of {TIMES}: "
            f"{self.first:.0f} ms on a tablet that has never seen the board, {self.again:.0f} ms "
            f"on one that has, {self.offline:.0f} ms without a network. From a tap to the tick, "
            f"which is kept first: {self.tick:.0f} ms (aim: 100). To the panel of another lane: "
            f"{self.switch:.0f} ms (aim: 150). {A_CLASS} sets that were logged without a network "
            f"are sent {self.sent / 1000:.1f} s after it is back (aim: 10 s)."
        )


def open_board(member: Membership, host: str) -> Opened:
    """Open the board as its therapist on a tablet of 1180 × 820: first, again, and offline."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client as Browser
    from playwright.sync_api import sync_playwright

    login = Browser()
    log_in(login, get_user_model().objects.get(pk=member.user_id))
    session = login.cookies[settings.SESSION_COOKIE_NAME].value
    address = f"http://{host}/c/{member.clinic.slug}/floor/"
    # The site that is opened is the demo's, which has another name for it.
    cookie = {"name": DEMOS_COOKIE, "value": session, "url": f"http://{host}/"}
    took: list[tuple[float, ...]] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox"],
        )
        for _ in range(TIMES):
            context = chromium.new_context(viewport={"width": 1180, "height": 820})
            context.add_cookies([cookie])
            page = context.new_page()
            page.goto(address)
            first = page.evaluate(_READY)
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            page.reload()
            page.wait_for_load_state("networkidle")
            page.reload()
            again = page.evaluate(_READY)
            page.wait_for_load_state("networkidle")
            context.set_offline(True)
            page.reload()
            offline = page.evaluate(_READY)
            page.locator('[data-act="here"]').first.click()
            page.locator('.lane [data-act="done"]').first.wait_for()
            took.append((first, again, offline, page.evaluate(_TICK), page.evaluate(_SWITCH)))
            context.close()
        sent = _send_a_class(chromium, cookie, host, member.clinic.slug)
        chromium.close()
    return Opened(*(statistics.median(row) for row in zip(*took, strict=True)), sent=sent)


def _send_a_class(chromium: Any, cookie: Any, host: str, slug: str) -> float:
    """Milliseconds from the network's return until nothing of a whole class waits any more."""
    # The queue is brought into a page that has not got it, which the site's policy would refuse.
    context = chromium.new_context(bypass_csp=True)
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto(f"http://{host}/c/{slug}/today/")
    page.evaluate(_FILL, [slug, A_CLASS])
    context.set_offline(True)
    page.evaluate("window.fill()")
    context.set_offline(False)
    took: float = page.evaluate(_SENT)
    context.close()
    return took
