"""Pages of a screening, besides those in ``outcome_pages``: who opens each, and how."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.e2e.opening import Open, client_of, goes

NEW = client_of("Mei L.", "screening/")


def a_draft(page: Page) -> None:
    """The one that is open, or a new one; nothing is answered in it."""
    NEW(page)
    page.get_by_role("button", name="Fill it in together").click()
    page.get_by_role("button", name="Save as a draft").wait_for()


def a_draft_with_an_answer_that_cannot_be_read(page: Page) -> None:
    a_draft(page)
    page.locator('[name="q_height_lost"]').fill("a lot")
    page.get_by_role("button", name="Save as a draft").click()
    page.locator(".field-wrong").first.wait_for()


def what_follows(page: Page) -> None:
    """Pain that is new, and nothing else answered: findings so far, and what is missing."""
    a_draft(page)
    picked = page.locator('[name="q_back_new"][value="yes"]')
    if not picked.is_checked():  # a second tap would make it blank again
        page.locator('label:has([name="q_back_new"][value="yes"])').click()
    page.get_by_role("button", name="Save, and see what follows").click()
    page.get_by_role("heading", name="Not ready to be confirmed").wait_for()


def every_blank(page: Page) -> None:
    what_follows(page)
    page.get_by_role("link", name="Back to the answers").click()
    page.locator(".field-wrong").first.wait_for()


def a_confirmed_screening(page: Page) -> None:
    NEW(page)
    page.get_by_role("link", name=re.compile("^Confirmed")).first.click()
    page.get_by_role("heading", name="Findings").wait_for()


SCREENING_PAGES: dict[tuple[str, str], Open] = {
    ("", "questions behind a link that does not work"): goes("/questions/gone/"),
    ("Mira", "a screening, one answer not readable"): a_draft_with_an_answer_that_cannot_be_read,
    ("Mira", "a screening, every blank marked"): every_blank,
    ("Mira", "a confirmed screening"): a_confirmed_screening,
}
