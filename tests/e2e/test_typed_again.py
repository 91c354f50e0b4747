"""A form that lay longer than the log-in: its text is there again for her, and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import log_in
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
Enter = Callable[..., Page]

FORM = "/c/harbour/cover/"
WHY = "Her knee is operated on, canary of health"


def typed_and_too_late(page: Page) -> None:
    """She types, her log-in ends meanwhile, and she sends it."""
    page.goto(FORM)
    page.get_by_label("Last day").fill("24 December 2027")
    page.get_by_label("Why").fill(WHY)
    end_log_in(page)
    page.get_by_role("button", name="Arrange it").click()
    page.wait_for_url("**/login/code/**")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def end_log_in(page: Page) -> None:
    """As the limit ends it: the server knows nobody by this browser's cookie any more."""
    kept = [one for one in page.context.cookies() if "session" not in one["name"]]
    page.context.clear_cookies()
    page.context.add_cookies(kept)


def stored(page: Page) -> str:
    return str(page.evaluate("sessionStorage.getItem('typed') ?? ''"))


def test_she_logs_in_again_and_it_stands_there(demo_site: Site, enter: Enter) -> None:
    page = enter(demo_site, "Lea")
    typed_and_too_late(page)
    assert "sealed" in stored(page)
    assert "canary" not in stored(page)
    assert page.url.endswith("?next=/c/harbour/cover/")

    log_in(page.context, "Lea")
    page.goto(FORM)
    expect(page.get_by_label("Why")).to_have_value(WHY)
    expect(page.get_by_label("Last day")).to_have_value("24 December 2027")
    expect(page.locator("[data-typed-back]")).to_be_visible()
    assert stored(page) == ""
    page.reload()
    expect(page.get_by_label("Why")).to_have_value("")


def test_somebody_else_sees_nothing_of_it(demo_site: Site, enter: Enter) -> None:
    page = enter(demo_site, "Lea")
    typed_and_too_late(page)
    log_in(page.context, "Mira")
    page.goto(FORM)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Why")).to_have_value("")
    assert "canary" not in page.content()
    assert "canary" not in stored(page)
    page.locator(".me summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(lambda url: "/harbour/" not in url)
    assert stored(page) == ""


def test_what_was_taken_is_not_kept(demo_site: Site, enter: Enter) -> None:
    page = enter(demo_site, "Lea")
    page.goto(FORM)
    page.get_by_label("Why").fill(WHY)
    page.get_by_role("button", name="Arrange it").click()
    expect(page.locator(".wrong:visible").first).to_be_visible()
    page.goto(FORM)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Why")).to_have_value("")
    assert stored(page) == ""
