"""What somebody wrote, who somebody is and when she was there is nowhere in the copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from bonefit.deidentify.declared import TABLES
from bonefit.deidentify.dropped import DROPPED
from bonefit.deidentify.rules import RULES
from bonefit.deidentify.running import MOST_WEEKS, Done
from tests.backups.site import Site
from tests.deidentify.copies import MARK, Copy, mark

PHONE, ADDRESS = "0411 555 0", "@zqxjkv.example"


@pytest.fixture(params=["peopled", "seeded"])
def full(request: pytest.FixtureRequest, copied: Callable[[str], Copy]) -> Copy:
    """The named cast's clinics, and the demo's."""
    return copied(request.getfixturevalue(request.param))


def column(model: type, name: str) -> str:
    return str(model._meta.get_field(name).column)  # type: ignore[attr-defined]


def test_no_mark_is_in_a_dump_of_it_nor_in_the_files_of_the_server(full, clean):
    days = {str(day) for (day,) in full.rows("SELECT born_on FROM clients_client")}
    born = {day for day in days if not day.endswith("-07-01")}
    assert mark(full) > 100
    with full.superuser() as sees:
        sees.execute(f"UPDATE clients_client SET phone = '{PHONE}' || id".encode())
        sees.execute(f"UPDATE clinics_user SET email = 'a' || id || '{ADDRESS}'".encode())
    before = full.dump()
    assert before.count(MARK) > 1_000
    assert PHONE in before

    clean(full)

    after = full.dump()
    for trace in (MARK, PHONE, ADDRESS):
        assert trace not in after.lower(), after[max(0, after.lower().index(trace) - 300) :][:400]
    assert not {day for day in born if day in after}
    assert "clinics_user" in full.holding(b"example.invalid"), "the right files were looked at"
    assert full.holding(MARK.encode()) == []


def test_neither_a_transaction_elsewhere_nor_statistics_keep_what_was_there(
    copied: Callable[[str], Copy], peopled: str, clean: Callable[[Copy], Done]
):
    # A vacuum of the statistics' long values removes what PostgreSQL, where it writes the table
    # anew, takes for seen by the transaction elsewhere. Of a table without rows it notes nothing.
    full = copied(peopled)
    assert mark(full) > 100
    with full.superuser() as sees:
        sees.execute(b"ANALYZE")
    with full.cluster.connect() as elsewhere, elsewhere.transaction():
        elsewhere.execute(b"SELECT pg_current_xact_id()")
        with full.superuser() as sees:
            sees.execute(b"ANALYZE")
            sees.execute(b"VACUUM pg_toast.pg_toast_2619")
        clean(full)
    assert full.rows("SELECT count(*) FROM pg_stats WHERE tablename = 'clients_client'") != [(0,)]
    assert full.holding(MARK.encode()) == []


def test_every_day_and_moment_of_a_row_is_another_one_and_intervals_are_what_they_were(
    copy: Copy, clean: Callable[[Copy], Done]
):
    def days() -> dict[tuple[str, str], dict[int, Any]]:
        found = {}
        for table in TABLES.values():
            model: Any = apps.get_model(table.label)
            for name, rule in table.fields.items():
                if rule in (RULES["moved"], RULES["born"], RULES["month"]):
                    of = column(model, name)
                    query = f'SELECT id, "{of}" FROM "{model._meta.db_table}"'
                    found[model._meta.db_table, of] = dict(copy.rows(query))
        return found

    before = days()
    clinics = dict(copy.rows("SELECT id, clinic_id FROM training_slot"))
    clean(copy)
    after = days()
    moved: dict[int, set[Any]] = {}
    looked_at = 0
    for where, of in before.items():
        for pk, day in of.items():
            assert (day is None) == (after[where][pk] is None), where
            if day is not None:
                assert after[where][pk] != day, (where, pk)
                looked_at += 1
    assert looked_at > 500
    for pk, start in before["training_slot", "starts_at"].items():
        gone = start - after["training_slot", "starts_at"][pk]
        moved.setdefault(clinics[pk], set()).add(round(gone.total_seconds() / 3600 / 24 / 7, 1))
    # Brisbane has no summer time, so there an hour is an hour.
    assert all(len(weeks) == 1 for weeks in moved.values())
    assert all(26 <= weeks <= MOST_WEEKS for (weeks,) in moved.values())
    assert all(str(day).endswith("-07-01") for day in after["clients_client", "born_on"].values())


def test_tables_that_are_dropped_are_empty_and_all_others_have_their_rows(
    copy: Copy, clean: Callable[[Copy], Done]
):
    def counts() -> dict[str, int]:
        return {
            model._meta.label: copy.rows(f'SELECT count(*) FROM "{model._meta.db_table}"')[0][0]
            for model in apps.get_models(include_auto_created=True)
        }

    before = counts()
    clean(copy)
    after = counts()
    assert {label for label in DROPPED if after[label]} == set()
    assert sum(before[label] > 0 for label in DROPPED) > 15
    assert {label: after[label] for label in TABLES} == {label: before[label] for label in TABLES}


def test_keys_lead_somewhere_and_triggers_constraints_and_policies_are_as_before(
    copy: Copy, clean: Callable[[Copy], Done], tmp_path
):
    before = Site(copy.cluster, copy.name, tmp_path, None).shape()
    assert copy.loose_ends() == []
    done = clean(copy)
    assert Site(copy.cluster, copy.name, tmp_path, None).shape() == before
    assert copy.loose_ends() == []
    assert (done.tables, done.emptied) == (len(TABLES), len(DROPPED))


def test_the_same_person_has_one_name_and_each_run_invents_others(
    copied: Callable[[str], Copy], peopled: str, clean: Callable[[Copy], Done]
):
    query = """
        SELECT c.id, c.name, u.name, c.email, u.email FROM clients_client c
        JOIN clinics_membership m ON m.id = c.membership_id JOIN clinics_user u ON u.id = m.user_id
        ORDER BY 1
    """
    one, other = copied(peopled), copied(peopled)
    clean(one)
    clean(other)
    for _, name, of_user, email, of_log_in in one.rows(query):
        assert name == of_user
        assert email in ("", of_log_in)
        assert of_log_in.endswith("@example.invalid")
    names = "SELECT array_agg(name ORDER BY id) FROM clinics_user"
    assert one.rows(names) != other.rows(names)
    uids = "SELECT array_agg(uid ORDER BY id) FROM training_visit"
    assert one.rows(uids) != other.rows(uids)


def test_who_is_very_old_or_alone_of_her_sex_does_not_stand_out(
    copy: Copy, clean: Callable[[Copy], Done]
):
    with copy.superuser() as sees:
        sees.execute(b"UPDATE clients_client SET sex = 'female', born_on = '1955-02-03'")
        sees.execute(
            b"UPDATE clients_client SET born_on = date '1915-01-01' + (id %% 9)::int * 400, "
            b"sex = 'other' WHERE id IN (SELECT id FROM clients_client WHERE clinic_id = "
            b"(SELECT min(id) FROM clinics_clinic) ORDER BY id LIMIT 3)".replace(b"%%", b"%")
        )
    clean(copy)
    old = copy.rows("SELECT DISTINCT born_on FROM clients_client ORDER BY 1")
    assert len([day for (day,) in old if day.year < 1945]) == 1
    assert copy.rows("SELECT DISTINCT sex FROM clients_client") == [("female",)]
