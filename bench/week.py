"""What planning and the week cost: a year of 500 clients, a week of 200 classes. ``make bench``.

    python -m bench.week            print the figures
    python -m bench.week --write    and put them into docs/performance.md

The planner runs every four weeks for a year, as it would if the clinic never stopped; the time is
that of its transactions. Pages are asked for inside one process, without HTTP: the time is that of
the server, from the request to the last byte of the answer.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
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

MARKS = ("<!-- figures of the week: begin -->", "<!-- figures of the week: end -->")
EVERY = timedelta(weeks=4)
A_YEAR = 53  # weeks
AIM_MS = 300
#: The demo's settings serve static files by their plain names: none have to be collected.
SITE = "bonefit.demo.settings"


@dataclass(frozen=True, slots=True)
class Page:
    """One page: seconds of each request, those on the processor, its statements, its weight."""

    name: str
    took: tuple[float, ...]
    worked: tuple[float, ...]
    statements: int
    kilobytes: float

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.took)

    @property
    def worked_ms(self) -> float:
        """Milliseconds on this process's processor: Django's part, without PostgreSQL's."""
        return 1000 * statistics.median(self.worked)

    @property
    def slow_ms(self) -> float:
        """The 95th of a hundred, in milliseconds."""
        return 1000 * sorted(self.took)[min(len(self.took) - 1, len(self.took) * 95 // 100)]


@dataclass(slots=True)
class Week:
    """All that a run found out."""

    people: int
    runs: list[float] = field(default_factory=list)
    again: float = 0.0
    slots: int = 0
    visits: int = 0
    pages: list[Page] = field(default_factory=list)
    classes: int = 0
    postgresql: str = ""


def measure(folder: Path, *, people: int, weeks: int, repeats: int) -> Week:
    """Make the clinic, plan ``weeks`` weeks, and ask for its pages ``repeats`` times each."""
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        from bench import booked

        found = Week(people)
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            made = booked.make(people=people, now=datetime.now(UTC))
            _plan(found, made, weeks)
            owner.execute("VACUUM ANALYZE")
            found.postgresql = str(owner.info.server_version // 10000)
        found.pages = list(_pages(found, made, repeats))
    return found


def _plan(found: Week, made: FullClinic, weeks: int) -> None:
    from sessions.models import Slot, Visit
    from sessions.planning import plan_visits

    now = made.begins
    while now - made.begins < timedelta(weeks=weeks):
        found.runs.append(_timed(lambda: plan_visits(now=now, clinic=made.clinic)))  # noqa: B023
        last, now = now, now + EVERY
    found.again = _timed(lambda: plan_visits(now=last, clinic=made.clinic))
    found.slots = Slot.objects.filter(clinic=made.clinic).count()
    found.visits = Visit.objects.filter(clinic=made.clinic, place__isnull=False).count()
    planned = 2 * found.people * (weeks - 1)
    if found.visits < planned:
        raise BenchError(f"{found.visits} visits are planned, and at least {planned} should be.")


def _timed(act: object) -> float:
    begun = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - begun


def _pages(found: Week, made: FullClinic, repeats: int) -> Iterator[Page]:
    from django.contrib.auth import get_user_model
    from django.test import Client as Browser
    from django.urls import reverse

    browser = Browser(SERVER_NAME="127.0.0.1")
    log_in(browser, get_user_model().objects.get(pk=made.admin.user_id))
    slug, day = made.clinic.slug, (made.begins + timedelta(weeks=2)).date()
    found.classes = _classes(made, day)
    week = reverse("sessions:week", args=[slug])
    yield _page("the week", browser, f"{week}?day={day}", repeats)
    yield _page("the week, one room", browser, f"{week}?day={day}&room=Room+1", repeats)
    yield _page("the timetable", browser, reverse("sessions:timetable", args=[slug]), repeats)
    yield _page("leave, eight weeks", browser, reverse("sessions:leave", args=[slug]), repeats)


def _classes(made: FullClinic, day: date) -> int:
    from sessions.models import Slot

    days = [day - timedelta(days=day.weekday()) + timedelta(days=number) for number in range(7)]
    return Slot.objects.filter(clinic=made.clinic, weekly_on__in=days).count()


def _page(name: str, browser: Browser, url: str, repeats: int) -> Page:
    from django.db import connection

    answer = browser.get(url)
    if answer.status_code != 200:
        raise BenchError(f"{name} answered {answer.status_code}.")
    statements = 0

    def count(execute: Any, *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    with connection.execute_wrapper(count):
        browser.get(url)
    took, worked = [], []
    for _ in range(repeats):
        begun = time.process_time()
        took.append(_timed(lambda: browser.get(url)))
        worked.append(time.process_time() - begun)
    return Page(name, tuple(took), tuple(worked), statements, len(answer.content) / 1000)


def as_text(found: Week) -> str:
    """The figures as they stand in the document."""
    total, week = sum(found.runs), found.pages[0]
    rows = [
        [
            page.name,
            f"{page.median_ms:.0f} ms",
            f"{page.slow_ms:.0f} ms",
            f"{page.worked_ms:.0f} ms",
            str(page.statements),
            f"{page.kilobytes:.0f} kB",
        ]
        for page in found.pages
    ]
    weeks = len(found.runs) * EVERY.days // 7
    lines = [
        f"**A week of {found.classes} classes is shown in {week.median_ms:.0f} ms of the server** "
        f"(median; p95 {week.slow_ms:.0f} ms; the aim is {AIM_MS} ms), in {week.statements} SQL "
        "statements.",
        report.table(
            ["Page", "median", "p95", "Django's part", "SQL statements", "before compression"], rows
        ),
        f"**Planning {weeks} weeks for {found.people:,} clients takes {total:.1f} s**: "
        f"{found.slots:,} slots and {found.visits:,} visits in {len(found.runs)} runs, the longest "
        f"{max(found.runs):.1f} s. Planning again, with nothing new, takes {found.again:.2f} s.",
        report.machine(f"PostgreSQL {found.postgresql}"),
    ]
    return "\n\n".join(lines)


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure planning and the week.")
    parser.add_argument("--people", type=report.positive, default=500)
    parser.add_argument("--weeks", type=report.positive, default=A_YEAR)
    parser.add_argument("--repeats", type=report.positive, default=41)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            found = measure(
                Path(folder), people=said.people, weeks=said.weeks, repeats=said.repeats
            )
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    text = as_text(found)
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


if __name__ == "__main__":
    main()
