"""What the floor board costs: operations over HTTP from 1, 8 and 32 tablets. ``make bench``.

    python -m bench.board            print the figures
    python -m bench.board --write    and put them into docs/performance.md

One operation a request is a class with a network; fifty a request is one whose network returned.
A bare Django view with one INSERT runs beside it, from as many tablets, in the same run.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench import report
from bench.bare import TABLE as BARE_TABLE
from bench.board_page import Opened, Weight, open_board, weigh
from bench.log_set import BARE, SITE, _run, bare_posts, database, environment
from bench.requests import Batch
from bench.web import BenchError, Round, Web, serving
from bonefit.embedded import EmbeddedError

if TYPE_CHECKING:
    from bench.clinic import MadeClinic
    from bonefit.clinics.models import Membership

MARKS = ("<!-- figures of the board: begin -->", "<!-- figures of the board: end -->")
MANY = 50
CLASS = 6
VISITS_ALONE, VISITS_MANY = 1, 5  # of 20 sets each: 20 requests of one, two of fifty


@dataclass(frozen=True, slots=True)
class Load:
    """So many tablets at once: one operation a request, fifty a request, and the bare view."""

    tablets: int
    alone: Round
    many: Round
    bare: Round

    @property
    def operations_alone(self) -> float:
        return self.alone.per_second

    @property
    def operations_many(self) -> float:
        """Operations a second where each request carries ``MANY``."""
        return self.many.per_second * MANY


@dataclass(slots=True)
class Board:
    """All that a run found out."""

    loads: list[Load] = field(default_factory=list)
    statements_alone: int = 0
    statements_many: int = 0
    weight: Weight | None = None
    opened: Opened | None = None
    postgresql: str = ""


def measure(tablets: Sequence[int], folder: Path, *, history: int) -> Board:
    """Make a clinic, send everything, and check that each operation was applied once."""
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        from bench import clinic

        fresh = len(tablets) * (VISITS_ALONE + VISITS_MANY)
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute(BARE_TABLE)
            made = clinic.make(
                people=max(tablets) + 8, history=history, fresh=fresh, now=datetime.now(UTC)
            )
            made_small = clinic.make(
                people=CLASS, history=history, fresh=1, now=datetime.now(UTC), slug="class"
            )
            owner.execute("VACUUM ANALYZE")
            found = Board(postgresql=str(owner.info.server_version // 10000))
            headers = clinic.tablet_headers(made.therapist)
            _count_statements(found, made, headers)
            with (
                serving("the site", env, folder) as site,
                serving("the bare view", environment(BARE, address, folder), folder) as bare,
            ):
                _warm_up(site, made, headers)
                for number, count in enumerate(tablets):
                    begin = number * (VISITS_ALONE + VISITS_MANY)
                    found.loads.append(_load(site, bare, made, headers, count, begin))
        found.opened = _opened(made_small.therapist, address, folder)
        found.weight = weigh(made_small.therapist)
    return found


def _opened(therapist: Membership, address: dict[str, str], folder: Path) -> Opened:
    # The demo's settings serve static files as they are, and need no TLS on 127.0.0.1.
    env = environment("bonefit.demo.settings", address, folder)
    with serving("the demo site", env, folder) as demo:
        return open_board(therapist, demo.host)


def _warm_up(site: Web, made: MadeClinic, headers: dict[str, str]) -> None:
    """Each worker reads its addresses, programs and rules once, before anything is measured."""
    from bench import clinic

    idle = made.fresh[-2:]
    site.send([clinic.batches(made, visits[1:2], headers, size=1) for visits in idle])


def _load(
    site: Web, bare: Web, made: MadeClinic, headers: dict[str, str], tablets: int, begin: int
) -> Load:
    from bench import clinic

    def send(first: int, count: int, size: int) -> Round:
        each = [
            clinic.batches(made, visits[first : first + count], headers, size=size)
            for visits in made.fresh[:tablets]
        ]
        done = site.send(each)
        _all_there([batch for mine in each for batch in mine], done)
        return done

    alone = send(begin, VISITS_ALONE, 1)
    many = send(begin + VISITS_ALONE, VISITS_MANY, MANY)
    each = max(200 // tablets, 10)
    return Load(tablets, alone, many, bare.send([bare_posts(each) for _ in range(tablets)]))


def _all_there(batches: Sequence[Batch], done: Round) -> None:
    """BenchError unless every operation that was answered is applied, once, and made a set."""
    from sessions.models import Operation, SetEntry

    sent = [one["id"] for batch in batches for one in batch.operations]
    if sorted(" ".join(done.kept).split()) != sorted(sent):
        raise BenchError("Not every request was answered in time.")
    applied = Operation.objects.filter(uid__in=sent, outcome=Operation.Outcome.APPLIED)
    entries = list(applied.values_list("entry", flat=True))
    if SetEntry.objects.filter(uid__in=entries, voided=False).count() != len(sent):
        raise BenchError("What was acknowledged was not all kept.")


def _count_statements(found: Board, made: MadeClinic, headers: dict[str, str]) -> None:
    """Statements of one request with one operation, and of one with fifty of a class of eight."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.db import connection

    from bench import clinic
    from bench.layers import Clock, answer

    handler = WSGIHandler()

    def statements(batch: Batch) -> int:
        clock = Clock()
        with connection.execute_wrapper(clock.statement):
            if answer(handler, batch) != 200:
                raise BenchError("The board's address refused a batch.")
        return clock.statements

    last = made.fresh[-8:]
    streams = [clinic.batches(made, visits[:1], headers, size=1) for visits in last]
    for stream in streams:  # the first set of a visit folds the log: it is no usual one
        statements(stream[0])
    found.statements_alone = statements(streams[0][1])
    rest = list(_in_turn([stream[2:] for stream in streams]))[:MANY]
    together = tuple(batch.operations[0] for batch in rest)
    one = streams[0][0]
    found.statements_many = statements(Batch(one.path, one.author, together, headers))


