"""A lost device: an admin takes a colleague's second step away, in the open and never her own."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import override_settings

from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member, add_organiser
from bonefit.clinics.log_ins import HER_OWN, NotResettable, reset_second_step
from bonefit.clinics.models import Membership, SecondStepReset, User
from tests.authenticator_app import SET_UP, STEP, half_in, take, with_app
from tests.cast import NOW, Cast
from tests.passkey_device import Device, add, use
from tests.portal.test_invitations import REFUSING
from tests.test_login import logged_in

LOG_INS = "/c/north/settings/log-ins/"
QUERIES = 11


def path_of(member: Membership) -> str:
    return f"{LOG_INS}{member.pk}/reset/"


@pytest.fixture
def ada(cast: Cast) -> Browser:
    """A browser in which Ada has logged in, both steps."""
    return with_app("ada@example.org")[0]


def test_a_reset_ends_everything_of_hers_is_recorded_and_told(cast: Cast, ada: Browser) -> None:
    anas, app = with_app("ana@example.org")
    phone = Device()
    add(anas, phone)
    half = half_in("ana@example.org")
    assert "Reset<span" in ada.get(LOG_INS).text

    page = ada.post(path_of(cast.ana), {"reason": "Telephone lost, face to face"}, follow=True)

    assert "It is reset. We have mailed it to Ana T." in page.text
    assert "Ana T.: Telephone lost, face to face" in page.text
    row = SecondStepReset.objects.get()
    assert (row.member, row.by, row.clinic) == (cast.ana, cast.ada, cast.north)
    assert mail.outbox[-1].to == ["ana@example.org"]
    assert "An admin of Northside has reset" in mail.outbox[-1].body
    for browser in (anas, half):
        assert not logged_in_at_next_request(browser)
    assert not logged_in(login_with(phone))
    again = half_in("ana@example.org")
    assert again.get("/")["Location"].startswith(SET_UP)
    assert take(again, app.code(later=1))["Location"] == SET_UP


def logged_in_at_next_request(browser: Browser) -> bool:
    return "/login/code/" not in browser.get("/c/north/today/").headers.get("Location", "")


def login_with(phone: Device) -> Browser:
    browser = Browser()
    use(browser, phone)
    return browser


def test_a_colleague_of_hers_stays_logged_in_meanwhile(cast: Cast, ada: Browser) -> None:
    with_app("ana@example.org")
    tess, _ = with_app("tess@example.org")

    ada.post(path_of(cast.ana), {"reason": "Telephone lost"})

    assert tess.get("/c/north/today/").status_code == 200
    assert ada.get(LOG_INS).status_code == 200


def test_without_a_reason_nothing_is_reset_and_it_is_said_beside_the_field(
    cast: Cast, ada: Browser
) -> None:
    with_app("ana@example.org")

    page = ada.post(path_of(cast.ana), {"reason": "  "})

    assert page.status_code == 422
    assert "Write why it is reset" in page.text
    assert Authenticator.objects.filter(user=cast.ana.user, type="totp").exists()


def test_no_admin_takes_her_own_away(cast: Cast, ada: Browser) -> None:
    """She needs none: with what she has she sets up another. A thief at her tablet would."""
    page = ada.post(path_of(cast.ada), {"reason": "New telephone"})

    assert page.status_code == 422
    assert HER_OWN in page.text
    assert Authenticator.objects.filter(user=cast.ada.user, type="totp").exists()
    with pytest.raises(NotResettable):
        reset_second_step(member=cast.ada, reason="x", by=cast.ada, now=NOW)


@pytest.mark.parametrize("more", ["another organisation", "an organisation", "the site"])
def test_who_also_works_for_somebody_else_is_not_this_admins_to_reset(
    cast: Cast, ada: Browser, more: str
) -> None:
    with_app("ana@example.org")
    if more == "another organisation":
        add_member(clinic=cast.harbor, email="ana@example.org", name="Ana T.", roles=[Role.DESK])
    elif more == "an organisation":
        add_organiser(organisation=cast.north.organisation, email="ana@example.org", name="Ana T.")
    else:
        User.objects.filter(pk=cast.ana.user_id).update(is_staff=True)

    page = ada.post(path_of(cast.ana), {"reason": "Telephone lost"})

    assert page.status_code == 422
    assert "Whoever runs the site can." in page.text
    assert not SecondStepReset.objects.exists()
    assert Authenticator.objects.filter(user=cast.ana.user, type="totp").exists()


def test_who_has_none_and_who_is_a_client_cannot_be_reset(cast: Cast, ada: Browser) -> None:
    assert "has no second step now" in ada.post(path_of(cast.tess), {"reason": "x"}).text
    assert ada.post(path_of(cast.cal), {"reason": "x"}).status_code == 404
    assert ada.post(path_of(cast.otto), {"reason": "x"}).status_code == 404


def test_a_mail_that_cannot_be_sent_is_said_and_the_reset_stands(cast: Cast, ada: Browser) -> None:
    with_app("ana@example.org")

    with override_settings(EMAIL_BACKEND=REFUSING):
        page = ada.post(path_of(cast.ana), {"reason": "Telephone lost"}, follow=True)

    assert "No mail could be sent: tell Ana T." in page.text
    assert SecondStepReset.objects.count() == 1


def test_a_reset_asks_for_a_fresh_second_step_of_the_admin(cast: Cast, client: Browser) -> None:
    browser, _ = with_app("ada@example.org")
    with_app("ana@example.org")
    with time_machine.travel(NOW.replace(minute=16)):
        away = browser.post(path_of(cast.ana), {"reason": "Telephone lost"})

    assert away["Location"].startswith(f"{STEP}?next=")
    assert not SecondStepReset.objects.exists()


def test_the_list_costs_the_same_for_many_as_for_few(
    cast: Cast, ada: Browser, django_assert_num_queries: Any
) -> None:
    ada.get(LOG_INS)
    with django_assert_num_queries(QUERIES):
        ada.get(LOG_INS)
    for number in range(20):
        email = f"more{number}@example.org"
        add_member(clinic=cast.north, email=email, name=f"More {number}", roles=[Role.DESK])
        user = User.objects.get(email=email)
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    with django_assert_num_queries(QUERIES):
        page = ada.get(LOG_INS)

    assert page.text.count("With an app.") == 21


# --- whom no admin can reset ----------------------------------------------------------------------
def test_whoever_runs_the_site_resets_a_clinics_only_admin_by_a_command(
    cast: Cast, ada: Browser
) -> None:
    said = StringIO()

    call_command("reset_second_step", "ADA@example.org", stdout=said)

    assert said.getvalue() == "Taken away: 2. She is told by mail.\n"
    assert mail.outbox[-1].to == ["ada@example.org"]
    assert "Whoever runs the site has reset" in mail.outbox[-1].body
    assert half_in("ada@example.org").get("/")["Location"].startswith(SET_UP)
    with pytest.raises(CommandError, match="Nobody logs in"):
        call_command("reset_second_step", "who@example.org")
