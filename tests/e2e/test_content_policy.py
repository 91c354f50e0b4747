"""A script that somebody got into a page does not run, and the site hears of it."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.e2e.conftest import log_in
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

#: How a script gets into a page, by what the browser says of it: where it came from.
WAYS = {
    "inline": """() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""",
    "inline handler": """() => {
        const image = `<img src="data:," onerror="window.ran = true">`;
        document.body.insertAdjacentHTML("beforeend", image);
    }""",
    "file of ours without the number": """() => {
        const script = document.createElement("script");
        script.src = "/static/js/copy.js";
        script.onload = () => { window.ran = true; };
        document.body.append(script);
    }""",
    "file of another host": """() => {
        const script = document.createElement("script");
        script.src = "https://evil.example/steal.js";
        script.onload = () => { window.ran = true; };
        document.body.append(script);
    }""",
    "a frame": """() => {
        const frame = document.createElement("iframe");
        frame.src = "https://evil.example/";
        document.body.append(frame);
    }""",
    "a style": """() => {
        document.body.insertAdjacentHTML("beforeend", "<p id=gone style='display: none'>x</p>");
        window.ran = getComputedStyle(document.getElementById("gone")).display === "none";
    }""",
}


@pytest.fixture
def context(browser: Browser, demo_site: Site) -> BrowserContext:
    """Mira, in a browser whose complaints are what is looked for."""
    made = browser.new_context(base_url=demo_site.url)
    log_in(made, "Mira")
    return made


@pytest.mark.parametrize("way", WAYS)
def test_it_does_not_run_and_is_reported(context: BrowserContext, way: str) -> None:
    page: Page = context.new_page()
    page.goto("/")
    page.wait_for_load_state("networkidle")

    def reported(request: Request) -> bool:
        return request.url.endswith("/refused/")

    with page.expect_request(reported) as sent:
        page.evaluate(WAYS[way])
    answer = sent.value.response()

    assert page.evaluate("window.ran") in (None, False)
    assert answer is not None
    assert answer.status == 204
    said = json.loads(sent.value.post_data or "")["csp-report"]
    assert said["effective-directive"].split("-")[0] in ("script", "style", "default", "frame")
    context.close()
