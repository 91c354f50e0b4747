"""The sealer chains every row once, whatever comes late, twice, at the same time or is killed."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from bonefit.audit import sealing, tables
from bonefit.audit.chain import NOTHING_BEFORE
from bonefit.audit.verifying import verify
from bonefit.clients.models import Look
from bonefit.clinics.models import Heartbeat, RowChange, Seal, SealMark
from bonefit.clinics.tasks import seal_audit
from tests.audit.rows import another, as_owner, looks, others_have_ended, run, sealed
from tests.cast import NOW, Cast
from tests.servers import Databases

pytestmark = pytest.mark.django_db(transaction=True)

ONE_LOOK = (
    "INSERT INTO clients_look (clinic_id, at, what, roles, route, kind, how)"
    " VALUES (%s, now(), 'viewed', '{}', 'late', 'record', 'page') RETURNING id"
)


def test_what_was_there_at_one_run_is_sealed_by_the_next_and_never_again(
    databases: Databases, cast: Cast
) -> None:
    ids = looks(cast, 3)
    assert run(databases, 1) == [0], (
        "a range is sealed when everybody who could write to it has ended"
    )
    assert run(databases, 1) == [3]
    assert run(databases, 3) == [0, 0, 0]
    seal = Seal.objects.get(name="looks")
    assert (seal.rows, seal.upto, len(seal.leaves)) == (3, ids[-1], 24)

    more = looks(cast, 2)
    run(databases, 2)
    first, second = Seal.objects.filter(name="looks").order_by("number")
    assert (first.upto, second.above, second.upto) == (ids[-1], ids[-1], more[-1])
    assert verify().broken is None
    assert sealed() == Look.objects.count()
    assert verify().rows == Look.objects.count() + RowChange.objects.count()


def test_the_first_follows_nothing_and_each_the_one_before(
    databases: Databases, cast: Cast
) -> None:
    for _ in range(3):
        looks(cast, 1)
        run(databases, 2)
    seals = list(Seal.objects.order_by("number"))
    assert [seal.number for seal in seals] == list(range(1, len(seals) + 1))
    assert [seal.previous for seal in seals] == [
        NOTHING_BEFORE,
        *(seal.digest for seal in seals[:-1]),
    ]
    assert len({seal.digest for seal in seals}) == len(seals) >= 3


def test_a_row_that_commits_late_with_a_lower_number_is_waited_for(
    cast: Cast, databases: Databases
) -> None:
    """Its number is lower than that of rows that everybody sees already."""
    with another(databases) as slow:
        slow.autocommit = False
        (late,) = slow.execute(ONE_LOOK.encode(), [cast.north.pk]).fetchone()
        later = looks(cast, 2)
        assert late < later[0]
        assert run(databases, 4) == [0, 0, 0, 0], "nothing is sealed over it"
        slow.commit()
    assert sum(run(databases, 2)) == 3
    assert list(Look.objects.order_by("pk").values_list("pk", flat=True)) == [late, *later]
    assert verify().broken is None


def test_a_row_that_never_commits_holds_nothing_up_for_ever(
    cast: Cast, databases: Databases
) -> None:
    with another(databases) as slow:
        slow.autocommit = False
        slow.execute(ONE_LOOK.encode(), [cast.north.pk])
        looks(cast, 2)
        run(databases, 2)
        slow.rollback()
    assert sum(run(databases, 2)) == 2
    assert verify().broken is None


def test_who_only_reads_holds_nothing_up(cast: Cast, databases: Databases) -> None:
    """A backup reads for an hour in one transaction."""
    with another(databases) as reader:
        reader.autocommit = False
        reader.execute("SELECT count(*) FROM clients_look")
        looks(cast, 2)
        assert sum(run(databases, 2)) == 2


def test_a_transaction_that_began_after_the_mark_holds_nothing_up(
    cast: Cast, databases: Databases
) -> None:
    """An import that runs for an hour does not keep what was written before it from its seal."""
    looks(cast, 2)
    run(databases, 1)
    with another(databases) as long:
        long.autocommit = False
        (late,) = long.execute(ONE_LOOK.encode(), [cast.north.pk]).fetchone()
        assert run(databases, 1) == [2]
        assert Seal.objects.get(name="looks").upto < late
        long.commit()
    assert sum(run(databases, 2)) == 1
    assert verify().broken is None


@pytest.mark.parametrize("one", tables.AUDITED, ids=lambda one: one.name)
def test_a_row_has_its_transaction_before_its_number(one: tables.Audited) -> None:
    """An identity column would give the number first, and a gap between the two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute a"
            " ON a.attrelid = adrelid AND a.attnum = adnum"
            " WHERE adrelid = %s::regclass AND attname = 'id'",
            [one.table],
        )
        (given,) = cursor.fetchone()
        cursor.execute(
            "SELECT seqcache FROM pg_sequence WHERE seqrelid = %s::regclass", [one.sequence]
        )
        assert cursor.fetchone() == (1,), "numbers that a connection keeps in store come late"
    assert given.index("pg_current_xact_id") < given.index("nextval")


