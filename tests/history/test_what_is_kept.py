"""Whoever changes a row and however: what it was is kept, with who, when, from where and why."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bonefit import acting, tracing
from bonefit.clients.models import Client, Lock
from bonefit.clinics.models import Membership, RowChange, User
from sessions.models import SetEntry, Visit
from tests.cast import Cast
from tests.servers import Databases

pytestmark = pytest.mark.django_db
KINDS = RowChange.What


def of(row: object, since: int = 0) -> list[RowChange]:
    """The history of a row, the oldest first."""
    found = RowChange.objects.filter(table=row._meta.db_table, row=row.pk, pk__gt=since)  # type: ignore[attr-defined]
    return list(found.order_by("pk"))


def newest() -> int:
    return RowChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def lock(client: Client) -> Lock:
    return Lock.objects.create(clinic=client.clinic, client=client, why="stop", fact="a fall")


# --- what -----------------------------------------------------------------------------------------
def test_a_change_keeps_the_columns_that_changed_and_nothing_else(cast: Cast) -> None:
    client, since = cast.cal_client, newest()
    before = client.phone
    client.phone = "020 7946 0999"
    client.save()
    (change,) = of(client, since)
    assert (change.what, change.before) == (KINDS.CHANGED, {"phone": before})
    assert (change.clinic, change.role) == (cast.north, "bonefit_app")


def test_a_row_that_is_saved_as_it_was_leaves_nothing(cast: Cast) -> None:
    since = newest()
    cast.cal_client.save()
    assert of(cast.cal_client, since) == []


def test_a_new_row_is_noted_and_its_values_are_those_that_it_has(cast: Cast) -> None:
    made = lock(cast.cal_client)
    (added,) = of(made)
    assert (added.what, added.before) == (KINDS.ADDED, None)


def test_a_removed_row_is_kept_whole(cast: Cast) -> None:
    made = lock(cast.cal_client)
    pk = made.pk
    made.delete()
    row = RowChange.objects.get(table="clients_lock", row=pk, what=KINDS.REMOVED)
    assert row.before["fact"] == "a fall"
    assert row.before["client_id"] == cast.cal_client.pk
    assert row.clinic == cast.north


def test_bulk_writes_keep_a_row_for_each(cast: Cast) -> None:
    since = newest()
    made = Lock.objects.bulk_create(
        Lock(clinic=cast.north, client=client, why="stop", fact="a fall", finding=f"{n}")
        for n, client in enumerate((cast.cal_client, cast.cam_client))
    )
    Lock.objects.filter(pk__in=[one.pk for one in made]).update(evidence={"set": 1})
    for one in made:
        one.finding = "Another."
    Lock.objects.bulk_update(made, ["finding"])
    for n, one in enumerate(made):
        added, told, changed = of(one, since)
        assert (added.what, told.before, changed.before) == (
            KINDS.ADDED,
            {"evidence": {}},
            {"finding": f"{n}"},
        )


def test_a_statement_that_is_typed_is_kept_like_any_other(cast: Cast) -> None:
    since, before = newest(), cast.visit.status
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE training_visit SET status = 'cancelled', said_why = 'By hand.' WHERE id = %s",
            [cast.visit.pk],
        )
    (change,) = of(cast.visit, since)
    assert change.before["status"] == before
    assert (change.role, change.member, change.source) == ("bonefit_app", None, "")


@pytest.mark.django_db(transaction=True)
def test_a_superuser_at_the_prompt_is_named_by_his_role(cast: Cast, databases: Databases) -> None:
    name = connection.settings_dict["NAME"]
    with databases.cluster.connect("bonefit_owner", name) as owner:
        owner.execute("UPDATE clients_client SET phone = '1'")
    rows = RowChange.objects.filter(
        table="clients_client", what=KINDS.CHANGED, role="bonefit_owner"
    )
    assert set(rows.values_list("row", flat=True)) == set(
        Client.objects.values_list("pk", flat=True)
    )


def test_a_set_that_is_changed_behind_the_log_is_kept(cast: Cast) -> None:
    """A set that is logged costs nothing: its operation is its history."""
    since = newest()
    entry = cast.log(cast.visit)
    assert of(entry, since) == []
    SetEntry.objects.filter(pk=entry.pk).update(reps=99)
    (change,) = of(entry, since)
    assert change.before == {"reps": entry.reps}


def test_a_log_in_is_no_change_of_a_person_and_no_key_is_kept(cast: Cast) -> None:
    since = newest()
    user = cast.ana.user
    user.last_login = timezone.now()
    user.set_password("a new long password")
    user.save()
    assert of(user, since) == []
    user.is_staff = True
    user.save()
    (change,) = of(user, since)
    assert (change.before, change.clinic) == ({"is_staff": False}, None)
    gone = User.objects.create_user("gone@example.org", name="Gone")
    pk = gone.pk
    gone.delete()
    row = RowChange.objects.get(table="clinics_user", row=pk, what=KINDS.REMOVED)
    assert "password" not in row.before


def test_what_is_undone_with_its_transaction_leaves_no_history(cast: Cast) -> None:
    since = newest()
    with transaction.atomic():
        Membership.objects.filter(pk=cast.ana.pk).update(roles=["admin"])
        assert of(cast.ana, since)
        transaction.set_rollback(True)
    assert of(cast.ana, since) == []


# --- who, from where, why -------------------------------------------------------------------------
def test_a_page_names_the_member_and_the_request(cast: Cast, client: Browser) -> None:
    client.force_login(cast.ana.user)
    since = newest()
    where = f"/c/north/clients/{cast.cal_client.pk}/edit/"
    there = client.get(where).context["form"].initial
    typed = {name: value for name, value in there.items() if value} | {"phone": "020 7946 0999"}
    answer = client.post(where, typed)
    assert answer.status_code == 302
    (change,) = of(cast.cal_client, since)
    assert "phone" in change.before
    assert (change.member, change.user) == (cast.ana, cast.ana.user)
    assert change.source == answer[tracing.HEADER]


def test_a_reason_of_the_row_is_the_reason_of_the_change(cast: Cast) -> None:
    since = newest()
    Visit.objects.filter(pk=cast.visit.pk).update(status="cancelled", said_why="She has a cold.")
    (change,) = of(cast.visit, since)
    assert change.why == "She has a cold."


def test_a_reason_that_no_column_holds_can_be_said(cast: Cast) -> None:
    since = newest()
    with acting.because("100 % sure; 'quoted' \\ and {odd}"):
        Client.objects.filter(pk=cast.cal_client.pk).update(phone="2")
    Client.objects.filter(pk=cast.cal_client.pk).update(phone="3")
    said, silent = of(cast.cal_client, since)
    assert (said.why, silent.why) == ("100 % sure; 'quoted' \\ and {odd}", "")


def test_nothing_of_one_writer_is_said_of_the_next(cast: Cast) -> None:
    """Also where a savepoint is rolled back, and outside of any transaction of the application."""
    since = newest()
    rows = Client.objects.filter(pk=cast.cal_client.pk)
    with acting.because("First."):
        with transaction.atomic():
            rows.update(phone="1")
            transaction.set_rollback(True)
        rows.update(phone="2")
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bonefit.by', '', true)")
        cursor.execute("UPDATE clients_client SET phone = '3' WHERE id = %s", [cast.cal_client.pk])
    assert [change.why for change in of(cast.cal_client, since)] == ["First.", ""]


@pytest.mark.django_db(transaction=True)
def test_what_was_said_ends_with_the_transaction(cast: Cast) -> None:
    with acting.because("First."):
        Client.objects.filter(pk=cast.cal_client.pk).update(phone="1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('bonefit.by', true), '')")
        assert cursor.fetchone() == ("",)


def test_to_say_it_is_no_further_question(cast: Cast) -> None:
    rows = Client.objects.filter(pk=cast.cal_client.pk)
    with CaptureQueriesContext(connection) as asked, acting.because("Why."):
        rows.update(phone="1")
        assert rows.get().phone == "1"
    assert len(asked) == 2


def test_threads_have_their_own_reasons(cast: Cast) -> None:
    said: list[dict[str, int | str]] = []
    with acting.because("Mine."):
        thread = threading.Thread(target=lambda: said.append(acting.said()))
        thread.start()
        thread.join()
    assert said == [{}]
