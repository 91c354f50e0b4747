"""Rows for the tests of seals, and the owner's hand, which alone can reach behind them."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from bonefit.audit import sealing
from bonefit.audit.verifying import Broken, verify
from bonefit.clients.models import Look
from bonefit.clinics.models import Seal, SealMark
from tests.cast import NOW, Cast
from tests.in_sight import EVERYTHING
from tests.servers import Databases


def looks(cast: Cast, count: int) -> list[int]:
    """So many rows of the access log, as the app writes them; their numbers in order."""
    rows = Look.objects.bulk_create(
        Look(clinic=cast.north, at=NOW, what="viewed", route=f"r{n}", kind="record", how="page")
        for n in range(count)
    )
    return sorted(row.pk for row in rows)


ADDED_TO = ("clients_look", "clinics_seal", "training_operation", "clinics_rowchange")
#: Seconds. The tests of a module that share a world are one transaction: those of the access table
#: are nearly a thousand, and a slow machine is at them for minutes.
LONGEST_MODULE = 3600
#: Transactions that are older than a mark, of other databases and of the server's own vacuum, also
#: in this one; whoever asks sees all of them.
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_xid IS NOT NULL
    AND (datname IS DISTINCT FROM %s OR backend_type <> 'client backend')
    AND pg_snapshot_xmin(pg_current_snapshot())::text::bigint < %s
    AND backend_xid::text::bigint < %s %% 4294967296
"""


def run(databases: Databases, times: int = 2) -> list[int]:
    """The sealer, so many minutes; how many rows of the access log each run sealed.

    The tests of another worker may hold a transaction open on the same server, and the server may
    look through tables: these are waited for, what this test holds open in its own database is not.
    """
    done = []
    for minute in range(times):
        others_have_ended(databases)
        before = sealed()
        sealing.seal(NOW + timedelta(minutes=minute))
        done.append(sealed() - before)
    return done


def others_have_ended(databases: Databases) -> None:
    mark = SealMark.objects.aggregate(last=Max("transaction"))["last"] or 0
    name = connection.settings_dict["NAME"]
    with databases.cluster.connect(database=name) as sees:
        give_up = time.monotonic() + LONGEST_MODULE
        while time.monotonic() < give_up:
            if sees.execute(OTHERS.encode(), [name, mark, mark]).fetchone() == (0,):
                return
            time.sleep(0.05)
    raise AssertionError("Transactions of other tests did not end.")


def sealed() -> int:
    """Rows of the access log under all seals together."""
    return sum(Seal.objects.filter(name="looks").values_list("rows", flat=True))


def broken() -> Broken:
    """The first seal that does not hold."""
    found = verify().broken
    assert found is not None
    return found


def as_owner(databases: Databases, *statements: str) -> None:
    """What somebody does who owns the tables and has switched the triggers off."""
    name = connection.settings_dict["NAME"]
    with databases.cluster.connect("bonefit_owner", name) as owner:
        for table in ADDED_TO:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER only_added_to".encode())
        for statement in statements:
            owner.execute(statement.encode())
        for table in ADDED_TO:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER only_added_to".encode())


def another(databases: Databases) -> Any:
    """A second connection of the app, to hold a transaction open with."""
    made = databases.cluster.connect("bonefit_app", connection.settings_dict["NAME"])
    made.execute(EVERYTHING.sql())
    return made
