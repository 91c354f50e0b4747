"""What the desk's pages cost: one class, one client's bookings, free places. ``make bench``.

    python -m bench.desk             print the figures
    python -m bench.desk --write     and put them into docs/performance.md

The whole of a request inside one process, from the middleware to the last byte of the page, as the
front desk asks for it: with 8 and with 80 seats, visits or classes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench import report
from bench.log_in import log_in
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError

if TYPE_CHECKING:
    from django.test import Client as Browser

    from bonefit.clinics.models import Membership
    from sessions.models import Slot

MARKS = ("<!-- figures of the desk: begin -->", "<!-- figures of the desk: end -->")
SIZES = (8, 80)
#: What a page of the desk may ask the database.
MOST_STATEMENTS = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page at one size: statements, and milliseconds of each time it was asked for."""

    name: str
    size: int
    statements: int
    took: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.took)

    @property
    def p95(self) -> float:
        return sorted(self.took)[int(len(self.took) * 0.95)]


@dataclass(slots=True)
class Desk:
    """All that a run found out."""

    pages: list[Page] = field(default_factory=list)
    postgresql: str = ""


def measure(folder: Path, *, sizes: Sequence[int], repeats: int) -> Desk:
    """Make a clinic of each size and ask for its pages."""
    with database(folder) as address:
        # The demo’s settings serve static files as they are, without a manifest.
        env = environment("bonefit.demo.settings", address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            found = Desk(postgresql=str(owner.info.server_version // 10000))
            made = [(size, *_make(size)) for size in sizes]
            owner.execute("VACUUM ANALYZE")
        for size, browser, pages in made:
            found.pages += [
                _asked(browser, name, path, size, repeats) for name, path in pages.items()
            ]
    return found


def _asked(browser: Browser, name: str, path: str, size: int, repeats: int) -> Page:
    from django.db import connection

    from bench.layers import Clock

    def ask() -> float:
        begun = time.perf_counter()
        answer = browser.get(path, secure=True)
        took = 1000 * (time.perf_counter() - begun)
        if answer.status_code != 200:
            raise BenchError(f"{name} answered {answer.status_code}.")
        return took

    ask()  # templates are read once a process
    clock = Clock()
    with connection.execute_wrapper(clock.statement):
        ask()
    if clock.statements > MOST_STATEMENTS:
        raise BenchError(f"{name} with {size} takes {clock.statements} statements.")
    return Page(name, size, clock.statements, tuple(ask() for _ in range(repeats)))


# --- a clinic of one size -----------------------------------------------------------------------


def _make(size: int) -> tuple[Browser, dict[str, str]]:
    """A full class, a client with many visits and many classes to choose from, and who asks."""
    from django.test import Client as Browser

    from bench import clinic
    from bonefit.clinics import actions as clinics
    from bonefit.clinics.access import Role
    from sessions.models import Visit, Waiting

    now = datetime.now(UTC)
    slug = f"desk-{size}"
    made = clinic.make(people=size, history=1, fresh=1, now=now, slug=slug)
    therapist, of = made.therapist, [visits[0].enrollment for visits in made.fresh]
    nell = clinics.add_member(
        clinic=therapist.clinic, email=f"{slug}@example.com", name="Nell B.", roles=[Role.DESK]
    )
    sam = clinics.add_member(
        clinic=therapist.clinic,
        email=f"{slug}@example.net",
        name="Sam D.",
        roles=[Role.THERAPIST],
    )
    full = _slot(sam, now + timedelta(days=2), "Hall")
    for number, enrollment in enumerate(of):
        _seat(enrollment, full)
        if number % 4 == 0:
            Waiting.objects.create(
                clinic=therapist.clinic,
                slot=full,
                enrollment=enrollment,
                client=enrollment.client,
                asked_by=nell,
            )
    hers = of[0]
    hers.visits.filter(status=Visit.Status.PLANNED, during__startswith__gt=full.ends_at).delete()
    missed = made.fresh[0][0]
    Visit.objects.filter(pk=missed.pk).update(
        purpose=Visit.Purpose.REGULAR, status=Visit.Status.CLINIC_CANCELLED
    )
    for number in range(size):
        _seat(hers, _slot(sam, now + timedelta(days=15, minutes=31 * number), "Gym"))
        _slot(sam, now + timedelta(days=4, minutes=31 * number), "Gym")
    browser = Browser(SERVER_NAME="127.0.0.1")
    log_in(browser, nell.user)
    base = f"/c/{slug}"
    return browser, {
        "A class": f"{base}/classes/{full.pk}/",
        "The bookings of a client": f"{base}/bookings/{hers.client_id}/",
        "Free places for a make-up": f"{base}/bookings/{hers.client_id}/make-up/{missed.uid}/",
    }


def _slot(by: Membership, starts_at: datetime, room: str) -> Slot:
    from sessions.models import Slot, Supervision

    ends_at = starts_at + timedelta(minutes=30)
    slot = Slot.objects.create(
        clinic=by.clinic, room=room, starts_at=starts_at, ends_at=ends_at, capacity=100
    )
    Supervision.objects.create(clinic=by.clinic, slot=slot, member=by, during=(starts_at, ends_at))
    return slot


def _seat(enrollment: object, slot: Slot) -> None:
    from sessions.models import Visit

    Visit.objects.create(
        clinic_id=slot.clinic_id,
        enrollment=enrollment,
        client_id=enrollment.client_id,  # type: ignore[attr-defined]
        slot=slot,
        during=(slot.starts_at, slot.ends_at),
        missed_after=slot.ends_at,
        purpose=Visit.Purpose.EXTRA,
    )


# --- what is said of it -------------------------------------------------------------------------


def as_text(found: Desk) -> str:
    rows = [
        [
            f"{page.name}, {page.size}",
            str(page.statements),
            f"{page.median:.0f} ms",
            f"{page.p95:.0f} ms",
        ]
        for page in found.pages
    ]
    most = max(page.statements for page in found.pages)
    times = len(found.pages[0].took)
    return "\n\n".join(
        [
            report.table(["Page, and how many", "SQL statements", "median", "p95"], rows),
            f"**No page of the desk takes more than {most} statements** (aim: {MOST_STATEMENTS}), "
            "log-in and navigation included, whether 8 or 80 are on it. Each was asked for "
            f"{times} times.",
            report.machine(f"PostgreSQL {found.postgresql}"),
        ]
    )


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the desk's pages.")
    parser.add_argument("--sizes", type=report.positive, nargs="+", default=list(SIZES))
    parser.add_argument("--repeats", type=report.positive, default=41)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            found = measure(Path(folder), sizes=said.sizes, repeats=said.repeats)
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    text = as_text(found)
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
