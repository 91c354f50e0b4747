"""The PostgreSQL of ``make run``: private, patient with crashes, gone when nobody uses it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from bonefit import embedded
from bonefit.embedded import Cluster, EmbeddedError
from bonefit.paths import BASE_DIR
from tests.servers import SECONDS_TO_STOP

AS_ROOT = os.geteuid() == 0
START_AND_ASK = """
import os, sys
from pathlib import Path
from bonefit.embedded import Cluster
with Cluster(Path(sys.argv[1]), for_tests=True).using() as cluster:
    with cluster.connect("bonefit_app", "bonefit") as connection:
        print(os.geteuid(), connection.execute("SELECT current_user").fetchone()[0])
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "postgres", for_tests=True)
    yield made
    if made.is_running():
        made.release()


def socket_folder(cluster: Cluster) -> Path:
    return Path(parse_qs(urlsplit(cluster.url()).query)["host"][0])


def server(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_keeps_its_rows_from_one_start_to_the_next(cluster: Cluster):
    with cluster.using(), cluster.connect("bonefit_owner", "bonefit") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with cluster.using(), cluster.connect("bonefit_app", "bonefit") as app:
        assert app.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_after_it_stopped_no_process_and_no_socket_is_left(cluster: Cluster):
    with cluster.using():
        pid, sockets = server(cluster), socket_folder(cluster)
        assert sockets.is_dir()
    assert is_gone(pid)
    assert not sockets.exists()
    assert not cluster.is_running()


def test_only_we_can_reach_it(cluster: Cluster):
    with cluster.using(), cluster.connect() as superuser:
        assert superuser.execute("SHOW listen_addresses").fetchone() == ("",)
        assert stat.S_IMODE(socket_folder(cluster).stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700


def test_its_log_never_repeats_a_value_from_a_statement(cluster: Cluster):
    with cluster.using(), cluster.connect("bonefit_owner", "bonefit") as owner:
        owner.execute("CREATE TABLE people (email text UNIQUE)")
        owner.execute("INSERT INTO people VALUES ('ada@clinic.example')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO people VALUES ('ada@clinic.example')")
    log = cluster.log.read_text()
    assert "duplicate key" in log
    assert "ada@" not in log


def test_it_starts_under_a_path_too_long_for_a_socket_in_folders_that_nobody_else_may_enter(
    tmp_path: Path,
):
    private = tmp_path / "private folder"
    private.mkdir(mode=0o700)
    folder = private / ("long-" * 30) / ("longer-" * 10)
    assert len(str(folder)) > 250
    cluster = Cluster(folder, for_tests=True)
    with cluster.using(), cluster.connect("bonefit_app", "bonefit") as app:
        assert app.execute("SELECT 1").fetchone() == (1,)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_it_starts_for_an_ordinary_user_and_for_root(tmp_path: Path):
    as_somebody = list(embedded.NAMESPACE) if AS_ROOT else []
    users = [as_somebody, []] if AS_ROOT else [[]]
    for number, prefix in enumerate(users):
        done = subprocess.run(
            [*prefix, sys.executable, "-c", START_AND_ASK, str(tmp_path / str(number))],
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        user, role = done.stdout.split()
        assert role == "bonefit_app"
        assert (user == "0") == (prefix == [] and AS_ROOT)


if AS_ROOT:  # for anybody else there is nothing to refuse

    def test_root_without_user_namespaces_gets_a_folder_outside_that_belongs_to_nobody(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ):
        monkeypatch.setattr(embedded, "namespace_allowed", lambda: False)
        cluster = Cluster(tmp_path / "postgres", for_tests=True)
        outside = cluster.outside_folder
        try:
            with cluster.using(), cluster.connect("bonefit_app", "bonefit") as app:
                assert app.execute("SELECT 1").fetchone() == (1,)
                assert stat.S_IMODE(outside.stat().st_mode) == 0o700
                assert outside.stat().st_uid != 0
                assert os.stat(f"/proc/{server(cluster)}").st_uid == outside.stat().st_uid
            assert str(outside) in capsys.readouterr().err
            cluster.remove()
            assert not outside.exists()
        finally:
            shutil.rmtree(outside, ignore_errors=True)


def test_whoever_leaves_last_stops_it(cluster: Cluster):
    other = Cluster(cluster.folder, for_tests=True)
    cluster.acquire()
    other.acquire()
    other.release()
    assert cluster.is_running()
    cluster.release()
    assert not cluster.is_running()


def test_a_crash_does_not_block_the_next_start_even_if_its_number_was_given_away(
    cluster: Cluster,
):
    cluster.acquire()
    crashed = server(cluster)
    os.kill(crashed, signal.SIGKILL)
    give_up = time.monotonic() + SECONDS_TO_STOP
    while cluster.is_running() and time.monotonic() < give_up:
        time.sleep(0.05)
    pid_file = cluster.data / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(crashed), str(os.getpid()), 1))
    with Cluster(cluster.folder, for_tests=True).using() as again:
        assert server(again) not in (crashed, os.getpid())
        cluster.release()


def test_a_set_up_that_was_killed_half_way_is_begun_anew(cluster: Cluster):
    (cluster.folder / "data.unfinished" / "base").mkdir(parents=True)
    with cluster.using():
        assert cluster.is_running()
    assert not (cluster.folder / "data.unfinished").exists()


def test_data_of_another_version_is_refused_in_one_sentence(cluster: Cluster):
    with cluster.using():
        pass
    (cluster.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match=r"was made by PostgreSQL 15 and this is 18"):
        cluster.acquire()


def test_it_is_not_removed_while_it_runs(cluster: Cluster):
    with cluster.using():
        with pytest.raises(EmbeddedError, match="stop it first"):
            cluster.remove()
        assert cluster.is_running()
    cluster.remove()
    assert not cluster.folder.exists()
