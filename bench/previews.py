"""What a preview of other thresholds costs, for a clinic of 500 clients. ``make bench``.

    python -m bench.previews            print the figures
    python -m bench.previews --write    and put them into docs/performance.md

One clinic, filled by COPY (``bench.many_clients``) in a database of its own. The whole preview is
asked part by part, as the page does, each three times; what counts is the one in the middle. Beside
the seconds on the wall stand those of a processor, of this process and of its session of the
database: what else the machine does is not in them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import report
from bench.bulk import Processor
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import EmbeddedError
from bonefit.paths import BASE_DIR

if TYPE_CHECKING:
    from datetime import datetime

    from bonefit.clinics.models import Clinic

MARKS = ("<!-- figures of the previews: begin -->", "<!-- figures of the previews: end -->")
CLIENTS, AIM, TIMES = 500, 3, 3
#: Three settings of two families at once, and one of each family.
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "three at once": {"attendance_low_percent": 70, "lapsed_days": 14, "stall_sessions": 4},
    "lifts": {"stall_sessions": 4},
    "lifts, estimates": {"estimate_from_effort": 16},
    "attendance": {"attendance_low_percent": 70},
    "notes": {"note_hours": 48},
    "pain": {"pain_stop_over": 4},
    "phases": {"phase_lag_weeks": 2},
    "scans and tests": {"test_every_months": 3},
    "height": {"height_loss_cm": 1},
    "intake": {"expiry_warn_days": 60},
}


@dataclass(frozen=True, slots=True)
class Previewed:
    """One preview, in seconds: the whole, its longest part, and those of a processor."""

    seconds: float
    part: float
    processor: float
    before: int = 0
    after: int = 0


def previewed(
    clinic: Clinic, now: datetime, changed: Mapping[str, Any], *, times: int = TIMES
) -> Previewed:
    """The middle one of some previews of a clinic with so many settings changed."""
    known = [_previewed(clinic, now, changed) for _ in range(times)]
    return sorted(known, key=lambda one: one.seconds)[len(known) // 2]


def _previewed(clinic: Clinic, now: datetime, changed: Mapping[str, Any]) -> Previewed:
    from programs.rules import DEFAULT_RULES
    from sessions import flag_preview
    from sessions.views.flag_settings import STEP

    after = replace(DEFAULT_RULES, **changed)
    begun, processor, parts = time.perf_counter(), Processor.here(), []
    raised = [0, 0]
    ids = flag_preview.begin(clinic, now)
    for start in range(0, len(ids), STEP):
        since = time.perf_counter()
        found = flag_preview.part(clinic, ids[start : start + STEP], DEFAULT_RULES, after, now)
        parts.append(time.perf_counter() - since)
        raised[0] += sum(one.before for one in found.values())
        raised[1] += sum(one.after for one in found.values())
    seconds = time.perf_counter() - begun
    return Previewed(seconds, max(parts, default=0.0), processor.read(), *raised)


# --- inside the process -----------------------------------------------------------------------


def measure(clients: int) -> dict[str, Any]:
    """Fill a clinic in this process's database and preview every change."""
    import django

    django.setup()
    import psycopg

    from bench import many_clients
    from bonefit.clinics.models import Clinic

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        many_clients.fill(owner, many_clients.make_clinics(1), each=clients)
        version = str(owner.info.server_version // 10000)
    clinic = Clinic.objects.get()
    found = {
        name: asdict(previewed(clinic, many_clients.NOW, changed))
        for name, changed in CHANGES.items()
    }
    return {"clients": clients, "version": version, "found": found}


# --- the figures ------------------------------------------------------------------------------


def as_text(said: Mapping[str, Any]) -> str:
    """What ``measure`` found, as it stands in docs/performance.md."""
    found = {name: Previewed(**one) for name, one in said["found"].items()}
    first = found["three at once"]
    widest = max(one.part for one in found.values())
    return "\n".join(
        [
            f"**A preview over 90 days of a clinic of {said['clients']} clients takes "
            f"{first.seconds:.1f} s** with three settings of two families changed (aim: {AIM} s), "
            f"of which {first.processor:.1f} s of a processor. Its progress is shown after each "
            "hundred clients; of every change below the longest such part took "
            f"{widest:.1f} s.",
            "",
            report.table(
                ("Changed", "seconds", "of a processor", "longest part", "raised before", "after"),
                [_row(name, one) for name, one in found.items()],
            ),
            "",
            f"Each is the middle one of {TIMES}.",
            "",
            report.machine(f"PostgreSQL {said['version']}"),
        ]
    )


def _row(name: str, one: Previewed) -> Sequence[str]:
    return (
        f"{name} ({', '.join(CHANGES[name])})",
        f"{one.seconds:.2f}",
        f"{one.processor:.2f}",
        f"{one.part:.2f}",
        f"{one.before:,}",
        f"{one.after:,}",
    )


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure previews of thresholds.")
    parser.add_argument("--clients", type=report.positive, default=CLIENTS)
    parser.add_argument("--inside", action="store_true", help="of a run, in this process")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = parser.parse_args()
    if said.inside:
        print(json.dumps(measure(said.clients)))
        return
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            text = _in_a_process(Path(folder), said.clients)
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    print(text)
    if said.write:
        report.write(text, marks=MARKS)


def _in_a_process(folder: Path, clients: int) -> str:
    with database(folder) as address:
        env = environment("bonefit.demo.settings", address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        done = subprocess.run(
            [sys.executable, "-m", "bench.previews", f"--clients={clients}", "--inside"],
            cwd=BASE_DIR,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise BenchError(done.stderr[-2000:])
    return as_text(json.loads(done.stdout))


if __name__ == "__main__":
    main()
