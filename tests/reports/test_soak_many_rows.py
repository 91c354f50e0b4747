"""A long run: a file of a million rows is written in less memory than its rows would take."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from bonefit.paths import BASE_DIR
from tests import soaking
from tests.soaking import Soak

pytestmark = pytest.mark.soak

MILLION, SAMPLE = 1_000_000, 40_000
FORMS = ("csv", "xlsx")
#: Megabytes that a process may take at the most, with Python, Django and the reports in it.
MOST = 200
#: Megabytes by which many rows may cost more than a thousand of them.
MORE = 20


def written(form: str, count: int) -> dict[str, int]:
    """What a process of its own says of itself. A shell in between: what Linux tells of a process
    at its most counts what it was before it became that program."""
    command = shlex.join([sys.executable, "-m", "tests.reports.many_rows", form, str(count)])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command}; exit $?"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, int] = json.loads(done.stdout)
    return said


def test_a_file_of_a_million_rows_stays_within_its_memory(soak: Soak) -> None:
    count = MILLION if soaking.IN_FULL else SAMPLE
    said = []
    for case in soak(len(FORMS), len(FORMS)):
        form = FORMS[case]
        few, many = written(form, 1_000), written(form, count)
        assert (few["rows"], many["rows"]) == (1_000, count)
        assert many["kilobytes"] / 1024 < MOST, form
        assert (many["kilobytes"] - few["kilobytes"]) / 1024 < MORE, form
        said.append(
            f"{form.upper()} of {count:,} rows ({many['bytes'] / 1e6:,.0f} MB) took "
            f"{many['kilobytes'] / 1024:.0f} MB of memory at the most, one of 1,000 rows "
            f"{few['kilobytes'] / 1024:.0f} MB"
        )
    soak.say(f"{'; '.join(said)} (aim: {MOST} MB).")
