"""A bench over sites of several sizes: each a database of its own, filled and measured in steps.

A step is a process of its own, as a worker is; what it found it prints as JSON. What a size cost is
told as soon as it is known. With ``--keep FOLDER`` the databases lie in FOLDER/SIZE and stay there:
what lasts of them, as the filling, is not done again the next time. A database has the memory that
docs/operations.md advises.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import psycopg

from bench import report
from bench.log_set import _run, database, environment
from bench.web import BenchError
from bonefit.embedded import Cluster, EmbeddedError
from bonefit.paths import BASE_DIR

SIZES = (10_000, 30_000, 100_000)
_Found = TypeVar("_Found")


def _with_memory(folder: Path) -> None:
    """Give a database of our own the memory that docs/operations.md advises: a quarter of all."""
    if "DATABASE_URL" in os.environ:
        return
    cluster = Cluster(folder / "postgres")
    with cluster.using(), cluster.connect() as connection:
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{_memory() // 4}MB'")


def _memory() -> int:
    """Megabytes of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


@dataclass(frozen=True)
class Sized(Generic[_Found]):
    """``module`` is run with ``--step`` for each of ``steps``; their JSON together is a finding."""

    module: str
    about: str
    marks: tuple[str, str]
    steps: Mapping[str, Callable[[int], dict[str, Any]]]
    of_json: Callable[[Mapping[str, Any]], _Found]
    as_text: Callable[[Sequence[_Found], str], str]
    #: Steps after which a database can be measured again and again.
    lasting: Sequence[str] = ()

    def main(self) -> None:
        """Measure, print, and with ``--write`` write; or do one step of it."""
        parser = argparse.ArgumentParser(description=self.about)
        parser.add_argument("--sizes", type=report.positive, nargs="+", default=list(SIZES))
        parser.add_argument("--step", choices=list(self.steps), help="of a run, in this process")
        parser.add_argument("--write", action="store_true", help="into docs/performance.md")
        if self.lasting:
            parser.add_argument(
                "--keep",
                type=Path,
                metavar="FOLDER",
                help="where the databases stay, and are not filled again the next time",
            )
        parser.set_defaults(keep=None)
        said = parser.parse_args()
        if said.step:
            print(json.dumps(self.steps[said.step](said.sizes[0])))
            return
        with contextlib.ExitStack() as stack:
            folder = said.keep or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="bonefit-bench-"))
            )
            try:
                self._measure(folder.absolute(), said.sizes, write=said.write)
            except (BenchError, EmbeddedError) as error:
                sys.exit(str(error))

    def _measure(self, folder: Path, sizes: Sequence[int], *, write: bool) -> None:
        found = []
        for size in sizes:
            own = folder / str(size)
            own.mkdir(parents=True, exist_ok=True)
            _with_memory(own)
            with database(own) as address:
                env = environment("bonefit.demo.settings", address, own)
                _run(["manage.py", "migrate", "--no-input"], env)
                with psycopg.connect(address["DATABASE_OWNER_URL"]) as owner:
                    version = str(owner.info.server_version // 10000)
                said: dict[str, Any] = {}
                for step in self.steps:
                    said |= self.once(step, size, env, own)
            found.append(self.of_json(said))
            text = self.as_text(found, version)
            print(text, flush=True)
            if write:
                report.write(text, marks=self.marks)

    def once(self, step: str, size: int, env: dict[str, str], own: Path) -> dict[str, Any]:
        """A step; what one said that lasts is kept beside its database, and told again."""
        kept = own / f"{step}.json"
        if kept.exists():
            told: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
            return told
        said = self._step(step, size, env)
        if step in self.lasting:
            kept.write_text(json.dumps(said), encoding="utf-8")
        return said

    def _step(self, step: str, size: int, env: dict[str, str]) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", self.module, "--sizes", str(size), "--step", step],
            cwd=BASE_DIR,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchError(done.stderr[-2000:])
        said: dict[str, Any] = json.loads(done.stdout)
        return said
