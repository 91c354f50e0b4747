"""Logging in as staff do it in a clinic: a code from the mail, then a second step; no script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import mails
from tests.e2e.log_in_pages import app_on
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def type_the_code_of_the_mail(page: Page, site: Site) -> None:
    page.goto("/login/?next=/c/harbour/today/")
    page.get_by_label("E-mail address").fill("mira@harbour.example")
    page.get_by_role("button", name="Send me the code").click()
    field = page.get_by_label("Code from the e-mail")
    field.wait_for()
    found = re.search(r"^ +(\d{6})$", mails(site)[-1][1], re.MULTILINE)
    assert found
    field.fill(found[1])
    page.get_by_role("button", name="Log in").click()


def test_a_therapist_sets_up_an_app_and_takes_the_step_at_her_next_log_in(
    fresh_demo_site: Site, enter: Callable[..., Page]
) -> None:
    page = enter(fresh_demo_site, java_script_enabled=False)
    type_the_code_of_the_mail(page, fresh_demo_site)

    expect(page.get_by_role("heading", name="Set up your second step")).to_be_visible()
    page.get_by_role("link", name="Set up an app").click()
    app = app_on(page)
    page.get_by_label("Code from the app").fill(app.code())
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Write these codes down")).to_be_visible()
    code = page.locator(".codes li").first.text_content() or ""
    page.get_by_role("link", name="I have them, go on").click()
    expect(page).to_have_url(re.compile("/c/harbour/today/$"))

    page.goto("/logout/")
    page.get_by_role("button", name="Log out").click()
    type_the_code_of_the_mail(page, fresh_demo_site)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_label("Code from your app").fill("1234")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("What you typed has 4.")).to_be_visible()
    page.get_by_label("Code from your app").fill(code)
    page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(re.compile("/c/harbour/today/$"))
    expect(page.get_by_text("You have 9 left.")).to_be_visible()
