"""A copy has all that is kept about a client, and nothing of anybody else."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from bonefit.acting import Acting, because
from bonefit.clients.models import Client
from bonefit.clinics.models import User
from sessions.record.reading import columns, read
from sessions.record.table import HEAD, Undeclared, columns_of
from sessions.record.tables import BY_MODEL, LEFT_OUT, TABLES
from tests.doors import FRIDAY, World
from tests.record.copying import record_in, words_in, written

OURS = [
    model
    for label in ("clinics", "clients", "programs", "training")
    for model in apps.get_app_config(label).get_models()
]


def of_a_client() -> set[type[models.Model]]:
    """Every model that belongs to a client: it points at one, or at a row that does."""
    found: set[type[models.Model]] = {Client}
    while True:
        more = {
            model
            for model in OURS
            if any(f.related_model in found for f in model._meta.concrete_fields if f.is_relation)
        } - found
        if not more:
            return found
        found |= more


# --- declared -------------------------------------------------------------------------------------


def test_every_model_of_a_client_is_in_the_record_or_left_out_with_a_reason():
    declared = BY_MODEL.keys() | LEFT_OUT.keys()
    assert sorted(one.__name__ for one in of_a_client() - declared) == []
    assert BY_MODEL.keys() & LEFT_OUT.keys() == set()
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


def test_a_model_that_nobody_has_declared_would_be_found():
    assert len(of_a_client()) > 35
    kept = {one for one in of_a_client() if one.__name__ != "Fall"}
    assert of_a_client() - kept, "a fall belongs to a client directly"
    assert any(one.__name__ == "FlagStep" for one in of_a_client()), "and a step over its flag"


def test_a_column_is_shown_or_left_out_with_a_reason_and_each_is_described():
    for table in TABLES:
        names = {one.name for one in table.model._meta.concrete_fields}
        shown = {column.name for _, column in columns(table)}
        assert shown | set(table.out) | (HEAD & names) == names, table.name
        assert not shown & set(table.out)
        assert set(table.out) <= names, f"{table.name} leaves out what it has not"
        assert all(reason for reason in table.out.values())
        assert set(table.paper) <= shown, f"{table.name} has no such column to set on paper"
        for _, column in columns(table):
            assert column.meaning.strip(" .").count(" ") >= 0
            assert len(column.meaning) > 3, (table.name, column.name)


def test_a_column_that_points_at_something_unknown_is_refused():
    flags = next(table for table in TABLES if table.name == "flags")
    without_sessions = {model: name for model, name in BY_MODEL.items() if name != "sessions"}
    with pytest.raises(Undeclared, match=r"flags\.visit points at Visit"):
        columns_of(flags, without_sessions)


# --- her rows -------------------------------------------------------------------------------------


def ids_of(client: Client) -> dict[str, set[int]]:
    """Her rows by table, as PostgreSQL's own foreign keys lead to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text"
            " FROM pg_constraint c JOIN pg_attribute a"
            # A key of two columns has the clinic before what it points at.
            " ON a.attrelid = c.conrelid AND a.attnum = c.conkey[cardinality(c.conkey)]"
            " WHERE c.contype = 'f'"
        )
        keys = cursor.fetchall()
        keys.append(("clients_look", "client_id", "clients_client"))  # it has no constraints
        found: dict[str, set[int]] = defaultdict(set, clients_client={client.pk})
        grown = True
        while grown:
            grown = False
            for table, column, parent in keys:
                if not found[parent]:
                    continue
                cursor.execute(
                    f'SELECT id FROM "{table}" WHERE "{column}" = ANY(%s)', [list(found[parent])]
                )
                hers = {pk for (pk,) in cursor.fetchall()}
                grown = grown or bool(hers - found[table])
                found[table] |= hers
    return {table: ids for table, ids in found.items() if ids}


def everybody(world: World) -> list[Client]:
    return list(Client.objects.select_related("clinic").order_by("pk"))


def test_each_client_s_copy_has_exactly_her_rows(world: World):
    left_out = {model._meta.db_table for model in LEFT_OUT}
    people, rows = 0, 0
    for client in everybody(world):
        record = read(client)
        ids = ids_of(client)
        for table, hers in ids.items():
            if table in left_out:
                continue
            name = BY_MODEL[_model(table)]
            assert {row["id"] for row in record[name].rows} == hers, (client.pk, table)
            rows += len(hers)
        for name, one in record.items():
            if one.table.model in of_a_client() and one.rows:
                assert one.table.model._meta.db_table in ids, (client.pk, name)
        people += 1
    assert people > 10
    assert rows > 250


def _model(table: str) -> type[models.Model]:
    return next(model for model in OURS if model._meta.db_table == table)


def test_each_cell_is_what_the_database_has(world: World):
    client = world.north.client
    compared = 0
    for one in read(client).values():
        for of, column in columns(one.table):
            if column.kind not in ("text", "integer", "yes_no", "row", "day"):
                continue
            if column.name in one.table.made:
                continue
            for row in one.rows:
                with connection.cursor() as cursor:
                    table = one.table.model._meta.db_table
                    cursor.execute(
                        f'SELECT "{of.column}" FROM "{table}" WHERE id = %s', [row["id"]]
                    )
                    (kept,) = cursor.fetchone()
                said = row[column.name]
                same = kept if column.kind in ("integer", "yes_no", "row") else str(kept)
                assert said == (None if kept is None else same), (table, column.name)
                compared += 1
    assert compared > 500