@pytest.mark.parametrize("one", tables.AUDITED, ids=lambda one: one.name)
def test_every_column_is_sealed(one: tables.Audited) -> None:
    """A column that a release adds needs a new form: without one it could be rewritten."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped",
            [one.table],
        )
        assert {name for (name,) in cursor.fetchall()} == set(one.forms[-1])


def test_two_at_once_seal_once(cast: Cast, databases: Databases) -> None:
    looks(cast, 2)
    run(databases, 1)
    with another(databases) as other:
        other.autocommit = False
        other.execute(f"SELECT pg_advisory_xact_lock({sealing.LOCK})")
        assert run(databases, 2) == [0, 0], "the other has the lock, and this one does not wait"
        other.rollback()
    assert run(databases, 2) == [2, 0]


def test_one_that_is_killed_between_two_steps_has_done_whole_ones(
    databases: Databases, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(databases)  # what the cast brings with it
    monkeypatch.setattr(sealing, "MOST_ROWS", 2)
    looks(cast, 5)
    run(databases, 1)
    appended, real = [], sealing.append

    def killed(*args: object, **named: object) -> Seal:
        if appended:
            raise KeyboardInterrupt
        appended.append(real(*args, **named))  # type: ignore[arg-type]
        return appended[0]

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            run(databases, 1)
    assert sealed() in (0, 2)
    run(databases, 2)
    assert sealed() == 5
    assert verify().broken is None


def test_what_was_there_before_is_sealed_in_parts_and_in_one_run(
    databases: Databases, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(databases)  # what the cast brings with it
    monkeypatch.setattr(sealing, "MOST_ROWS", 2)
    looks(cast, 5)
    assert run(databases, 2) == [0, 5]
    parts = Seal.objects.filter(name="looks", rows__gt=0).order_by("number")
    assert [seal.rows for seal in parts] == [2, 2, 1]
    assert verify().broken is None


def test_a_mark_of_another_server_is_taken_anew(databases: Databases, cast: Cast) -> None:
    """A restored database has the marks of the one that was backed up, with higher numbers."""
    looks(cast, 1)
    run(databases, 2)
    SealMark.objects.update(transaction=2**40)
    looks(cast, 2)
    assert run(databases, 3) == [0, 2, 0]
    assert verify().broken is None


def test_it_refuses_to_run_inside_a_transaction(cast: Cast) -> None:
    """Its transaction number would be older than the last row that was numbered."""
    with transaction.atomic(), pytest.raises(RuntimeError):
        sealing.seal(NOW)


def test_the_task_leaves_a_beat_that_says_what_it_did(cast: Cast, databases: Databases) -> None:
    looks(cast, 4)
    seal_audit()
    others_have_ended(databases)
    seal_audit()
    beat = Heartbeat.objects.get(name="seal_audit")
    assert (beat.seen, beat.error) == (4 + RowChange.objects.count(), "")
    assert sealed() == 4


def test_rows_that_need_not_be_kept_longer_may_go_and_it_is_told(
    cast: Cast, databases: Databases
) -> None:
    old = looks(cast, 3)
    run(databases, 2)
    kept = looks(cast, 1)
    run(databases, 2)
    with pytest.raises(ValueError, match="Say why"):
        sealing.let_go(tables.LOOKS, upto=old[-1], why=" ", now=NOW)
    with pytest.raises(ValueError, match=f"No seal of looks ends with row {old[1]}"):
        sealing.let_go(tables.LOOKS, upto=old[1], why="six years", now=NOW)

    as_owner(databases, f"DELETE FROM clients_look WHERE id IN ({old[0]}, {old[1]})")
    assert verify().broken is not None
    sealing.let_go(tables.LOOKS, upto=old[-1], why="six years", now=NOW)

    found = verify()
    assert (found.broken, dict(found.gone)) == (None, {"looks": 2})
    as_owner(databases, f"UPDATE clients_look SET route = 'x' WHERE id = {old[2]}")
    assert verify().broken is not None, "what is still there must be as it was"
    as_owner(databases, f"DELETE FROM clients_look WHERE id IN ({old[2]}, {kept[0]})")
    assert verify().broken is not None, "and what was not let go must be there"
