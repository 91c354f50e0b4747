"""Whether another clinic knows somebody, and as what, is read nowhere here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks

from bonefit.clients import looks_lately
from bonefit.clients.log_ins import invite, send_login_again
from bonefit.clients.models import Client, Companion
from bonefit.clients.tasks import send_login_link
from bonefit.clinics import invitations
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.models import LoginLink, Membership
from sessions.record.reading import read
from tests.authenticator_app import with_app
from tests.cast import NOW, Cast, enroll
from tests.desk.at import at_the_desk, words
from tests.portal.test_invitations import at_once
from tests.test_login import ask, enter, wrong_code

__all__ = ["at_once"]
#: Typed here; Harbor knows the first, in small letters, and nobody the second.
KNOWN, UNKNOWN = "Zoe@example.org", "Zod@example.org"
CALLED = "Zoe of Harbor"
ROLES = ([Role.CLIENT], [Role.COMPANION], [Role.THERAPIST], [Role.DESK, Role.CLIENT])

#: Page after page, and each time what was to be mailed is mailed before the next one is read.
Told = Iterator[str]


@pytest.fixture(params=ROLES, ids="+".join)
def known(request: pytest.FixtureRequest, cast: Cast) -> Membership:
    """What she is at Harbor."""
    return add_member(clinic=cast.harbor, email=KNOWN.lower(), name=CALLED, roles=request.param)


@pytest.fixture
def told(
    cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> Callable[..., list[str]]:
    """What somebody reads while she does something with an address; all of it is undone."""

    def of(what: Callable[[Cast, str], Told], email: str) -> list[str]:
        cache.clear()
        looks_lately.forget()
        pages = []
        with transaction.atomic(), time_machine.travel(NOW, tick=False):
            steps, more = what(cast, email), True
            while more:
                with django_capture_on_commit_callbacks(execute=True):
                    page = next(steps, None)
                more = page is not None
                pages.append(page or "")
            transaction.set_rollback(True)
        assert all(CALLED not in page for page in pages)
        numbers = [re.sub(r"(?<=name the number )[0-9a-f]+", "", page) for page in pages]
        return [re.sub(r"(?<=[Zz]o)[ed](?=@)", "", page) for page in numbers]

    return of


def a_wrong_code(ada: Browser, email: str, member: int) -> str:
    """What the admin finds in the access log after somebody typed a wrong code for it."""
    visitor = Browser()
    ask(visitor, email)
    enter(visitor, wrong_code())
    return words(ada.get("/c/north/settings/looks/", {"person": member}))


def as_a_companion(cast: Cast, email: str) -> Told:
    dee, (ada, _) = at_the_desk(cast), with_app("ada@example.org")
    client = enroll(cast.ana, "Nel N.")
    desk = f"/c/north/bookings/{client.pk}/"
    given = {"name": "Pat Q.", "email": email, "consent": "Agreed at the desk."}
    yield words(dee.post(f"{desk}companions/", given, follow=True))
    row = Companion.objects.get(client=client)
    again: dict[str, Any] = {"companion": row.pk, "next": f"{desk}contact/"}
    for minutes in (0, 2):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            yield words(dee.post(f"/c/north/clients/{client.pk}/send-login/", again, follow=True))
    yield words(dee.get(f"{desk}contact/"))
    yield a_wrong_code(ada, email, row.member_id)
    yield words(ada.get(f"{desk}contact/"))
    for what in ("end", "anew", "reset"):
        answer = ada.post(f"/c/north/settings/log-ins/{row.member_id}/{what}/", {"reason": "Lost"})
        assert answer.status_code == 404
        yield words(answer)
    yield words(dee.get(f"{desk}companions/{row.pk}/end/"))
    yield words(dee.post(f"{desk}companions/{row.pk}/end/", follow=True))


def as_a_client(cast: Cast, email: str) -> Told:
    ana, (ada, _) = at_the_desk(cast, "ana"), with_app("ada@example.org")
    client = enroll(cast.ana, "Pat Q.", email=email)
    page = f"/c/north/clients/{client.pk}/"
    yield words(ana.post(f"{page}invite/", follow=True))
    yield words(ana.get(page))
    for minutes in (0, 2):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            yield words(ana.post(f"{page}send-login/", {"next": page}, follow=True))
    yield words(ana.get(page))
    client.refresh_from_db()
    assert client.membership_id
    log = a_wrong_code(ada, email, client.membership_id)
    assert "Somebody as" not in log  # she has not come in
    yield log
    assert ada.post(f"/c/north/settings/log-ins/{client.membership_id}/end/").status_code == 404
    yield words(ada.get(f"/c/north/bookings/{client.pk}/contact/"))
    tables = read(Client.objects.select_related("clinic").get(pk=client.pk), own=False)
    for name in ("memberships", "log_in", "email_addresses", "passkeys", "login_links", "changes"):
        not_said = {"id", "row", "at"} if name == "changes" else {"id"}
        rows = tables[name].rows
        yield str([{k: v for k, v in row.items() if k not in not_said} for row in rows])


@pytest.mark.parametrize("what", [as_a_companion, as_a_client])
def test_every_page_is_the_same_whether_another_clinic_knows_the_address(
    told: Callable[..., list[str]],
    known: Membership,
    at_once: None,
    what: Callable[[Cast, str], Told],
) -> None:
    for one, other in zip(told(what, KNOWN), told(what, UNKNOWN), strict=True):
        assert one == other


def statements(browser: Browser, path: str, given: dict[str, Any]) -> list[str]:
    """What PostgreSQL is asked by a form, without the values; nothing is sent by mail."""
    with CaptureQueriesContext(connection) as asked:
        assert browser.post(path, given).status_code == 302
    return [re.sub(r"'[^']*'|\d+|NULL", "?", str(one["sql"])) for one in asked]


def test_the_same_statements_make_a_companion_or_a_client_of_whom_another_clinic_knows(
    cast: Cast, known: Membership
) -> None:
    found = []
    dee, ana = at_the_desk(cast), at_the_desk(cast, "ana")
    for email in (KNOWN, UNKNOWN):
        cache.clear()
        looks_lately.forget()
        with transaction.atomic(), time_machine.travel(NOW, tick=False):
            nel, pat = enroll(cast.ana, "Nel N."), enroll(cast.ana, "Pat Q.", email=email)
            invited = statements(ana, f"/c/north/clients/{pat.pk}/invite/", {})
            Client.objects.filter(pk=pat.pk).update(membership=None)
            given = {"name": "Pat Q.", "email": email, "consent": "Agreed at the desk."}
            named = statements(dee, f"/c/north/bookings/{nel.pk}/companions/", given)
            transaction.set_rollback(True)
        with transaction.atomic(), time_machine.travel(NOW, tick=False):
            nel = enroll(cast.ana, "Nel N.")
            first = statements(dee, f"/c/north/bookings/{nel.pk}/companions/", given)
            transaction.set_rollback(True)
        found.append((invited, named, first))
    assert found[0] == found[1]


def test_who_works_in_another_clinic_is_mailed_how_she_logs_in_and_no_link(cast: Cast) -> None:
    nel = enroll(cast.ana, "Nel N.", email=KNOWN)
    add_member(clinic=cast.harbor, email=KNOWN, name=CALLED, roles=[Role.THERAPIST])
    invite(client=nel, by=cast.ana, now=NOW)
    send_login_again(client=nel, by=cast.dee, now=NOW + timedelta(minutes=2))
    link = LoginLink.objects.latest("pk")

    send_login_link(link.pk)
    send_login_link(link.pk)

    (letter,) = mail.outbox
    assert letter.subject == "Your log-in at Northside"
    for said in (letter.body, letter.alternatives[0][0]):
        assert "this is how you log in at Northside" in said
        assert "/login/link/" not in said
        assert "{" not in said


def test_a_minute_of_another_clinic_holds_nobody_up(cast: Cast) -> None:
    other = add_member(
        clinic=cast.harbor, email="cal@example.org", name=CALLED, roles=[Role.CLIENT]
    )
    LoginLink.objects.create(
        user=other.user,
        nonce="n",
        token_hash="h",
        sent_to=other.user.email,
        made_at=NOW,
        made_by=cast.otto,
        expires_at=NOW + timedelta(hours=1),
    )
    assert send_login_again(client=cast.cal_client, by=cast.dee, now=NOW) == "c…@example.org"


def test_who_comes_to_work_here_by_her_own_log_in_goes_by_her_own_name(cast: Cast) -> None:
    add_member(clinic=cast.harbor, email=KNOWN, name=CALLED, roles=[Role.THERAPIST])
    member = add_member(clinic=cast.north, email=KNOWN, name="Pat Q.", roles=[Role.COMPANION])
    assert (str(member), member.user.name) == ("Pat Q.", CALLED)
    made, _ = invitations.invite(
        email=KNOWN, name="Zoe Z.", roles=[Role.THERAPIST], until={}, by=cast.ada, now=NOW
    )

    invitations.accept(invitation=made, user=member.user, now=NOW)

    member.refresh_from_db()
    assert str(member) == CALLED


def test_her_own_copy_has_what_is_of_her_log_in(cast: Cast) -> None:
    client = Client.objects.select_related("clinic").get(pk=cast.cal_client.pk)
    (row,) = read(client)["log_in"].rows
    assert row["email"] == "cal@example.org"
    assert read(client, own=False)["log_in"].rows == ()
