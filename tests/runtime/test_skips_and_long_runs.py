"""A skip is said aloud and fails on a build server; long runs are sampled, and reported in full."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from bonefit.paths import BASE_DIR

SKIPS = """
import pytest

def test_one(): pass

@pytest.mark.parametrize("n", [1, 2])
def test_two(n): pytest.skip("No harp can be had here")
"""
SOAKS = """
import pytest

@pytest.mark.soak
@pytest.mark.parametrize("name", ["a", "b"])
def test_long(soak, name):
    cases = list(soak(1000, 15))
    print("cases", name, *cases)
    print("drawn", name, soak.random(cases[-1]).random())
"""


def run(folder: Path, source: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """pytest, in a process of its own, with our plugin and nothing of this run."""
    (folder / "test_inner.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = soak\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CI"))}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(BASE_DIR)}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.plumbing",
            "-p",
            "no:cacheprovider",
            "-s",
            *options,
            str(folder / "test_inner.py"),
        ],
        cwd=folder,
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_skip_is_one_loud_line_at_the_end(tmp_path: Path):
    done = run(tmp_path, SKIPS)
    assert done.returncode == 0, done.stdout
    assert "SKIPPED, 2 test(s): No harp can be had here." in done.stdout


def test_on_a_build_server_a_skip_is_a_failure(tmp_path: Path):
    done = run(tmp_path, SKIPS, CI="true")
    assert done.returncode == 1
    assert "With CI=true a skip is a failure." in done.stdout
    assert run(tmp_path, "def test_one(): pass", CI="true").returncode == 0


def test_a_long_run_is_sampled_alike_each_time_and_differently_per_test(tmp_path: Path):
    first, second = run(tmp_path, SOAKS), run(tmp_path, SOAKS)
    taken = re.findall(r"^.*cases (\w) (.*)$", first.stdout, re.MULTILINE)
    assert taken == re.findall(r"^.*cases (\w) (.*)$", second.stdout, re.MULTILINE)
    (_, a), (_, b) = taken
    assert len(a.split()) == len(b.split()) == 15
    assert a != b
    other = run(tmp_path, SOAKS, SOAK_SEED="21")
    assert f"cases a {a}" not in other.stdout


def test_a_full_run_takes_every_case_and_writes_its_figures(tmp_path: Path):
    report = tmp_path / "soak.md"
    done = run(tmp_path, SOAKS, "-n", "2", SOAK="1", SOAK_REPORT=str(report), SOAK_SEED="7")
    assert done.returncode == 0, done.stdout
    page = report.read_text()
    assert re.search(r"at commit [0-9a-f]{7,}.*, seed 7: all passed\.", page)
    assert page.count("1,000 of 1,000") == 2
    assert "test_long[a]" in page


def test_a_sampled_run_writes_no_report(tmp_path: Path):
    report = tmp_path / "soak.md"
    assert run(tmp_path, SOAKS, SOAK_REPORT=str(report)).returncode == 0
    assert not report.exists()


def test_a_test_that_soaks_says_so_with_the_mark(tmp_path: Path):
    done = run(tmp_path, SOAKS.replace("@pytest.mark.soak\n", ""))
    assert "uses soak without the mark" in done.stdout
