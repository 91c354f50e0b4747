"""People in front of a browser, on the seeded demo site in a real web server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from email import message_from_string
from email.policy import default

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bonefit.demo.people import PEOPLE
from tests.e2e.on_board import WHILE_OF_UNDO, opened
from tests.servers import Site

TABLET = {"width": 1180, "height": 820}
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def enter(browser: Browser) -> Iterator[Callable[..., Page]]:
    """``enter(site, "Mira")``: a browser of her own in which she is logged in, at no page yet.

    Whatever the console complains about, a refused style or script included, fails the test.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def somebody(site: Site, who: str = "", **options: object) -> Page:
        context = browser.new_context(**{"viewport": TABLET, "base_url": site.url, **options})
        context.add_init_script(WHILE_OF_UNDO)
        opened.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{page.url}: {said.text} {said.location.get('url', '')}")
                if said.type in ("error", "warning")
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if who:
            log_in(context, who)
        return page

    yield somebody
    for context in opened:
        context.close()
    # What a browser says of a page that is meant to be refused is no complaint; nor what it says
    # of the style that Playwright itself brings in for a picture.
    # Nor that operations of the floor board were not taken, where a test sees to that.
    harmless = re.compile(
        r"(floor/operations|upload)/$|status of 4\d\d|ERR_INTERNET_DISCONNECTED|Code 422"
        r"|htmx:(afterRequest|sendError|sendAbort)"
    )
    found = [text for text in complaints if not harmless.search(text)]
    if not os.environ.get("SCREENS"):
        assert found == []


def log_in(context: BrowserContext, who: str) -> None:
    """What the tap on her name sends, without drawing the page before it and the one after it."""
    email = next(person.email for person in PEOPLE if person.name.startswith(who))
    context.request.get("/demo/")
    token = next(one["value"] for one in context.cookies() if one["name"] == "csrftoken")
    said = {"email": email, "csrfmiddlewaretoken": token}
    answer = context.request.post("/demo/", form=said, max_redirects=0)
    assert answer.status == 302, answer.text()


@pytest.fixture
def board(fresh_demo_site: Site, enter: Callable[..., Page]) -> Page:
    """Mira in front of the floor board of the class that is on."""
    return opened(enter(fresh_demo_site, "Mira"))


def mails(site: Site) -> list[tuple[str, str]]:
    """Subject and text of every mail that the site sent, oldest first."""
    found = []
    for file in sorted(site.mail.glob("*.log"), key=lambda one: one.stat().st_mtime):
        for text in file.read_text().split("-" * 79):
            if text.strip():
                message = message_from_string(text.strip(), policy=default)
                body = message.get_body(("plain",))
                found.append((message["Subject"], body.get_content() if body else ""))
    return found
