"""The pages about clients in a real Chromium: accessible in every state, within the window."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client as Visitor

from bonefit.clients.models import Client
from sessions.actions import decide
from tests.cast import build_cast, enroll

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db, noon):
    cast = build_cast()
    decide(enrollment=cast.enrollment, kind="hold", lift="press", by=cast.ana, reason="Shoulder")
    enroll(cast.ana, "Maria Elisabeth van der Berg-Oosterhuis", email="maria@example.org")
    return cast


@pytest.fixture
def browse(cast, live_server, page):
    """Open an address of Northside as one of the cast."""

    def open_as(member, path):
        visitor = Visitor()
        visitor.force_login(member.user)
        cookie = visitor.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}/c/north/{path}")
        return page

    return open_as


def assert_sound(page):
    """No violation that axe knows of, and nothing to scroll sideways for."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@pytest.mark.parametrize(("width", "scheme"), [(1180, "light"), (390, "dark")])
def test_every_page_is_sound_at_rest_and_with_errors(cast, browse, page, width, scheme):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    maria = Client.objects.get(email="maria@example.org").pk
    cal = f"clients/{cast.cal_client.pk}/"
    for path in ("clients/", cal, f"clients/{maria}/", f"{cal}assign/"):
        assert_sound(browse(cast.ana, path))
    for path in (
        "clients/enroll/",
        f"clients/{maria}/assign/",
        f"{cal}clearance/",
        f"{cal}end/",
        f"{cal}plan/phase/",
        f"{cal}plan/hinge/hold/",
        f"{cal}plan/impact/exercise/",
    ):
        assert_sound(browse(cast.ana, path))
        page.locator("main form button[type=submit]").click()
        page.locator("main [role=alert]").wait_for()
        assert_sound(page)
    assert_sound(browse(cast.ada, "settings/"))
    page.get_by_role("button", name="Save the settings").click()
    page.locator("main [role=alert]").wait_for()
    assert_sound(page)


def test_an_error_takes_the_focus_and_leads_to_its_field(cast, browse, page):
    browse(cast.ana, "clients/enroll/")
    page.get_by_label("Name", exact=True).fill("Joan P.")
    page.get_by_label("Date of birth").fill("31 02 1958")
    page.get_by_role("button", name="Enroll").click()

    summary = page.locator("main [role=alert]")
    summary.wait_for()
    assert summary.evaluate("node => node === document.activeElement")
    assert page.get_by_label("Name", exact=True).input_value() == "Joan P."
    summary.get_by_role("link", name="date of birth").click()
    assert page.evaluate("document.activeElement.name") == "born_on"
    assert page.evaluate("document.activeElement.value") == "31 02 1958"


def test_the_list_narrows_while_a_name_is_typed(cast, browse, page):
    browse(cast.ana, "clients/")
    page.get_by_label("Name", exact=True).fill("mari")
    page.locator(".roster tbody tr").nth(1).wait_for(state="detached")
    assert page.locator(".roster tbody th").all_inner_texts()[0].endswith("Berg-Oosterhuis")
    assert page.url.endswith("/c/north/clients/")
    assert_sound(page)

    page.get_by_label("Name", exact=True).fill("zzz")
    page.get_by_text("Nobody found").wait_for()
    assert_sound(page)


def test_one_list_of_decisions_is_open_at_a_time(cast, browse, page):
    browse(cast.ana, f"clients/{cast.cal_client.pk}/")
    page.locator("#lift-hinge summary").click()
    assert_sound(page)
    page.locator("#lift-impact summary").click()
    assert page.locator("details.decide[open]").count() == 1
    page.locator("#lift-impact").get_by_role("link", name="Other exercise").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Change the exercise: Drop landing"
