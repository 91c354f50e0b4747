"""The desk's pages: how Nell gets to each of them on the demo site."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page

Open = Callable[[Page], object]

CLASS = "main a[href*='/classes/']"
MISSED = "Book a make-up"


def a_class(part: str = "", *, week: int = 1) -> Open:
    """The first class of a week to come that somebody is booked into, or a page of it."""

    def open_it(page: Page) -> None:
        page.goto("/c/harbour/week/")
        for _ in range(week):
            page.get_by_label(re.compile("^The week after")).click()
            page.wait_for_load_state("networkidle")
        # At some hours of the day the demo's first class of a week is one that is called off.
        page.locator(CLASS).filter(has_text=re.compile(r"[1-9] of \d")).first.click()
        page.wait_for_load_state("networkidle")
        if part:
            page.goto(f"{page.url.split('?')[0]}{part}")

    return open_it


def somebody_found(page: Page) -> None:
    a_class("book/")(page)
    page.get_by_label("Name").fill("e")
    page.get_by_role("button", name="Search").click()
    page.locator("#found li").first.wait_for()


def bookings_of(name: str, part: str = "") -> Open:
    """What is booked for one client, or a page of that."""

    def open_it(page: Page) -> None:
        page.goto("/c/harbour/bookings/")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Search").click()
        page.locator("#rows a").filter(has_text=name).first.click()
        page.get_by_role("heading", name="Next visits").wait_for()
        if part:
            page.goto(f"{page.url.split('?')[0]}{part}")

    return open_it


def next_visit_of(name: str, link: str) -> Open:
    """What can be done with the next visit of a client."""

    def open_it(page: Page) -> None:
        bookings_of(name)(page)
        page.get_by_role("link", name=re.compile(f"^{link}")).first.click()
        page.wait_for_load_state("networkidle")

    return open_it


def somebody_chosen(page: Page) -> None:
    somebody_found(page)
    page.locator("#found a.btn").first.click()
    page.get_by_role("link", name="Somebody else").wait_for()


def a_seat(page: Page) -> None:
    a_class()(page)
    page.get_by_role("link", name=re.compile("^More")).first.click()
    page.get_by_role("heading", name="What became of it").wait_for()


def a_weekly_place(page: Page) -> None:
    bookings_of("Mei L.")(page)
    page.locator("a[href*='/following/']").first.click()
    page.get_by_role("button", name="Move this and all that follow").wait_for()
