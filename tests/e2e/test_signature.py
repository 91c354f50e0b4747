"""A client signs with a finger: what is drawn survives an error and is shown by the server."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.opening import client_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]


def draw(page):
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    for step in range(30):
        page.mouse.move(box["x"] + 20 + step * 8, box["y"] + 60 + (step % 6) * 12)
    page.mouse.up()


def test_a_drawn_signature_is_kept_over_an_error_and_shown(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Mira")
    client_of("Mei L.", "consents/photos/")(page)
    draw(page)
    drawn = page.locator("#id_strokes").input_value()
    assert len(drawn) > 100
    page.get_by_role("button", name="I agree and sign").click()
    expect(page.get_by_text("Tick this, or do not sign.")).to_be_visible()
    expect(page.locator("canvas")).to_be_visible()
    assert page.locator("#id_strokes").input_value() == drawn

    page.get_by_label("You may film").check()
    page.get_by_label("Name of who signs").fill("Mei L.")
    page.get_by_role("button", name="I agree and sign").click()
    expect(page.get_by_text("It is signed.")).to_be_visible()
    expect(page.locator(".signature path")).to_have_attribute("d", re.compile(r"^M\d+ \d+L"))


def test_without_javascript_the_typed_name_is_the_signature(fresh_demo_site, enter):
    page = enter(fresh_demo_site, "Mira", java_script_enabled=False)
    client_of("Mei L.", "consents/research/")(page)
    expect(page.locator("canvas")).to_be_hidden()
    page.get_by_label("You may use my figures, without my name, to check").check()
    page.get_by_label("Name of who signs").fill("Mei L.")
    page.get_by_role("button", name="I agree and sign").click()
    expect(page.get_by_text("It is signed.")).to_be_visible()
