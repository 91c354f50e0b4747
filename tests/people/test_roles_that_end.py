"""A role may have a last day: it holds on that day, and grants nothing on the next."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client as Browser

from bonefit.clients.models import Client, Look
from bonefit.clinics.access import Can, Role
from bonefit.clinics.actions import add_member
from bonefit.clinics.login_links import may_have_link
from bonefit.clinics.models import Membership
from bonefit.clinics.people import give_roles
from bonefit.clinics.second_step import needs_second_step
from sessions.notices.whose import staff_of
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

#: The last minute of Friday 6 March in Brisbane, and the first of Saturday.
LAST_MINUTE = datetime(2026, 3, 6, 13, 59, tzinfo=UTC)
NEXT_DAY = datetime(2026, 3, 6, 14, 1, tzinfo=UTC)
PEOPLE = "/c/north/settings/people/"


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def until_friday(member: Membership, by: Membership, *roles: Role) -> Membership:
    """She has these roles beside her own, until Friday 6 March."""
    give_roles(
        member=member,
        roles=[*roles, *(Role(role) for role in member.roles)],
        until=dict.fromkeys(roles, date(2026, 3, 6)),
        reason="For a while",
        by=by,
        now=NOW,
    )
    return Membership.objects.get(pk=member.pk)


def test_a_lead_for_two_days_is_one_on_her_last_day_and_none_after_it(cast: Cast) -> None:
    tess = until_friday(cast.tess, cast.ada, Role.LEAD)
    assert Can.COVER_ANYBODY in tess.can
    for moment, status in ((LAST_MINUTE, 200), (NEXT_DAY, 403)):
        with time_machine.travel(moment, tick=True):
            assert browser(tess).get(PEOPLE).status_code == status
            assert browser(tess).get("/c/north/today/").status_code == 200
            assert (Role.LEAD in tess.roles_now) == (status == 200)


def test_it_is_the_clinics_day_that_counts(cast: Cast) -> None:
    """At two o'clock in New York on Friday it is Saturday in Brisbane."""
    afternoon = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)
    there = add_member(clinic=cast.harbor, email="h@example.org", name="H. H.", roles=[Role.DESK])
    for member in (there, cast.dee):
        Membership.objects.filter(pk=member.pk).update(roles_until={"lead": "2026-03-06"})
    with time_machine.travel(afternoon, tick=True):
        found = Membership.objects.supervisors()
        assert found.filter(pk=there.pk).exists()
        assert not found.filter(pk=cast.dee.pk).exists()
        assert Membership.objects.get(pk=there.pk).supervises
        assert not Membership.objects.get(pk=cast.dee.pk).supervises


def test_an_auditor_for_a_month_who_is_nothing_else_is_a_stranger_after_it(cast: Cast) -> None:
    guest = add_member(clinic=cast.north, email="g@example.org", name="Gus G.", roles=[Role.DESK])
    Membership.objects.filter(pk=guest.pk).update(roles=[], roles_until={"auditor": "2026-03-06"})
    with time_machine.travel(LAST_MINUTE, tick=True):
        gus = browser(guest)
        assert gus.get("/", follow=True).status_code == 200
        assert gus.get("/c/north/clients/").status_code == 200
        held = Membership.objects.get(pk=guest.pk)
        assert Client.objects.visible_to(held).exists()
    with time_machine.travel(NEXT_DAY, tick=True):
        gus = browser(guest)
        assert gus.get("/c/north/clients/").status_code == 404
        assert gus.get("/c/north/").status_code == 404
        assert gus.get("/").status_code == 403
        held = Membership.objects.get(pk=guest.pk)
        assert (held.roles_now, held.can) == ([], frozenset())
        assert not Client.objects.visible_to(held).exists()


def test_the_page_of_people_shows_the_last_day_before_and_after_it(cast: Cast) -> None:
    until_friday(cast.tess, cast.ada, Role.LEAD)
    assert "Lead therapist until 6 March 2026" in browser(cast.ada).get(PEOPLE).text
    with time_machine.travel(NEXT_DAY, tick=True):
        assert "Lead therapist, ended after 6 March 2026" in browser(cast.ada).get(PEOPLE).text


def test_it_is_prolonged_and_made_lasting_by_another_day(cast: Cast) -> None:
    tess = until_friday(cast.tess, cast.ada, Role.LEAD)
    page = browser(cast.ada).get(f"{PEOPLE}{tess.pk}/").text
    assert 'value="6 March 2026"' in page
    give_roles(
        member=tess, roles=[Role.THERAPIST, Role.LEAD], until={}, reason="Stays", by=cast.ada,
        now=NOW,
    )  # fmt: skip
    tess = Membership.objects.get(pk=tess.pk)
    assert (tess.roles, tess.roles_until) == (["lead", "therapist"], {})


def test_a_supervisor_for_a_while_is_found_wherever_supervisors_are(cast: Cast) -> None:
    until_friday(cast.dee, cast.ada, Role.THERAPIST)
    for moment, there in ((LAST_MINUTE, True), (NEXT_DAY, False)):
        with time_machine.travel(moment, tick=True):
            found = Membership.objects.filter(clinic=cast.north).supervisors()
            assert found.filter(pk=cast.dee.pk).exists() is there


def test_an_admin_for_a_while_is_told_what_admins_are(cast: Cast) -> None:
    until_friday(cast.dee, cast.ada, Role.ADMIN)
    pks = {cast.north.pk}
    assert staff_of(pks, LAST_MINUTE)[cast.north.pk].admins == sorted([cast.ada.pk, cast.dee.pk])
    assert staff_of(pks, NEXT_DAY)[cast.north.pk].admins == [cast.ada.pk]


def test_who_works_for_a_while_takes_two_steps_and_is_sent_no_link(cast: Cast) -> None:
    assert not needs_second_step(cast.cal.user)
    assert may_have_link(cast.cal.user)
    Membership.objects.filter(pk=cast.cal.pk).update(roles_until={"auditor": "2026-03-06"})
    assert needs_second_step(cast.cal.user)
    assert not may_have_link(cast.cal.user)


def test_the_access_log_says_in_which_roles_she_looked(cast: Cast) -> None:
    until_friday(cast.dee, cast.ada, Role.AUDITOR)
    assert browser(cast.dee).get(f"/c/north/clients/{cast.cal_client.pk}/").status_code == 200
    look = Look.objects.filter(member=cast.dee).latest("pk")
    assert sorted(look.roles) == ["auditor", "desk"]
    with time_machine.travel(NEXT_DAY, tick=True):
        assert browser(cast.dee).get(f"/c/north/clients/{cast.cal_client.pk}/").status_code == 403
    look = Look.objects.filter(member=cast.dee).latest("pk")
    assert (look.what, look.roles) == (Look.What.REFUSED, ["desk"])
