"""Log sets over HTTP, beside a bare Django view with one INSERT, in one run: ``make bench``.

    python -m bench.log_set            print the figures
    python -m bench.log_set --write    and put them into docs/performance.md

Uses a PostgreSQL of its own, or DATABASE_URL if that database holds no clinic yet.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench import report
from bench.bare import TABLE as BARE_TABLE
from bench.figures import Figures, Measured, Size
from bench.requests import Post
from bench.web import BenchError, Web, serving
from bonefit.embedded import Cluster, EmbeddedError
from bonefit.launcher import WEB_WORKERS
from bonefit.paths import BASE_DIR

SITE, BARE = "bonefit.settings", "bench.bare.settings"


# --- the database and the processes on it -------------------------------------------------------


@contextlib.contextmanager
def database(folder: Path) -> Iterator[dict[str, str]]:
    """The environment that names a database: DATABASE_URL's, else one of our own."""
    if "DATABASE_URL" in os.environ:
        app = os.environ["DATABASE_URL"]
        yield {
            "DATABASE_URL": app,
            "DATABASE_OWNER_URL": os.environ.get("DATABASE_OWNER_URL", app),
        }
        return
    cluster = Cluster(folder / "postgres")
    cluster.acquire(dies_with_us=True)
    try:
        yield {
            "DATABASE_URL": cluster.url("bonefit_app"),
            "DATABASE_OWNER_URL": cluster.url("bonefit_owner"),
        }
    finally:
        cluster.release()


def environment(
    settings: str, address: dict[str, str], folder: Path, **more: str
) -> dict[str, str]:
    """This process's environment without bonefit's own variables, and with what a server needs."""
    ours = ("DATABASE_", "REDIS_", "EMAIL_", "DJANGO_", "SECRET_", "SITE_", "VAR_DIR", "BENCH_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {
        **kept,
        **address,
        "DJANGO_SETTINGS_MODULE": settings,
        "SECRET_KEY": KEY,
        "ALLOWED_HOSTS": "127.0.0.1",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
        # No static files are collected here, and none are asked for.
        "PYTHONWARNINGS": "ignore:No directory at:UserWarning",
        **more,
    }


KEY = secrets.token_urlsafe(50)


def _run(command: Sequence[str], env: dict[str, str], given: str = "") -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=env,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise BenchError(f"{' '.join(command)} failed:\n{last}")
    return done.stdout


# --- measuring ----------------------------------------------------------------------------------


