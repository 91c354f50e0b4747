"""What the history of rows costs: the same work with its triggers and without them, in turns.

    python -m bench.kept            print the figures

Inside one process, without HTTP; each piece of work in a transaction that is rolled back, so that
all begin alike. Without means: the triggers are off, and nobody says who is at work. CPU is that of
this process and of its PostgreSQL backend together; on a busy machine it says more than the time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
PEOPLE = 40
#: How often one piece of work is done in a round, and the other way round then.
IN_A_ROUND = 10
TICKS = os.sysconf("SC_CLK_TCK")
_Act = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of each piece of work, and CPU seconds of all of them, with history and without."""

    name: str
    with_it: tuple[float, ...]
    without: tuple[float, ...]
    cpu_with: float
    cpu_without: float


def measure(folder: Path, *, rounds: int) -> list[Pair]:
    """Make a clinic, and do each piece of work ``rounds`` times ``IN_A_ROUND`` both ways.

    Raises BenchError where the history keeps nothing, or something while it is off.
    """
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            return [_pair(owner, name, *acts, rounds) for name, *acts in _work()]


def _work() -> Iterator[tuple[str, _Act, _Act, bool]]:
    """Name, what comes before, what is measured, and whether it changes a row with a history."""
    from bench import booked
    from bonefit.clinics.models import Membership
    from sessions import sync
    from sessions.models import Operation, Visit
    from sessions.operations import Op
    from sessions.planning import plan_visits

    now = datetime.now(UTC)
    made = booked.make(people=PEOPLE, now=now)
    yield (
        f"planning the visits of {PEOPLE} clients",
        lambda: None,
        lambda: plan_visits(now=now, clinic=made.clinic),
        True,
    )
    plan_visits(now=now, clinic=made.clinic)
    visit = Visit.objects.filter(clinic=made.clinic, during__startswith__gt=now).order_by("pk")[0]
    therapist = Membership.objects.select_related("clinic").get(pk=made.admin.pk)

    def log(number: int) -> None:
        payload = {"lift": "hinge", "number": number, "load": "40", "reps": 5}
        uid, at = uuid.uuid4(), visit.starts_at
        op = Op(uid, Operation.Kind.LOG_SET, visit.uid, made_at=at, payload=payload)
        (result,) = sync.apply([op], by=therapist, now=at)
        if result.outcome == Operation.Outcome.REFUSED:
            raise BenchError(f"A set was refused: {result.reason}")

    yield "the first set of a visit", lambda: None, lambda: log(1), True
    yield "a further set", lambda: log(1), lambda: log(2), False


def _pair(
    owner: psycopg.Connection[Any], name: str, before: _Act, act: _Act, kept: bool, rounds: int
) -> Pair:
    times: dict[bool, list[float]] = {True: [], False: []}
    spent = {True: 0.0, False: 0.0}
    for number in range(rounds):
        for on in (True, False) if number % 2 else (False, True):
            _switch(owner, on)
            with _told(on):
                _once(before, act, expected=kept and on)
                for _ in range(IN_A_ROUND):
                    wall, cpu = _once(before, act, expected=kept and on)
                    times[on].append(wall)
                    spent[on] += cpu
    return Pair(name, tuple(times[True]), tuple(times[False]), spent[True], spent[False])


def _switch(owner: psycopg.Connection[Any], on: bool) -> None:
    found = owner.execute(
        "SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger"
        " WHERE tgname LIKE 'history\\_%'"
    ).fetchall()
    word = "ENABLE" if on else "DISABLE"
    for table, trigger in found:
        owner.execute(f"ALTER TABLE {table} {word} TRIGGER {trigger}".encode())


@contextmanager
def _told(on: bool) -> Iterator[None]:
    """As in a request: its number is known, and is said with each statement that writes."""
    from django.db import connection

    from bonefit import acting, tracing

    connection.ensure_connection()
    wrappers = connection.execute_wrappers
    if not on:
        wrappers.remove(acting.tell)
    before = tracing._current.set("0123456789ab")
    try:
        yield
    finally:
        tracing._current.reset(before)
        acting.listen(connection)


def _once(before: _Act, act: _Act, *, expected: bool) -> tuple[float, float]:
    """Do it and take it back: seconds on the wall, and of CPU here and in the database."""
    from django.db import connection, transaction

    from bonefit.clinics.models import RowChange

    with transaction.atomic():
        before()
        kept = RowChange.objects.count()
        backend = connection.connection.info.backend_pid
        wall, cpu = time.perf_counter(), _cpu(backend)
        act()
        took = time.perf_counter() - wall, _cpu(backend) - cpu
        if (RowChange.objects.count() > kept) != expected:
            raise BenchError("The history keeps another thing than it should.")
        transaction.set_rollback(True)
    return took


def _cpu(backend: int) -> float:
    """Seconds of CPU so far, of this process and of a backend, in steps of a hundredth."""
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / TICKS


def as_text(pairs: list[Pair]) -> str:
    """The ratios as a table."""
    rows = [
        [
            one.name,
            f"{1000 * statistics.median(one.without):.2f} ms",
            f"{1000 * statistics.median(one.with_it):.2f} ms",
            f"{statistics.median(one.with_it) / statistics.median(one.without):.3f}",
            f"{one.cpu_with / one.cpu_without:.3f}",
        ]
        for one in pairs
    ]
    heads = ["", "median without", "median with it", "ratio", "ratio of CPU"]
    return report.table(heads, rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the history of rows.")
    parser.add_argument("--rounds", type=report.positive, default=20)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            print(as_text(measure(Path(folder), rounds=said.rounds)))
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
