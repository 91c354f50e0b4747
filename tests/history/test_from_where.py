"""Each row of the history says from where: a page, a tablet, a task, a command, the admin, psql."""

from __future__ import annotations

import sys
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser

from bonefit import tracing
from bonefit.clinics.models import Membership, RowChange
from sessions.models import Visit
from sessions.tasks import sweep_missed_visits
from tests.cast import Cast
from tests.history.test_what_is_kept import newest
from tests.sessions.test_board_operations import outcomes, send, tapped

pytestmark = pytest.mark.django_db


def changes(table: str, since: int) -> list[RowChange]:
    return list(RowChange.objects.filter(table=table, pk__gt=since).order_by("pk"))


def test_a_tablet_that_sends_names_its_request_and_who_tapped(cast: Cast) -> None:
    tablet = Browser()
    tablet.force_login(cast.ana.user)
    entry = cast.log(cast.visit)
    since = newest()
    more = {"kind": "void_set", "entry": str(entry.uid), "payload": {}, "id": str(uuid.uuid4())}
    answer = send(tablet, cast, [tapped(cast) | more])
    assert outcomes(answer) == ["applied"]
    (change,) = changes("training_setentry", since)
    assert (change.source, change.member) == (answer[tracing.HEADER], cast.ana)
    assert change.why == "Undone on the floor"


def test_a_task_gives_its_name_and_is_nobody(cast: Cast) -> None:
    since = newest()
    with time_machine.travel(cast.visit.ends_at + timedelta(days=1), tick=False):
        sweep_missed_visits.apply(throw=True)
    found = [one for one in changes("training_visit", since) if one.row == cast.visit.pk]
    assert Visit.objects.get(pk=cast.visit.pk).status == Visit.Status.UNRECORDED
    assert found
    assert {(one.source, one.member_id) for one in found} == {
        ("sessions.tasks.sweep_missed_visits", None)
    }


def test_a_command_gives_its_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is called by is what was typed."""
    monkeypatch.setattr(sys, "argv", ["/srv/manage.py", "plan_visits"])
    since = newest()
    Membership.objects.filter(pk=cast.ana.pk).update(is_active=False)
    (change,) = changes("clinics_membership", since)
    assert (change.source, change.member, change.user) == ("manage.py plan_visits", None, None)


def test_djangos_admin_names_the_request_and_the_person_who_is_no_member(cast: Cast) -> None:
    site = Browser()
    cast.nobody.is_staff = cast.nobody.is_superuser = True
    cast.nobody.save()
    site.force_login(cast.nobody)
    since = newest()
    where = f"/admin/clinics/organisation/{cast.north.organisation_id}/change/"
    answer = site.post(where, {"name": "Another name", "slug": cast.north.organisation.slug})
    assert answer.status_code == 302, answer.text
    (change,) = changes("clinics_organisation", since)
    assert change.source == answer[tracing.HEADER]
    assert (change.member, change.user) == (None, cast.nobody)


@pytest.mark.parametrize(
    "statement",
    [
        "update clients_client set phone = '1' where id = %s",
        "WITH one AS (SELECT %s::bigint AS id) UPDATE clients_client c SET phone = '1'"
        " FROM one WHERE c.id = one.id",
    ],
)
def test_a_statement_in_other_words_is_kept_and_named_by_its_role(
    cast: Cast, statement: str
) -> None:
    since = newest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bonefit.by', '', true)")
        cursor.execute(statement, [cast.cal_client.pk])
    (change,) = changes("clients_client", since)
    assert (change.role, change.source, change.member) == ("bonefit_app", "", None)
