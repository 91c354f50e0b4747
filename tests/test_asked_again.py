"""Files, secret addresses and roles ask for a log-in of the last quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser

from bonefit.clinics.models import User
from sessions.models import CalendarFeed, ReportExport
from tests.authenticator_app import STEP, App, half_in, take, with_app
from tests.cast import NOW, Cast
from tests.passkey_device import by_code

LATER = NOW + timedelta(minutes=16)
REPORTS = "/c/north/reports/adherence"
FILES = (f"{REPORTS}.csv", f"{REPORTS}.xlsx", f"{REPORTS}.pdf", "/c/north/settings/looks.csv")


@pytest.fixture
def ada(cast: Cast) -> Iterator[tuple[Browser, App]]:
    """Ada's browser and app, sixteen minutes after her log-in."""
    both = with_app("ada@example.org")
    with time_machine.travel(LATER, tick=True):
        yield both


@pytest.mark.parametrize("path", FILES)
def test_a_file_asks_again_and_leads_back_to_the_page_with_its_button(
    ada: tuple[Browser, App], path: str
) -> None:
    browser, app = ada
    came = {"referer": f"http://testserver{REPORTS}/?months=3"}

    away = browser.get(path, headers=came)

    assert away["Location"] == f"{STEP}?next=%2Fc%2Fnorth%2Freports%2Fadherence%2F%3Fmonths%3D3"
    assert not ReportExport.objects.exists(), "nothing was taken"
    back = take(browser, app.code(), next=f"{REPORTS}/?months=3")
    assert back["Location"] == f"{REPORTS}/?months=3"
    assert browser.get(path).status_code == 200


def test_it_leads_to_no_page_of_somebody_elses(ada: tuple[Browser, App]) -> None:
    for came in ("https://evil.example/c/north/", "", "http://testserver.evil.example/"):
        away = ada[0].get(FILES[0], headers={"referer": came})
        assert away["Location"] == f"{STEP}?next=%2F"


def test_looking_at_the_same_figures_asks_nothing(ada: tuple[Browser, App]) -> None:
    assert ada[0].get(f"{REPORTS}/").status_code == 200
    assert ada[0].get("/c/north/settings/looks/").status_code == 200


def test_the_address_of_a_calendar_is_made_after_it_only(cast: Cast) -> None:
    browser, app = with_app("ana@example.org")
    with time_machine.travel(LATER):
        assert browser.get("/c/north/calendar/").status_code == 200
        for said in ("make", "renew", "revoke"):
            away = browser.post("/c/north/calendar/", {"link": said})
            assert away["Location"] == f"{STEP}?next=%2Fc%2Fnorth%2Fcalendar%2F"
        assert not CalendarFeed.objects.exists()

        take(browser, app.code())
        browser.post("/c/north/calendar/", {"link": "make"})

    assert CalendarFeed.objects.count() == 1


def test_a_client_is_sent_a_new_code_before_hers_is_made(cast: Cast) -> None:
    browser = by_code("cal@example.org")
    with time_machine.travel(LATER):
        away = browser.post("/c/north/my/calendar/")

    assert away["Location"] == "/login/again/?next=%2Fc%2Fnorth%2Fmy%2Fcalendar%2F"
    assert not CalendarFeed.objects.exists()


def test_roles_are_changed_after_it_only(cast: Cast) -> None:
    User.objects.filter(pk=cast.nobody.pk).update(is_staff=True, is_superuser=True)
    browser, app = with_app("nobody@example.org")
    change = f"/admin/clinics/membership/{cast.ana.pk}/change/"
    said = {"roles": ["admin"], "clinic": cast.north.pk, "user": cast.ana.user_id}
    with time_machine.travel(LATER):
        for method in ("get", "post"):
            away = getattr(browser, method)(change, said)
            assert away["Location"].startswith(STEP)
        cast.ana.refresh_from_db()
        assert cast.ana.roles == ["therapist"]

        take(browser, app.code())
        assert browser.get(change).status_code == 200


def test_the_code_of_her_mail_alone_does_not_count_as_lately_for_staff(cast: Cast) -> None:
    """Who has her mailbox and finds her tablet open gets no further with a code."""
    browser, _ = with_app("ada@example.org")
    with time_machine.travel(LATER):
        thief = half_in("ada@example.org")
        assert thief.get(FILES[0])["Location"].startswith(STEP)
        assert browser.get(FILES[0])["Location"].startswith(STEP)
