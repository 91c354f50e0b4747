"""Pages that are asked for all day keep the database's plans, and answer as they would without."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.db.backends.postgresql.base import Cursor
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import strip_tags

from bonefit import kept_plans
from bonefit.acting import because
from bonefit.clinics.models import Membership, RowChange
from sessions.models import SetEntry
from tests.cast import NOW, Cast

#: More often than a connection waits before it plans once for all values.
OFTEN = 9
WHY = """50 % of it; 'read' off "the %s" wrong line -- %(why)s"""


def logged_in(member: Membership) -> Browser:
    made = Browser()
    made.force_login(member.user)
    return made


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    connection.ensure_connection()
    connection.connection.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()


def kept() -> dict[str, int]:
    """The statements whose plans the connection keeps, and how often each was used."""
    query = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements"
    return dict(connection.connection.execute(query).fetchall())


def usual() -> bool:
    """Whether what comes next on the connection is sent as on all other pages."""
    raw = connection.connection
    return raw.cursor_factory is Cursor and raw.prepare_threshold is None


def shown(browser: Browser, path: str) -> str:
    """What stands on a page; its keys are others each time."""
    return strip_tags(browser.get(path).content.decode().partition("<main")[2])


@time_machine.travel(NOW, tick=False)
def test_what_is_asked_again_is_sent_by_its_number(cast: Cast) -> None:
    ana = logged_in(cast.ana)
    week = reverse("sessions:week", args=["north"])
    first = [shown(ana, week) for _ in range(3)]
    assert (usual(), min(kept().values())) == (True, 1)
    often = [shown(ana, week) for _ in range(OFTEN)]
    assert min(kept().values()) > OFTEN
    assert set(first) == set(often)
    assert "Room 1" in first[0]


def test_other_pages_are_planned_for_their_values(cast: Cast) -> None:
    ada = logged_in(cast.ada)
    for _ in range(OFTEN):
        assert ada.get("/c/north/reports/adherence/").status_code == 200
    assert kept() == {}


def test_a_plan_that_one_clinic_made_shows_another_its_own(cast: Cast) -> None:
    ana, otto = logged_in(cast.ana), logged_in(cast.otto)
    for _ in range(OFTEN):
        assert cast.cal_client.name in shown(ana, "/c/north/clients/")
    plans = kept()
    his = shown(otto, "/c/harbor/clients/")
    assert cast.olga_client.name in his
    assert cast.cal_client.name not in his
    used = kept()
    assert [one for one in plans if used[one] > plans[one]]
    # Also where his own session asks for the other clinic.
    assert otto.get("/c/north/clients/").status_code == 404


def test_a_page_that_fails_leaves_the_connection_as_it_was(cast: Cast) -> None:
    ana = logged_in(cast.ana)
    nobodys = reverse("sessions:visit", args=["north", "7d9e0c5e-6f0f-4b8e-9d3e-0a4a4f7a6d10"])
    assert ana.get(nobodys).status_code == 404
    assert usual()


def test_a_reason_is_kept_as_it_was_typed(cast: Cast) -> None:
    ana = logged_in(cast.ana)
    tap = {"clinic": "north", "uid": cast.visit.uid, "lift": "hinge"}
    sent = {"done": "5", "load": "40", "number": "1"}
    assert ana.post(reverse("sessions:log-set", kwargs=tap), sent).status_code == 302
    entry = SetEntry.objects.get()
    for reps in ("4", "5") * OFTEN:
        sent = {"load": "40", "reps": reps, "why": WHY}
        correct = reverse("sessions:correct-set", kwargs={**tap, "entry": entry.uid})
        assert ana.post(correct, sent).status_code == 302
        entry.refresh_from_db()
        assert entry.reps == int(reps)
    said = RowChange.objects.filter(why=WHY)
    assert {change.member_id for change in said} == {cast.ana.pk}


@pytest.mark.django_db(transaction=True)
def test_who_writes_is_said_outside_of_a_transaction_too(cast: Cast) -> None:
    try:
        kept_plans.keep(True)
        for number in range(OFTEN):
            with because(WHY):
                type(cast.north).objects.filter(pk=cast.north.pk).update(name=f"North {number}")
    finally:
        kept_plans.keep(False)
    change = RowChange.objects.order_by("pk").last()
    assert change is not None
    assert (change.why, change.row) == (WHY, cast.north.pk)
