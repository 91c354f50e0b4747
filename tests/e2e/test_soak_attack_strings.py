"""Scripts in every text that is stored, and in every field of every form: none is more than text.

In a real browser with the content policy on: no element of them comes to be, nothing of them runs,
and the browser has nothing to report. A long run; ``make test`` opens some of the pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, Request

from tests.attacks.forms_on_pages import NO_PAGE, forms_in, route_of
from tests.e2e.conftest import TABLET, log_in
from tests.e2e.spoilt_site import ATTACK, refused, spoil
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e"), pytest.mark.soak]

WHO = ("Mira", "Lea", "Nell", "Ana", "Sara")
LINK = re.compile(r"""(?:href|hx-get|src)="(/[^"#]*)""")
#: They answer with no page of ours, or end the visit.
NOT_OPENED = re.compile(r"^(admin|operator|account_logout|metrics)$")
CAME_TO_BE = """() => [...document.querySelectorAll('img[src="x"], [onerror], [onload]')]
    .map(e => e.outerHTML.slice(0, 120))
    .concat(window.__hit === undefined ? [] : ['it ran'])"""
FILL = """([number, attack]) => {
    const form = [...document.querySelectorAll('form')]
        .filter(f => f.method === 'post' || f.hasAttribute('hx-post'))
        .filter(f => !/logout/.test(f.action))[number];
    if (!form) return false;
    form.noValidate = true;
    for (const one of form.elements) {
        const chosen = ['hidden', 'radio', 'checkbox', 'submit', 'button', 'file', 'number', 'date',
            'time', 'select-one', 'select-multiple', 'fieldset', 'datetime-local', 'range'];
        if (chosen.includes(one.type) || one.readOnly) continue;
        one.removeAttribute('maxlength');
        one.value = attack;
    }
    form.requestSubmit(form.querySelector('button:not([type=button])'));
    return true;
}"""


@dataclass
class Watched:
    """A browser of somebody, and all that should not be heard of it."""

    page: Page
    heard: list[str]

    def look(self, where: str) -> None:
        self.heard += [f"{where}: {one}" for one in self.page.evaluate(CAME_TO_BE)]


class Watch:
    """Who is logged in where, in browsers that are listened to."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.heard: list[str] = []
        self.open: dict[str, Watched] = {}

    def of(self, who: str) -> Watched:
        if who not in self.open:
            context: BrowserContext = self.browser.new_context(
                viewport=TABLET, base_url=self.site.url
            )
            log_in(context, who)
            page = context.new_page()
            page.on("dialog", self._dialog)
            page.on("request", self._request)
            self.open[who] = Watched(page, self.heard)
        return self.open[who]

    def _dialog(self, dialog: Dialog) -> None:
        self.heard.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if request.url.endswith(("/refused/", "/x")):
            self.heard.append(f"{request.url}: {request.post_data}")


@pytest.fixture
def watch(browser: Browser, fresh_demo_site: Site) -> Iterator[Watch]:
    made = Watch(browser, fresh_demo_site)
    yield made
    for one in made.open.values():
        one.page.context.close()


@dataclass
class Opened:
    """A page that is linked from a page of hers, and how many forms on it are sent."""

    who: str
    route: str
    path: str
    forms: int


def pages(watch: Watch) -> list[Opened]:
    """One address for each route that somebody can come to by links."""
    found: dict[tuple[str, str], Opened] = {}
    for who in WHO:
        request = watch.of(who).page.context.request
        to_read, seen = ["/"], set()
        while to_read:
            path = to_read.pop(0)
            route = route_of(path)
            if route in seen or not route or NOT_OPENED.search(route):
                continue
            seen.add(route)
            answer = request.get(path)
            kind = answer.headers.get("content-type", "")
            if answer.status != 200 or (NO_PAGE.search(route) and "svg" not in kind):
                continue
            if "attachment" in answer.headers.get("content-disposition", ""):
                continue  # a browser keeps it and shows nothing
            here, text = urlsplit(answer.url), answer.text()
            there = f"{here.path}?{here.query}"
            sent = [form for form in forms_in(text, there) if form.method == "POST"]
            sent = [form for form in sent if form.fields and "logout" not in form.action]
            one = Opened(who, route_of(here.path), there, len(sent))
            found[who, one.route] = one
            if "html" in kind:
                links = LINK.findall(text.replace("&amp;", "&"))
                full = [urljoin(answer.url, link) for link in links]
                to_read += [link.removeprefix(watch.site.url) for link in full]
    return [found[key] for key in sorted(found)]


def test_no_text_that_is_stored_becomes_more_than_text_on_any_page(watch: Watch, soak) -> None:
    spoilt = spoil(watch.site)
    assert len(spoilt) > 40
    opened = pages(watch)
    assert len({one.route for one in opened}) > 100
    shown = 0
    for case in soak(len(opened), 5):
        there = opened[case]
        one = watch.of(there.who)
        one.page.goto(there.path)
        one.page.wait_for_load_state("networkidle")
        one.look(f"{there.who} {there.route}")
        shown += ATTACK.strip("'\"") in one.page.content().replace("&lt;", "<").replace("&gt;", ">")
    soak.say(f"{len(spoilt)} columns of {len(opened)} pages; on {shown} of them the attack is read")
    assert shown > 0
    assert watch.heard == []
    assert refused(watch.site) == []


#: What is opened on the board, beside its lanes.
ON_THE_BOARD = (
    *('[data-act="sets"]', '[data-act="other"]', '[data-act="stop"]', '[data-sheet="people"]'),
    *('[data-sheet="plates"]', '[data-sheet="finish"]'),
)


def test_no_name_on_the_board_becomes_more_than_text(watch: Watch, soak) -> None:
    """The board makes its lanes from JSON by a script of its own."""
    spoil(watch.site)
    one = watch.of("Mira")
    for case in soak(len(ON_THE_BOARD), 2):
        one.page.goto("/c/harbour/floor/")
        one.page.locator(".lane").first.wait_for()
        one.page.locator(ON_THE_BOARD[case]).first.click()
        one.page.wait_for_load_state("networkidle")
        assert ATTACK in one.page.inner_text("body")
        one.look(ON_THE_BOARD[case])
    assert watch.heard == []
    assert refused(watch.site) == []


def test_nothing_that_is_typed_becomes_more_than_text(watch: Watch, soak) -> None:
    """Each form of each page is sent with the attack in all that can be typed, and what comes back
    is looked at: the page with its mistakes, or the one that says that it was done."""
    cases = [(there, number) for there in pages(watch) for number in range(there.forms)]
    assert len(cases) > 100
    sent = 0
    for case in soak(len(cases), 4):
        there, number = cases[case]
        one = watch.of(there.who)
        try:
            one.page.goto(there.path)
            sent += one.page.evaluate(FILL, [number, ATTACK])
            one.page.wait_for_load_state("networkidle")
            one.look(f"{there.who} {there.route} form {number}")
        except Error as error:  # a page that is gone while it is looked at, by what was sent
            if "Execution context" not in str(error) and "navigat" not in str(error):
                raise
    soak.say(f"{sent} of {len(cases)} forms were still there to be sent")
    assert sent > 0
    assert watch.heard == []
    assert refused(watch.site) == []
