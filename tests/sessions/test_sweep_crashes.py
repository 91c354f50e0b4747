"""Whatever breaks in the middle of a sweep, no flag is lost: the next sweep gives exactly all."""

from __future__ import annotations

import logging
import subprocess
import sys
import time

import psycopg
import pytest
from django.db import OperationalError

from bonefit.paths import BASE_DIR
from sessions import unrecorded
from sessions.models import Flag, Visit
from tests.cast import NOW, Cast
from tests.servers import Databases, environment
from tests.sessions.overdue import Trigger, as_owner, overdue_visits, trigger  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

STATUS = Visit.Status
LOCK = 20260305
SWEEP = f"""
import django; django.setup()
from datetime import datetime
from bonefit.clinics import rows
from sessions.unrecorded import flag_missed
with rows.seeing_every_clinic():
    flag_missed(datetime.fromisoformat({NOW.isoformat()!r}), batch=10)
"""


def test_a_crash_between_status_and_flag_loses_neither(
    cast: Cast,
    trigger: Trigger,  # noqa: F811
):
    with trigger("RAISE EXCEPTION 'no flags today';"), pytest.raises(unrecorded.SweepIncomplete):
        unrecorded.flag_missed(NOW)
    assert (cast.visit.status, Flag.objects.count()) == (STATUS.PLANNED, 0)

    assert unrecorded.flag_missed(NOW) == 1
    assert Flag.objects.get().subject == str(cast.visit.uid)
    assert cast.visit.status == STATUS.UNRECORDED


def test_a_visit_that_cannot_be_flagged_does_not_stop_the_others(
    cast: Cast,
    trigger: Trigger,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
):
    oldest = overdue_visits(cast.enrollment, 30)[-1]

    poison = f"IF NEW.subject = '{oldest.uid}' THEN RAISE EXCEPTION 'poison'; END IF;"
    with trigger(poison), caplog.at_level(logging.ERROR):
        # Batches smaller than the number of rows that fail must get past them too.
        for batch in (200, 1):
            with pytest.raises(unrecorded.SweepIncomplete):
                unrecorded.flag_missed(NOW, batch=batch)

    assert Flag.objects.count() == 30
    assert list(Visit.objects.overdue(NOW)) == [oldest]
    assert {record.getMessage() for record in caplog.records} == {
        f"Visit {oldest.pk}: ProgrammingError"
    }
    assert "Cal" not in caplog.text
    assert "Ana" not in caplog.text
    assert unrecorded.flag_missed(NOW) == 1


def test_a_lost_connection_blames_no_visit(
    cast: Cast,
    trigger: Trigger,  # noqa: F811
    caplog: pytest.LogCaptureFixture,
):
    body = "PERFORM pg_terminate_backend(pg_backend_pid());"
    with trigger(body), pytest.raises(OperationalError):
        unrecorded.flag_missed(NOW)

    assert caplog.records == []
    assert unrecorded.flag_missed(NOW) == 1


def test_a_sweeper_killed_in_the_middle_of_its_transaction_loses_nothing(
    cast: Cast,
    trigger: Trigger,  # noqa: F811
    databases: Databases,
    worker_name: str,
):
    overdue_visits(cast.enrollment, 34)
    taken = f"PERFORM pg_advisory_xact_lock({LOCK});"
    wait = f"IF (SELECT count(*) FROM training_flag) >= 10 THEN {taken} END IF;"

    # Only the superuser sees what other roles are doing.
    with databases.cluster.connect(database=f"test_{worker_name}") as gate, trigger(wait):
        gate.execute(f"SELECT pg_advisory_lock({LOCK})".encode())
        sweeper = subprocess.Popen(
            [sys.executable, "-c", SWEEP],
            cwd=BASE_DIR,
            env=environment(
                **databases.environment(f"test_{worker_name}"),
                SECRET_KEY="of this test",
                DJANGO_SETTINGS_MODULE="bonefit.settings",
            ),
        )
        waiting = wait_for_insert(gate, sweeper)
        sweeper.kill()
        assert sweeper.wait() == -9
        gate.execute(f"SELECT pg_advisory_unlock({LOCK})".encode())
        wait_until_gone(gate, waiting)

    # The first batch was finished; of the second neither a status nor a flag is left.
    assert Flag.objects.count() == 10
    assert Visit.objects.filter(status=STATUS.UNRECORDED).count() == 10
    assert Visit.objects.overdue(NOW).count() == 25

    assert unrecorded.flag_missed(NOW) == 25
    assert Flag.objects.count() == 35
    assert set(Flag.objects.values_list("visit", flat=True)) == set(
        Visit.objects.filter(status=STATUS.UNRECORDED).values_list("pk", flat=True)
    )


def wait_for_insert(gate: psycopg.Connection, sweeper: subprocess.Popen[bytes]) -> int:
    """Wait until the sweeper stands in its second INSERT of flags; the number of its backend."""
    while sweeper.poll() is None:
        row = gate.execute(
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'advisory' "
            "AND datname = current_database() AND query LIKE '%INSERT INTO \"training_flag\"%'"
        ).fetchone()
        if row:
            return int(row[0])
        time.sleep(0.02)
    raise AssertionError(f"The sweeper ended by itself with {sweeper.returncode}.")


def wait_until_gone(gate: psycopg.Connection, backend: int) -> None:
    query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    while gate.execute(query, [backend]).fetchone() != (0,):
        time.sleep(0.02)
