"""How a page is opened, in the ways that many pages have in common."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

Open = Callable[[Page], object]


def goes(path: str) -> Open:
    return lambda page: page.goto(path)


def client_of(name: str, path: str = "") -> Open:
    def open_it(page: Page) -> None:
        page.goto("/c/harbour/clients/")
        link = page.locator("main a").filter(has_text=name).first.get_attribute("href")
        page.goto(f"{link}{path}")

    return open_it


def sent_empty(path: Open, button: str) -> Open:
    """The form as it comes back when nothing was typed."""

    def open_it(page: Page) -> None:
        path(page)
        page.get_by_role("button", name=button).first.click()
        page.locator(".wrong:visible").first.wait_for()

    return open_it
