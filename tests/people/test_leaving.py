"""An admin ends a colleague's part in the clinic: at once, with a reason; nothing is deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client as Browser

from bonefit.clinics.cover import hand_over
from bonefit.clinics.models import Cover, Membership, RoleChange
from bonefit.clinics.people import LAST_ADMIN, CannotGive, end_membership
from tests.authenticator_app import with_app
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db

PEOPLE = "/c/north/settings/people/"
WHY = {"reason": "Moved to Perth"}


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def test_it_holds_from_her_next_request_on_and_the_row_stays(cast: Cast) -> None:
    tess, ada = browser(cast.tess), browser(cast.ada)
    assert tess.get("/c/north/today/", follow=True).status_code == 200
    page = ada.post(f"{PEOPLE}{cast.tess.pk}/end/", WHY, follow=True)
    assert "does not work here any more" in page.text
    assert tess.get("/c/north/today/").status_code == 404
    assert tess.get("/c/north/floor/").status_code == 404

    left = Membership.objects.get(pk=cast.tess.pk)
    assert (left.is_active, left.roles) == (False, ["therapist"])
    row = RoleChange.objects.get()
    assert (row.member, row.by, row.roles, row.reason) == (left, cast.ada, [], "Moved to Perth")
    assert "has left; was therapist: Moved to Perth" in page.text
    assert ada.get(f"{PEOPLE}{cast.tess.pk}/end/").status_code == 404


def test_her_clients_and_classes_stand_there_before(cast: Cast) -> None:
    page = browser(cast.ada).get(f"{PEOPLE}{cast.ana.pk}/end/").text
    assert "Clients in training: 1" in page
    assert str(cast.cal_client) in page
    assert "Classes to come: 0" not in page
    assert 'href="/c/north/cover/"' in page
    assert str(cast.olga_client) not in page
    other = browser(cast.ada).get(f"{PEOPLE}{cast.tess.pk}/end/").text
    assert str(cast.cam_client) in other
    assert str(cast.cal_client) not in other


def test_without_a_reason_nothing_ends(cast: Cast) -> None:
    page = browser(cast.ada).post(f"{PEOPLE}{cast.tess.pk}/end/", {"reason": "  "})
    assert page.status_code == 422
    assert "Write why: it is kept with the change." in page.text
    assert Membership.objects.get(pk=cast.tess.pk).is_active


def test_nobody_ends_herself_and_the_last_admin_stays(cast: Cast) -> None:
    assert browser(cast.ada).post(f"{PEOPLE}{cast.ada.pk}/end/", WHY).status_code == 404
    with pytest.raises(CannotGive):
        end_membership(member=cast.ada, reason="x", by=cast.ada, now=NOW)
    Membership.objects.filter(pk=cast.tess.pk).update(roles=[], roles_until={"admin": "2026-04-01"})
    tess = Membership.objects.get(pk=cast.tess.pk)
    page = browser(tess).post(f"{PEOPLE}{cast.ada.pk}/end/", WHY)
    assert page.status_code == 422
    assert LAST_ADMIN in page.text
    Membership.objects.filter(pk=cast.ana.pk).update(roles=["admin"])
    end_membership(member=cast.ada, reason="x", by=tess, now=NOW)
    assert not Membership.objects.get(pk=cast.ada.pk).is_active


def test_no_one_else_may_and_no_other_clinics(cast: Cast) -> None:
    for by, status in ((cast.ana, 403), (cast.dee, 403), (cast.cal, 403), (cast.otto, 404)):
        assert browser(by).post(f"{PEOPLE}{cast.tess.pk}/end/", WHY).status_code == status
    assert browser(cast.ada).post(f"{PEOPLE}{cast.otto.pk}/end/", WHY).status_code == 404
    assert browser(cast.ada).post(f"{PEOPLE}{cast.cal.pk}/end/", WHY).status_code == 404
    for member, by in ((cast.otto, cast.ada), (cast.tess, cast.ana)):
        with pytest.raises(PermissionDenied):
            end_membership(member=member, reason="x", by=by, now=NOW)
    assert not RoleChange.objects.exists()


def test_who_trains_here_too_goes_on_as_a_client(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.cal.pk).update(roles=["client", "desk"])
    end_membership(member=cast.cal, reason="x", by=cast.ada, now=NOW)
    cal = Membership.objects.get(pk=cast.cal.pk)
    assert (cal.is_active, cal.roles) == (True, ["client"])
    assert browser(cal).get("/c/north/my/", follow=True).status_code == 200


def test_cover_that_she_was_to_give_ends_and_what_she_was_given_stays(cast: Cast) -> None:
    said = {"starts_on": TODAY, "reason": "On leave", "by": cast.ada, "now": NOW}
    hers = hand_over(
        therapist=cast.ana, colleague=cast.tess, ends_on=TODAY + timedelta(days=5), **said
    )
    end_membership(member=cast.tess, reason="x", by=cast.ada, now=NOW)
    assert Cover.objects.get(pk=hers.pk).ended_by == cast.ada


def test_it_needs_a_log_in_of_just_now(cast: Cast) -> None:
    old = with_app("ada@example.org")[0]
    with time_machine.travel(NOW + timedelta(minutes=20), tick=True):
        answer = old.post(f"{PEOPLE}{cast.tess.pk}/end/", WHY)
    assert answer["Location"].startswith("/login/second/")
    assert Membership.objects.get(pk=cast.tess.pk).is_active
