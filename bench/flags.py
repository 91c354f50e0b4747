"""What reviews cost: the sweep of missed visits, the changed, everybody, a preview. ``make bench``.

    python -m bench.flags            print the figures
    python -m bench.flags --write    and put them into docs/performance.md

Each size is a database of its own, filled by COPY (``bench.many_clients``), and reviewed by a
process of its own, as a worker does it; the memory is the most that this process has held. Beside
each review stands its bare SQL: the very queries that its facts came from, sent again right after
it and read, without a rule and without a write.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import report
from bench.bulk import Watch
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError
from bonefit.paths import BASE_DIR

MARKS = ("<!-- figures of the reviews: begin -->", "<!-- figures of the reviews: end -->")
SIZES = (10_000, 30_000, 100_000)
#: Milliseconds, times of the bare SQL, bytes, seconds: what the reviews aim at.
AIM_MISSED, AIM_CHANGED, AIM_ALL, AIM_MEMORY, AIM_PREVIEW = 20, 3, 5, 500 * 2**20, 3
MISSED_TIMES = 25


@dataclass(slots=True)
class Cost:
    """One kind of review: seconds, those of its bare SQL, and what it did."""

    seconds: float = 0.0
    bare: float = 0.0
    seen: int = 0
    opened: int = 0
    resolved: int = 0

    @property
    def ratio(self) -> float:
        return self.seconds / self.bare


@dataclass(slots=True)
class Found:
    """One size. Times of the missed sweep are medians, in seconds."""

    clients: int
    visits: int = 0
    sets: int = 0
    filled: float = 0.0
    missed: float = 0.0
    missed_bare: float = 0.0
    first: Cost = field(default_factory=Cost)
    changed: Cost = field(default_factory=Cost)
    everybody: Cost = field(default_factory=Cost)
    preview: float = 0.0
    peak: int = 0


def measure(folder: Path, *, sizes: Sequence[int]) -> tuple[list[Found], str]:
    """Fill and review a database of each size; what was found, and PostgreSQL's version."""
    found, version = [], ""
    for size in sizes:
        own = folder / str(size)
        own.mkdir()
        with database(own) as address:
            env = environment("bonefit.demo.settings", address, own)
            _run(["manage.py", "migrate", "--no-input"], env)
            with psycopg.connect(address["DATABASE_OWNER_URL"]) as owner:
                version = str(owner.info.server_version // 10000)
            filled = json.loads(_step("fill", size, env))
            found.append(_of_json({**filled, **json.loads(_step("review", size, env))}))
    return found, version


def _step(step: str, size: int, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.flags", "--sizes", str(size), "--step", step],
        cwd=BASE_DIR,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(done.stderr[-2000:])
    return done.stdout


def _of_json(said: Mapping[str, Any]) -> Found:
    costs = {name: Cost(**said[name]) for name in ("first", "changed", "everybody")}
    return Found(**{**said, **costs})


# --- inside the process -----------------------------------------------------------------------


def fill(size: int) -> dict[str, Any]:
    """Make the clinics of so many clients, and fill them."""
    import django

    django.setup()
    from bench import many_clients

    watch = Watch()
    each = min(size, many_clients.CLIENTS)
    made = many_clients.make_clinics(size // each)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        rows = many_clients.fill(owner, made, each=each)
    return {
        "clients": rows["clients_client"],
        "visits": rows["training_visit"],
        "sets": rows["training_setentry"],
        "filled": watch.read(),
    }


def review() -> dict[str, Any]:
    """Review what was filled, and say what it cost."""
    import django

    django.setup()
    from bench.many_clients import NOW
    from bonefit.clinics.models import Clinic
    from sessions import reviewing

    found = Found(clients=0)
    found.missed, found.missed_bare = _missed(NOW)
    clinics = list(Clinic.objects.order_by("pk"))
    with _bare_beside() as again:
        for cost in (found.first, found.everybody):
            for clinic in clinics:
                _timed(cost, lambda one=clinic: reviewing.review_all(one, NOW), again)
        _came_yesterday(NOW)
        later = NOW + timedelta(minutes=5)
        for pk in reviewing.due_clinics(later):
            _timed(found.changed, lambda one=pk: reviewing.review_due(one, later)[0], again)
    found.preview = _preview(clinics[0], NOW)
    found.peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sizes = ("clients", "visits", "sets", "filled")
    return {name: value for name, value in asdict(found).items() if name not in sizes}


def _timed(cost: Cost, step: Callable[[], Any], again: Callable[[], float]) -> None:
    begun = time.perf_counter()
    done = step()
    cost.seconds += time.perf_counter() - begun
    cost.bare += again()
    cost.seen += done.seen
    cost.opened += done.opened
    cost.resolved += done.resolved
    if done.failed:
        raise BenchError(f"{done.failed} enrollments could not be reviewed.")


@contextmanager
def _bare_beside() -> Iterator[Callable[[], float]]:
    """Remembers the queries that facts come from; the function sends them again, and says how long.

    The families are asked through a wrapper while this holds.
    """
    from django.db import connection

    from sessions import flag_facts

    sent: list[tuple[str, Any]] = []

    def remember(execute, sql, params, many, context):
        sent.append((sql, params))
        return execute(sql, params, many, context)

    def listening(fetch):
        def fetched(scope):
            with connection.execute_wrapper(remember):
                return fetch(scope)

        return fetched

    def again() -> float:
        begun = time.perf_counter()
        with connection.connection.cursor() as cursor:
            for sql, params in sent:
                cursor.execute(sql, params).fetchall()
        sent.clear()
        return time.perf_counter() - begun

    families = flag_facts.FAMILIES
    own = dict(families)
    families.update({name: listening(fetch) for name, fetch in own.items()})
    try:
        yield again
    finally:
        families.update(own)


def _missed(now: Any) -> tuple[float, float]:
    """The five-minute sweep when nothing is due, and the query that finds it so."""
    from django.db import connection

    from sessions import unrecorded

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM training_visit WHERE status IN ('planned', 'checked_in')"
                " AND missed_after <= %s ORDER BY missed_after, id LIMIT 200",
                [now],
            )
            cursor.fetchall()

    return _median(lambda: unrecorded.flag_missed(now)), _median(bare)


def _median(step: Callable[[], object]) -> float:
    taken = []
    for _ in range(MISSED_TIMES):
        begun = time.perf_counter()
        step()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def _came_yesterday(now: Any) -> None:
    """Everybody who came the day before has changed facts, as the triggers would have noted."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM training_changed")
        cursor.execute(
            "INSERT INTO training_changed (clinic_id, enrollment_id, at)"
            " SELECT v.clinic_id, v.enrollment_id, %s FROM training_slot s"
            " JOIN training_visit v ON v.slot_id = s.id AND v.status = 'attended'"
            " WHERE s.starts_at >= %s::date - 1 AND s.starts_at < %s::date",
            [now, now, now],
        )
        cursor.execute("ANALYZE training_changed, training_flag, training_review")


def _preview(clinic: Any, now: Any) -> float:
    """Seconds for a preview of one clinic, three thresholds of two families changed."""
    from dataclasses import replace
    from decimal import Decimal

    from programs.rules import DEFAULT_RULES
    from sessions import flag_preview

    changed = replace(
        DEFAULT_RULES, attendance_low_percent=Decimal(70), lapsed_days=14, stall_sessions=4
    )
    begun = time.perf_counter()
    ids = flag_preview.begin(clinic, now)
    for start in range(0, len(ids), 100):
        flag_preview.part(clinic, ids[start : start + 100], DEFAULT_RULES, changed, now)
    return time.perf_counter() - begun


# --- the figures ------------------------------------------------------------------------------


def as_text(found: Sequence[Found], version: str) -> str:
    """The figures as they stand in docs/performance.md."""
    most = max(found, key=lambda one: one.clients)
    least = min(found, key=lambda one: one.clients)
    return "\n".join(
        [
            f"**{most.changed.seen:,} clients who came the day before are reviewed in "
            f"{most.changed.seconds:.1f} s, {most.changed.ratio:.1f} times the bare SQL** (aim: "
            f"{AIM_CHANGED}); all {most.everybody.seen:,} in {most.everybody.seconds:.0f} s, "
            f"{most.everybody.ratio:.1f} times (aim: {AIM_ALL}). The sweep of missed visits takes "
            f"{1000 * most.missed:.1f} ms when nothing is due (aim: {AIM_MISSED} ms; its query "
            f"alone {1000 * most.missed_bare:.1f} ms). A preview over 90 days of a clinic of 500 "
            f"clients takes {most.preview:.1f} s (aim: {AIM_PREVIEW} s).",
            "",
            report.table(
                ("Clients", "visits", "sets", "filled in", "changed", "its SQL", "everybody",
                 "its SQL", "first review", "flags it opened", "most memory"),
                [_row(one) for one in found],
            ),
            "",
            f"For each client of {most.clients:,} a review costs "
            f"{_each(most.everybody) / _each(least.everybody):.2f} times what it costs for each of "
            f"{least.clients:,}, and the bare SQL "
            f"{most.everybody.bare / most.clients * least.clients / least.everybody.bare:.2f} "
            "times.",
            "",
            report.machine(f"PostgreSQL {version}"),
        ]
    )  # fmt: skip


def _each(cost: Cost) -> float:
    return cost.seconds / cost.seen


def _row(one: Found) -> tuple[str, ...]:
    return (
        f"{one.clients:,}",
        f"{one.visits:,}",
        f"{one.sets:,}",
        f"{one.filled:.0f} s",
        f"{one.changed.seen:,} in {one.changed.seconds:.1f} s",
        f"{one.changed.bare:.1f} s",
        f"{one.everybody.seconds:.1f} s",
        f"{one.everybody.bare:.1f} s",
        f"{one.first.seconds:.1f} s",
        f"{one.first.opened:,}",
        f"{one.peak / 2**20:.0f} MB",
    )


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the reviews of flags.")
    parser.add_argument("--sizes", type=report.positive, nargs="+", default=list(SIZES))
    parser.add_argument("--step", choices=("fill", "review"), help="of a run, in this process")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    if said.step:
        print(json.dumps(fill(said.sizes[0]) if said.step == "fill" else review()))
        return
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            found, version = measure(Path(folder), sizes=said.sizes)
            text = as_text(found, version)
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
