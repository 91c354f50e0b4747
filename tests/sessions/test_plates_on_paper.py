"""The load plan in a real Chromium: one page of paper, and sound on a tablet and a telephone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client as Visitor

from tests.cast import Cast, assign, build_cast, enroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Four lifts with a bar: the plates of each client are another picture.
LOADS = ("40", "45", "57.5", "60", "62.5", "47.5", "41")


@pytest.fixture
def cast(transactional_db: None, noon: None) -> Cast:
    """Cal's class of next Monday with seven more, in the program that has most lifts."""
    cast = build_cast()
    for number, load in enumerate(LOADS):
        name = f"Maria Elisabeth Oosterhuis{number}"
        starts = {"hinge": ("deadlift", load), "squat": ("back-squat", load)}
        assign(enroll(cast.ana, name), cast.ana, starts=starts)
    return cast


@pytest.fixture
def plates(cast: Cast, live_server: Any, page: Any) -> Any:
    """The page of the class, opened by Ana."""
    visitor = Visitor()
    visitor.force_login(cast.ana.user)
    cookie = visitor.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    slot = cast.visits[1].slot_id
    page.goto(f"{live_server.url}/c/north/floor/plates/?slot={slot}")
    return page


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


def test_eight_clients_with_four_lifts_and_a_shortage_are_one_page_of_paper(plates: Any):
    plates.evaluate(
        """() => {
          const lifts = document.querySelector(".plan-lifts");
          while (lifts.children.length < 4) lifts.append(lifts.lastElementChild.cloneNode(true));
        }"""
    )
    assert plates.locator(".plan-lifts tbody tr").count() == 32
    assert plates.locator(".note li").count() > 0

    assert pages_of(plates.pdf(prefer_css_page_size=True)) == 1


def test_two_classes_would_be_more_than_one_page(plates: Any):
    """So that the count of pages can be another one."""
    plates.evaluate(
        """() => {
          const lifts = document.querySelector(".plan-lifts");
          while (lifts.children.length < 24) lifts.append(lifts.lastElementChild.cloneNode(true));
        }"""
    )
    assert pages_of(plates.pdf(prefer_css_page_size=True)) > 1


@pytest.mark.parametrize(("width", "height"), [(1180, 820), (390, 844)])
def test_it_is_sound_on_a_tablet_and_on_a_telephone(plates: Any, width: int, height: int):
    plates.set_viewport_size({"width": width, "height": height})

    found = Axe().run(plates)
    assert found.violations_count == 0, found.generate_report()
    assert plates.evaluate("document.documentElement.scrollWidth <= innerWidth")
