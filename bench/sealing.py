"""What seals cost: rows of the access log sealed and verified, ten and a hundred times as many.

    python -m bench.sealing            print the figures

The time is that of the process (CPU) and on the wall; the sealer's own is nearly all PostgreSQL's
and SHA-256's. It grows with the rows where the last column stays the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench import report
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError

SITE = "bonefit.demo.settings"
#: Nothing else is to be sealed.
AUDITED = ("clients_look", "training_operation", "clinics_rowchange", "clinics_seal")
EMPTY = "".join(
    (
        *(f"ALTER TABLE {table} DISABLE TRIGGER not_emptied;" for table in AUDITED),
        f"TRUNCATE {', '.join(AUDITED)}, clinics_sealmark;",
        *(f"ALTER TABLE {table} ENABLE TRIGGER not_emptied;" for table in AUDITED),
    )
)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
FILLED = """
    INSERT INTO clients_look (clinic_id, at, what, member_id, roles, client_id, route, kind, how)
    SELECT 1, now() - make_interval(secs => n), 'viewed', 1, '{therapist}', n %% 500,
        'clients:client', 'record', 'page'
    FROM generate_series(1, %s) n
"""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds for a number of rows: on the wall, and of this process."""

    what: str
    rows: int
    wall: float
    cpu: float


def measure(folder: Path, sizes: tuple[int, ...]) -> list[Took]:
    """Write so many rows, seal them, verify them; for each size on an empty log.

    Raises BenchError where not every row was sealed, or a seal does not hold.
    """
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        return [one for rows in sizes for one in _one_size(address["DATABASE_OWNER_URL"], rows)]


def _one_size(owner_url: str, rows: int) -> list[Took]:
    from bonefit.audit import sealing
    from bonefit.audit.verifying import verify

    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(EMPTY)
        owner.execute(FILLED, [rows])
        owner.execute("VACUUM ANALYZE clients_look")
    sealing.seal(datetime.now(UTC))  # the mark
    did, sealed = _timed("sealed", rows, lambda: sealing.seal(datetime.now(UTC)))
    found, verified = _timed("verified", rows, verify)
    if did.seen != rows or found.broken is not None or found.rows != rows:
        raise BenchError(f"{did.seen} of {rows} rows were sealed: {found.broken}")
    return [sealed, verified]


def _timed(what: str, rows: int, act: Callable[[], Any]) -> tuple[Any, Took]:
    wall, cpu = time.perf_counter(), time.process_time()
    done = act()
    return done, Took(what, rows, time.perf_counter() - wall, time.process_time() - cpu)


def as_text(found: list[Took]) -> str:
    """The figures as a table."""
    rows = [
        [
            f"{one.rows:,} rows {one.what}",
            f"{one.wall:.2f} s",
            f"{one.cpu:.2f} s",
            f"{1e6 * one.wall / one.rows:.1f} µs",
        ]
        for one in found
    ]
    return report.table(["", "wall", "CPU of the process", "wall per row"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the seals of the audit.")
    parser.add_argument("--most", type=report.positive, default=SIZES[-1])
    sizes = tuple(size for size in SIZES if size <= parser.parse_args().most)
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            print(as_text(measure(Path(folder), sizes)))
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
