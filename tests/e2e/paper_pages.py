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


def a_copy_of_the_staff_s(page: Page) -> None:
    """Asked for; a worker may be quicker than the page, so either is looked at."""
    client_of("Mei L.", "copy/")(page)
    page.get_by_role("button", name=re.compile("copy$")).click()
    page.locator(".at-work, #ready").first.wait_for()


def her_mother_s_correction(page: Page) -> None:
    page.goto("/c/harbour/my/")
    page.get_by_role("link", name="Something is wrong in it?").click()
    page.get_by_role("button", name="Send it to the clinic").wait_for()


def a_role_for_a_while(page: Page) -> None:
    page.goto("/c/harbour/settings/people/")
    page.get_by_role("link", name="Roles of Jo W.").click()
    page.get_by_role("heading", name="Roles of Jo W.").wait_for()


def a_colleague_leaves(page: Page) -> None:
    page.goto("/c/harbour/settings/people/")
    page.get_by_role("link", name="Leaves (Jo W.)").click()
    page.get_by_role("heading", name="Jo W. leaves").wait_for()


PAPER_PAGES: dict[tuple[str, str], Open] = {
    ("Lea", "people and their roles"): goes("/c/harbour/settings/people/"),
    ("Lea", "the roles of a colleague"): a_role_for_a_while,
    ("Lea", "inviting a colleague"): goes("/c/harbour/settings/people/invite/"),
    ("Lea", "an invitation, nothing typed"): sent_empty(
        goes("/c/harbour/settings/people/invite/"), "Send the invitation"
    ),
    ("Lea", "a colleague who leaves"): a_colleague_leaves,
    ("Lea", "a colleague who leaves, no reason"): sent_empty(a_colleague_leaves, "End it now"),
    ("", "an invitation that does not work"): goes("/login/invitation/nobody-made-it/"),
    ("Lea", "roles, nothing ticked"): sent_empty(a_role_for_a_while, "Save the roles"),
    ("Ines", "who may do what"): goes("/c/harbour/settings/access/"),
    ("Ines", "people, read only"): goes("/c/harbour/settings/people/"),
    ("Ines", "flags, read only"): goes("/c/harbour/flags/"),
    ("Ines", "a client, read only"): client_of("Mei L."),
    ("Sam", "cover for a colleague"): goes("/c/harbour/cover/"),
    ("Mira", "cover, nothing typed"): sent_empty(goes("/c/harbour/cover/"), "Arrange it"),
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
    ("Mira", "a copy of a record"): client_of("Mei L.", "copy/"),
    ("Mira", "a copy of a record that is written"): a_copy_of_the_staff_s,
    ("Mira", "requests for corrections"): goes("/c/harbour/clients/corrections/"),
    ("Mira", "the corrections that a client asked for"): client_of("Ana R.", "corrections/"),
    ("Lea", "records past their time"): goes("/c/harbour/clients/past-their-time/"),
    ("Ana", "a copy of her record"): goes("/c/harbour/my/copy/"),
    ("Ana", "something wrong in her record, nothing typed"): sent_empty(
        goes("/c/harbour/my/correction/"), "Send it to the clinic"
    ),
    ("Sara", "something wrong in her mother’s record"): her_mother_s_correction,
    ("Mira", "who has looked at a client"): client_of("Mei L.", "looked/"),
    ("Lea", "the access log"): goes("/c/harbour/settings/looks/"),
    ("Lea", "the access log of days that are none"): goes(
        "/c/harbour/settings/looks/?first=31+June+2026"
    ),
    ("Lea", "the access log, no name typed"): sent_empty(
        goes("/c/harbour/settings/looks/"), "Find the client"
    ),
    ("Ana", "who has looked at her record"): goes("/c/harbour/my/looked/"),
    ("Lea", "credentials"): goes("/c/harbour/settings/credentials/"),
    ("Lea", "a credential without its number"): sent_empty(a_credential, "Record"),
    ("Lea", "the texts of consents"): goes("/c/harbour/clients/consent-texts/"),
    ("Lea", "a text of a consent"): goes("/c/harbour/clients/consent-texts/photos/"),
}
