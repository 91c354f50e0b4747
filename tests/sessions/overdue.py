"""Helpers of the sweep's tests: many overdue visits, and triggers that make the database fail."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest

from programs.models import Enrollment
from sessions.models import Slot, Visit
from tests.cast import NOW
from tests.servers import Databases

GRACE = timedelta(hours=1)
Trigger = Callable[[str], contextlib.AbstractContextManager[None]]
Connect = Callable[[], psycopg.Connection]


def overdue_visits(enrollment: Enrollment, count: int) -> list[Visit]:
    """``count`` more visits of an enrollment before NOW that nobody has said anything about."""
    slots = Slot.objects.bulk_create(
        Slot(
            clinic_id=enrollment.clinic_id,
            room="Room 2",
            starts_at=NOW - timedelta(hours=3 + number),
            ends_at=NOW - timedelta(hours=3 + number) + timedelta(minutes=30),
            capacity=6,
        )
        for number in range(48, 48 + count)
    )
    return Visit.objects.bulk_create(
        Visit(
            clinic_id=enrollment.clinic_id,
            enrollment=enrollment,
            client_id=enrollment.client_id,
            slot=slot,
            during=(slot.starts_at, slot.ends_at),
            missed_after=slot.ends_at + GRACE,
        )
        for slot in slots
    )


@pytest.fixture
def as_owner(databases: Databases, worker_name: str) -> Connect:
    """Opens a connection of the tables' owner to this test's database; it commits by itself."""
    return lambda: databases.cluster.connect("bonefit_owner", f"test_{worker_name}")


@pytest.fixture
def trigger(transactional_db: None, as_owner: Connect) -> Trigger:
    """``with trigger(body):`` runs the PL/pgSQL ``body`` before each row of training_flag."""

    @contextlib.contextmanager
    def on_each_flag(body: str) -> Iterator[None]:
        with as_owner() as owner:
            owner.execute(
                f"CREATE FUNCTION in_the_way() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$BEGIN {body} RETURN NEW; END$$".encode()
            )
            owner.execute(
                "CREATE TRIGGER in_the_way BEFORE INSERT ON training_flag "
                "FOR EACH ROW EXECUTE FUNCTION in_the_way()"
            )
            try:
                yield
            finally:
                owner.execute("DROP FUNCTION in_the_way CASCADE")

    return on_each_flag
