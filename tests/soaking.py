"""Long runs: a seeded sample in ``make test``, all in ``make soak``, which writes docs/soak.md."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from bonefit.paths import BASE_DIR

SEED = int(os.environ.get("SOAK_SEED") or "20")
IN_FULL = os.environ.get("SOAK") == "1"
REPORT = Path(os.environ.get("SOAK_REPORT") or BASE_DIR / "docs" / "soak.md")
#: ``SOAK_CASES=5000:9000``: only those of a full run, where it was broken off or goes in slices.
FIRST, _, END = os.environ.get("SOAK_CASES", "").partition(":")
#: A file that says how far each test is and what it found so far, for runs of hours.
PROGRESS = os.environ.get("SOAK_PROGRESS")
EVERY = 250


@dataclass
class Figure:
    """What one test did."""

    test: str
    of: int
    ran: int
    seconds: float
    said: str = ""


class Soak:
    """Handed to a test as the fixture ``soak``."""

    def __init__(self, test: str) -> None:
        self.test = test
        self.figures: list[Figure] = []

    def __call__(self, count_full: int, count_sample: int) -> Iterator[int]:
        """Case numbers from ``range(count_full)``, in order: all of them, or ``count_sample``.

        The sample depends on the seed and the test's name, so that it is the same in every run and
        different between tests. ``random(case)`` gives each case its own generator.
        """
        cases: list[int] | range = range(count_full)[int(FIRST or 0) : int(END or count_full)]
        if not IN_FULL:
            chosen = random.Random(f"{SEED} {self.test}")
            cases = sorted(chosen.sample(range(count_full), min(count_sample, count_full)))
        figure = Figure(self.test, count_full, 0, 0.0)
        self.figures.append(figure)
        began = time.monotonic()
        for case in cases:
            yield case
            figure.ran += 1
            figure.seconds = round(time.monotonic() - began, 1)
            if figure.ran % EVERY == 0 or count_full < EVERY:
                self.note(f"up to {case} in {figure.seconds} s")

    def note(self, words: str) -> None:
        """Something that should be known though the run be broken off."""
        if PROGRESS:
            with Path(PROGRESS).open("a", encoding="utf-8") as file:
                file.write(f"{self.test}: {words}\n")

    def say(self, words: str) -> None:
        """What happened in the run that was last begun, for the report."""
        self.figures[-1].said = words

    def random(self, case: int) -> random.Random:
        """The generator of this case: the same numbers whichever other cases run."""
        return random.Random(f"{SEED} {self.test} {case}")


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> Iterator[Soak]:
    """``for case in soak(100_000, 1_500): …`` in a test marked ``soak``."""
    if request.node.get_closest_marker("soak") is None:
        raise pytest.UsageError(f"{request.node.nodeid} uses soak without the mark of that name.")
    handed = Soak(request.node.nodeid)
    yield handed
    for figure in handed.figures:
        request.node.user_properties.append(("soak", asdict(figure)))


class Reporter:
    """Gathers the figures of all workers in the main process."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """The teardown's report carries what the test left in its properties."""
        if report.when == "teardown":
            for name, value in report.user_properties:
                if name == "soak":
                    self.figures.append(Figure(**value))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Only a full run is worth a file."""
        if IN_FULL:
            REPORT.parent.mkdir(exist_ok=True)
            REPORT.write_text(self.page(session.testsfailed))

    def page(self, failed: int) -> str:
        """The report as Markdown."""
        lines = [
            "# Long runs",
            "",
            f"`make soak` at commit {commit()}, seed {SEED}: "
            + (f"{failed} failed." if failed else "all passed."),
            "",
            "| Test | Cases | Seconds |",
            "| --- | ---: | ---: |",
        ]
        for figure in sorted(self.figures, key=lambda figure: figure.test):
            lines.append(
                f"| `{figure.test}` | {figure.ran:,} of {figure.of:,} | {figure.seconds} |"
            )
        said = [figure for figure in self.figures if figure.said]
        if said:
            lines.append("")
        lines += [f"- `{figure.test}`: {figure.said}" for figure in said]
        return "\n".join(lines) + "\n"


def commit() -> str:
    """The commit that ran, marked where the tree differs from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"
