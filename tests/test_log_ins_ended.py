"""An admin who ends somebody's log-ins leaves a row: on the page of log-ins, and in the log.

Of whom her clinic has only named, as a companion, she ends none.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from bonefit.clients.log_ins import invite
from bonefit.clinics.access import Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.log_ins import end_log_ins
from bonefit.clinics.models import LogInsEnded, Membership, SecondStepReset
from sessions.who_looked import Asked, entries
from tests.authenticator_app import with_app
from tests.cast import NOW, Cast, enroll

pytestmark = pytest.mark.django_db
LOG_INS = "/c/north/settings/log-ins/"
LOG = "/c/north/looks/"


@pytest.fixture
def ada(cast: Cast) -> Browser:
    """A browser in which Ada has logged in, both steps."""
    return with_app("ada@example.org")[0]


def test_it_is_written_down_and_shown_where_it_was_done(cast: Cast, ada: Browser) -> None:
    answer = ada.post(f"{LOG_INS}{cast.ana.pk}/end/", HTTP_REFERER=f"http://testserver{LOG_INS}")
    assert answer.status_code == 302
    row = LogInsEnded.objects.get()
    assert (row.clinic, row.member, row.by) == (cast.north, cast.ana, cast.ada)
    page = ada.get(LOG_INS).text
    assert "Log-ins that were ended" in page
    assert page.rindex("Ana T.") > page.index("Log-ins that were ended")


def test_the_admin_finds_it_in_the_log_beside_resets(cast: Cast) -> None:
    LogInsEnded.objects.create(clinic=cast.north, member=cast.ana, by=cast.ada, at=NOW)
    SecondStepReset.objects.create(
        clinic=cast.north, member=cast.tess, by=cast.ada, at=NOW, reason="Telephone lost"
    )

    def found(**asked: str) -> list[tuple[str, str, str]]:
        lines = entries(cast.ada, Asked(**asked), before=None, most=50)  # type: ignore[arg-type]
        return [(line.who, line.what, line.shown) for line in lines]

    both = [
        ("Ada A.", "Ended all log-ins", "Ana T."),
        ("Ada A.", "Reset a second step", f"{cast.tess.user.name}: Telephone lost"),
    ]
    assert found() == both
    assert found(what="log_in", person=str(cast.ada.pk)) == both
    assert found(what="log_in", person=str(cast.ana.pk)) == []
    assert found(what="viewed") == []
    assert entries(cast.otto, Asked(), before=None, most=50) == []
    newest, older = entries(cast.ada, Asked(what="log_in"), before=None, most=2)
    assert entries(cast.ada, Asked(what="log_in"), before=newest.key, most=2) == [older]
    assert entries(cast.ada, Asked(what="log_in"), before=older.key, most=2) == []


def test_nobody_ends_her_own_by_this_and_no_row_is_changed(cast: Cast, ada: Browser) -> None:
    assert ada.post(f"{LOG_INS}{cast.ada.pk}/end/").status_code == 404
    assert not LogInsEnded.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        LogInsEnded.objects.create(clinic=cast.north, member=cast.ada, by=cast.ada, at=NOW)


def test_of_who_is_only_a_companion_here_none_is_ended_and_nothing_is_offered(
    cast: Cast, ada: Browser
) -> None:
    con, cal = Browser(), Browser()
    con.force_login(cast.con.user)
    cal.force_login(cast.cal.user)
    assert cal.get("/c/north/my/").status_code == 200
    contact = f"/c/north/bookings/{cast.cal_client.pk}/contact/"
    shown, mails = ada.get(contact).text, len(mail.outbox)

    answer = ada.post(f"{LOG_INS}{cast.con.pk}/end/", HTTP_REFERER=f"http://testserver{contact}")

    nobody = ada.post(f"{LOG_INS}999999/end/", HTTP_REFERER=f"http://testserver{contact}")
    assert (answer.status_code, nobody.status_code) == (404, 404)
    with pytest.raises(PermissionDenied):
        end_log_ins(member=cast.con, by=cast.ada, now=NOW)
    assert "/login/" not in con.get("/c/north/my/")["Location"]
    assert "Con" in shown
    assert f"{LOG_INS}{cast.con.pk}/" not in shown
    assert f"{LOG_INS}{cast.cal.pk}/end/" in shown
    assert not LogInsEnded.objects.exists()
    assert len(mail.outbox) == mails


def test_her_view_is_taken_away_and_she_stays_logged_in_elsewhere(cast: Cast, ada: Browser) -> None:
    add_member(
        clinic=cast.harbor, email="con@north.example.org", name="Con P.", roles=[Role.THERAPIST]
    )
    con = Browser()
    con.force_login(cast.con.user)
    assert con.get("/c/harbor/today/").status_code == 200
    view = cast.con.accompanies.get()

    ada.post(f"/c/north/bookings/{cast.cal_client.pk}/companions/{view.pk}/end/")

    assert con.get("/c/north/my/").status_code == 404
    assert con.get("/c/harbor/today/").status_code == 200


def test_a_companion_who_also_works_here_is_logged_out(cast: Cast, ada: Browser) -> None:
    add_member(clinic=cast.north, email="con@north.example.org", name="Con P.", roles=[Role.DESK])

    assert ada.post(f"{LOG_INS}{cast.con.pk}/end/").status_code == 302

    assert LogInsEnded.objects.get().member == cast.con


def test_a_clients_are_ended_once_she_has_come_in_and_not_while_she_is_only_named(
    cast: Cast, ada: Browser
) -> None:
    works = add_member(
        clinic=cast.harbor, email="pat@example.org", name="Pat Q.", roles=[Role.THERAPIST]
    )
    client = invite(client=enroll(cast.ana, "Pat Q.", email=works.user.email), by=cast.ana, now=NOW)
    contact, end = (
        f"/c/north/bookings/{client.pk}/contact/",
        f"{LOG_INS}{client.membership_id}/end/",
    )
    pat = Browser()
    pat.force_login(works.user)
    assert pat.get("/c/harbor/today/").status_code == 200
    assert end not in ada.get(contact).text
    assert ada.post(end).status_code == 404
    assert pat.get("/c/harbor/today/").status_code == 200

    assert pat.get("/c/north/my/").status_code == 200

    assert end in ada.get(contact).text
    assert ada.post(end, HTTP_REFERER=f"http://testserver{contact}")["Location"] == contact
    assert "/login/" in pat.get("/c/harbor/today/")["Location"]
    assert mail.outbox[-1].to == ["pat@example.org"]


@pytest.mark.parametrize("what", ["end", "anew", "reset"])
def test_whose_last_role_is_over_is_nobody_of_the_clinics_any_more(
    cast: Cast, ada: Browser, what: str
) -> None:
    today = NOW.astimezone(cast.north.tz).date()

    def tess_works_until(days: int) -> None:
        last = {str(Role.THERAPIST): (today + timedelta(days=days)).isoformat()}
        Membership.objects.filter(pk=cast.tess.pk).update(roles=[], roles_until=last)

    tess_works_until(0)
    assert "Tess T." in ada.get(LOG_INS).text
    tess_works_until(-1)
    assert "Tess T." not in ada.get(LOG_INS).text
    answer = ada.post(f"{LOG_INS}{cast.tess.pk}/{what}/", {"reason": "Telephone lost"})
    assert answer.status_code == 404
    tess_works_until(0)
    answer = ada.post(f"{LOG_INS}{cast.tess.pk}/{what}/", {"reason": "Telephone lost"})
    assert answer.status_code != 404
