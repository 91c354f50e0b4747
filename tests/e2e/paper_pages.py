"""Pages of papers, consents and credentials: who opens each, and what is done to get there."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.e2e.opening import Open, client_of, goes, sent_empty


def a_signed_consent(page: Page) -> None:
    client_of("Mei L.", "papers/")(page)
    page.get_by_role("link", name="Show Training with heavy loads").click()
    page.locator(".page-consent .agreed").wait_for()
    page.get_by_text("Withdraw it").click()


def a_credential(page: Page) -> None:
    page.goto("/c/harbour/settings/credentials/")
    page.get_by_role("link", name=re.compile("^Record")).first.click()
    page.get_by_label("Licence number").wait_for()
    page.get_by_label("Licence number").fill("")


PAPER_PAGES: dict[tuple[str, str], Open] = {
    ("Mira", "a clearance, nothing typed"): sent_empty(client_of("Mei L.", "clearance/"), "Record"),
    ("Mira", "the papers of a client"): client_of("Mei L.", "papers/"),
    ("Mira", "a paper, nothing chosen"): sent_empty(
        client_of("Mei L.", "papers/"), "Keep this paper"
    ),
    ("Mira", "a consent to sign"): client_of("Mei L.", "consents/photos/"),
    ("Mira", "a consent, nothing ticked"): sent_empty(
        client_of("Mei L.", "consents/training/"), "I agree and sign"
    ),
    ("Mira", "a consent that is signed"): a_signed_consent,
    ("Lea", "credentials"): goes("/c/harbour/settings/credentials/"),
    ("Lea", "a credential without its number"): sent_empty(a_credential, "Record"),
    ("Lea", "the texts of consents"): goes("/c/harbour/clients/consent-texts/"),
    ("Lea", "a text of a consent"): goes("/c/harbour/clients/consent-texts/photos/"),
}
