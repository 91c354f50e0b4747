"""From the link that a client gets to the first booking that is allowed: intake as it is lived."""

from __future__ import annotations

import re
import sys
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from bonefit.clients.questionnaires import questionnaire
from tests.clients.screening.answers import WELL
from tests.e2e.conftest import PHONE, mails
from tests.e2e.test_a_clinics_day import CLINIC, assign, day_in_words, pick
from tests.e2e.test_every_page import SMALL, TOO_WIDE, violations
from tests.servers import Process, Site, environment

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def test_from_the_link_to_the_first_booking_that_is_allowed(fresh_demo_site: Site, enter) -> None:
    site = fresh_demo_site
    mira = enter(site, "Mira")
    home = enroll(mira)

    mira.goto(f"{home}assign/")
    expect(mira.locator("main")).to_contain_text(re.compile("intake", re.I))

    send_the_questions(mira, home)
    answer(enter(site, viewport=PHONE), the_link(site))
    confirm(mira, home)
    expect(mira.get_by_text(re.compile("Nothing is prescribed, booked"))).to_be_visible()
    sign(mira, home)

    mira.goto(f"{home}intake/")
    expect(mira.get_by_text(re.compile("She may be booked and checked in"))).to_be_visible()
    mira.goto(f"{home}assign/")
    assign(mira, datetime.now(CLINIC))
    expect(mira.locator("main")).to_contain_text("Week 2 of 35")


def enroll(page: Page) -> str:
    """Wilma, with a clearance and nothing else; the address of her pages."""
    page.goto("/c/harbour/clients/enroll/")
    page.get_by_label("Name").fill("Wilma C.")
    page.get_by_label("Date of birth").fill("28 02 1958")
    pick(page, "sex", "female")
    page.get_by_label("E-mail").first.fill("wilma@example.org")
    page.get_by_label("Emergency contact").fill("Bo C., son, 07 5550 0177")
    page.get_by_label("Cleared by").fill("Dr L. H.")
    page.locator('[name="cleared_on"]').fill(day_in_words(datetime.now(CLINIC)))
    page.get_by_role("button", name="Enroll").click()
    expect(page.get_by_role("heading", name="Intake of Wilma C.")).to_be_visible()
    return page.url.removesuffix("intake/")


def send_the_questions(page: Page, home: str) -> None:
    page.goto(f"{home}intake/")
    page.get_by_role("link", name=re.compile("Screen")).first.click()
    page.get_by_role("button", name="Send the questions by e-mail").click()
    expect(page.get_by_text("The questions are on their way to wilma@example.org.")).to_be_visible()


def the_link(site: Site) -> str:
    """As it stands in the mail; at night that waits, so the hours are tried in turn."""
    surroundings = environment(
        DATABASE_URL=site.database_url,
        VAR_DIR=str(site.var),
        SITE_URL=site.url,
        DJANGO_SETTINGS_MODULE="bonefit.demo.settings",
    )
    send = (
        "from datetime import timedelta; from django.utils import timezone;"
        "from sessions.outbox import send_due;"
        "[send_due(timezone.now() + timedelta(hours=6 * part)) for part in range(4)]"
    )
    sender = Process(
        [sys.executable, "manage.py", "shell", "-c", send],
        log=site.var / "sender.log",
        env=surroundings,
    )

    def links() -> list[str]:
        texts = [text for _, text in mails(site) if "/questions/" in text]
        return [found for text in texts for found in re.findall(r"\S+/questions/\S+", text)]

    try:
        sender.wait_for(lambda: bool(links()))
    finally:
        sender.stop()
    return links()[-1]


def answer(page: Page, link: str) -> None:
    """On a telephone, one page after the other, with one answer forgotten on the first."""
    page.goto(link)
    looks_well(page)
    page.get_by_label("Your date of birth").fill("28.2.1958")
    page.get_by_role("button", name="Open the questions").click()
    for number, section in enumerate(questionnaire().sections):
        expect(page.get_by_role("heading", name=section.client, exact=True)).to_be_visible()
        looks_well(page)
        for question in section.questions:
            type_in(page, question, "" if question.key == "falls_year" else None)
        page.get_by_role("button", name="Save and go on").click()
        if number == 0:
            expect(page.get_by_text("This has no answer yet.").first).to_be_visible()
            looks_well(page)
            page.locator('[name="q_falls_year"]').fill("0")
            page.get_by_role("button", name="Save and go on").click()
    send = page.get_by_role("button", name=re.compile("Send to "))
    expect(send).to_be_visible()
    looks_well(page)
    send.click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()


def looks_well(page: Page) -> None:
    """What ``test_every_page`` asks of the others: behind a link these pages cannot be listed."""
    page.wait_for_load_state()  # before its style is there every button is small
    page.emulate_media(reduced_motion="reduce")
    assert violations(page) == []
    assert page.evaluate(SMALL) == []
    assert page.evaluate(TOO_WIDE) <= 0
    assert (
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)")
        >= 18
    )


def type_in(page: Page, question, said: str | None) -> None:
    value = WELL.get(question.key, "") if said is None else said
    if not value:
        return
    if question.kind in ("yesno", "choice"):
        pick(page, f"q_{question.key}", value)
    else:
        page.locator(f'[name="q_{question.key}"]').fill(value)


def confirm(page: Page, home: str) -> None:
    page.goto(f"{home}intake/")
    page.get_by_role("link", name=re.compile("Go on with it")).click()
    expect(page.get_by_text("Answered by the client")).to_be_visible()
    page.get_by_role("button", name="Save, and see what follows").click()
    expect(page.get_by_role("heading", name="Cleared by the clinician")).to_be_visible()
    page.get_by_role("button", name=re.compile("Confirm as")).click()
    expect(page.get_by_text("The screening is confirmed.")).to_be_visible()


def sign(page: Page, home: str) -> None:
    page.goto(f"{home}consents/training/")
    for box in page.locator(".statements label.check").all():
        box.click()
    page.get_by_label("Name", exact=False).first.fill("Wilma C.")
    page.get_by_role("button", name="I agree and sign").click()
    page.wait_for_url(re.compile("/(papers|intake|consents/signed)/"))
