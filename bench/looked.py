"""What the access log costs: pages with the row that each leaves, beside the same without it.

    python -m bench.looked            print the figures

Inside one process, without HTTP, by turns: one request with the log and one without it, so that
whatever else the machine does falls on both. The log holds a hundred thousand rows before. The time
is that of the server; a ratio of 1.03 means that a page takes 3 % longer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from bench import report
from bench.log_in import log_in
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError

if TYPE_CHECKING:
    from django.test import Client as Browser

    from bench.booked import FullClinic

SITE = "bonefit.demo.settings"
LOG = "bonefit.looking.LooksAreKept"
PEOPLE = 40
BEFORE = 100_000
FILLED = f"""
    INSERT INTO clients_look (clinic_id, at, what, member_id, roles, client_id, route, kind, how)
    SELECT k.id, now() - make_interval(secs => 60 * n), 'viewed', m.id, m.roles, h.id,
        'clients:client', 'record', 'page'
    FROM generate_series(1, {BEFORE}) n, clinics_clinic k
    JOIN LATERAL (SELECT id, roles FROM clinics_membership WHERE clinic_id = k.id LIMIT 1) m ON true
    JOIN LATERAL (SELECT id FROM clients_client WHERE clinic_id = k.id LIMIT 1) h ON true
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Seconds of each request with the log and of the one beside it without."""

    name: str
    with_log: tuple[float, ...]
    without: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return statistics.median(self.with_log) / statistics.median(self.without)

    @property
    def costs_ms(self) -> float:
        """The median of the differences, in milliseconds."""
        pairs = zip(self.with_log, self.without, strict=True)
        return 1000 * statistics.median(one - other for one, other in pairs)


def measure(folder: Path, *, repeats: int) -> list[Pair]:
    """Make a clinic with a full log, and ask for each page ``repeats`` times both ways.

    Raises BenchError if a page does not open, or leaves no row where it should.
    """
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        from bench import booked

        made = booked.make(people=PEOPLE, now=datetime.now(UTC))
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute(FILLED)
            owner.execute("VACUUM ANALYZE")
        return list(_pairs(made, repeats))


def _pairs(made: FullClinic, repeats: int) -> Iterator[Pair]:
    from django.conf import settings
    from django.urls import reverse

    from bonefit.clients.models import Client

    client = Client.objects.filter(clinic=made.clinic).order_by("pk")[0]
    kept = _browser(made)
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != LOG]
    bare = _browser(made)
    slug, part = made.clinic.slug, {"HX-Request": "true"}
    record = reverse("clients:client", args=[slug, client.pk])
    papers = reverse("clients:papers", args=[slug, client.pk])
    yield _pair("a client’s page", kept, bare, record, {}, repeats)
    yield _pair("a client’s papers", kept, bare, papers, {}, repeats)
    yield _pair("a part of a page, no row", kept, bare, papers, part, repeats)
    yield _pair("the week", kept, bare, reverse("sessions:week", args=[slug]), {}, repeats)


def _browser(made: FullClinic) -> Browser:
    """It reads the list of middleware when it first asks."""
    from django.contrib.auth import get_user_model
    from django.test import Client as Browser

    browser = Browser(SERVER_NAME="127.0.0.1")
    log_in(browser, get_user_model().objects.get(pk=made.admin.user_id))
    browser.get("/healthz/")
    return browser


def _pair(
    name: str, kept: Browser, bare: Browser, url: str, headers: dict[str, str], repeats: int
) -> Pair:
    from bonefit.clients.models import Look

    for browser, rows in ((kept, 0 if headers else 1), (bare, 0)):
        before = Look.objects.count()
        answer = browser.get(url, headers=headers)
        if answer.status_code != 200 or Look.objects.count() != before + rows:
            raise BenchError(f"{name}: {answer.status_code}, or another number of rows.")
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(repeats):
        both: list[tuple[Any, list[float]]] = list(zip((kept, bare), times, strict=True))
        for browser, took in both if number % 2 else reversed(both):
            begun = time.perf_counter()
            browser.get(url, headers=headers)
            took.append(time.perf_counter() - begun)
    return Pair(name, tuple(times[0]), tuple(times[1]))


def as_text(pairs: list[Pair]) -> str:
    """The ratios as a table."""
    rows = [
        [
            one.name,
            f"{1000 * statistics.median(one.without):.1f} ms",
            f"{1000 * statistics.median(one.with_log):.1f} ms",
            f"{one.costs_ms:.2f} ms",
            f"{one.ratio:.3f}",
        ]
        for one in pairs
    ]
    return report.table(["Page", "without the log", "with it", "difference", "ratio"], rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the access log.")
    parser.add_argument("--repeats", type=report.positive, default=400)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            print(as_text(measure(Path(folder), repeats=said.repeats)))
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
