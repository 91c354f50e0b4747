"""An admin says who is what in her clinic; nobody says so of herself, or of another clinic's."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client as Browser

from bonefit.clinics.access import Role
from bonefit.clinics.models import Membership, RoleChange
from bonefit.clinics.people import LAST_ADMIN, CannotGive, give_roles
from tests.authenticator_app import with_app
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db

PEOPLE = "/c/north/settings/people/"


def browser(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


def said(*roles: str, **more: str) -> dict[str, Any]:
    return {"roles": list(roles), "reason": "Leads while Ana is away", **more}


def roles_of(member: Membership) -> list[str]:
    return Membership.objects.get(pk=member.pk).roles


def test_an_admin_makes_a_therapist_lead_and_it_is_kept_with_the_reason(cast: Cast) -> None:
    ada = browser(cast.ada)
    page = ada.post(f"{PEOPLE}{cast.tess.pk}/", said("therapist", "lead"), follow=True)

    assert "Saved. It holds from now on." in page.text
    assert roles_of(cast.tess) == ["lead", "therapist"]
    row = RoleChange.objects.get()
    assert (row.member, row.by, row.roles_before) == (cast.tess, cast.ada, ["therapist"])
    assert "from therapist to lead therapist, therapist" in page.text
    assert "Leads while Ana is away" in page.text
    assert browser(cast.tess).get(PEOPLE).status_code == 200


def test_the_same_once_more_writes_nothing(cast: Cast) -> None:
    page = browser(cast.ada).post(f"{PEOPLE}{cast.tess.pk}/", said("therapist"), follow=True)
    assert "No change." in page.text
    assert not RoleChange.objects.exists()


@pytest.mark.parametrize("role", ["client", "companion", "owner", "superuser", "Admin", "*"])
def test_what_is_no_role_of_the_staff_is_given_to_nobody(cast: Cast, role: str) -> None:
    page = browser(cast.ada).post(f"{PEOPLE}{cast.tess.pk}/", said("therapist", role))
    assert page.status_code == 422
    assert "There is no such role to give." in page.text
    assert roles_of(cast.tess) == ["therapist"]
    with pytest.raises((CannotGive, ValueError)):
        give_roles(
            member=cast.tess,
            roles=[Role.THERAPIST, Role(role)],
            until={},
            reason="For a try",
            by=cast.ada,
            now=NOW,
        )


def test_what_else_is_sent_changes_nothing_else(cast: Cast) -> None:
    more = {
        "clinic": str(cast.harbor.pk),
        "user": str(cast.ada.user_id),
        "is_active": "",
        "is_staff": "on",
        "is_superuser": "on",
        "by": str(cast.ana.pk),
        "until_client": "4 May 2026",
        "roles_until": '{"admin": "2030-01-01"}',
    }
    page = browser(cast.ada).post(f"{PEOPLE}{cast.tess.pk}/", said("therapist", "lead", **more))
    assert page.status_code == 302
    tess = Membership.objects.select_related("user").get(pk=cast.tess.pk)
    assert (tess.clinic_id, tess.user_id) == (cast.north.pk, cast.tess.user_id)
    assert (tess.is_active, tess.roles_until) == (True, {})
    assert not tess.user.is_staff
    assert not tess.user.is_superuser
    assert RoleChange.objects.get().by == cast.ada


def test_nobody_gives_herself_a_role(cast: Cast) -> None:
    assert browser(cast.ada).get(f"{PEOPLE}{cast.ada.pk}/").status_code == 404
    answer = browser(cast.ada).post(f"{PEOPLE}{cast.ada.pk}/", said("admin", "therapist"))
    assert answer.status_code == 404
    for by in (cast.ana, cast.tess, cast.dee):
        answer = browser(by).post(f"{PEOPLE}{by.pk}/", said("admin"))
        assert answer.status_code == 403
    with pytest.raises(CannotGive):
        give_roles(
            member=cast.ada, roles=[Role.LEAD], until={}, reason="Mine", by=cast.ada, now=NOW
        )
    assert not RoleChange.objects.exists()


def test_the_table_takes_no_row_about_oneself(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="role_change_of_another"), transaction.atomic():
        RoleChange.objects.create(
            clinic=cast.north, member=cast.ada, by=cast.ada, at=NOW, roles=["lead"],
            roles_before=["admin"], reason="Mine",
        )  # fmt: skip


def test_a_role_in_another_clinic_is_not_hers_to_give(cast: Cast) -> None:
    answer = browser(cast.ada).post(f"{PEOPLE}{cast.otto.pk}/", said("admin"))
    assert answer.status_code == 404
    answer = browser(cast.ada).post(f"/c/harbor/settings/people/{cast.otto.pk}/", said("admin"))
    assert answer.status_code == 404
    with pytest.raises(PermissionDenied):
        give_roles(member=cast.otto, roles=[Role.ADMIN], until={}, reason="x", by=cast.ada, now=NOW)
    assert roles_of(cast.otto) == ["therapist"]


def test_who_only_trains_or_has_left_is_not_on_the_list(cast: Cast) -> None:
    ada = browser(cast.ada)
    page = ada.get(PEOPLE).text
    assert "Tess T." in page
    for other in (cast.cal, cast.con, cast.lea, cast.otto):
        assert str(other) not in page
        assert ada.get(f"{PEOPLE}{other.pk}/").status_code == 404


def test_a_lead_does_not_give_roles(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.tess.pk).update(roles=["lead"])
    tess = Membership.objects.get(pk=cast.tess.pk)
    assert browser(tess).post(f"{PEOPLE}{cast.ana.pk}/", said("admin")).status_code == 403
    assert "Roles<" not in browser(tess).get(PEOPLE).text
    with pytest.raises(PermissionDenied):
        give_roles(member=cast.ana, roles=[Role.LEAD], until={}, reason="x", by=tess, now=NOW)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"roles": [], "reason": "None"}, "Tick at least one role."),
        ({"roles": ["lead"], "reason": "  "}, "Write why: it is kept with the change."),
        (said("lead", until_lead="4 March 2026"), "This day is past."),
        (said("lead", until_lead="31 June 2026"), "Check the day."),
        (said("therapist", until_lead="4 May 2026"), "Tick the role too"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_what_was_typed_stays(
    cast: Cast, sent: dict[str, Any], words: str
) -> None:
    page = browser(cast.ada).post(f"{PEOPLE}{cast.tess.pk}/", sent)
    assert page.status_code == 422
    assert words in page.text
    assert sent.get("until_lead", "") in page.text
    assert roles_of(cast.tess) == ["therapist"]
    assert not RoleChange.objects.exists()


def test_one_admin_without_an_end_is_left(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.tess.pk).update(roles=[], roles_until={"admin": "2026-04-01"})
    tess = Membership.objects.get(pk=cast.tess.pk)
    for roles, until in (([Role.DESK], {}), ([Role.ADMIN], {Role.ADMIN: date(2026, 5, 1)})):
        with pytest.raises(CannotGive) as refused:
            give_roles(member=cast.ada, roles=roles, until=until, reason="x", by=tess, now=NOW)
        assert refused.value.wrong == {"roles": LAST_ADMIN}
    give_roles(
        member=cast.ana, roles=[Role.THERAPIST, Role.ADMIN], until={}, reason="x", by=tess, now=NOW
    )
    give_roles(member=cast.ada, roles=[Role.DESK], until={}, reason="x", by=tess, now=NOW)
    assert roles_of(cast.ada) == ["desk"]


def test_who_trains_here_too_stays_a_client(cast: Cast) -> None:
    Membership.objects.filter(pk=cast.cal.pk).update(roles=["client", "desk"])
    give_roles(member=cast.cal, roles=[Role.AUDITOR], until={}, reason="x", by=cast.ada, now=NOW)
    assert roles_of(cast.cal) == ["auditor", "client"]


def test_the_change_needs_a_log_in_of_just_now(cast: Cast) -> None:
    old = with_app("ada@example.org")[0]
    with time_machine.travel(NOW.replace(hour=4), tick=True):
        answer = old.post(f"{PEOPLE}{cast.tess.pk}/", said("therapist", "admin"))
    assert answer.status_code == 302
    assert "/people/" not in answer["Location"].split("?")[0]
    assert roles_of(cast.tess) == ["therapist"]
