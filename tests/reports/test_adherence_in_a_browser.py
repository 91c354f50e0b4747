"""The page in a real Chromium: widths, dark, errors, accessibility, filters without a reload."""

import random
from datetime import date, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client as Visitor

from tests.cast import build_cast
from tests.reports.floor import (
    ATTENDED,
    BY_CLIENT,
    CLINIC,
    EXCUSED,
    EXTRA,
    LATE,
    MAKE_UP,
    NO_SHOW,
    UNRECORDED,
    someone,
    twice_a_week,
    visit,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

START, END = date(2025, 6, 2), date(2025, 11, 30)
ASKED = f"?from={START}&to={END}"
NAMES = ("Ana R.", "Joan P.", "Mei L.", "Tom B.", "Ruth K.", "Vera S.", "Ines M.", "Carl D.")
RANK = {ATTENDED: 84, NO_SHOW: 6, LATE: 5, BY_CLIENT: 2, EXCUSED: 4, CLINIC: 2, UNRECORDED: 1}


@pytest.fixture
def cast(transactional_db):
    cast = build_cast()
    chance = random.Random(4)
    for number, name in enumerate(NAMES):
        jo = someone(cast.ana, name, START + timedelta(weeks=max(0, number - 4) * 3))
        weeks = (END - jo.starts_on).days // 7
        twice_a_week(jo, chance.choices(list(RANK), list(RANK.values()), k=2 * weeks))
        visit(jo, END - timedelta(days=40 - number), ATTENDED, MAKE_UP, at=time(15))
        visit(jo, END - timedelta(days=26 - number), ATTENDED, EXTRA, at=time(15))
    return cast


@pytest.fixture
def ada(cast, live_server, page):
    """The admin's browser, logged in."""
    visitor = Visitor()
    visitor.force_login(cast.ada.user)
    cookie = visitor.cookies["sessionid"]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.address = f"{live_server.url}/c/north/reports/adherence/"
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_in_any_state_of_the_page(ada, scheme):
    ada.emulate_media(color_scheme=scheme)
    for query in (ASKED, "?from=soon", "?from=2001-01-01&to=2001-01-31", f"?from={END}&to={END}"):
        ada.goto(ada.address + query)
        found = Axe().run(ada)
        assert found.violations_count == 0, found.generate_report()


def test_nothing_is_wider_than_the_window_but_the_sheet_that_scrolls(ada):
    for width in (390, 820, 1180, 1440):
        ada.set_viewport_size({"width": width, "height": 900})
        ada.goto(ada.address + ASKED)

        assert ada.evaluate("document.documentElement.scrollWidth") <= width


def test_the_longest_day_is_read_whole_in_its_field(ada):
    for width in (390, 820, 1180, 1440):
        ada.set_viewport_size({"width": width, "height": 900})
        ada.goto(f"{ada.address}?from=2025-09-23&to=2025-09-30")

        for label in ("From", "To"):
            field = ada.get_by_label(label, exact=True)
            assert "September 2025" in field.input_value()
            assert field.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, (width, label)


def test_what_is_looked_at_first_fits_a_desk_without_scrolling(ada):
    ada.set_viewport_size({"width": 1440, "height": 900})
    ada.goto(ada.address + ASKED)

    sheet = ada.locator(".report-table").first
    assert sheet.evaluate("sheet => sheet.scrollWidth - sheet.clientWidth") == 0
    assert ada.get_by_role("row", name="Ruth K.").is_visible()
    # What is looked at first stands within it; the rest is a matter of scrolling the table alone.
    ends = [
        sheet.get_by_role("columnheader", name=name, exact=True).bounding_box()
        for name in ("Attended", "A3", "Next booked")
    ]
    edge = sheet.locator(".scrolls").bounding_box()
    assert all(one["x"] + one["width"] <= edge["x"] + edge["width"] for one in ends)


def test_filters_answer_in_place_and_the_address_can_be_sent_on(ada, cast):
    ada.goto(ada.address + ASKED)
    ada.evaluate("window.sameDocument = true")

    ada.get_by_label("Therapist").select_option(label="Tess T.")
    ada.get_by_role("button", name="Show").press("Enter")
    ada.get_by_text("Nobody who fits the filters").wait_for()

    assert ada.evaluate("window.sameDocument")
    assert f"therapist={cast.tess.pk}" in ada.url
    ada.locator("#show:focus").wait_for()

    ada.reload()
    assert ada.get_by_text("Nobody who fits the filters").is_visible()
    assert ada.get_by_label("From", exact=True).input_value() == "2 June 2025"


def test_a_wrong_day_takes_the_focus_to_what_is_wrong_and_keeps_it(ada):
    ada.goto(ada.address + ASKED)

    ada.get_by_label("To", exact=True).fill("31 June 2025")
    ada.get_by_label("To", exact=True).press("Enter")
    # htmx gives the focus back to the field first; the alert takes it when the page has settled.
    ada.locator("[role=alert]:focus").wait_for()

    assert ada.get_by_label("To", exact=True).input_value() == "31 June 2025"
    assert ada.get_by_text("June 2025 has 30 days. Check the day.").is_visible()


def test_the_picture_needs_no_inline_style_and_nothing_is_refused(ada):
    said = []
    ada.on("console", lambda message: said.append(message.text))
    ada.goto(ada.address + ASKED)

    assert ada.locator("[style]").count() == 0
    assert said == []
