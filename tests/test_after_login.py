"""Where a person is after logging in, and what is not there at all."""

from __future__ import annotations

import re

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, add_organiser, open_organisation
from tests.cast import Cast
from tests.test_login import ASK, ask, enter, logged_in, newest_code


@pytest.mark.parametrize(
    ("wish", "goes_to"),
    [
        ("/c/north/my/", "/c/north/my/"),
        ("https://evil.example/c/north/my/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_logging_in_she_is_where_she_wanted_to_be_if_that_is_here(
    cast: Cast, client: Browser, wish: str, goes_to: str
) -> None:
    ask(client, "cal@example.org", next=wish)

    response = enter(client, newest_code(), next=wish)

    assert response["Location"] == goes_to


def test_a_page_behind_the_door_leads_through_the_log_in_and_back(
    cast: Cast, client: Browser
) -> None:
    away = client.get("/c/north/my/")
    assert away["Location"] == f"{ASK}?next=/c/north/my/"

    page = client.get(away["Location"])

    assert '<input type="hidden" name="next" value="/c/north/my/">' in page.text


def test_the_old_address_of_the_log_in_leads_to_the_new_one(db: None, client: Browser) -> None:
    response = client.get("/login/?next=/c/north/my/")

    assert response["Location"] == f"{ASK}?next=%2Fc%2Fnorth%2Fmy%2F"
    assert client.get("/login/?next=https://evil.example/")["Location"] == ASK


@pytest.mark.parametrize(
    ("person", "begins_at"),
    [
        ("ana", "/c/north/"),
        ("ada", "/c/north/reports/adherence/"),
        ("cal", "/c/north/my/"),
        ("otto", "/c/harbor/"),
    ],
)
def test_each_begins_where_her_day_does(
    cast: Cast, client: Browser, person: str, begins_at: str
) -> None:
    client.force_login(getattr(cast, person).user)

    begins = {
        "ana": reverse("sessions:today", args=["north"]),
        "otto": reverse("sessions:today", args=["harbor"]),
    }.get(person, begins_at)
    assert client.get("/")["Location"] == begins


def test_who_treats_and_administers_begins_with_treating(cast: Cast, client: Browser) -> None:
    add_member(clinic=cast.north, email="ada@example.org", name="Ada A.", roles=[Role.THERAPIST])
    client.force_login(cast.ada.user)

    assert client.get("/")["Location"] == reverse("sessions:today", args=["north"])


def test_who_only_administers_an_organisation_begins_with_its_reports(
    cast: Cast, client: Browser
) -> None:
    greta = add_organiser(
        organisation=cast.north.organisation, email="greta@example.org", name="Greta G."
    )
    client.force_login(greta.user)

    assert client.get("/")["Location"] == "/o/northside/reports/"

    greta.is_active = False
    greta.save(update_fields=["is_active"])
    assert client.get("/").status_code == 403


def test_who_also_administers_an_organisation_is_asked_where_to(
    cast: Cast, client: Browser
) -> None:
    add_organiser(organisation=cast.north.organisation, email="ada@example.org", name="Ada A.")
    empty = open_organisation(name="Nothing yet")
    add_organiser(organisation=empty, email="ada@example.org", name="Ada A.")
    client.force_login(cast.ada.user)

    page = client.get("/")

    places = ["/c/north/reports/adherence/", "/o/northside/reports/"]
    assert re.findall(r'class="btn btn-tall" href="([^"]+)"', page.text) == places
    assert "Northside: reports" in page.text
    settings = client.get("/c/north/settings/")
    assert "/o/northside/reports/" in settings.text, "behind her name on every page of the clinic"


def test_nobody_at_all_is_asked_to_log_in(db: None, client: Browser) -> None:
    assert client.get("/")["Location"] == ASK


def test_who_is_in_two_clinics_is_asked_which(cast: Cast, client: Browser) -> None:
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.CLIENT])
    client.force_login(cast.cal.user)

    page = client.get("/")

    assert page.status_code == 200
    assert re.findall(r'href="(/c/[^"]+)"', page.text) == ["/c/harbor/my/", "/c/north/my/"]


@pytest.mark.parametrize("person", ["lea", "nobody"])
def test_who_belongs_to_no_clinic_is_told_whom_to_ask(
    cast: Cast, client: Browser, person: str
) -> None:
    found = getattr(cast, person)
    client.force_login(getattr(found, "user", found))

    page = client.get("/")

    assert page.status_code == 403
    assert "ask your clinic’s admin" in page.text
    assert 'action="/logout/"' in page.text


def test_a_clinic_s_own_address_leads_to_where_one_begins_there(
    cast: Cast, client: Browser
) -> None:
    client.force_login(cast.cal.user)
    start = reverse("clinic_home", args=["north"])
    assert client.get(start)["Location"] == "/c/north/my/"
    assert client.get(reverse("clinic_home", args=["harbor"])).status_code == 404
    assert client.get(reverse("clinic_home", args=["nowhere"])).status_code == 404

    client.logout()
    assert client.get(start)["Location"] == f"{ASK}?next={start}"


def test_logging_out_asks_and_then_is_out(cast: Cast, client: Browser) -> None:
    client.force_login(cast.cal.user)
    assert client.get("/logout/").status_code == 200
    assert logged_in(client)

    page = client.post("/logout/", follow=True)

    assert not logged_in(client)
    assert "You are logged out." in page.text


def test_there_is_no_way_to_sign_up_no_password_page_and_no_second_lock() -> None:
    for name in (
        "account_signup",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reauthenticate",
        "account_email",
        "mfa_index",
        "mfa_signup_webauthn",
        "mfa_activate_totp",
        "mfa_authenticate",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_the_admin_pages_have_no_log_in_of_their_own(cast: Cast, client: Browser) -> None:
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"] == f"{ASK}?next=%2Fadmin%2F"
    password = client.post("/admin/login/", {"username": "ada@example.org", "password": "x"})
    assert password["Location"].startswith(ASK)

    client.force_login(cast.ana.user)
    assert client.get("/admin/login/").status_code == 403


def test_an_htmx_request_after_the_log_in_expired_goes_to_the_log_in_page(
    cast: Cast, client: Browser
) -> None:
    response = client.get(
        "/c/north/my/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/c/north/my/calendar/"},
    )

    assert response.status_code == 200
    assert response.content == b""
    assert response["HX-Redirect"] == f"{ASK}?next=/c/north/my/calendar/"


def test_an_htmx_request_from_elsewhere_cannot_choose_where_the_log_in_leads(
    cast: Cast, client: Browser
) -> None:
    response = client.get(
        "/c/north/my/",
        headers={"hx-request": "true", "hx-current-url": "https://evil.example/c/north/my/"},
    )

    assert response["HX-Redirect"] == f"{ASK}?next=/"


HTMX = {"hx-request": "true", "hx-current-url": "http://testserver/c/north/today/"}


def test_an_htmx_request_without_any_cookie_goes_to_the_log_in_page_too(cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)

    response = browser.post(f"/c/north/visits/{cast.visit.uid}/hinge/log/", headers=HTMX)

    assert response.status_code == 200
    assert response.content == b""
    assert response["HX-Redirect"] == f"{ASK}?next=/c/north/today/"


def test_a_page_from_before_the_log_in_is_said_to_be_old(cast: Cast) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.ana.user)

    response = browser.post(f"/c/north/visits/{cast.visit.uid}/hinge/log/", headers=HTMX)

    assert response.status_code == 403
    assert response["X-Words"].startswith("Somebody logged in or out here")
    assert "This page was open too long" in response.text
