"""The figures as Markdown: for the terminal, and for docs/performance.md."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.figures import Figures, Measured
from bench.web import BenchError
from bonefit.launcher import WEB_THREADS, WEB_WORKERS
from bonefit.paths import BASE_DIR

DOCUMENT = BASE_DIR / "docs" / "performance.md"
MARKS = ("<!-- figures of make bench: begin -->", "<!-- figures of make bench: end -->")
MEASURED_CODE = ("bonefit", "programs", "sessions", "templates", "bench", "requirements.txt")
OUTSIDE = "gunicorn, HTTP, and waiting for a core"


def as_text(figures: Figures) -> str:
    """Everything that a run found, in four parts: ratios, figures, where time goes, machine."""
    return "\n\n".join(
        [
            _ratios(figures),
            _views(figures),
            _layers(figures),
            _how(figures),
            _machine(figures.postgresql),
        ]
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with its figures to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratios(figures: Figures) -> str:
    site, bare = figures.site, figures.bare
    each = [
        one.per_second / other.per_second
        for one, other in zip(site.rounds, bare.rounds, strict=True)
    ]
    return (
        f"**Logging a set runs at {site.per_second / bare.per_second:.2f} of the bare view's "
        f"requests a second** (round by round {min(each):.2f} to {max(each):.2f}); its p50 is "
        f"{site.percentile(50) / bare.percentile(50):.1f} times as long."
    )


def _views(figures: Figures) -> str:
    views = (figures.site, figures.bare, figures.reconnecting)
    rows = [
        ["requests/s", *(f"{view.per_second:,.0f}" for view in views)],
        ["p50", *(f"{view.percentile(50):.1f} ms" for view in views)],
        ["p95", *(f"{view.percentile(95):.1f} ms" for view in views)],
        ["peak memory of a web process", *(f"{view.peak_bytes / 2**20:.0f} MB" for view in views)],
        [
            "SQL statements in a request",
            _statements(figures.site),
            _statements(figures.bare),
            _statements(figures.bare),
        ],
    ]
    head = ["", "logging a set", "bare view", "bare view, a connection per request"]
    return table(head, rows)


def _statements(measured: Measured) -> str:
    """The usual number, and the most: the first set of a visit folds the log."""
    counts = Counter(measured.layers["statements"])
    usual, most = counts.most_common(1)[0][0], max(counts)
    return str(usual) if usual == most else f"{usual} (the first of a visit {most})"


def _layers(figures: Figures) -> str:
    site, bare = _with_outside(figures.site), _with_outside(figures.bare)
    whole = sum(site.values())
    rows = [
        [name, f"{spent:.2f} ms", f"{100 * spent / whole:.0f} %", _milliseconds(bare.get(name))]
        for name, spent in sorted(site.items(), key=lambda item: -item[1])
    ]
    rows.append(["**together**", f"{whole:.2f} ms", "100 %", f"{sum(bare.values()):.2f} ms"])
    return table(["Mean of one request", "logging a set", "share", "bare view"], rows)


def _with_outside(measured: Measured) -> dict[str, float]:
    inside = dict(measured.layers["milliseconds"])
    return {**inside, OUTSIDE: max(0.0, measured.mean - sum(inside.values()))}


def _milliseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} ms"


def _how(figures: Figures) -> str:
    size = figures.size
    sets = sum(len(one.seconds) for one in figures.site.rounds)
    rows = sum(len(one.seconds) for one in figures.bare.rounds)
    return (
        f"{size.rounds} rounds, the views in turn; {sets:,} sets and {rows:,} bare rows; "
        f"{size.tablets} tablets, each on one kept-alive connection; gunicorn with {WEB_WORKERS} "
        f"workers of {WEB_THREADS} threads; {size.people} clients with {size.history} visits each "
        f"before ({figures.sets_before:,} sets). Every acknowledged set was found in the database "
        "once."
    )


# --- the machine --------------------------------------------------------------------------------


def _machine(postgresql: str) -> str:
    return machine(
        f"Django {version('django')}",
        f"PostgreSQL {postgresql}",
        f"psycopg {version('psycopg')}",
        f"gunicorn {version('gunicorn')}",
    )


def machine(*versions: str) -> str:
    """The day, the commit, and what it ran on. No name of a host, and no path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    ran_on = ", ".join([f"Python {platform.python_version()}", *versions])
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}. {os.cpu_count()} cores "
        f"({_processor()}), {memory:.0f} GB memory, {platform.system()}; {ran_on}. "
        f"Load average at the end: {os.getloadavg()[0]:.1f}."
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *arguments], cwd=BASE_DIR, capture_output=True, text=True, check=False
        )

    head = git("rev-parse", "--short", "HEAD")
    if head.returncode != 0:
        return "unknown"
    clean = git("diff", "--quiet", "HEAD", "--", *MEASURED_CODE).returncode == 0
    return head.stdout.strip() + ("" if clean else " with changes")


def write(text: str, document: Path = DOCUMENT, *, marks: tuple[str, str] = MARKS) -> None:
    """Put the figures between their marks; the words around them stay."""
    begin, end = marks
    old = document.read_text(encoding="utf-8")
    if begin not in old or end not in old:
        raise BenchError(f"{document.name} has no place for the figures.")
    before, after = old.partition(begin)[0], old.partition(end)[2]
    document.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")


# --- what both benches ask of their command line ------------------------------------------------


def positive(text: str) -> int:
    """A whole number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value
