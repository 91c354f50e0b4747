"""``verify_audit`` names the first seal that does not hold, the row, and what is not sealed yet."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from bonefit.audit.verifying import verify
from bonefit.clinics import rows
from bonefit.clinics.models import RowChange, Seal
from tests.audit.rows import as_owner, broken, looks, run
from tests.cast import NOW, Cast
from tests.servers import Databases

pytestmark = pytest.mark.django_db(transaction=True)
#: A look with a number that somebody has chosen.
PUT_IN = (
    "INSERT INTO clients_look (id, clinic_id, at, what, roles, route, kind, how)"
    " VALUES ({}, {}, now(), 'viewed', '{{}}', 'x', 'record', 'page')"
)


def said(*options: str) -> str:
    out = StringIO()
    call_command("verify_audit", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def three(databases: Databases, cast: Cast) -> list[list[int]]:
    """Three seals over the access log, of four rows each."""
    ids = []
    for _ in range(3):
        ids.append(looks(cast, 4))
        run(databases, 2)
    return ids


def test_all_is_well_and_the_tail_is_printed(cast: Cast, three: list[list[int]]) -> None:
    more = looks(cast, 2)
    told = said()
    last = Seal.objects.latest("number")
    rows = 12 + RowChange.objects.count()
    assert f"{Seal.objects.count()} seals over {rows} rows hold." in told
    assert f"{last.number}:{last.digest}" in told
    assert (
        f"looks: 2 rows are not sealed yet, {more[0]} to {more[1]}, the oldest of {NOW:%Y-%m-%d}"
        in told
    )
    assert "operations: all rows are sealed" in told
    assert told.endswith("Everything that is sealed is as it was.\n")


def test_a_changed_row_is_named_with_its_seal(
    cast: Cast, three: list[list[int]], databases: Databases
) -> None:
    number = Seal.objects.filter(name="looks").order_by("number")[1].number
    row = three[1][2]
    as_owner(
        databases,
        f"UPDATE clients_look SET route = 'other' WHERE id IN ({row}, {three[2][0]})",
    )
    with pytest.raises(
        CommandError,
        match=rf"^Seal {number}, of looks, does not hold: a row is not as it was \(row {row}\)\.$",
    ) as refused:
        said()
    assert refused.value.returncode == 1


@pytest.mark.parametrize(
    "column",
    ["at = at + interval '1 microsecond'", "address = '192.0.2.1'", "member_id = 1", "id = -5"],
)
def test_a_row_cannot_be_changed_in_any_way(
    cast: Cast, three: list[list[int]], databases: Databases, column: str
) -> None:
    as_owner(databases, f"UPDATE clients_look SET {column} WHERE id = {three[0][0]}")
    assert broken().name == "looks"


def test_a_missing_row_is_told_by_the_one_before_it(
    cast: Cast, three: list[list[int]], databases: Databases
) -> None:
    as_owner(databases, f"DELETE FROM clients_look WHERE id = {three[0][2]}")
    found = broken()
    assert found.what == f"1 of 4 rows are missing, the first after row {three[0][1]}"


def test_a_row_that_was_put_in_is_named(
    cast: Cast, three: list[list[int]], databases: Databases
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('clients_look_id_seq')")
        (skipped,) = cursor.fetchone()
    looks(cast, 1)
    run(databases, 2)
    assert verify().broken is None
    as_owner(databases, PUT_IN.format(skipped, cast.north.pk))
    found = broken()
    assert (found.what, found.row) == ("a row was put in", skipped)


def test_a_row_below_the_first_number_is_found(
    cast: Cast, three: list[list[int]], databases: Databases
) -> None:
    as_owner(databases, PUT_IN.format(-1, cast.north.pk))
    assert broken().row == -1


def test_the_app_chooses_no_number_of_a_row(cast: Cast, databases: Databases) -> None:
    """One of before would break the chain; those to come would be refused to whoever looks next."""
    (last,) = looks(cast, 1)
    for number in (last + 1, last - 100, -1):
        put_in = PUT_IN.format(number, cast.north.pk)
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(put_in)
    assert looks(cast, 1) == [last + 1]


@pytest.mark.parametrize("table", ["clients_look", "training_operation"])
def test_the_app_fills_in_each_column_but_the_number(table: str) -> None:
    """A column that comes later has to be given to it by the migration that makes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND NOT has_column_privilege(attrelid, attnum, 'INSERT')",
            [table],
        )
        assert cursor.fetchall() == [("id",)]


