"""The desk sends the log-in again: to a client or a companion, once a minute, where it belongs."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Browser
from django.test import override_settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from bonefit.clients.log_ins import (
    WAIT,
    CannotInvite,
    invite,
    send_login_again,
    send_login_to_companion,
)
from bonefit.clients.models import Client, Companion
from bonefit.clients.tasks import send_invitation, send_login_link
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import LoginLink, Membership
from tests.cast import NOW, Cast, enroll
from tests.portal.test_invitations import REFUSING, at_once
from tests.test_login import logged_in

__all__ = ["at_once"]
#: The product's own name, and a random token, in which any word may stand by chance.
BY_CHANCE = re.compile(r"bonefit|/login/link/\S+")
HEALTH = r"bone|osteo|score|deadlift|lift|exerci|train|session|\bkg\b|load|therap|diagnos|health"


def path_in(message: Any) -> str:
    found = re.search(r"^http://testserver(/login/link/\S+/)$", message.body, re.MULTILINE)
    assert found, message.body
    return found[1]


def url(client: Client) -> str:
    return f"/c/north/clients/{client.pk}/send-login/"


@pytest.fixture
def dee(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.dee.user)
    return browser


# --- the invitation -------------------------------------------------------------------------------
def test_the_invitation_carries_a_link_that_lives_two_days(cast: Cast, client: Browser) -> None:
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org", notes="T-score -2.9, deadlift")
    send_invitation(invite(client=nel, by=cast.ana, now=NOW).pk)

    (message,) = mail.outbox
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    assert path_in(message) in html
    for said in (message.subject, message.body, html):
        assert not re.search(HEALTH, BY_CHANCE.sub("", said), re.IGNORECASE)
        assert "{" not in said
    with time_machine.travel(NOW + timedelta(hours=47)):
        client.post(path_in(message))
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/c/north/my/"


def test_a_second_try_of_the_invitation_carries_the_same_link(cast: Cast) -> None:
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org")
    invite(client=nel, by=cast.ana, now=NOW)
    send_invitation(nel.pk)
    Client.objects.update(invitation_sent_at=None)  # as after a crash between mail and record

    send_invitation(nel.pk)

    assert path_in(mail.outbox[0]) == path_in(mail.outbox[1])
    assert LoginLink.objects.count() == 1


def test_a_client_who_works_in_a_clinic_is_invited_without_a_link(cast: Cast) -> None:
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org")
    add_member(clinic=cast.harbor, email="nel@example.org", name="Nel N.", roles=[Role.THERAPIST])

    send_invitation(invite(client=nel, by=cast.ana, now=NOW).pk)

    assert "/login/link/" not in mail.outbox[0].body
    assert "1. Open this page: http://testserver/login/code/" in mail.outbox[0].body


def test_the_invitation_names_the_address_that_logs_in(cast: Cast) -> None:
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org")
    invite(client=nel, by=cast.ana, now=NOW)
    Client.objects.update(email="elsewhere@example.org")

    send_invitation(nel.pk)

    assert mail.outbox[0].to == ["nel@example.org"]
    assert "Type this e-mail address: nel@example.org" in mail.outbox[0].body


# --- sent again -----------------------------------------------------------------------------------
def test_the_desk_sends_a_link_and_reads_where_it_went(
    cast: Cast,
    dee: Browser,
    client: Browser,
    at_once: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        dee.post(url(cast.cal_client), {"next": "/logout/"})

    page = dee.get("/logout/")
    assert "A log-in link was sent to c…@example.org." in page.text
    (message,) = mail.outbox
    assert message.to == ["cal@example.org"]
    assert message.subject == "Your link to log in at Northside"
    assert path_in(message) in message.alternatives[0][0]
    for said in (message.subject, message.body, message.alternatives[0][0]):
        assert not re.search(HEALTH, BY_CHANCE.sub("", said), re.IGNORECASE)
    client.post(path_in(message))
    assert client.session["_auth_user_id"] == str(cast.cal.user_id)


def test_the_message_leads_back_to_this_site_only(cast: Cast, dee: Browser) -> None:
    wishes = ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""]
    for minutes, wish in enumerate(wishes):
        with time_machine.travel(NOW + timedelta(minutes=2 * minutes)):
            assert dee.post(url(cast.cal_client), {"next": wish})["Location"] == "/c/north/"
    ana = Browser()
    ana.force_login(cast.ana.user)
    assert ana.post(url(cast.cal_client))["Location"] == f"/c/north/clients/{cast.cal_client.pk}/"


def test_a_companion_is_sent_her_own_link(
    cast: Cast,
    dee: Browser,
    at_once: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    companion = Companion.objects.get(member=cast.con)
    with django_capture_on_commit_callbacks(execute=True):
        dee.post(url(cast.cal_client), {"companion": companion.pk})

    assert mail.outbox[0].to == [cast.con.user.email]
    assert LoginLink.objects.get().user_id == cast.con.user_id


@pytest.mark.parametrize("asked", ["x", "0", "999999", "9" * 40, "٣", "-1"])
def test_what_is_no_companion_of_the_client_is_not_there(
    cast: Cast, dee: Browser, asked: str
) -> None:
    assert dee.post(url(cast.cal_client), {"companion": asked}).status_code == 404
    of_cal = Companion.objects.get(member=cast.con)
    assert dee.post(url(cast.cam_client), {"companion": of_cal.pk}).status_code == 404


def test_a_companion_whose_access_has_ended_is_sent_nothing(cast: Cast) -> None:
    companion = Companion.objects.get(member=cast.con)
    companion.ended_at, companion.ended_by = NOW, cast.ana
    companion.save()

    with pytest.raises(CannotInvite, match="may not look"):
        send_login_to_companion(companion=companion, by=cast.dee, now=NOW)


def test_within_a_minute_one_mail_goes_to_a_person(cast: Cast) -> None:
    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)
    with pytest.raises(CannotInvite) as refused:
        send_login_again(client=cast.cal_client, by=cast.ana, now=NOW + timedelta(seconds=59))
    assert str(refused.value) == WAIT
    send_login_again(client=cast.cam_client, by=cast.dee, now=NOW)  # another person

    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW + timedelta(seconds=61))

    assert LoginLink.objects.filter(user=cast.cal.user).count() == 2


def test_ten_mails_a_day_go_to_a_person_from_one_clinic(cast: Cast) -> None:
    add_member(clinic=cast.harbor, email="nel@example.org", name="Nel", roles=[Role.CLIENT])
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org")
    later = [NOW + timedelta(minutes=2 * one) for one in range(12)]
    for at in later[:5]:
        invite(client=nel, by=cast.ana, now=at)
    for at in later[5:10]:
        send_login_again(client=nel, by=cast.dee, now=at)
    with pytest.raises(CannotInvite, match="Ten e-mails"):
        send_login_again(client=nel, by=cast.dee, now=later[10])
    with pytest.raises(CannotInvite, match="Ten e-mails"):
        invite(client=nel, by=cast.ana, now=later[11])
    at_harbor = enroll(cast.otto, "Nel N.", email="nel@example.org")
    invite(client=at_harbor, by=cast.otto, now=later[11])
    assert LoginLink.objects.count() == 11

    send_login_again(client=nel, by=cast.dee, now=NOW + timedelta(hours=24, minutes=1))


def test_a_code_that_she_asked_for_herself_does_not_hold_the_desk_up(
    cast: Cast, client: Browser
) -> None:
    client.post("/login/code/", {"email": "cal@example.org"})

    assert send_login_again(client=cast.cal_client, by=cast.dee, now=NOW) == "c…@example.org"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("never invited", "no log-in yet"),
        ("closed", "is closed"),
        ("works here too", "no link is sent"),
    ],
)
def test_where_no_link_can_be_sent_the_page_says_why(
    cast: Cast, dee: Browser, why: str, said: str
) -> None:
    client = cast.cal_client
    if why == "never invited":
        client = enroll(cast.ana, "Nel N.", email="nel@example.org")
    elif why == "closed":
        Membership.objects.filter(pk=cast.cal.pk).update(is_active=False)
    else:
        add_member(clinic=cast.north, email="cal@example.org", name="Cal P.", roles=[Role.ADMIN])

    dee.post(url(client), {"next": "/logout/"})

    assert said in dee.get("/logout/").text
    assert not LoginLink.objects.exists()


def test_a_corrected_address_gets_the_log_in_and_the_wrong_one_opens_nothing(
    cast: Cast, client: Browser
) -> None:
    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)
    send_login_link(LoginLink.objects.get().pk)
    Client.objects.filter(pk=cast.cal_client.pk).update(email="carl@example.org")

    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW + timedelta(minutes=5))
    send_login_link(LoginLink.objects.latest("pk").pk)

    assert mail.outbox[1].to == ["carl@example.org"]
    assert client.get(path_in(mail.outbox[0])).status_code == 404
    client.post(path_in(mail.outbox[1]))
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/c/north/my/"
    cast.cal.refresh_from_db()
    assert not cast.cal.is_active


def test_an_address_that_is_another_clients_is_refused(cast: Cast) -> None:
    Client.objects.filter(pk=cast.cal_client.pk).update(email="cam@example.org")

    with pytest.raises(CannotInvite, match="Another client"):
        send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)

    cast.cal.refresh_from_db()
    assert cast.cal.is_active


# --- the worker -----------------------------------------------------------------------------------
def test_a_message_that_comes_twice_sends_one_mail(cast: Cast) -> None:
    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)
    link = LoginLink.objects.get()

    send_login_link(link.pk)
    send_login_link(link.pk)

    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_not_there_loses_nothing(cast: Cast, client: Browser) -> None:
    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)
    link = LoginLink.objects.get()

    with override_settings(EMAIL_BACKEND=REFUSING), pytest.raises(smtplib.SMTPException):
        send_login_link(link.pk)
    link.refresh_from_db()
    assert link.sent_at is None
    send_login_link(link.pk)

    client.post(path_in(mail.outbox[0]))
    assert logged_in(client)


@pytest.mark.parametrize("why", ["used", "old", "closed", "gone"])
def test_a_link_that_is_over_before_it_is_mailed_is_not_mailed(cast: Cast, why: str) -> None:
    send_login_again(client=cast.cal_client, by=cast.dee, now=NOW)
    link = LoginLink.objects.get()
    if why == "used":
        LoginLink.objects.update(used_at=NOW)
    elif why == "closed":
        Membership.objects.filter(pk=cast.cal.pk).update(is_active=False)

    with time_machine.travel(NOW + timedelta(hours=49 if why == "old" else 1)):
        send_login_link(link.pk if why != "gone" else 999_999)

    assert mail.outbox == []


def test_the_clients_page_says_what_became_of_the_link(cast: Cast) -> None:
    ana = Browser()
    ana.force_login(cast.ana.user)
    nel = enroll(cast.ana, "Nel N.", email="nel@example.org")
    send_invitation(invite(client=nel, by=cast.ana, now=NOW).pk)
    page = f"/c/north/clients/{nel.pk}/"
    assert "Send a log-in link" in ana.get(page).text
    assert "Log-in link" not in ana.get(page).text

    send_login_again(client=nel, by=cast.dee, now=NOW + timedelta(minutes=2))
    assert "Log-in link not sent yet" in ana.get(page).text
    send_login_link(LoginLink.objects.latest("pk").pk)

    assert re.search(r"Log-in link sent 5 March 2026, \d\d:\d\d", ana.get(page).text)
    Browser().post(path_in(mail.outbox[-1]))
    assert ", and used" in ana.get(page).text