def test_the_rows_of_the_json_are_those_of_the_tables(world: World):
    zip_ = written(world.north.client, FRIDAY)
    record = record_in(zip_)
    for table in TABLES:
        lines = zip_.read(f"tables/{table.name}.csv").decode("utf-8-sig")
        assert lines.startswith("id,") or "id" in lines.splitlines()[0]
        if not record["tables"][table.name]:
            assert len(lines.splitlines()) == 1
    assert len(record["tables"]["sets"]) == 2
    assert [one["name"] for one in record["tables"]["person"]] == [world.north.client.name]


# --- nothing of anybody else ----------------------------------------------------------------------

MARK = "zzcanary"


def mark_others(model: type[models.Model], hers: set[int]) -> int:
    """Write a canary into every text of the rows that are not hers; how many columns took it."""
    marked = 0
    for of in model._meta.concrete_fields:
        short = of.max_length is not None and of.max_length < 20
        if not isinstance(of, models.CharField | models.TextField) or of.choices or short:
            continue
        try:
            with transaction.atomic():
                rows = model._default_manager.exclude(pk__in=hers)
                marked += bool(rows.update(**{of.name: f"{MARK} {of.name}"[: of.max_length]}))
        except DatabaseError:  # it has to be unique, or the app may not change it
            continue
    return marked


def test_nothing_of_other_clients_clinics_or_companions_is_in_it(world: World):
    cast, client = world.cast, world.north.client
    hers = {_model(table): ids for table, ids in ids_of(client).items()}
    staff = {m.user_id for m in (cast.ana, cast.tess, cast.ada, cast.dee, cast.cal)}
    marked = sum(mark_others(model, hers.get(model, set())) for model in of_a_client())
    assert marked > 40
    for user in User.objects.exclude(pk__in=staff):
        User.objects.filter(pk=user.pk).update(
            name=f"{MARK} name {user.pk}", email=f"{MARK}-{user.pk}@example.org"
        )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clinics_clinic SET name = %s WHERE slug = 'harbor'", [MARK])
    text = words_in(written(client, FRIDAY))
    assert MARK not in text, text[max(0, text.index(MARK) - 200) :][:400]
    assert "Ana T." in text
    for member in (cast.ana, cast.tess, cast.ada, cast.dee):
        assert member.user.email not in text


def test_what_marks_others_would_be_seen_if_it_were_hers(world: World):
    client = world.north.client
    Client.objects.filter(pk=client.pk).update(notes=f"{MARK} notes")
    assert words_in(written(client, FRIDAY)).count(f"{MARK} notes") == 3  # CSV, JSON, paper


def test_no_secret_is_in_it(world: World):
    zip_ = written(world.north.client, FRIDAY)
    record, text = record_in(zip_), words_in(zip_)
    feed: Any = world.north.feed
    for secret in (feed.nonce, feed.token_hash, world.north.link.token_hash):
        assert secret
        assert secret not in text
    columns_in = {name for rows in record["tables"].values() for row in rows for name in row}
    assert not {"nonce", "token_hash", "password", "data", "address_of"} & columns_in
    assert "192.0.2.7" not in text, "where somebody sat who looked"


def test_a_colleague_is_named_a_companion_is_not(world: World):
    record = record_in(written(world.north.client, FRIDAY))["tables"]
    assert {one["member"] for one in record["companions"]} == {"a companion"}
    assert {one["given_by"] for one in record["companions"]} <= {"Ana T.", "Dee D."}
    assert {one["added_by"] for one in record["papers"]} == {"Ana T."}


# --- what it was before ---------------------------------------------------------------------------


def test_what_a_row_said_before_it_was_changed_is_in_it_and_of_nobody_else(world: World):
    client = world.north.client
    other = next(one for one in everybody(world) if one.pk != client.pk)

    def change(_: HttpRequest) -> HttpResponse:
        for one, said in ((client, "Her knee, until now."), (other, MARK)):
            for notes in (said, "As it is now."):
                Client.objects.filter(pk=one.pk).update(notes=notes)
        return HttpResponse()

    request = RequestFactory().get("/")
    request.member = world.cast.ana  # type: ignore[attr-defined]
    with because(f"{MARK} is ill."):
        Acting(change)(request)
    (last,) = [
        one
        for one in record_in(written(client, FRIDAY))["tables"]["changes"]
        if one["before"].get("notes") == "Her knee, until now."
    ]
    assert (last["table"], last["row"], last["member"]) == ("person", client.pk, "Ana T.")
    assert last["what"] == "changed"
    assert MARK not in words_in(written(client, FRIDAY))


def test_neither_secrets_nor_who_somebody_was_before_are_in_what_it_was(world: World):
    client = world.north.client
    link = world.north.link
    type(link).objects.filter(pk=link.pk).update(token_hash="b" * 64)
    Client.objects.filter(pk=client.pk).update(created_by=world.cast.tess, phone="07 5555 0199")
    Client.objects.filter(pk=client.pk).update(created_by=world.cast.ana, phone="07 5555 0198")
    changes = record_in(written(client, FRIDAY))["tables"]["changes"]
    assert {"phone": "07 5555 0199"} in [one["before"] for one in changes]
    named = {name for one in changes for name in one["before"]}
    assert not {"created_by", "created_by_id", "token_hash", "nonce"} & named
