"""What an import costs: time and memory of files of 1,000 and of 10,000 rows. ``make bench``.

    python -m bench.importing            print the figures
    python -m bench.importing --write    and put them into docs/performance.md

Each file is checked and then taken in by a process of its own, as a worker does it; the memory is
the most that the process has held (its peak resident set). Clients first, then their measurements.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench import report
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError
from bonefit.paths import BASE_DIR

if TYPE_CHECKING:
    from bonefit.clinics.models import Membership

MARKS = ("<!-- figures of the import: begin -->", "<!-- figures of the import: end -->")
SIZES = (1_000, 10_000)
KINDS = ("clients", "measurements")
#: Seconds for the larger file, checked and taken in; and how much more memory it may need.
AIM_SECONDS, AIM_GROWTH = 30, 1.15


@dataclass(frozen=True, slots=True)
class Took:
    """One file: seconds of its two steps, and peak bytes of the process that did them."""

    kind: str
    rows: int
    check: float
    take_in: float
    peak: int

    @property
    def seconds(self) -> float:
        return self.check + self.take_in


def measure(folder: Path, *, sizes: Sequence[int]) -> tuple[list[Took], str]:
    """Take in a file of each kind and size, each into a clinic of that size of its own."""
    found = []
    with database(folder) as address:
        env = environment("bonefit.demo.settings", address, folder)
        env["DOCUMENTS_DIR"] = str(folder / "documents")
        _run(["manage.py", "migrate", "--no-input"], env)
        with psycopg.connect(address["DATABASE_OWNER_URL"]) as owner:
            version = str(owner.info.server_version // 10000)
        for size in sizes:
            for kind in KINDS:
                found.append(_measured(kind, size, env))
    return found, version


def _measured(kind: str, size: int, env: dict[str, str]) -> Took:
    """Uploaded by one process and worked at by another, whose peak is then the worker's own."""
    for step in ("upload", "work"):
        done = subprocess.run(
            [sys.executable, "-m", "bench.importing", "--sizes", str(size), "--step", step, kind],
            cwd=BASE_DIR,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(done.stderr[-2000:])
    return Took(**json.loads(done.stdout))


# --- inside the process -----------------------------------------------------------------------
def upload(kind: str, size: int) -> None:
    """Upload a file of ``size`` rows, with every guess as it is."""
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.utils import timezone

    from bench.in_sight import see_every_clinic
    from bonefit.clients.importing import steps

    see_every_clinic()
    file = ContentFile(_table(kind, size).encode(), name=f"{kind}.csv")
    steps.upload(kind=kind, file=file, by=_admin(size), now=timezone.now())


def work(kind: str, size: int) -> Took:
    """Check and take in the newest file; BenchError where a row is not taken."""
    import django

    django.setup()
    from bench.in_sight import see_every_clinic
    from bonefit.clients.importing import running
    from bonefit.clients.models import Import

    see_every_clinic()
    source = Import.objects.latest("pk")
    # As a person does it on the page; no queue is woken.
    Import.objects.filter(pk=source.pk).update(status=Import.Status.CHECKING)
    check = _timed(running.run, source.pk)
    Import.objects.filter(pk=source.pk).update(status=Import.Status.WRITING)
    take_in = _timed(running.run, source.pk)
    source.refresh_from_db()
    if (source.status, source.made) != ("done", size):
        raise BenchError(f"{source.made} of {size} {kind} were taken in: {source.failure}")
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Took(kind, size, check, take_in, peak)


def _timed(step: Callable[[int], bool], pk: int) -> float:
    begun = time.perf_counter()
    if not step(pk):
        raise BenchError("Somebody else had the file.")
    return time.perf_counter() - begun


def _admin(size: int) -> Membership:
    """Who imports: the admin of a clinic of this size, which the clients' file makes."""
    from bonefit.clinics import actions as clinics
    from bonefit.clinics.access import Role
    from bonefit.clinics.models import Membership

    slug = f"bench-{size}"
    found = Membership.objects.select_related("clinic").filter(clinic__slug=slug).first()
    if found is not None:
        return found
    clinic = clinics.create_clinic(name=slug, slug=slug, timezone="Australia/Brisbane")
    email = f"{slug}@example.org"
    return clinics.add_member(clinic=clinic, email=email, name="Ada A.", roles=[Role.ADMIN])


def _table(kind: str, size: int) -> str:
    """A file as another system writes it: semicolons, decimal commas, days with dots."""
    if kind == "clients":
        head = "ID;Name;Date of birth;Sex;E-mail;Telephone;Emergency contact;Notes"
        rows = (
            f"P{at};Person {at};{at % 28 + 1}.{at % 12 + 1}.{1935 + at % 30};f;"
            f'p{at}@example.org;07 5550 {at:04};"Kin {at}, daughter, 0400 000";Old fracture'
            for at in range(size)
        )
    else:
        head = "ID;Patient ID;Test;Date;Result;Unit"
        rows = (
            f"M{at};P{at % (size // 2)};{('tug', 'sts5')[at % 2]};{at % 28 + 1}.{at % 12 + 1}."
            f"{2015 + at % 10};{9 + at % 7},{at % 10};s"
            for at in range(size)
        )
    return "\n".join([head, *rows]) + "\n"


# --- the figures ------------------------------------------------------------------------------
def as_text(found: list[Took], version: str) -> str:
    """The figures as they stand in docs/performance.md. BenchError where memory grows with rows."""
    rows = (
        (
            one.kind,
            f"{one.rows:,}",
            f"{one.check:.1f} s",
            f"{one.take_in:.1f} s",
            f"{one.peak / 2**20:.0f} MB",
        )
        for one in found
    )
    most = max(one.rows for one in found)
    slowest = max(one.seconds for one in found if one.rows == most)
    growth = max(_growth(found, kind) for kind in KINDS)
    if growth > AIM_GROWTH:
        raise BenchError(f"The larger file needs {growth:.2f} times the memory of the smaller.")
    return "\n".join(
        [
            f"**{most:,} rows are checked and taken in within {slowest:.1f} s** (aim: "
            f"{AIM_SECONDS} s). A worker needs {growth:.2f} times as much memory for them as for "
            f"{min(one.rows for one in found):,} rows (at most {AIM_GROWTH}).",
            "",
            report.table(("File", "rows", "checked in", "taken in in", "most memory"), rows),
            "",
            report.machine(f"PostgreSQL {version}"),
        ]
    )


def _growth(found: list[Took], kind: str) -> float:
    peaks = [one.peak for one in sorted(found, key=lambda one: one.rows) if one.kind == kind]
    return peaks[-1] / peaks[0]


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure the import of files.")
    parser.add_argument("--sizes", type=report.positive, nargs="+", default=list(SIZES))
    parser.add_argument("--step", choices=("upload", "work"), help="of a run, in this process")
    parser.add_argument("kind", nargs="?", choices=KINDS)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    if said.step == "upload":
        upload(said.kind, said.sizes[0])
        return
    if said.step == "work":
        print(json.dumps(asdict(work(said.kind, said.sizes[0]))))
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
