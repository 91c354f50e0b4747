"""An admin asks somebody by mail to work in her clinic; mailbox and second step let her in."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from bonefit.clinics.access import Role
from bonefit.clinics.invitations import WORKS_HERE, invite
from bonefit.clinics.models import Invitation, Membership, RoleChange, User
from tests.authenticator_app import set_up, with_app
from tests.cast import NOW, Cast
from tests.test_login import enter, newest_code

pytestmark = pytest.mark.django_db

PEOPLE = "/c/north/settings/people/"
INVITE = f"{PEOPLE}invite/"


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def asked(email: str = "new@example.org", *roles: str, **more: str) -> dict[str, Any]:
    return {"email": email, "name": "Neo N.", "roles": list(roles or ("therapist",)), **more}


def invited(cast: Cast, email: str = "new@example.org", *roles: str, **more: str) -> str:
    """The link of the mail that went out."""
    answer = browser(cast.ada).post(INVITE, asked(email, *roles, **more))
    assert answer.status_code == 302, answer.text
    return link_in(mail.outbox[-1])


def link_in(letter: Any) -> str:
    found = re.search(r"/login/invitation/\S+", letter.body)
    assert found
    return found[0]


def with_code(link: str) -> Browser:
    """A browser that has opened the link and typed the code that came by mail."""
    fresh = Browser()
    answer = fresh.post(link)
    assert answer.status_code == 302, answer.text
    assert answer["Location"].startswith("/login/code/enter/")
    entered = enter(fresh, newest_code(), next=link)
    assert entered["Location"] == link
    return fresh


def test_who_is_new_logs_in_by_the_link_and_sets_up_her_second_step(cast: Cast) -> None:
    link = invited(cast, "New@example.org", "therapist", "lead", until_lead="4 May 2026")
    assert mail.outbox[-1].to == ["New@example.org"]
    assert "Neo N." not in mail.outbox[-1].body
    assert "herapist" not in mail.outbox[-1].body

    page = Browser().get(link)
    assert "Northside" in page.text
    assert "lead therapist until 4 May 2026" in page.text
    assert "New@example.org" not in page.text
    assert not User.objects.filter(email__iexact="new@example.org").exists()

    neo = with_code(link)
    assert not Membership.objects.filter(user__email="New@example.org").exists()
    answer = neo.post(link)
    assert answer["Location"] == "/c/north/"
    assert neo.get("/c/north/floor/")["Location"].startswith("/login/second/set-up/")
    set_up(neo)
    assert neo.get("/c/north/today/", follow=True).status_code == 200

    member = Membership.objects.get(user__name="Neo N.")
    assert (member.roles, member.roles_until) == (["therapist"], {"lead": "2026-05-04"})
    row = RoleChange.objects.get()
    assert (row.member, row.by, row.roles_before) == (member, cast.ada, [])
    assert Invitation.objects.get().accepted_by == member
    page = browser(cast.ada).get(PEOPLE).text
    assert "has joined as lead therapist until 4 May 2026, therapist" in page
    assert "Invited, not here yet" not in page


def test_the_link_alone_lets_nobody_in(cast: Cast) -> None:
    link = invited(cast)
    for by in (cast.tess, cast.otto):
        other = browser(by)
        assert other.post(link)["Location"].startswith("/login/code/enter/")
        assert "_auth_user_id" not in other.session
    assert not Membership.objects.filter(user__email="new@example.org").exists()
    assert Invitation.objects.get().accepted_at is None


def test_it_works_once(cast: Cast) -> None:
    link = invited(cast)
    neo = with_code(link)
    neo.post(link)
    assert neo.get(link).status_code in (302, 404)
    for again in (Browser().get(link), Browser().post(link)):
        assert again.status_code == 404
        assert "This invitation does not work" in again.text
    assert RoleChange.objects.count() == 1


@pytest.mark.parametrize("how", ["old", "withdrawn", "another", "spoilt", "of_a_leaver"])
def test_what_does_not_hold_any_more_opens_nothing(cast: Cast, how: str) -> None:
    link, at = invited(cast), NOW
    if how == "old":
        at = NOW + timedelta(days=3, minutes=1)
    elif how == "withdrawn":
        one = Invitation.objects.get()
        browser(cast.ada).post(f"{PEOPLE}invitations/{one.pk}/withdraw/")
    elif how == "another":
        assert Browser().get(invited(cast, "NEW@example.org")).status_code == 200
    elif how == "spoilt":
        link = link[:-4] + "abc/"
    else:
        Membership.objects.filter(pk=cast.ada.pk).update(is_active=False)
    with time_machine.travel(at, tick=True):
        gone = Browser().get(link)
        never = Browser().get("/login/invitation/nobody-made-this/")
        assert Browser().post(link).status_code == 404
    assert gone.status_code == 404
    said = [
        re.sub(r'nonce="[^"]*"|value="[^"]*"|[0-9a-f-]{12,}|\w{64}', "", one.text)
        for one in (gone, never)
    ]
    assert said[0] == said[1]
    assert not User.objects.filter(email__iexact="new@example.org").exists()


def test_who_has_a_log_in_keeps_name_and_second_step_and_gains_the_clinic(cast: Cast) -> None:
    otto, app = with_app("otto@example.org")
    link = invited(cast, "otto@example.org", "desk")
    fresh = Browser()
    fresh.post(link)
    enter(fresh, newest_code(), next=link)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=True):
        # The code alone is not enough for who has a second step.
        assert fresh.post(link)["Location"].startswith("/login/second/")
        assert not Membership.objects.filter(clinic=cast.north, user=cast.otto.user).exists()
        fresh.post("/login/second/", {"code": app.code()})
        assert fresh.post(link)["Location"] == "/c/north/"
    member = Membership.objects.get(clinic=cast.north, user=cast.otto.user)
    assert member.roles == ["desk"]
    assert member.user.name.startswith("Otto")
    assert "Otto" in browser(cast.ada).get(PEOPLE).text
    assert otto.get("/c/harbor/today/", follow=True).status_code == 200


def test_an_address_of_another_clinic_looks_like_any_other(cast: Cast) -> None:
    said, statements = [], []
    for email in ("otto@example.org", "olga@example.org", "nooo@example.org"):
        ada = browser(cast.ada)
        ada.get(PEOPLE)
        with CaptureQueriesContext(
            connection,
        ) as asked_for:
            answer = ada.post(INVITE, asked(email))
        page = ada.get(PEOPLE).text
        said.append((answer.status_code, answer["Location"], page.count(email), "Otto" in page))
        statements.append([re.sub(r"'[^']*'|\d+", "", one["sql"]) for one in asked_for])
        Invitation.objects.all().delete()
    assert len(set(said)) == 1
    assert statements[0] == statements[1] == statements[2]
    assert len(mail.outbox) == 3


def test_who_works_here_is_not_invited_and_who_left_or_trains_here_may_be(cast: Cast) -> None:
    page = browser(cast.ada).post(INVITE, asked("TESS@example.org"))
    assert page.status_code == 422
    assert WORKS_HERE in page.text
    assert 'value="Neo N."' in page.text
    cal = with_code(invited(cast, "cal@example.org", "desk"))
    link = link_in(next(one for one in reversed(mail.outbox) if "/invitation/" in one.body))
    cal.post(link)
    assert Membership.objects.get(pk=cast.cal.pk).roles == ["client", "desk"]
    lea = invited(cast, "lea@example.org", "therapist")
    with_code(lea).post(lea)
    back = Membership.objects.get(pk=cast.lea.pk)
    assert (back.is_active, back.roles) == (True, ["therapist"])


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (asked("no-address"), "This is no e-mail address."),
        ({**asked(), "name": " "}, "Write the name."),
        ({**asked(), "roles": []}, "Tick at least one role."),
        (asked("new@example.org", "client"), "There is no such role to give."),
        (asked(until_therapist="4 March 2026"), "This day is past."),
    ],
)
def test_a_mistake_is_said_and_nothing_goes_out(
    cast: Cast, sent: dict[str, Any], words: str
) -> None:
    page = browser(cast.ada).post(INVITE, sent)
    assert page.status_code == 422
    assert words in page.text
    assert not mail.outbox
    assert not Invitation.objects.exists()


def test_only_an_admin_of_just_now_invites(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        invite(email="x@example.org", name="X", roles=[Role.DESK], until={}, by=cast.tess, now=NOW)
    one = invited(cast)
    old = with_app("ada@example.org")[0]
    with time_machine.travel(NOW + timedelta(minutes=20), tick=True):
        held = Invitation.objects.get()
        assert old.post(INVITE, asked("b@example.org"))["Location"].startswith("/login/second/")
        withdrawn = old.post(f"{PEOPLE}invitations/{held.pk}/withdraw/")
        assert withdrawn["Location"].startswith("/login/second/")
        assert Browser().get(one).status_code == 200
    assert Invitation.objects.count() == 1