@pytest.mark.parametrize(
    ("statement", "number", "what"),
    [
        ("DELETE FROM clinics_seal WHERE number = 2", 3, "seal 2 is missing"),
        ("DELETE FROM clinics_seal WHERE number = 1", 2, "seal 1 is missing"),
        ("UPDATE clinics_seal SET rows = 3 WHERE number = 2", 2, "it is not as it was made"),
        (
            "UPDATE clinics_seal SET leaves = leaves || 'x' WHERE number = 2",
            2,
            "it is not as it was made",
        ),
        (
            "UPDATE clinics_seal SET sealed_at = now() WHERE number = 3",
            3,
            "it is not as it was made",
        ),
        ("UPDATE clinics_seal SET kind = 'let_go' WHERE number = 1", 1, "it is not as it was made"),
        (
            "UPDATE clinics_seal SET previous = repeat('a', 64) WHERE number = 2",
            2,
            "it does not follow the seal before it",
        ),
    ],
)
def test_a_seal_that_was_touched_is_named(
    cast: Cast,
    three: list[list[int]],
    databases: Databases,
    statement: str,
    number: int,
    what: str,
) -> None:
    as_owner(databases, statement)
    found = broken()
    assert (found.number, found.what) == (number, what)


def test_a_chain_that_was_made_anew_is_not_the_one_that_was_noted(
    cast: Cast, three: list[list[int]], databases: Databases
) -> None:
    """Whoever owns the tables can forge all of it, and not what is written down elsewhere."""
    last = Seal.objects.latest("number")
    noted = f"--holds={last.number}:{last.digest}"
    said(noted)
    as_owner(
        databases,
        "DELETE FROM clinics_seal",
        f"DELETE FROM clients_look WHERE id = {three[0][0]}",
    )
    run(databases, 2)
    assert "Everything that is sealed is as it was." in said()
    with pytest.raises(CommandError, match=rf"Seal {last.number} is not the one that was noted"):
        said(noted)


@pytest.mark.parametrize("noted", ["3", "x:" + "a" * 64, "3:abc"])
def test_a_seal_that_cannot_be_read_is_asked_for_again(cast: Cast, noted: str) -> None:
    with pytest.raises(CommandError, match="its number, a colon and its sum"):
        said(f"--holds={noted}")


def test_operations_of_the_floor_are_sealed_too(cast: Cast, databases: Databases) -> None:
    cast.log(cast.visit)
    run(databases, 2)
    assert Seal.objects.filter(name="operations", rows__gte=1).exists()
    as_owner(databases, "UPDATE training_operation SET payload = '{\"reps\": 9}'")
    assert broken().name == "operations"


def test_the_history_of_rows_is_sealed_too(cast: Cast, databases: Databases) -> None:
    run(databases, 2)
    as_owner(databases, "UPDATE clinics_rowchange SET why = 'x' WHERE \"table\" = 'clients_client'")
    found = broken()
    assert (found.name, found.what) == ("history", "a row is not as it was")


def test_it_asks_as_often_however_many_rows_there_are(
    databases: Databases, cast: Cast, django_assert_max_num_queries: object
) -> None:
    looks(cast, 3)
    run(databases, 2)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        verify()
    for _ in range(5):
        looks(cast, 300)
        run(databases, 2)
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        assert verify().rows == 1503 + RowChange.objects.count()


# --- what the app may do --------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["clinics_seal", "training_operation", "clients_look"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {} = {}",
        "DELETE FROM {}",
        "ALTER TABLE {} DISABLE TRIGGER only_added_to",
        "DROP TRIGGER only_added_to ON {}",
        "ALTER TABLE {} ALTER COLUMN kind SET DEFAULT 'x'",
    ],
)
def test_the_app_cannot_change_what_is_sealed_nor_a_seal(
    cast: Cast, three: list[list[int]], table: str, statement: str
) -> None:
    words = statement.format(table, "kind", "kind")
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(words)


@pytest.mark.parametrize("table", ["clinics_seal", "training_operation"])
def test_neither_can_the_owner_while_the_trigger_stands(
    databases: Databases, migrated: str, table: str
) -> None:
    with databases.cluster.connect("bonefit_owner", database=migrated) as owner:
        for statement in ("UPDATE {} SET kind = kind", "DELETE FROM {}", "TRUNCATE {}"):
            with pytest.raises(Exception, match="added and never changed"):
                owner.execute(statement.format(table).encode())
        rights = owner.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = %s AND grantee = 'bonefit_app' ORDER BY 1",
            [table],
        ).fetchall()
    # Of a row that is numbered by the database it fills in the columns.
    assert rights == ([("INSERT",)] if table == "clinics_seal" else []) + [("SELECT",)]


@pytest.mark.django_db(transaction=True)
def test_whoever_asks_sees_every_clinic_for_it(databases: Databases, cast: Cast) -> None:
    """A command begins with no clinic in sight, as a beat does."""
    with rows.nothing():
        run(databases)
    looks(cast, 3)
    with rows.nothing():
        run(databases)
        said = StringIO()
        call_command("verify_audit", stdout=said)
    assert "Everything that is sealed is as it was." in said.getvalue()
    assert f"over {RowChange.objects.count() + 3:,} rows hold" in said.getvalue()
