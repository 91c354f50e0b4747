"""A code, a passkey or a PIN that was wrong stands in the log of each clinic that it concerns."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bonefit.clients.models import Client, Look
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership
from sessions.who_looked import Asked, entries
from tests.authenticator_app import half_in, take, with_app
from tests.cast import Cast
from tests.on_a_tablet import tablet, type_pin
from tests.test_login import ask, enter, newest_code, wrong_code

__all__ = ["tablet"]  # a fixture
PASSKEY = "/login/second/passkey/"
Tries = list[tuple[str, str, str, str, str]]


@pytest.fixture
def lines(cast: Cast) -> Callable[..., Tries]:
    """What an admin finds of what was refused: who, role, what, what was shown, from where."""

    def found(
        by: Membership | None = None, client: Client | None = None, person: str = ""
    ) -> Tries:
        asked = Asked(what="refused", client=client, person=person)
        said = entries(by or cast.ada, asked, before=None, most=50)
        return [(one.who, one.role, one.what, one.shown, one.address) for one in said]

    return found


def test_a_wrong_code_from_the_mail_is_a_line_and_a_right_one_is_none(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    ask(client, "cal@example.org")
    enter(client, wrong_code())
    enter(client, "  ")  # no code at all is no try
    enter(client, newest_code())
    one = ("Somebody as Cal P.", "Client", "Was refused", "Log-in: wrong code from the e-mail")
    assert lines() == [(*one, "127.0.0.1")]
    assert lines(client=cast.cal_client) == lines()
    assert lines(person=str(cast.cal.pk)) == lines()
    assert lines(person=str(cast.ana.pk)) == []


def test_each_of_five_tries_is_a_line(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    ask(client, "ana@example.org")
    for _ in range(5):
        enter(client, wrong_code())
    assert [who for who, *_ in lines()] == ["Somebody as Ana T."] * 5


def test_a_wrong_second_step_is_a_line(cast: Cast, lines: Callable[..., Tries]) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")
    take(browser, app.wrong())
    browser.get(PASSKEY)
    browser.post(PASSKEY, {"credential": "{}"})
    assert [shown for _, _, _, shown, _ in lines()] == [
        "Log-in: a passkey that is not hers",
        "Log-in: wrong code of the second step",
    ]
    assert {who for who, *_ in lines()} == {"Somebody as Ana T."}


def test_a_wrong_pin_is_a_line_of_the_clinic_that_it_opens(
    cast: Cast, tablet: Browser, lines: Callable[..., Tries]
) -> None:
    add_member(clinic=cast.harbor, email="ana@example.org", name="Ana T.", roles=[Role.THERAPIST])
    type_pin(tablet, cast.ana, "0000")
    assert "Log-in: wrong PIN on a tablet" in [shown for _, _, _, shown, _ in lines()]
    assert lines(by=cast.otto) == []


def test_whoever_works_in_two_clinics_stands_in_the_log_of_both(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    add_member(clinic=cast.harbor, email="ana@example.org", name="Ana T.", roles=[Role.THERAPIST])
    ask(client, "ana@example.org")
    enter(client, wrong_code())
    assert Look.objects.count() == 2
    assert len(lines()) == 1


def test_an_address_that_nobody_has_takes_the_same_steps_and_leaves_no_row(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    asked: dict[str, list[str]] = {}
    with caplog.at_level(logging.INFO, logger="bonefit.looking"):
        for email in ("ana@example.org", "nobody@example.org"):
            browser = Browser()
            ask(browser, email)
            with CaptureQueriesContext(connection) as queries:
                assert enter(browser, "000001").status_code == 422
            asked[email] = [str(one["sql"]).split()[0] for one in queries]
    assert asked["ana@example.org"] == asked["nobody@example.org"]
    assert Look.objects.filter(route="account_confirm_login_code").count() == 1
    said = [one.getMessage() for one in caplog.records if one.name == "bonefit.looking"]
    assert said == ["A log-in was wrong at account_confirm_login_code."] * 2


def test_a_client_is_not_told_of_them_as_of_a_look(cast: Cast, client: Browser) -> None:
    ask(client, "cal@example.org")
    enter(client, wrong_code())
    hers = Browser()
    hers.force_login(cast.cal.user)
    assert "Somebody as" not in hers.get("/c/north/my/looked/").text


def test_the_roles_that_hold_on_that_day_stand_beside_it(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    today = timezone.now().astimezone(cast.north.tz).date()
    ends = {Role.LEAD: today, Role.AUDITOR: today - timedelta(days=1)}
    until = {str(role): last.isoformat() for role, last in ends.items()}
    Membership.objects.filter(pk=cast.ana.pk).update(roles_until=until)
    ask(client, "ana@example.org")
    enter(client, wrong_code())
    assert Look.objects.get().roles == ["therapist", "lead"]
    assert [role for _, role, *_ in lines()] == ["Therapist, Lead therapist"]
