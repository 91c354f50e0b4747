"""The page where a client makes, renews and turns off her calendar link."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from sessions import calendars
from sessions.models import CalendarFeed
from tests.cast import Cast
from tests.portal.test_calendar_feed import CALENDAR, path_of


# --- the client's page about it -------------------------------------------------------------------
@pytest.fixture
def cal(cast: Cast, client: Browser) -> Browser:
    client.force_login(cast.cal.user)
    return client


def address_on(page: Any) -> str:
    found = re.search(r'id="address" type="text" readonly value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_looking_at_the_page_makes_no_link(cast: Cast, cal: Browser) -> None:
    page = cal.get(CALENDAR)

    assert "Make my calendar link" in page.text
    assert not CalendarFeed.objects.exists()


def test_one_tap_makes_a_link_to_tap_and_to_copy(cast: Cast, cal: Browser) -> None:
    page = cal.post(CALENDAR, follow=True)

    address = address_on(page)
    assert address.startswith(f"{settings.SITE_URL}/calendar/")
    assert f'href="webcal://{address.partition("://")[2]}"' in page.text
    opened = Browser().get(address.removeprefix(settings.SITE_URL))
    assert opened.status_code == 200
    assert address_on(cal.get(CALENDAR)) == address


def test_a_new_link_is_asked_about_first_and_then_replaces_the_old_one(
    cast: Cast, cal: Browser
) -> None:
    old = address_on(cal.post(CALENDAR, follow=True))
    asked = cal.get(f"{CALENDAR}renew/")
    assert "Get a new link?" in asked.text
    assert address_on(cal.get(CALENDAR)) == old

    page = cal.post(f"{CALENDAR}renew/", follow=True)

    assert "This is your new link." in page.text
    assert address_on(page) != old
    assert Browser().get(old.removeprefix(settings.SITE_URL)).status_code == 404


def test_the_link_is_turned_off_after_a_question(cast: Cast, cal: Browser) -> None:
    old = address_on(cal.post(CALENDAR, follow=True))
    assert "Turn the link off?" in cal.get(f"{CALENDAR}stop/").text
    assert Browser().get(old.removeprefix(settings.SITE_URL)).status_code == 200

    page = cal.post(f"{CALENDAR}stop/", follow=True)

    assert "The link is turned off." in page.text
    assert "Make my calendar link" in page.text
    assert Browser().get(old.removeprefix(settings.SITE_URL)).status_code == 404


def test_after_a_change_of_the_site_s_key_the_old_link_works_and_a_new_one_is_offered(
    cast: Cast, cal: Browser
) -> None:
    cal.post(CALENDAR)
    feed = CalendarFeed.objects.get()
    path = path_of(feed)
    CalendarFeed.objects.update(nonce="as if made with another key")

    page = cal.get(CALENDAR)

    assert Browser().get(path).status_code == 200
    assert "it cannot be shown again" in page.text
    assert "Get a new link" in page.text


def test_nobody_can_make_or_end_the_link_of_another(cast: Cast, feed: CalendarFeed) -> None:
    cam = Browser()
    cam.force_login(cast.cam.user)

    cam.post(f"{CALENDAR}stop/")
    cam.post(f"{CALENDAR}renew/")

    assert Browser().get(path_of(feed)).status_code == 200
    assert calendars.token_of(feed) not in cam.get(CALENDAR).text
    ana = Browser()
    ana.force_login(cast.ana.user)
    assert ana.post(f"{CALENDAR}renew/").status_code == 403