def measure(size: Size, folder: Path) -> Figures:
    """Make the clinic, run the rounds in turn, look inside, and check what was kept."""
    with database(folder) as address:
        env = environment(SITE, address, folder)
        _run(["manage.py", "migrate", "--no-input"], env)
        os.environ.update(env)
        import django

        django.setup()
        from bench import clinic
        from bonefit.clinics.models import Clinic
        from sessions.models import SetEntry

        if Clinic.objects.exists():
            raise BenchError("The database of DATABASE_URL holds clinics already: take another.")
        with psycopg.connect(address["DATABASE_OWNER_URL"], autocommit=True) as owner:
            owner.execute(BARE_TABLE)
            made = clinic.make(
                people=size.people, history=size.history, fresh=size.visits, now=datetime.now(UTC)
            )
            owner.execute("VACUUM ANALYZE")
            figures = Figures(size, sets_before=SetEntry.objects.count())
            figures.postgresql = str(owner.info.server_version // 10000)
            _fill(figures, clinic.taps(made), address, folder)
            rows = owner.execute("SELECT op::text FROM bench_bare_row").fetchall()
        wrong = clinic.missing_sets(figures.site.kept, made)
        if sorted(op for (op,) in rows) != sorted(figures.bare.kept + figures.reconnecting.kept):
            wrong.append("the rows of the bare view are not those that were acknowledged")
        if wrong:
            raise BenchError(f"What was acknowledged was not all kept: {'; '.join(wrong[:5])}")
    return figures


def _fill(figures: Figures, taps: list[list[Post]], address: dict[str, str], folder: Path) -> None:
    *streams, alone = taps  # the last client's sets are logged inside one process
    site_env = environment(SITE, address, folder)
    bare_env = environment(BARE, address, folder)
    again_env = {**bare_env, "BENCH_RECONNECT": "1"}
    with (
        serving("the site", site_env, folder) as site,
        serving("the bare view", bare_env, folder) as bare,
        serving("the bare view, reconnecting", again_env, folder) as again,
    ):
        _rounds(figures, streams, site, bare, again)
        figures.site.peak_bytes = site.peak_bytes()
        figures.bare.peak_bytes = bare.peak_bytes()
        figures.reconnecting.peak_bytes = again.peak_bytes()
    per_visit = len(alone) // figures.size.visits
    _look_inside(figures.site, alone, site_env, warm_up=per_visit)
    inside = bare_posts(len(alone))
    _look_inside(figures.bare, inside, bare_env, warm_up=per_visit)


def _rounds(figures: Figures, streams: list[list[Post]], site: Web, bare: Web, again: Web) -> None:
    """One round of each in turn, so that whatever else the machine does hits all of them."""
    size = figures.size
    mine = [
        [post for stream in streams[tablet :: size.tablets] for post in stream]
        for tablet in range(size.tablets)
    ]
    per_visit = len(streams[0]) // size.visits
    visits = min(len(posts) for posts in mine) // per_visit
    each = (visits - 1) // size.rounds * per_visit
    figures.site.kept += site.send([posts[:per_visit] for posts in mine]).kept  # warm up
    figures.bare.kept += bare.send(_bare(size.tablets, 20)).kept
    figures.reconnecting.kept += again.send(_bare(size.tablets, 20)).kept
    for number in range(size.rounds):
        begin = per_visit + number * each
        figures.site.add(site.send([posts[begin : begin + each] for posts in mine]))
        figures.bare.add(bare.send(_bare(size.tablets, size.bare)))
        figures.reconnecting.add(again.send(_bare(size.tablets, max(size.bare // 6, 1))))
        print(
            f"round {number + 1}: {figures.site.rounds[-1].per_second:.0f} sets/s, "
            f"{figures.bare.rounds[-1].per_second:.0f} bare/s",
            flush=True,
        )


def _bare(tablets: int, each: int) -> list[list[Post]]:
    return [bare_posts(each) for _ in range(tablets)]


def bare_posts(count: int) -> list[Post]:
    """Forms for the bare view."""
    return [
        Post("/insert/", {"op": str(uuid.uuid4()), "load": "57.5", "done": "5"}, {})
        for _ in range(count)
    ]


def _look_inside(
    measured: Measured, posts: list[Post], env: dict[str, str], *, warm_up: int
) -> None:
    orders = {"warm_up": warm_up, "posts": [asdict(post) for post in posts]}
    measured.layers = json.loads(_run(["-m", "bench.layers"], env, json.dumps(orders)))
    measured.kept += [post.op for post in posts]


# --- the command --------------------------------------------------------------------------------


def main() -> None:
    """Measure, print, and with ``--write`` write."""
    parser = argparse.ArgumentParser(description="Measure logging a set over HTTP.")
    usual = {"people": 25, "history": 30, "visits": 13, "rounds": 6, "bare": 750}
    for name, value in {**usual, "tablets": WEB_WORKERS}.items():
        parser.add_argument(f"--{name}", type=report.positive, default=value)
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    said = vars(parser.parse_args())
    write = said.pop("write")
    size = Size(**said)
    if size.people <= size.tablets or size.visits <= size.rounds:
        parser.error("there must be more people than tablets, and more visits than rounds")
    with tempfile.TemporaryDirectory(prefix="bonefit-bench-") as folder:
        try:
            figures = measure(size, Path(folder))
        except (BenchError, EmbeddedError) as error:
            sys.exit(str(error))
    text = report.as_text(figures)
    print(text)
    if write:
        report.write(text)


if __name__ == "__main__":
    main()
