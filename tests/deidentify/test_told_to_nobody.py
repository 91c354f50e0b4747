"""A server that logs its statements writes down nothing by which somebody could be found again."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from bonefit.deidentify.running import FEWEST_WEEKS, MOST_WEEKS, Done
from tests.deidentify.copies import Copy

#: When a line was logged, and by which process.
STAMP = re.compile(r"^\S+ \S+ \S+ \[(\d+)\] ", re.M)
MOVES = re.compile(r"[^:]+:\s+INSERT INTO pg_temp.moves")


def test_neither_the_secret_of_a_run_nor_by_how_much_days_move_is_told_to_the_server(
    copy: Copy, clean: Callable[..., Done]
):
    with copy.superuser() as sees:
        for setting in ("log_statement = 'all'", "log_error_verbosity = 'default'"):
            role = f"ALTER ROLE bonefit_owner IN DATABASE {copy.name} SET {setting}"
            sees.execute(role.encode())
    already = copy.cluster.log.stat().st_size

    clean(copy)

    with copy.cluster.log.open(encoding="utf-8") as log:
        log.seek(already)
        _, *entries = STAMP.split(log.read())
    of_each: dict[str, str] = defaultdict(str)
    for process, entry in zip(entries[::2], entries[1::2], strict=True):
        of_each[process] += entry
    # Others work with the same server, and log their errors.
    [told] = [one for one in of_each.values() if "bonefit.chance" in one]
    assert not re.search(r"[0-9a-f]{40}", told)
    days = set(range(7 * FEWEST_WEEKS, 7 * MOST_WEEKS + 1, 7))
    moves = [one for one in told.split("LOG:  ") if MOVES.match(one)]
    assert moves
    assert not days & set(map(int, re.findall(r"\d+", "".join(moves))))
