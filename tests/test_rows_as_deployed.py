"""Policies as migrations leave them: other tests run under ones that know what a test may see."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.servers import Databases

READY, LOOKS = "training_deliveryready", "clients_look"
ROWS = f"""
    SET session_replication_role = replica;  -- no clinic is needed for a row of one
    INSERT INTO {READY} (clinic_id, key, made_at) VALUES (1, 'a', now()), (2, 'b', now());
    INSERT INTO {LOOKS} (clinic_id, at, what, roles, route, kind, how, client_id)
    VALUES (1, now(), 'viewed', '{{}}', '', 'record', 'page', 5),
        (1, now(), 'viewed', '{{}}', '', 'record', 'page', 6),
        (1, now(), 'viewed', '{{}}', '', 'list', 'page', NULL),
        (2, now(), 'viewed', '{{}}', '', 'record', 'page', 5);
"""


@pytest.fixture(scope="module")
def database(databases: Databases, migrated: str, worker_name: str) -> Iterator[str]:
    name = f"as_deployed_{worker_name}"
    databases.cluster.drop_database(name)
    databases.cluster.make_database(name, template=migrated)
    with databases.cluster.connect(database=name) as superuser:
        superuser.execute(ROWS.encode())
    yield name
    databases.cluster.drop_database(name)


@pytest.fixture
def app(databases: Databases, database: str) -> Iterator[psycopg.Connection]:
    address = databases.cluster.url("bonefit_app", database)
    with psycopg.connect(address, autocommit=True) as connection:
        yield connection


def clinics(app: psycopg.Connection) -> list[int]:
    return [one for (one,) in app.execute(f"SELECT clinic_id FROM {READY} ORDER BY 1".encode())]


def looked_at(app: psycopg.Connection) -> list[int | None]:
    query = f"SELECT client_id FROM {LOOKS} ORDER BY client_id NULLS LAST"
    return [one for (one,) in app.execute(query.encode())]


def test_a_connection_that_was_told_nothing_sees_nothing(app):
    assert (clinics(app), looked_at(app)) == ([], [])
    app.execute("SET bonefit.clinics = ''")
    assert (clinics(app), looked_at(app)) == ([], [])
    app.execute("SET bonefit.clients = '{5}'")
    assert looked_at(app) == []


def test_a_connection_sees_the_clinics_that_it_was_told(app):
    app.execute("SET bonefit.clinics = '{[2,2]}'")
    assert (clinics(app), looked_at(app)) == ([2], [5])
    app.execute("SET bonefit.clinics = '{[1,2]}'")
    assert (clinics(app), looked_at(app)) == ([1, 2], [5, 5, 6, None])
    app.execute("RESET ALL")
    assert clinics(app) == []


def test_a_plan_that_is_kept_shows_what_the_connection_was_told_last(app):
    query = f"SELECT clinic_id FROM {READY} WHERE key <> %s ORDER BY 1".encode()

    def seen(told: str) -> list[int]:
        app.execute(f"SET bonefit.clinics = '{told}'".encode())
        return [one for (one,) in app.execute(query, ["z"], prepare=True)]

    # After five of its own PostgreSQL has one plan for all values.
    assert [seen("{[1,1]}") for _ in range(9)] == [[1]] * 9
    kept = app.execute("SELECT max(generic_plans) FROM pg_prepared_statements").fetchone()
    assert kept is not None
    assert kept[0] > 0
    assert [seen(told) for told in ("{[2,2]}", "{}", "", "{[1,2]}")] == [[2], [], [], [1, 2]]


def test_a_connection_that_was_told_clients_sees_theirs_and_nobodys(app):
    app.execute("SET bonefit.clinics = '{[1,1]}'; SET bonefit.clients = '{5}'")
    assert looked_at(app) == [5]
    app.execute("SET bonefit.clients = '{}'")
    assert looked_at(app) == []
    app.execute("SET bonefit.clients = ''")
    assert looked_at(app) == [5, 6, None]


def test_no_row_is_written_into_a_clinic_that_is_not_seen(app):
    app.execute("SET bonefit.clinics = '{[1,1]}'")
    write = f"INSERT INTO {READY} (clinic_id, key, made_at) VALUES (3, 'c', now())"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        app.execute(write.encode())
    moved = f"UPDATE {READY} SET clinic_id = 2"
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        app.execute(moved.encode())


def test_the_clinics_that_are_seen_are_worked_out_once_a_statement(app):
    """And not for each row; nor is a function of ours read for it."""
    app.execute("SET bonefit.clinics = '{[1,1]}'")
    plan = "\n".join(
        line for (line,) in app.execute(f"EXPLAIN (VERBOSE) SELECT * FROM {LOOKS}".encode())
    )
    assert "InitPlan" in plan
    assert "seen_clinics" not in plan
    assert "(InitPlan" in plan.split("Filter:")[1]
    assert "@> " in plan


def test_the_backup_and_the_owner_see_all(databases, database):
    for role in ("bonefit_backup", "bonefit_owner"):
        with psycopg.connect(databases.cluster.url(role, database)) as connection:
            assert clinics(connection) == [1, 2]
            assert len(looked_at(connection)) == 4
