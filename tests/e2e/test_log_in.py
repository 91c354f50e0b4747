"""Logging in as a person does it: with a passkey of her telephone, and with a link from a mail."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, mails
from tests.servers import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]
Enter = Callable[..., Page]


def with_a_lock(page: Page) -> Callable[[bool], None]:
    """The telephone has a screen lock; call what comes back to say whether its owner opens it."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    added = device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )

    def opens(can: bool) -> None:
        device.send("WebAuthn.setUserVerified", added | {"isUserVerified": can})

    return opens


def nothing_is_in_the_way(page: Page) -> None:
    """axe has nothing to say, and with letters of twice the size nothing leaves the page."""
    page.wait_for_load_state("networkidle")
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.documentElement.style.fontSize = ''")


def named(site: Site) -> str:
    """The site by a name: an address of numbers can have no passkey."""
    return site.url.replace("127.0.0.1", "localhost")


def test_a_client_adds_a_passkey_logs_out_and_comes_in_with_it(
    fresh_demo_site: Site, enter: Enter
) -> None:
    page = enter(fresh_demo_site, "Ana", base_url=named(fresh_demo_site), viewport=PHONE)
    she_opens_it = with_a_lock(page)

    page.goto("/")
    page.locator(".me summary").click()
    page.get_by_role("link", name="How you log in").click()
    expect(page.get_by_text("There are none.")).to_be_visible()
    page.get_by_role("link", name="Add a passkey on this device").click()
    nothing_is_in_the_way(page)
    page.get_by_label("A name for it").fill("My phone")
    she_opens_it(False)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("It was stopped, or it took too long.")
    she_opens_it(True)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.locator("strong", has_text="My phone")).to_be_visible()

    page.goto("/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/login/?next=/c/harbour/my/calendar/")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page).to_have_url(re.compile("/c/harbour/my/calendar/$"))

    # The device has one for her already, and says so.
    page.goto("/passkeys/add/")
    page.get_by_label("A name for it").fill("Once more")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("has a passkey for you already")

    page.goto("/passkeys/")
    nothing_is_in_the_way(page)
    page.get_by_role("link", name="Remove").click()
    nothing_is_in_the_way(page)
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("There are none.")).to_be_visible()
    page.goto("/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/login/")
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_text("That passkey is not known here")).to_be_visible()


def test_where_no_passkey_can_be_the_pages_say_so_and_offer_none(
    demo_site: Site, enter: Enter
) -> None:
    """By an address of numbers, and without JavaScript."""
    for options in ({}, {"base_url": named(demo_site), "java_script_enabled": False}):
        page = enter(demo_site, "Ana", **options)
        page.goto("/passkeys/add/")
        expect(page.get_by_text("This browser cannot make a passkey here.")).to_be_visible()
        expect(page.get_by_role("button", name="Make the passkey")).to_be_hidden()
        page.goto("/passkeys/")
        expect(page.get_by_role("link", name="Add a passkey")).to_be_hidden()
        page.goto("/logout/")
        page.get_by_role("button", name="Log out").click()
        page.goto("/login/")
        expect(page.get_by_role("button", name="Use my passkey")).to_be_hidden()
        expect(page.get_by_role("button", name="Send me the code")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_client_comes_in_by_the_link_of_her_mail_with_one_tap(
    fresh_demo_site: Site, enter: Enter, script: bool
) -> None:
    page = enter(fresh_demo_site, viewport=PHONE, java_script_enabled=script)
    page.goto("/login/")
    page.get_by_label("E-mail address").fill("ana@harbour.example")
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label(re.compile("Code")).wait_for()
    found = re.search(r"^http\S+(/login/link/\S+/)$", mails(fresh_demo_site)[-1][1], re.MULTILINE)
    assert found

    page.goto(found[1])
    expect(page.get_by_role("heading", name="Log in to your appointments at")).to_be_visible()
    if script:
        nothing_is_in_the_way(page)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/c/harbour/my/$"))

    page.context.clear_cookies()
    page.goto(found[1])
    expect(page.get_by_role("heading", name="This link does not work")).to_be_visible()
    page.get_by_role("link", name="Send me a code").click()
    expect(page.get_by_label("E-mail address")).to_be_visible()
