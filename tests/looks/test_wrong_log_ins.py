"""A code, a link, a passkey or a PIN that was wrong stands in the log of each clinic concerned."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bonefit.clients.log_ins import invite
from bonefit.clients.models import Client, Look
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import Membership, User
from sessions.who_looked import Asked, entries
from tests.authenticator_app import half_in, take, with_app
from tests.cast import NOW, Cast, enroll
from tests.on_a_tablet import tablet, type_pin
from tests.passkey_device import USE, Device, add, by_code
from tests.test_login import ask, enter, newest_code, wrong_code
from tests.test_login_links import link_for, path_of

__all__ = ["tablet"]  # a fixture
PASSKEY = "/login/second/passkey/"
Tries = list[tuple[str, str, str, str, str]]


@pytest.fixture(autouse=True)
def they_came(cast: Cast) -> None:
    """Cal and Cam have been on their own pages."""
    for member in (cast.cal, cast.cam):
        browser = Browser()
        browser.force_login(member.user)
        assert browser.get("/c/north/my/").status_code == 200


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
    assert Look.objects.filter(what=Look.What.REFUSED).count() == 2
    assert len(lines()) == 1


def test_a_clinic_that_named_her_as_a_companion_is_not_told_whoever_she_is_elsewhere(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    add_member(
        clinic=cast.harbor, email="con@north.example.org", name="Con P.", roles=[Role.THERAPIST]
    )
    ask(client, "con@north.example.org")
    enter(client, wrong_code())
    assert lines() == []
    assert [who for who, *_ in lines(by=cast.otto)] == ["Somebody as Con P."]
    assert not Look.objects.filter(clinic=cast.north, what=Look.What.REFUSED).exists()


def test_a_clinic_whose_client_has_not_come_in_yet_is_not_told(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    add_member(clinic=cast.harbor, email="pat@example.org", name="Pat Q.", roles=[Role.DESK])
    pat = invite(client=enroll(cast.ana, "Pat Q.", email="pat@example.org"), by=cast.ana, now=NOW)
    ask(client, "pat@example.org")
    enter(client, wrong_code())
    assert lines() == []
    assert [who for who, *_ in lines(by=cast.otto)] == ["Somebody as Pat Q."]
    hers = Browser()
    hers.force_login(User.objects.get(email="pat@example.org"))
    assert hers.get("/c/north/my/").status_code == 200
    enter(client, wrong_code())
    assert [who for who, *_ in lines(client=pat)] == ["Somebody as Pat Q."]


def test_a_companion_who_also_works_there_is_told_of(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    add_member(clinic=cast.north, email="con@north.example.org", name="Con P.", roles=[Role.DESK])
    ask(client, "con@north.example.org")
    enter(client, wrong_code())
    assert [role for _, role, *_ in lines()] == ["Companion, Front desk"]


def test_a_look_as_a_companion_is_no_coming_in_as_a_client(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    con = Browser()
    con.force_login(cast.con.user)
    assert con.get("/c/north/my/", follow=True).status_code == 200
    con_client = enroll(cast.ana, "Con P.", email="con@north.example.org")
    invite(client=con_client, by=cast.ana, now=NOW)
    ask(client, "con@north.example.org")
    enter(client, wrong_code())
    assert lines() == []


def test_a_clinic_that_she_has_left_is_not_told_nor_one_where_her_last_role_is_over(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    yesterday = (timezone.now().astimezone(cast.north.tz).date() - timedelta(days=1)).isoformat()
    over = {str(Role.THERAPIST): yesterday}
    Membership.objects.filter(pk=cast.ana.pk).update(roles=[], roles_until=over)
    Membership.objects.filter(pk=cast.cal.pk).update(is_active=False)
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.DESK])
    for email in ("ana@example.org", "cal@example.org"):
        ask(client, email)
        enter(client, wrong_code())
    assert lines() == []
    assert [who for who, *_ in lines(by=cast.otto)] == ["Somebody as Cal P."]


def test_a_wrong_second_step_is_told_where_she_works_and_not_where_she_trains(
    cast: Cast, lines: Callable[..., Tries]
) -> None:
    add_member(clinic=cast.harbor, email="cal@example.org", name="Cal P.", roles=[Role.THERAPIST])
    _, app = with_app("cal@example.org")
    browser = half_in("cal@example.org")
    take(browser, app.wrong())
    assert lines() == []
    assert [who for who, *_ in lines(by=cast.otto)] == ["Somebody as Cal P."]


def test_rows_of_the_time_when_every_clinic_was_told_are_not_shown(
    cast: Cast, lines: Callable[..., Tries]
) -> None:
    code, step = "account_confirm_login_code", "second_step"
    for member, route, roles in (
        (cast.con, code, ["companion"]),
        (cast.cal, f"{step}:limit", ["client"]),
        (cast.con, code, ["client", "companion"]),
        (cast.ana, step, ["therapist"]),
        (cast.con, "sessions:portal", ["companion"]),
    ):
        Look.objects.create(
            clinic=cast.north,
            at=NOW,
            what=Look.What.REFUSED,
            member=member,
            roles=roles,
            route=route,
            kind=Look.Kind.OTHER,
            how=Look.How.PAGE,
            address="192.0.2.7",
        )
    assert [(role, shown) for _, role, _, shown, _ in lines()] == [
        ("Companion", "Something without clients"),
        ("Therapist", "Log-in: wrong code of the second step"),
        ("Client, Companion", "Log-in: wrong code from the e-mail"),
    ]


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
    assert Look.objects.get(what=Look.What.REFUSED).roles == ["therapist", "lead"]
    assert [role for _, role, *_ in lines()] == ["Therapist, Lead therapist"]


def test_a_link_that_was_used_or_is_too_old_is_a_line_and_an_invented_one_is_none(
    cast: Cast, client: Browser, lines: Callable[..., Tries], caplog: pytest.LogCaptureFixture
) -> None:
    used, old = link_for(cast.cal), link_for(cast.cam, now=NOW - timedelta(hours=2))
    client.post(path_of(used))
    Browser().get(path_of(used))
    Browser().get(path_of(used))  # within the minute
    Browser().get(path_of(old))
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="bonefit.looking"):
        Browser().get(f"/login/link/{'A' * 43}/")
    shown = "Log-in: a link that was used, or is too old"
    assert [(who, said) for who, _, _, said, _ in lines()] == [
        ("Somebody as Cam Q.", shown),
        ("Somebody as Cal P.", shown),
    ]
    said = [one.getMessage() for one in caplog.records if one.name == "bonefit.looking"]
    assert said == ["A log-in was wrong at login_link."]


def test_her_own_used_link_is_no_try_where_she_is_in_already(
    cast: Cast, client: Browser, lines: Callable[..., Tries]
) -> None:
    link = link_for(cast.cal)
    client.post(path_of(link))
    assert client.get(path_of(link)).headers["Location"] == "/"
    assert lines() == []


def test_a_passkey_that_does_not_fit_is_a_line_of_whose_it_is(
    cast: Cast, lines: Callable[..., Tries]
) -> None:
    device = Device()
    add(by_code("cal@example.org"), device)
    browser = Browser()
    sent = device.use(browser.get(USE).json())
    wrong = sent | {"response": sent["response"] | {"signature": "AAAA"}}
    browser.post(USE, {"credential": json.dumps(wrong)})
    assert [(who, shown) for who, _, _, shown, _ in lines()] == [
        ("Somebody as Cal P.", "Log-in: a passkey that did not fit")
    ]
    unknown = Device(owner=device.owner)  # anybody can write whose it is
    browser.post(USE, {"credential": json.dumps(unknown.use(browser.get(USE).json()))})
    assert len(lines()) == 1


def test_who_is_turned_away_by_a_limit_is_one_line_a_minute(
    cast: Cast, lines: Callable[..., Tries]
) -> None:
    _, app = with_app("ana@example.org")
    browser = half_in("ana@example.org")
    for _ in range(8):
        take(browser, app.wrong())
    wrong = "Log-in: wrong code of the second step"
    away = "Log-in: turned away, too many codes of the second step"
    assert [shown for _, _, _, shown, _ in lines()] == [away, *[wrong] * 5]
    assert {who for who, *_ in lines()} == {"Somebody as Ana T."}


def test_a_tablet_that_is_tried_too_often_says_as_whom(
    cast: Cast, tablet: Browser, lines: Callable[..., Tries], settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "tablet_pin": "1/5m/key"}
    for _ in range(3):
        type_pin(tablet, cast.ana, "0000")
    shown = [said for _, _, _, said, _ in lines() if said.startswith("Log-in")]
    assert shown == [
        "Log-in: turned away, too many PINs on a tablet",
        "Log-in: wrong PIN on a tablet",
    ]


def test_tries_that_are_turned_away_from_an_address_are_a_line_in_the_log(
    cast: Cast, client: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.INFO, logger="bonefit.looking"),
        time_machine.travel(NOW + timedelta(minutes=1), tick=False),
    ):
        for _ in range(21):
            answer = client.get(f"/login/link/{'A' * 43}/")
    assert answer.status_code == 429
    said = [one.getMessage() for one in caplog.records if one.name == "bonefit.looking"]
    assert said == ["A log-in was wrong at login_link."] * 20 + [
        "Tries were turned away at login_link."
    ]
