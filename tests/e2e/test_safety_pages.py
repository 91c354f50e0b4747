"""A client is stopped on one device, seen as locked on another, reported, and released."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.pages import client_of, visit_of
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def no_violation(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []


def test_a_stop_is_two_taps_and_is_seen_on_every_device_until_a_release(
    fresh_demo_site: Site, enter
) -> None:
    mira = enter(fresh_demo_site, "Mira")
    sam = enter(fresh_demo_site, "Sam", color_scheme="dark", viewport=PHONE)
    for page in (mira, sam):
        visit_of("Vera S.")(page)
    floor = mira.locator("#floor")
    expect(floor.get_by_role("button", name="Done as prescribed")).to_be_visible()

    mira.get_by_text("Stop Vera S.").click()  # tap 1
    mira.get_by_role("button", name="Stop now").click()  # tap 2
    expect(mira.get_by_text("Locked: stopped on the floor.").first).to_be_visible()
    expect(mira.get_by_text("Call 000 and say:").first).to_be_visible()
    expect(mira.get_by_text("A report is due")).to_be_visible()
    expect(floor.get_by_role("button", name="Done as prescribed")).to_have_count(0)
    no_violation(mira)

    # Sam stops her as well, from a page that is older than Mira's stop; then she is asked.
    sam.get_by_text("Stop Vera S.").click()
    sam.get_by_role("button", name="Stop now").click()
    expect(sam.get_by_text("Any therapist of the clinic records the release").first).to_be_visible()
    no_violation(sam)

    mira.get_by_role("link", name="Report what happened").first.click()
    mira.locator('label:has([name="what"][value="dizzy"])').click()
    mira.locator('label:has([name="severity"][value="mild"])').click()
    mira.get_by_role("button", name="Save the report").click()
    expect(mira.get_by_text("Dizzy or faint, mild", exact=True)).to_be_visible()
    expect(mira.get_by_text("A report is due")).to_have_count(0)
    no_violation(mira)

    client_of("Vera S.")(sam)
    sam.get_by_role("button", name=re.compile("^Reviewed ?: Dizzy")).click()
    sam.get_by_text("Record a release").click()
    sam.get_by_label("Released by, a clinician by name").fill("Dr L. H.")
    sam.get_by_label("What was found").fill("Low sugar; ate, and is well.")
    sam.get_by_role("button", name="Release").click()
    mira.reload()
    expect(floor.get_by_role("button", name="Done as prescribed")).to_be_visible()
    expect(mira.get_by_text("Locked:")).to_have_count(0)


def test_the_questions_on_arrival_are_one_tap_or_six(fresh_demo_site: Site, enter) -> None:
    page = enter(fresh_demo_site, "Mira", viewport=PHONE)
    visit_of("Hugh N.")(page)
    expect(page.get_by_role("button", name="Here, nothing new")).to_be_visible()
    page.locator(".arrival summary").click()
    for name in ("away", "fracture", "medicine", "dizzy"):
        expect(page.locator(f'[name="{name}"]:checked')).to_have_count(0)
    page.locator('label:has([name="medicine"][value="yes"])').click()
    page.locator('label:has([name="now"][value="2"])').click()
    page.locator('[name="now_site"]').select_option("ribs")
    page.get_by_role("button", name="Check in with these answers").click()
    expect(page.get_by_text("is it known, or new or changed?")).to_be_visible()
    expect(page.locator('[name="medicine"][value="yes"]')).to_be_checked()
    page.locator('[name="now_kind"]').select_option("known")
    page.get_by_role("button", name="Check in with these answers").click()
    expect(
        page.get_by_role("heading", name="Re-screen first, after a new medicine")
    ).to_be_visible()
    no_violation(page)