def _in_turn(streams: Sequence[Sequence[Batch]]) -> Iterator[Batch]:
    """A set of each client in turn, as a class lifts."""
    for row in zip(*streams, strict=True):
        yield from row


# --- what is said of it -------------------------------------------------------------------------


def as_text(found: Board) -> str:
    rows = [
        [
            str(load.tablets),
            f"{load.operations_alone:,.0f}",
            f"{1000 * load.alone.percentile(95):.0f} ms",
            f"{load.operations_many:,.0f}",
            f"{1000 * load.many.percentile(95):.0f} ms",
            f"{load.bare.per_second:,.0f}",
            f"{load.operations_many / load.bare.per_second:.2f}",
        ]
        for load in found.loads
    ]
    head = [
        "Tablets",
        "operations/s, one a request",
        "p95",
        f"operations/s, {MANY} a request",
        "p95 of a request",
        "bare INSERT/s",
        f"{MANY} a request to bare",
    ]
    ratio = found.statements_many / MANY / found.statements_alone
    lines = [
        report.table(head, rows),
        f"**A request with one operation takes {found.statements_alone} SQL statements, one with "
        f"{MANY} of a class of eight takes {found.statements_many}**: "
        f"{found.statements_many / MANY:.2f} an operation, {ratio:.2f} of a single one's. Every "
        "acknowledged operation was found applied, once.",
    ]
    lines += [part.as_text() for part in (found.weight, found.opened) if part is not None]
    lines.append(report.machine(f"PostgreSQL {found.postgresql}"))
    return "\n\n".join(lines)


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the floor board.")
    parser.add_argument("--tablets", type=report.positive, nargs="+", default=[1, 8, 32])
    parser.add_argument("--history", type=report.positive, default=20)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            found = measure(said.tablets, Path(folder), history=said.history)
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    text = as_text(found)
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
