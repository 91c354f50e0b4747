"""The pages of flags, in each of their states."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.e2e.opening import Open, goes

FLAGS = "/c/harbour/flags/"


def with_a_form(summary: str) -> Open:
    """The list with the form open that a summary opens."""

    def open_it(page: Page) -> None:
        page.goto(FLAGS)
        page.locator(".flag summary.btn").filter(has_text=summary).first.click()

    return open_it


def sent(summary: str) -> Open:
    """The same as it comes back when nothing was typed."""

    def open_it(page: Page) -> None:
        with_a_form(summary)(page)
        page.locator("details.resolve[open] button[type=submit]").first.click()
        page.locator(".wrong:visible").first.wait_for()

    return open_it


def one_flag(page: Page) -> None:
    page.goto(FLAGS)
    page.get_by_role("link", name=re.compile("^History")).first.click()
    page.get_by_role("heading", name="History").wait_for()


def handed_to_nobody(page: Page) -> None:
    one_flag(page)
    page.get_by_role("button", name="Hand it over").click()
    page.locator(".wrong:visible").first.wait_for()


def previewed(page: Page) -> None:
    page.goto("/c/harbour/settings/flags/")
    page.locator('[name="stall_sessions"]').fill("4")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()


def previewed_wrong(page: Page) -> None:
    page.goto("/c/harbour/settings/flags/")
    page.locator('[name="stall_sessions"]').fill("many")
    page.get_by_role("button", name="Preview").click()
    page.locator(".wrong:visible").first.wait_for()


FLAG_PAGES: dict[tuple[str, str], Open] = {
    ("Mira", "flags"): goes(FLAGS),
    ("Mira", "flags of one kind, none"): goes(f"{FLAGS}?whose=mine&severity=red&about=clinic"),
    ("Mira", "a flag to close"): with_a_form("Close"),
    ("Mira", "a flag without a reason"): sent("Close"),
    ("Mira", "a flag put off, nothing typed"): sent("Later"),
    ("Mira", "one flag"): one_flag,
    ("Mira", "a flag handed to nobody"): handed_to_nobody,
    ("Mira", "when a flag is raised"): goes(f"{FLAGS}rules/"),
    ("Jana", "no flags"): goes("/c/hill/flags/"),
    ("Lea", "flags to read"): goes(FLAGS),
    ("Lea", "thresholds, previewed"): previewed,
    ("Lea", "thresholds, a wrong one"): previewed_wrong,
}
