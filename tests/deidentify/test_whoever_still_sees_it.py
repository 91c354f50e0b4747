"""A transaction in the copy itself sees what was there before: the server's own analysis does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bonefit.deidentify.files import WAITS, Unfinished, written_anew
from bonefit.deidentify.running import Done
from tests.deidentify.copies import MARK, Copy, mark
from tests.load.crowd import PATIENCE

CHANGING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = %s AND backend_xid IS NOT NULL AND backend_type = 'client backend'
"""


@contextmanager
def seen_while_it_changes(copy: Copy) -> Iterator[Callable[[], None]]:
    """Somebody sees the copy from when its rows begin to change until she is told to leave."""
    leaves = threading.Event()

    def sees() -> None:
        give_up = time.monotonic() + PATIENCE
        with copy.cluster.connect() as looks:
            while looks.execute(CHANGING, [copy.name]).fetchall() == [(0,)]:
                assert time.monotonic() < give_up
                time.sleep(0.01)
        with copy.cluster.connect(database=copy.name) as inside, inside.transaction():
            inside.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            inside.execute("SELECT 1")
            leaves.wait(10 * PATIENCE)

    somebody = threading.Thread(target=sees)

    def leave() -> None:
        leaves.set()
        somebody.join()

    somebody.start()
    try:
        yield leave
    finally:
        leave()


def test_what_was_kept_for_her_goes_when_she_is_gone(
    copied: Callable[[str], Copy], peopled: str, clean: Callable[..., Done]
):
    full = copied(peopled)
    assert mark(full) > 100
    held = []
    with seen_while_it_changes(full) as leave:

        def pause(seconds: float) -> None:
            if not held:
                held.extend(full.holding(MARK.encode()))
            leave()
            time.sleep(seconds)  # the server itself may be there too

        clean(full, pause=pause)
    assert len(held) > 20, "she kept rows of before"
    assert full.holding(MARK.encode()) == []


def test_it_says_so_where_she_does_not_go_and_can_be_run_again(copy: Copy):
    table = ("public", "clinics_user")
    waited: list[float] = []
    with copy.cluster.connect(database=copy.name) as inside, inside.transaction():
        inside.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        inside.execute("SELECT 1")
        with copy.superuser() as sees:
            sees.execute(f"UPDATE clinics_user SET name = '{MARK}'".encode())
            sees.execute(b"UPDATE clinics_user SET name = id::text")
            with pytest.raises(Unfinished, match=r"in the files of clinics_user\."):
                written_anew(sees, [table], waited.append)
    assert waited == list(WAITS)
    assert sum(WAITS) == 600
    assert "clinics_user" in copy.holding(MARK.encode())
    with copy.superuser() as sees:
        written_anew(sees, [table], time.sleep)
    assert "clinics_user" not in copy.holding(MARK.encode())
