"""What row-level security costs: the same requests with and without it, in turns.

    python -m bench.policies            print the figures
    python -m bench.policies --people=40 --history=60 --repeats=30

Without means: no table is under its policies, and no connection is told anything. Requests go
through Django in this process, so that nothing else is in the figures.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench import report
from bench.log_in import log_in
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError

if TYPE_CHECKING:
    from bench.clinic import MadeClinic

UNDER_POLICIES = """
    SELECT relname FROM pg_class
     WHERE relforcerowsecurity AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
#: So many taps are one figure: a single one is over too soon.
TAPS = 20
#: A figure is the mean of so many.
EACH = 3

Ask = Callable[[], object]


def measure(folder: Path, *, people: int, history: int, repeats: int) -> str:
    """The table of figures, as Markdown."""
    with database(folder) as address:
        # The demo’s settings serve static files as they are, without a manifest.
        env = environment(
            "bonefit.demo.settings",
            address,
            folder,
            CSRF_TRUSTED_ORIGINS="https://127.0.0.1:80",
        )
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        from bench import clinic
        from bench.in_sight import see_nothing

        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            made = clinic.make(
                people=people,
                history=history,
                fresh=_visits(people, repeats),
                now=datetime.now(UTC),
            )
            owner.execute("VACUUM ANALYZE")
            tables = [table for (table,) in owner.execute(UNDER_POLICIES)]
            taps, pages = _taps(made), _pages(made)
            see_nothing()
            found = {"logging a set": _in_turns(owner, tables, taps, repeats, each=TAPS)}
            for name, ask in pages.items():
                found[name] = _in_turns(owner, tables, ask, repeats)
    return report.table(
        ["Median of a request", "without", "with", "more", "processor", "with", "more"],
        [[name, *_cells(wall), *_cells(cpu)] for name, (wall, cpu) in found.items()],
    )


def _cells(both: tuple[float, float]) -> list[str]:
    without, with_ = both
    return [f"{without:.2f} ms", f"{with_:.2f} ms", f"{100 * (with_ / without - 1):+.0f} %"]


def _visits(people: int, repeats: int) -> int:
    """So many visits of each have sets enough for every tap: 20 in each."""
    taps = (2 * repeats + 2) * (EACH + 1) * TAPS
    return -(-taps // (20 * people)) + 1


def _in_turns(
    owner: psycopg.Connection, tables: list[str], ask: Ask, repeats: int, each: int = 1
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Milliseconds of a request without and with: on the wall, and of the processor.

    The middle of ``repeats`` of each; ``each`` requests are one call. The processor's time is that
    of this process and of its connection's, so that others on the machine are not in it.
    """
    from bonefit.clinics import rows

    tell = rows._tell
    took: dict[bool, list[float]] = {False: [], True: []}
    used: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * repeats + 2):
        on = number % 2 == 1
        word = "ENABLE" if on else "DISABLE"
        for table in tables:
            owner.execute(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY".encode())
        rows._tell = tell if on else _silent
        ask()  # PostgreSQL reads anew what it knew of tables that were changed
        begun, busy = time.perf_counter(), _processor()
        for _ in range(EACH):
            ask()
        if number >= 2:  # templates are read once a process
            took[on].append(1000 * (time.perf_counter() - begun) / EACH / each)
            used[on].append(1000 * (_processor() - busy) / EACH / each)
    rows._tell = tell
    return _medians(took), _medians(used)


def _medians(of: dict[bool, list[float]]) -> tuple[float, float]:
    return statistics.median(of[False]), statistics.median(of[True])


def _processor() -> float:
    """Seconds that this process and its connection's have had of a processor so far."""
    from django.db import connection

    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text()
    return time.process_time() + int(server.split()[0]) / 1e9


def _silent(sight: object) -> None:
    """Nobody is told anything."""


def _pages(made: MadeClinic) -> dict[str, Ask]:
    from django.contrib.auth import get_user_model
    from django.test import Client as Browser
    from django.urls import reverse

    browser = Browser(headers={"host": "127.0.0.1"})
    log_in(browser, get_user_model().objects.get(pk=made.therapist.user_id))
    slug, visit = made.therapist.clinic.slug, made.fresh[0][0]

    def page(name: str, *args: object) -> Ask:
        path = reverse(name, args=[slug, *args])

        def ask() -> None:
            answer = browser.get(path, secure=True)
            if answer.status_code != 200:
                raise BenchError(f"{name} answered {answer.status_code}.")

        return ask

    return {
        "the day's list": page("sessions:today"),
        "the board": page("sessions:board-day"),
        "a visit": page("sessions:visit", visit.uid),
        "the week": page("sessions:week"),
        "the flags": page("sessions:flags"),
        "all clients": page("clients:list"),
        "one client": page("clients:client", visit.client_id),
    }


def _taps(made: MadeClinic) -> Ask:
    """One call logs some sets, as the plain page sends them; never the same twice."""
    from django.core.handlers.wsgi import WSGIHandler

    from bench import clinic
    from bench.layers import answer

    posts = iter([post for one in clinic.taps(made) for post in one])
    site = WSGIHandler()

    def ask() -> None:
        for _ in range(TAPS):
            status = answer(site, next(posts))
            if status != 200:
                raise BenchError(f"A tap was answered {status}.")

    return ask


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--people", type=int, default=40)
    asked.add_argument("--history", type=int, default=40)
    asked.add_argument("--repeats", type=int, default=30)
    said = asked.parse_args()
    try:
        with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
            found = measure(
                Path(folder), people=said.people, history=said.history, repeats=said.repeats
            )
    except (BenchError, EmbeddedError) as error:
        sys.exit(str(error))
    sys.stdout.write(found + "\n")


if __name__ == "__main__":
    main()
